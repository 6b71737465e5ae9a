/** The series that a claim speaks of: found in the answer, by labels alone, and cut to the time it tells of. */
import { canonical } from './canonical.ts';
import type { Claim } from './claims.ts';
import type { Load } from './ports.ts';
import type { State } from './run-state.ts';
import type { Series } from './telemetry.ts';
import { toMs } from './time.ts';

/** The one series of an answer with exactly these labels; undefined where there is none, or several. */
export function seriesWith(data: unknown, labels: Record<string, string>): Series | undefined {
  const wanted = canonical(labels);
  const all = (data as { series?: Series[] } | undefined)?.series ?? [];
  const found = all.filter((s) => canonical(s.labels) === wanted);
  return found.length === 1 ? found[0] : undefined;
}

/** `orders http_server_request_duration_seconds p95`, `gateway to orders …`. */
export function seriesName(s: Series): string {
  const { __name__: metric = 'the metric', service, instance, node, caller, callee, statistic: stat } = s.labels;
  const who = caller && callee ? `${caller} to ${callee}` : (instance ?? node ?? service);
  return [who, metric, stat].filter(Boolean).join(' ');
}

/** A series as far as a claim compares it. `t` and `onset` in ms; a null is a gap. */
export interface ClaimedSeries {
  name: string;
  unit?: string;
  evidence: string;
  points: { t: number; v: number | null }[];
  onset: number;
}

/** The series of the first `most` claims that tell of a change, each once; those with fewer than two points are none. */
export async function claimedSeries(claims: Claim[], state: State, load: Load, most: number): Promise<ClaimedSeries[]> {
  const found = new Map<string, ClaimedSeries>();
  for (const claim of claims) {
    if (found.size >= most) break;
    if (claim.type !== 'changed') continue;
    const { series: ref, from, to } = claim;
    const key = canonical(ref);
    const { result } = state.evidence.find((e) => e.id === ref.evidence) ?? {};
    const series = result && !found.has(key) ? seriesWith(await load(result), ref.labels) : undefined;
    if (!series) continue;
    const [first, onset, last] = [toMs(from.from), toMs(to.from), toMs(to.to)];
    const points = series.times.flatMap((t, i) =>
      t >= first && t <= last ? [{ t, v: series.values[i] ?? null }] : [],
    );
    if (points.length < 2) continue;
    const unit = series.unit === undefined ? {} : { unit: series.unit };
    found.set(key, { name: seriesName(series), ...unit, evidence: ref.evidence, points, onset });
  }
  return [...found.values()];
}
