/** Records in the order of their time, whatever the order of their lines, and the part of them inside a range. */
import { byText, canonical } from '../../core/canonical.ts';
import type { TimeRange } from '../../core/capabilities.ts';
import { toMs } from '../../core/time.ts';

/** Records and their times in ms, both ascending; what has the same time is ordered by its canonical text. */
export interface Timed<T> {
  times: ArrayLike<number>;
  records: T[];
}

export function timed<T>(records: T[], time: (record: T) => number): Timed<T> {
  const at = new Float64Array(records.length);
  const order = new Uint32Array(records.length);
  records.forEach((r, i) => {
    at[i] = time(r);
    order[i] = i;
  });
  order.sort((i, j) => at[i]! - at[j]!);
  const times = new Float64Array(records.length);
  const sorted: T[] = [];
  for (let i = 0, end = 0; i < order.length; i = end) {
    do times[end] = at[order[end]!]!;
    while (++end < order.length && at[order[end]!] === at[order[i]!]);
    for (const r of byCanonical(Array.from(order.subarray(i, end), (k) => records[k]!))) sorted.push(r);
  }
  return { times, records: sorted };
}

/** Texts are made of what has the same time only, and are not kept: of a million records they would be the most. */
function byCanonical<T>(same: T[]): T[] {
  if (same.length < 2) return same;
  return same
    .map((record) => ({ record, text: canonical(record) }))
    .sort((a, b) => byText(a.text, b.text))
    .map((x) => x.record);
}

/**
 * First and last index (exclusive) of the times inside a range: `from` inclusive, `to` exclusive. Where the range
 * reaches up to `now` or past it, what happened at `now` itself is inside, and nothing later.
 */
export function within(times: ArrayLike<number>, range: TimeRange, now: number): [number, number] {
  const to = toMs(range.to);
  const from = toMs(range.from);
  const first = firstIndex(times, (t) => t >= from);
  const last = to >= now ? firstIndex(times, (t) => t >= now + 1) : firstIndex(times, (t) => t >= to);
  return [first, Math.max(first, last)];
}

/** The same of single times: whether one lies inside any of the ranges. */
export function inside(ranges: readonly TimeRange[], now: number): (at: number) => boolean {
  const bounds = ranges.map((r) => ({ from: toMs(r.from), to: toMs(r.to) }));
  return (at) => bounds.some(({ from, to }) => at >= from && at < (to >= now ? now + 1 : to));
}

/** Records of several ranges, each once, oldest first. */
export function during<T>(all: Timed<T>, ranges: readonly TimeRange[], now: number): T[] {
  const parts = ranges.map((r) => within(all.times, r, now)).sort((a, b) => a[0] - b[0]);
  const out: T[] = [];
  let done = 0;
  for (const [first, last] of parts) {
    for (let i = Math.max(first, done); i < last; i++) out.push(all.records[i] as T);
    done = Math.max(done, last);
  }
  return out;
}

/** The oldest records that pass by, in order of time, and how many there were. */
export interface Oldest<T> {
  take(record: T): void;
  found(): { oldest: T[]; of: number };
}

/** @param most records that are kept */
export function oldest<T>(most: number, time: (record: T) => number): Oldest<T> {
  let held: T[] = [];
  let of = 0;
  const cut = (): void => {
    held = timed(held, time).records.slice(0, Math.max(0, most));
  };
  return {
    take(record) {
      of++;
      held.push(record);
      if (held.length >= 2 * most + 1000) cut();
    },
    found() {
      cut();
      return { oldest: held, of };
    },
  };
}

/** Lowest index whose time passes; the test must be false below and true above some point. */
function firstIndex(times: ArrayLike<number>, test: (t: number) => boolean): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(times[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}
