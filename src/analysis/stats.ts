/** Plain statistics over numbers. None changes its input; empty input gives NaN unless said otherwise. */

export function mean(xs: readonly number[]): number {
  let sum = 0;
  for (const x of xs) sum += x;
  return sum / xs.length;
}

/** Standard deviation with n in the denominator; 0 for fewer than two values. */
export function sd(xs: readonly number[]): number {
  if (xs.length < 2) return 0;
  const m = mean(xs);
  let sum = 0;
  for (const x of xs) sum += (x - m) ** 2;
  return Math.sqrt(sum / xs.length);
}

/** The q-quantile (0 to 1) with linear interpolation between neighbours. */
export function quantile(xs: readonly number[], q: number): number {
  if (xs.length === 0) return Number.NaN;
  const sorted = Float64Array.from(xs).sort();
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (at - low);
}

export const median = (xs: readonly number[]): number => quantile(xs, 0.5);

/** How much of a full belief a positive score earns: 0 at 0, a half at `half`, towards 1. Negative scores earn nothing. */
export const squash = (z: number, half: number): number => (z > 0 ? z / (z + half) : 0);

export const clip = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x));

export const sum = (xs: readonly number[]): number => {
  let s = 0;
  for (const x of xs) s += x;
  return s;
};
