/** Cuts an answer to what one piece of evidence may hold: series keep their extremes, lists keep one end. */
import type { Series } from '../core/telemetry.ts';

/** Bytes of JSON that an answer's data should stay below; the door refuses what is larger than 256 KiB. */
export const ANSWER_BYTES = 200 * 1024;

/** Bytes of a value as JSON. */
export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

export interface FittedSeries {
  series: Series[];
  truncated?: { kept: number; of: number; what: string };
}

/**
 * The series within `limit` bytes as JSON. Those that fit stay untouched; otherwise each is cut into as many equal
 * stretches of samples as fit and keeps the lowest and the highest of each, in order, with their own times and values.
 */
export function fitSeries(series: Series[], limit = ANSWER_BYTES): FittedSeries {
  const of = series.reduce((n, s) => n + s.times.length, 0);
  if (jsonBytes(series) <= limit) return { series };
  let most = Math.max(...series.map((s) => s.times.length));
  let fitted = series;
  while (most > 2 && jsonBytes(fitted) > limit) {
    most = Math.max(2, Math.floor(most * 0.8));
    fitted = series.map((s) => extremes(s, most));
  }
  while (fitted.length > 1 && jsonBytes(fitted) > limit) fitted = fitted.slice(0, Math.floor(fitted.length * 0.9));
  const kept = fitted.reduce((n, s) => n + s.times.length, 0);
  return { series: fitted, truncated: { kept, of, what: 'samples (lowest and highest of each stretch)' } };
}

/** At most `most` samples of a series: the lowest and the highest of each stretch. */
function extremes(s: Series, most: number): Series {
  if (s.times.length <= most) return s;
  const stretches = Math.max(1, Math.floor(most / 2));
  const keep: number[] = [];
  for (let k = 0; k < stretches; k++) {
    const from = Math.floor((k * s.times.length) / stretches);
    const to = Math.floor(((k + 1) * s.times.length) / stretches);
    let low = from;
    let high = from;
    for (let i = from; i < to; i++) {
      const value = s.values[i];
      if (value === null || value === undefined) continue;
      if (s.values[low] === null || value < (s.values[low] as number)) low = i;
      if (s.values[high] === null || value > (s.values[high] as number)) high = i;
    }
    keep.push(...new Set([Math.min(low, high), Math.max(low, high)]));
  }
  return { ...s, times: keep.map((i) => s.times[i] as number), values: keep.map((i) => s.values[i] ?? null) };
}

/** As many items as fit into `limit` bytes of JSON, from the start or from the end of the list, in their order. */
export function fitItems<T>(items: T[], end: 'first' | 'last', limit = ANSWER_BYTES): T[] {
  const order = end === 'first' ? items : [...items].reverse();
  let size = 2;
  let n = 0;
  while (n < order.length) {
    size += jsonBytes(order[n]) + 1;
    if (size > limit) break;
    n++;
  }
  return end === 'first' ? items.slice(0, n) : items.slice(items.length - n);
}
