/** `changed`: a statistic of one series differs between two windows, in the direction that is claimed. */
import { canonical } from '../core/canonical.ts';
import type { TimeRange } from '../core/capabilities.ts';
import type { Claim } from '../core/claims.ts';
import { seriesName, seriesWith } from '../core/series.ts';
import type { Series } from '../core/telemetry.ts';
import { digits, quantity } from '../core/text.ts';
import { clock, toMs } from '../core/time.ts';
import { type Lookup, type Outcome, usable, within } from './lookup.ts';

type Changed = Extract<Claim, { type: 'changed' }>;

/** Computes both sides from the samples; the claim holds when they differ by more than rounding, as directed. */
export function checkChanged(claim: Changed, lookup: Lookup): Outcome {
  const id = claim.series.evidence;
  const cites = [id];
  const found = usable(lookup, id);
  if ('why' in found) return { ok: false, why: found.why, cites };
  const series = seriesWith(found.evidence.data, claim.series.labels);
  if (!series)
    return { ok: false, why: `${id} holds no series with the labels ${canonical(claim.series.labels)}`, cites };
  const from = statisticOf(series, claim.from, claim.statistic);
  const to = statisticOf(series, claim.to, claim.statistic);
  if (from === undefined || to === undefined)
    return { ok: false, why: `${id} has no samples in one of the windows`, cites };
  const shown = quantity(from, series.unit);
  const moved = to > from ? 'up' : to < from ? 'down' : undefined;
  if (moved !== claim.direction || shown === quantity(to, series.unit)) {
    return {
      ok: false,
      why: `${seriesName(series)} did not go ${claim.direction}: ${shown} to ${quantity(to, series.unit)}`,
      cites,
    };
  }
  const factor = from !== 0 && to / from >= 1.05 && to / from < 1000 ? ` (${digits(to / from)}x)` : '';
  const verb = moved === 'up' ? 'rose' : 'fell';
  const sentence = `${seriesName(series)} ${verb} from ${shown} to ${quantity(to, series.unit)}${factor} after ${clock(claim.to.from, true)}`;
  return { ok: true, sentence, cites };
}

/** Mean, median or maximum of the samples in a window; undefined without samples. */
export function statisticOf(s: Series, r: TimeRange, which: Changed['statistic']): number | undefined {
  const values: number[] = [];
  for (const [i, t] of s.times.entries()) {
    const v = s.values[i];
    if (v !== null && v !== undefined && Number.isFinite(v) && within(t, r)) values.push(v);
  }
  if (values.length === 0) return undefined;
  if (which === 'mean') return values.reduce((a, b) => a + b, 0) / values.length;
  values.sort((a, b) => a - b);
  if (which === 'max') return values.at(-1);
  const mid = values.length >> 1;
  return values.length % 2 === 1 ? values[mid] : (values[mid - 1]! + values[mid]!) / 2;
}

/** Whether the windows of a claim are windows of time at all. */
export const soundWindows = (c: Changed): boolean =>
  toMs(c.from.from) < toMs(c.from.to) && toMs(c.to.from) < toMs(c.to.to);
