/** Changes against the time in which it must have begun: which took effect in it, which were nowhere near. */
import { MINUTE, toMs } from '../core/time.ts';
import { HALF_Z } from './describe.ts';
import type { ChangeData } from './finding-data.ts';
import type { FleetData } from './metrics-data.ts';

/** An onset that is known less exactly than this coincides with anything. */
const EXACT_MS = 2 * MINUTE;

interface Interval {
  from: string;
  to: string;
}

/** The interval of the onset, where what the alert complains about moved clearly: quiet times have change points too. */
export const clearOnset = (fleet: FleetData | undefined): Interval | undefined =>
  fleet && fleet.rootZ >= HALF_Z ? fleet.onset : undefined;

/** When a change could act; NaN for what cannot. */
const acts = (c: ChangeData): number =>
  c.effect === 'inert' || c.effect === 'talks' ? Number.NaN : toMs(c.effective ?? c.time);

/** The interval of an onset that is known exactly, ms. */
function exact(onset: Interval | undefined): { from: number; to: number; width: number } | undefined {
  if (!onset) return undefined;
  const [from, to] = [toMs(onset.from), toMs(onset.to)];
  return to - from > EXACT_MS ? undefined : { from, to, width: to - from };
}

/**
 * The one change that took effect in the very time in which it must have begun. The onset's own interval says how near
 * that is; where another one acted within four times that time, the question stays open.
 */
export function coinciding(all: ChangeData[], onset: Interval | undefined): ChangeData | undefined {
  const o = exact(onset);
  if (!o) return undefined;
  const near = all.filter((c) => acts(c) >= o.from - 2 * o.width && acts(c) <= o.to);
  const plain = near.filter((c) => c.carries === 0);
  if (Math.max(plain.length, near.length - plain.length) !== 1) return undefined;
  // A commit and the deploy that carried it are one.
  const within = near.filter((c) => acts(c) >= o.from - o.width / 2);
  return within.find((c) => c.carries === 0) ?? within[0];
}

/** Whether the onset is exact and no change acted near it. */
export function noneNear(all: ChangeData[], onset: Interval | undefined): boolean {
  const o = exact(onset);
  return o !== undefined && !all.some((c) => acts(c) >= o.from - 2 * o.width && acts(c) <= o.to);
}
