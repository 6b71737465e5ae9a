/** Is a signal beyond its threshold now, was it, does it go back and forth? */
import type { Series } from '../core/telemetry.ts';
import { directionOf, kindOf } from './kinds.ts';
import { mean, median, sd } from './stats.ts';

export interface Threshold {
  expression: string;
  operator: '>' | '>=' | '<' | '<=';
  value: number;
}

/** The comparison at the end of a rule's expression: `rate(x[5m]) > 0.5`. */
export function thresholdOf(query: string): Threshold | undefined {
  const m = /^(.*?)\s*(>=|<=|>|<)(?:\s*bool)?\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*\)*\s*$/is.exec(query.trim());
  if (!m) return undefined;
  return { expression: m[1]!.trim(), operator: m[2] as Threshold['operator'], value: Number(m[3]) };
}

export interface Breach {
  state: 'breached' | 'recovered' | 'flapping';
  last: number;
  /** Median before the alert. */
  normal: number;
  /** From the first to the last sample beyond, ms. */
  lastedMs: number;
}

/** Back and forth so often since the alert is flapping. */
const CROSSINGS = 4;
/** Without a threshold: so many deviations from normal count as breached. */
const DEVIATIONS = 3;
/** The newest samples decide what is now: one alone may be noise. */
const NEWEST = 3;

/** Whether something went back and forth too often to be one incident; states in order of time. */
export const flaps = (states: boolean[]): boolean =>
  states.filter((x, i) => i > 0 && x !== states[i - 1]).length >= CROSSINGS;

/** Undefined where there are no samples on both sides of the alert, or where nothing ever was out of range. */
export function readBreach(s: Series, o: { alert: number; now: number; threshold?: Threshold }): Breach | undefined {
  const before: number[] = [];
  const after: number[] = [];
  const all: { t: number; v: number }[] = [];
  for (const [i, t] of s.times.entries()) {
    const v = s.values[i];
    if (v === null || v === undefined || !Number.isFinite(v) || t > o.now) continue;
    (t < o.alert ? before : after).push(v);
    all.push({ t, v });
  }
  // An alert that is asked about at once has everything before it: then the first third is normal.
  if (after.length === 0) after.push(...before.splice(Math.ceil(before.length / 3)));
  const newest = [...before, ...after].slice(-NEWEST);
  if (before.length < 2 || newest.length === 0) return undefined;
  const normal = median(before);
  const beyond = o.threshold ? exceeds(o.threshold) : strays(s, before);
  const out = all.filter(({ v }) => beyond(v));
  if (out.length === 0) return undefined;
  const lastedMs = out.at(-1)!.t - out[0]!.t;
  const now = newest.filter(beyond).length * 2 > newest.length;
  const state = flaps(after.map(beyond)) ? 'flapping' : now ? 'breached' : 'recovered';
  return { state, last: newest.at(-1)!, normal, lastedMs };
}

function exceeds({ operator, value }: Threshold): (v: number) => boolean {
  switch (operator) {
    case '>':
      return (v) => v > value;
    case '>=':
      return (v) => v >= value;
    case '<':
      return (v) => v < value;
    case '<=':
      return (v) => v <= value;
  }
}

function strays(s: Series, before: number[]): (v: number) => boolean {
  const direction = directionOf(kindOf(s), s.labels.__name__ ?? '');
  const limit = DEVIATIONS * Math.max(sd(before), 0.05 * Math.abs(mean(before)));
  const m = mean(before);
  return (v) => (direction === 0 ? Math.abs(v - m) : (v - m) * direction) > limit;
}
