/**
 * How far a series moved in its bad direction, in scales that cannot vanish. The scale is the standard deviation of the
 * baseline with floors: median absolute deviations of constant or quantised series are 0, and were measured to be worse.
 */
import type { SeriesKind } from '../core/telemetry.ts';
import { isSymptom } from './kinds.ts';
import { likeness, type Signal } from './signals.ts';
import { mean, median, sd } from './stats.ts';

/** Self series: 5 % of the level is everyday variation of a resource. */
const SELF_FLOOR = 0.05;
/** Self series: half of the usual spread of the like series elsewhere; one that never moved yet may move so much. */
const POOLED_FLOOR = 0.5;
/** Latency: a fifth of the level. No pooled floor, since levels of services differ by decades. */
const LATENCY_FLOOR = 0.2;
/** Availability and error shares, in percentage points. */
const SHARE_FLOOR = 0.3;
/** Fewer baseline values tell no spread. */
export const BASELINE_MIN = 5;

export interface Shift {
  signal: Signal;
  /** Signed so that positive is bad; for series without a bad direction the size of the change. */
  z: number;
  before: number;
  after: number;
  scale: number;
  /** after - before, in the series' unit. */
  change: number;
  samples: { before: number; after: number };
}

/** Half of the median spread of the like series, by likeness. */
export function pooledScales(signals: Signal[], baselineOf: (s: Signal) => number[]): Map<string, number> {
  const spreads = new Map<string, number[]>();
  for (const s of signals) {
    if (isSymptom(s.kind)) continue;
    const base = baselineOf(s);
    if (base.length < BASELINE_MIN) continue;
    const list = spreads.get(likeness(s)) ?? [];
    if (list.length === 0) spreads.set(likeness(s), list);
    list.push(sd(base));
  }
  return new Map([...spreads].map(([k, v]) => [k, POOLED_FLOOR * median(v)]));
}

/** The scale in which a change of this signal is measured. */
export function scaleOf(s: Signal, baseline: readonly number[], pooled: number): number {
  const spread = sd(baseline);
  const level = Math.abs(mean(baseline));
  const floor = floorOf(s.kind, s.unit, level, pooled);
  // A series that was 0 throughout has no scale of its own: its first values are measured against themselves.
  return Math.max(spread, floor, Number.MIN_VALUE);
}

function floorOf(kind: SeriesKind, unit: string, level: number, pooled: number): number {
  switch (kind) {
    case 'latency':
      return LATENCY_FLOOR * level;
    case 'availability':
    case 'errors':
      if (unit === '%') return SHARE_FLOOR;
      if (unit === '1') return SHARE_FLOOR / 100;
      return LATENCY_FLOOR * level;
    default:
      return Math.max(SELF_FLOOR * level, pooled);
  }
}

/** More scales than this are no more telling: the series was constant. */
const Z_MAX = 1000;

/** A change in scales, kept finite: a scale of 0 makes any change the largest, and no change none. */
export function inScales(change: number, scale: number): number {
  const z = change / scale;
  return Number.isNaN(z) ? 0 : Math.max(-Z_MAX, Math.min(Z_MAX, z));
}

/**
 * The shift of a signal from its baseline to the values after the onset; undefined without enough values. Symptoms are
 * judged by their mean (rare failures count), resources by their median (a single peak does not).
 */
export function shiftOf(
  s: Signal,
  baseline: readonly number[],
  after: readonly number[],
  pooled: number,
): Shift | undefined {
  if (baseline.length < 2 || after.length === 0) return undefined;
  const before = mean(baseline);
  const location = isSymptom(s.kind) ? mean(after) : median(after);
  const change = location - before;
  const scale = scaleOf(s, baseline, pooled);
  const signed = s.direction === 0 ? Math.abs(change) : change * s.direction;
  return {
    signal: s,
    z: inScales(signed, scale),
    before,
    after: location,
    scale,
    change,
    samples: { before: baseline.length, after: after.length },
  };
}
