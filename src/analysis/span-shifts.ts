/** Operations and calls before and after → what of them clearly shifted: slower, failing, called more often. */
import type { OperationStats, TraceSummary } from '../core/capabilities.ts';

/** Fewer spans on a side tell no median. */
const SPANS_MIN = 3;
/** A call that takes so many times longer is slow. */
const SLOWER = 1.2;
/** Where so many calls are unusually long as fail, or half of them, it is the long ones that fail. */
const LATE = 0.5;
/** Calls inside one parent span must grow by this factor, and by more than chance makes (Poisson), to be extra work. */
const MORE_CALLS = 1.3;
const MORE_CALLS_Z = 4;
/** So many of the usual calls must still be made. */
const STILL_MADE = 0.9;

export type Gap = TraceSummary['gaps'][number];

export const counted = (o: OperationStats): boolean => o.before.count >= SPANS_MIN && o.after.count >= SPANS_MIN;
export const rise = (o: OperationStats): number => (counted(o) ? o.after.medianMs - o.before.medianMs : 0);

/** The median took so much longer that nobody takes it for chance. */
export const clearlySlower = (o: OperationStats): boolean =>
  counted(o) && o.after.medianMs > 0 && o.after.medianMs >= SLOWER * o.before.medianMs;

/** Share of the spans that failed, before and after; undefined where too few did to tell anything. */
export function failingShares(o: OperationStats): { before: number; after: number } | undefined {
  if (o.after.count < SPANS_MIN || o.after.errors < SPANS_MIN) return undefined;
  const before = o.before.count > 0 ? o.before.errors / o.before.count : 0;
  return { before, after: o.after.errors / o.after.count };
}

/** Tells the share of spans in which failures began since, and a line about it. */
export function addFailures(o: OperationStats, tell: (size: number, text: string) => void): void {
  const shares = failingShares(o);
  const size = shares ? shares.after - shares.before : 0;
  if (size <= 0) return;
  tell(
    size,
    `${o.after.errors} of ${o.after.count} spans begin to fail here (${o.before.errors} of ${o.before.count} before)`,
  );
}

/** The calls take longer: at the median, or those that fail do. */
export function isSlower({ whole, usual, after }: Gap): boolean {
  const long = usual === undefined ? 0 : 1 - usual;
  const failing = after.errors / Math.max(1, after.count);
  return (whole !== undefined && whole.after >= SLOWER * whole.before) || (failing > 0 && long >= LATE * failing);
}

/** More calls, and the usual ones among them. */
export const isAdded = (g: Gap): boolean =>
  extraCalls(g) > 0 &&
  g.perParent !== undefined &&
  (g.usual ?? 0) * g.perParent.after >= STILL_MADE * g.perParent.before;

/** Calls beyond what the parents' number foretells. */
export function extraCalls(g: OperationStats): number {
  if (!g.perParent || !counted(g) || g.perParent.after < MORE_CALLS * g.perParent.before) return 0;
  const expected = (g.after.count * g.perParent.before) / g.perParent.after;
  const extra = g.after.count - expected;
  return extra / Math.sqrt(expected + 1) >= MORE_CALLS_Z ? extra : 0;
}
