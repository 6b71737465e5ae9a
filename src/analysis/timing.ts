/** Changes against the time in which it must have begun: which took effect in it, which were nowhere near. */
import type { TimeRange } from '../core/capabilities.ts';
import { MINUTE, toMs } from '../core/time.ts';
import type { Dossier } from './case-file.ts';
import { HALF_Z, MOVED_Z } from './describe.ts';
import type { ChangeData } from './finding-data.ts';
import type { FleetData } from './metrics-data.ts';
import { traceScore } from './trace-shares.ts';

/** An onset that is known less exactly than this coincides with anything. */
const EXACT_MS = 2 * MINUTE;

/** A change takes effect a few seconds after its recorded time: a process starts, a setting is read. */
const LAG_MS = 5000;

export interface Interval extends TimeRange {
  /** The first moment at which it is seen. */
  at: string;
}

/**
 * The interval of the onset, where what the alert complains about moved clearly: quiet times have change points too.
 * Where spans tell more exactly than the samples of metrics when it began, at whom they show most, they decide.
 */
export function clearOnset(fleet: FleetData | undefined, dossiers: Pick<Dossier, 'trace'>[]): Interval | undefined {
  if (!fleet || fleet.rootZ < MOVED_Z) return undefined;
  const traces = dossiers.flatMap((d) => d.trace ?? []).sort((a, b) => traceScore(b) - traceScore(a));
  const since = traces[0]?.since;
  const clear = fleet.rootZ >= HALF_Z ? fleet.onset : undefined;
  if (!since) return clear;
  const [from, to] = [toMs(fleet.onset.from), toMs(fleet.onset.to)];
  const meets = toMs(since.to) >= from - (to - from) && toMs(since.from) <= to + (to - from);
  return meets && toMs(since.to) - toMs(since.from) < to - from ? { at: since.to, ...since } : clear;
}

/** When a change could act; NaN for what cannot. */
const acts = (c: ChangeData): number =>
  c.effect === 'inert' || c.effect === 'talks' ? Number.NaN : toMs(c.effective ?? c.time);

/** The interval of an onset that is known exactly, ms. */
function exact(onset: TimeRange | undefined): { from: number; to: number; width: number } | undefined {
  if (!onset) return undefined;
  const [from, to] = [toMs(onset.from), toMs(onset.to)];
  return to - from > EXACT_MS ? undefined : { from, to, width: Math.max(LAG_MS, to - from) };
}

/**
 * The one change that took effect in the very time in which it must have begun. The onset's own interval says how near
 * that is; where another one acted within four times that time, the question stays open.
 */
export function coinciding(all: ChangeData[], onset: TimeRange | undefined): ChangeData | undefined {
  const o = exact(onset);
  if (!o) return undefined;
  const near = all.filter((c) => acts(c) >= o.from - 2 * o.width && acts(c) <= o.to);
  const plain = near.filter((c) => c.carries === 0);
  if (Math.max(plain.length, near.length - plain.length) !== 1) return undefined;
  // A commit and the deploy that carried it are one.
  const within = near.filter((c) => acts(c) >= o.from - Math.max(LAG_MS, o.width / 2));
  return within.find((c) => c.carries === 0) ?? within[0];
}

/** Whether the onset is exact and no change acted near it. */
export function noneNear(all: ChangeData[], onset: TimeRange | undefined): boolean {
  const o = exact(onset);
  return o !== undefined && !all.some((c) => acts(c) >= o.from - 2 * o.width && acts(c) <= o.to);
}
