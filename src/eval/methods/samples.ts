/** The series that a method reads, and their samples before and after the alert. */
import { canonical } from '../../core/canonical.ts';
import type { Series } from '../../core/telemetry.ts';
import { toMs } from '../../core/time.ts';
import type { Alert, StepContext } from '../../core/types.ts';
import type { MethodOptions } from './options.ts';

/** What a method is given: the alert's time is taken as the time of the fault. Times in ms. */
export interface Incident {
  alert: Pick<Alert, 'startsAt' | 'service' | 'metric' | 'labels'>;
  now: number;
  baselines: StepContext['baselines'];
}

/** Whether the options choose this series. */
export function chosen(series: Series, { alert }: Incident, options: MethodOptions): boolean {
  const { __name__: name = '', statistic, instance } = series.labels;
  if (options.instancesOnly && instance === undefined) return false;
  if (options.metrics === 'all') return true;
  if (options.metrics !== 'alert') return options.metrics.some((m) => m === name || m === series.kind);
  return name === alert.metric && (alert.labels.statistic === undefined || statistic === alert.labels.statistic);
}

/** Series that differ only in their instance as one, samples by time; series of an edge as they are. */
export function pooled(all: Series[]): Series[] {
  const groups = new Map<string, Series[]>();
  for (const s of all) {
    const { instance, ...rest } = s.labels;
    const alone = s.labels.caller !== undefined || s.labels.callee !== undefined || instance === undefined;
    const key = canonical([alone ? s.labels : rest, s.kind, s.unit]);
    groups.set(key, [...(groups.get(key) ?? []), s]);
  }
  return [...groups.values()].map((group) => {
    const first = group[0] as Series;
    if (group.length === 1) return first;
    const { instance: _, ...labels } = first.labels;
    const samples = group.flatMap((s) => s.times.map((t, i) => ({ t, v: s.values[i] ?? null })));
    samples.sort((a, b) => a.t - b.t || (a.v ?? 0) - (b.v ?? 0));
    return { ...first, labels, times: samples.map((s) => s.t), values: samples.map((s) => s.v) };
  });
}

/** Samples before the alert (see the options for which) and from the alert to `now`. */
export function split(series: Series, incident: Incident, options: MethodOptions): [before: number[], after: number[]] {
  const at = toMs(incident.alert.startsAt);
  const end = at - options.gapMs;
  const start = options.beforeMs === undefined ? Number.NEGATIVE_INFINITY : end - options.beforeMs;
  const quiet = incident.baselines.filter((w) => !w.sources || w.sources.includes('metrics'));
  const isBefore = (t: number): boolean =>
    options.baselineWindows ? t < at && quiet.some((w) => t >= toMs(w.from) && t < toMs(w.to)) : t < end && t >= start;
  const factor = options.megabytes && series.unit === 'By' && series.kind === 'memory' ? 1e-6 : 1;
  const before: number[] = [];
  const after: number[] = [];
  let last = 0;
  series.times.forEach((t, i) => {
    const read = series.values[i] ?? null;
    if (read !== null) last = read;
    if (read === null && !options.fill) return;
    const value = (read ?? last) * factor;
    if (t >= at && t <= incident.now) after.push(value);
    else if (isBefore(t)) before.push(value);
  });
  return [before, after];
}
