/** When the spans of an operation became slower, began to fail, or to be made more often by the span that makes them. */
import type { OperationStats } from '../core/capabilities.ts';
import { range } from '../core/time.ts';
import { type Observation, shiftTime } from './shift-time.ts';

/** What is kept of the spans of one operation: numbers only, so that their trees need not be in memory. */
export interface SpanTimes {
  /** Starts, ms. */
  at: number[];
  /** Own times, ms. */
  own: number[];
  /** 1 = failed. */
  failed: number[];
  /** How many of them each of their parents made. */
  made: Observation[];
}

export const noTimes = (): SpanTimes => ({ at: [], own: [], failed: [], made: [] });

/** Between which spans each of these began, where it did. */
export function beganAt(t: SpanTimes): NonNullable<OperationStats['since']> {
  const observed = (x: (i: number) => number): Observation[] => t.at.map((at, i) => ({ at, x: x(i) }));
  // Own times spread over decades: their logarithm is what shifts.
  const slower = shiftTime(observed((i) => Math.log1p(t.own[i]!)));
  const failing = shiftTime(observed((i) => t.failed[i]!));
  const repeated = shiftTime(t.made);
  return {
    ...(slower && { slower: range(slower.from, slower.to) }),
    ...(failing && { failing: range(failing.from, failing.to) }),
    ...(repeated && { repeated: range(repeated.from, repeated.to) }),
  };
}
