/**
 * Between which two observations a sequence of them shifted upwards: the least-squares change point (Scott and Knott
 * 1974), and every other split that the likelihood does not rule out (Hinkley, Biometrika 1970). Spans and log records
 * have times to the millisecond, so this tells an onset far more exactly than the samples of a metric do.
 */
export interface Observation {
  /** ms since the epoch. */
  at: number;
  x: number;
}

/** Fewer observations on a side tell no level. */
const SIDE_MIN = 3;
/** A shift that explains so little (log-likelihood ratio) is chance: the best of all splits is always a little better. */
const EVIDENT = 10;
/** A split that is so much less likely than the best one (log-likelihood ratio; 20 to 1) is ruled out. */
const RULED_OUT = 3;
/** Share of the shift below which spread is no information: identical values would make any split certain. */
const SPREAD_MIN = 0.1;

/** The last observation before and the first one after the shift, ms; undefined where nothing rose. */
export function shiftTime(observations: readonly Observation[]): { from: number; to: number } | undefined {
  const all = [...observations].sort((a, b) => a.at - b.at || a.x - b.x);
  const n = all.length;
  if (n < 2 * SIDE_MIN) return undefined;
  const sum = [0];
  const squares = [0];
  for (const { x } of all) {
    sum.push(sum.at(-1)! + x);
    squares.push(squares.at(-1)! + x * x);
  }
  const spread = (from: number, to: number): number =>
    squares[to]! - squares[from]! - (sum[to]! - sum[from]!) ** 2 / (to - from);
  const rise = (k: number): number => (sum[n]! - sum[k]!) / (n - k) - sum[k]! / k;
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let k = SIDE_MIN; k <= n - SIDE_MIN; k++) {
    if (all[k]!.at === all[k - 1]!.at || rise(k) <= 0) continue;
    const left = spread(0, k) + spread(k, n);
    if (left < least) [best, least] = [k, left];
  }
  if (best < 0) return undefined;
  const floor = n * (SPREAD_MIN * rise(best)) ** 2;
  const unlikelier = (left: number): number => (n / 2) * Math.log((left + floor) / (least + floor));
  if (unlikelier(spread(0, n)) < EVIDENT) return undefined;
  let [first, last] = [best, best];
  for (let k = 1; k < n; k++) {
    if (unlikelier(spread(0, k) + spread(k, n)) > RULED_OUT) continue;
    first = Math.min(first, k);
    last = Math.max(last, k);
  }
  return { from: all[first - 1]!.at, to: all[last]!.at };
}
