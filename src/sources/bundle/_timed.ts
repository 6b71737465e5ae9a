/** Records in the order of their time, whatever the order of their lines, and the part of them inside a range. */
import { byText, canonical } from '../../core/canonical.ts';
import type { TimeRange } from '../../core/capabilities.ts';
import { toMs } from '../../core/time.ts';

/** Records and their times in ms, both ascending; what has the same time is ordered by its canonical text. */
export interface Timed<T> {
  times: number[];
  records: T[];
}

export function timed<T>(records: T[], time: (record: T) => number): Timed<T> {
  const texts = new Map<T, string>();
  const text = (r: T): string => {
    const known = texts.get(r) ?? canonical(r);
    texts.set(r, known);
    return known;
  };
  const pairs = records.map((record) => ({ at: time(record), record }));
  pairs.sort((a, b) => a.at - b.at || byText(text(a.record), text(b.record)));
  return { times: pairs.map((p) => p.at), records: pairs.map((p) => p.record) };
}

/**
 * First and last index (exclusive) of the times inside a range: `from` inclusive, `to` exclusive. Where the range
 * reaches up to `now` or past it, what happened at `now` itself is inside, and nothing later.
 */
export function within(times: readonly number[], range: TimeRange, now: number): [number, number] {
  const to = toMs(range.to);
  const first = firstIndex(times, (t) => t >= toMs(range.from));
  const last = to >= now ? firstIndex(times, (t) => t >= now + 1) : firstIndex(times, (t) => t >= to);
  return [first, Math.max(first, last)];
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

/** Lowest index whose time passes; the test must be false below and true above some point. */
function firstIndex(times: readonly number[], test: (t: number) => boolean): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(times[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}
