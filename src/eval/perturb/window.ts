/** `window`, halved: half of what was recorded before the alert is missing. */
import { toIso, toMs } from '../../core/time.ts';
import { isObject, type Line, type RawBundle } from './raw.ts';

/**
 * The bundle without the first half of the time between the start of its window and the alert: samples, log lines,
 * spans and events. Times known to be fault-free that lie outside of the window stay, and so do changes, whose history
 * has no window.
 */
export function halved(raw: RawBundle, startsAt: number): RawBundle | string {
  const info = isObject(raw.json.bundle) ? raw.json.bundle : {};
  const window = isObject(info.window) ? info.window : {};
  const from = toMs(String(window.from));
  if (!(startsAt - from > 0)) return 'nothing was recorded before the alert';
  const cut = from + (startsAt - from) / 2;
  const stays = (at: number): boolean => at < from || at >= cut;
  const kept = (lines: Line[] | undefined, field: string): Line[] | undefined =>
    lines?.filter((l) => stays(toMs(String(l[field]))));
  const stretches = (list: unknown): unknown =>
    Array.isArray(list) ? list.flatMap((s) => outside(s, from, cut)) : list;
  const { coverage, baselineWindows } = info;
  const bundle = {
    ...info,
    window: { ...window, from: toIso(cut) },
    ...(baselineWindows !== undefined && { baselineWindows: stretches(baselineWindows) }),
    ...(isObject(coverage) && {
      coverage: Object.fromEntries(Object.entries(coverage).map(([source, list]) => [source, stretches(list)])),
    }),
  };
  const { metrics } = raw.lines;
  const logs = kept(raw.lines.logs, 'timestamp');
  const traces = kept(raw.lines.traces, 'startTime');
  const events = kept(raw.lines.events, 'time');
  return {
    ...raw,
    json: { ...raw.json, bundle },
    lines: {
      ...raw.lines,
      ...(metrics && { metrics: metrics.map((s) => samplesThat(stays, s)) }),
      ...(logs && { logs }),
      ...(traces && { traces }),
      ...(events && { events }),
    },
  };
}

/** What is left of a stretch of time when `from`..`cut` is taken out. */
function outside(stretch: unknown, from: number, cut: number): unknown[] {
  if (!isObject(stretch)) return [stretch];
  const [a, b] = [toMs(String(stretch.from)), toMs(String(stretch.to))];
  return [
    ...(a < from ? [{ ...stretch, to: toIso(Math.min(b, from)) }] : []),
    ...(b > cut ? [{ ...stretch, from: toIso(Math.max(a, cut)) }] : []),
  ];
}

function samplesThat(stays: (at: number) => boolean, series: Line): Line {
  const { timestamps, values } = series;
  if (!Array.isArray(timestamps) || !Array.isArray(values)) return series;
  const is = timestamps.map((t) => stays(Number(t)));
  return { ...series, timestamps: timestamps.filter((_, i) => is[i]), values: values.filter((_, i) => is[i]) };
}
