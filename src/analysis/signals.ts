/** Series as the analysis reads them: gauges without gaps, each with its kind, bad direction and owner. */
import { byText, canonical } from '../core/canonical.ts';
import type { Series, SeriesKind } from '../core/telemetry.ts';
import { type Direction, directionOf, isCounter, kindOf, toRate } from './kinds.ts';
import { median } from './stats.ts';

export interface Signal {
  /** Canonical labels: its identity. */
  id: string;
  labels: Record<string, string>;
  name: string;
  kind: SeriesKind;
  unit: string;
  direction: Direction;
  /** Percentile or mean, where the labels say: series of one name and statistic are alike. */
  statistic: string;
  /** Name of the service or node that it tells of. */
  owner: string;
  level: 'service' | 'node';
  instance?: string;
  edge?: { caller: string; callee: string };
  times: number[];
  values: number[];
  /** A counter turned into its rate: the recorded samples are totals. */
  isRate: boolean;
  /** Evidence that holds it. */
  evidence: string;
}

/** Same name and statistic: to be compared with each other, between instances and between services. */
export const likeness = (s: Signal): string => `${s.name}\n${s.statistic}`;

const BASE_UNITS: Record<string, { unit: string; factor: number }> = {
  ms: { unit: 's', factor: 1e-3 },
  us: { unit: 's', factor: 1e-6 },
  ns: { unit: 's', factor: 1e-9 },
};

/** Latency in seconds where the unit or the name says otherwise. */
function baseUnit(kind: SeriesKind, name: string, unit: string | undefined): { unit: string; factor: number } {
  const said = unit ?? '';
  if (kind !== 'latency') return { unit: said, factor: 1 };
  const short = said || (/_(ms|us|ns)$/.exec(name)?.[1] ?? (/millis/.test(name) ? 'ms' : ''));
  return BASE_UNITS[short.startsWith('milli') ? 'ms' : short] ?? { unit: said, factor: 1 };
}

function toSignal(s: Series, evidence: string): Signal | undefined {
  const { labels } = s;
  const name = labels.__name__ ?? '';
  const owner = labels.service ?? labels.callee ?? labels.node ?? labels.instance;
  if (owner === undefined) return undefined;
  let times: number[] = [];
  let values: number[] = [];
  const kind = kindOf(s);
  const { unit, factor } = baseUnit(kind, name, s.unit);
  for (let i = 0; i < s.values.length; i++) {
    const v = s.values[i];
    if (v === null || v === undefined || !Number.isFinite(v)) continue;
    times.push(s.times[i]!);
    values.push(v * factor);
  }
  let rate = '';
  if (isCounter(name, values)) {
    ({ times, values } = toRate(times, values));
    rate = '1/s';
  }
  const { caller, callee, instance } = labels;
  return {
    id: canonical(labels),
    labels,
    name,
    kind,
    unit: rate || unit,
    direction: directionOf(kind, name),
    statistic: labels.statistic ?? labels.stat ?? labels.quantile ?? '',
    owner,
    level:
      labels.service === undefined && labels.callee === undefined && labels.node !== undefined ? 'node' : 'service',
    ...(instance === undefined || instance === owner ? {} : { instance }),
    ...(caller === undefined || callee === undefined ? {} : { edge: { caller, callee } }),
    times,
    values,
    isRate: rate !== '',
    evidence,
  };
}

/** Each series once, in order of its labels, whatever evidence held it first or how often. */
export function toSignals(answers: { evidence: string; series: Series[] }[]): Signal[] {
  const byId = new Map<string, Signal>();
  for (const { evidence, series } of answers) {
    for (const s of series) {
      const signal = toSignal(s, evidence);
      if (signal && signal.values.length > 0 && !byId.has(signal.id)) byId.set(signal.id, signal);
    }
  }
  return [...byId.values()].sort((a, b) => byText(a.id, b.id));
}

/** Median distance of samples in ms over all signals. */
export function stepOf(signals: Signal[]): number {
  const steps: number[] = [];
  for (const s of signals) {
    const gaps: number[] = [];
    for (let i = Math.max(1, s.times.length - 50); i < s.times.length; i++) gaps.push(s.times[i]! - s.times[i - 1]!);
    if (gaps.length > 0) steps.push(median(gaps));
  }
  return steps.length > 0 ? median(steps) : 60_000;
}

/** Values with from <= time < to; `keep` may rule out times. */
export function between(s: Signal, from: number, to: number, keep?: (t: number) => boolean): number[] {
  const out: number[] = [];
  for (let i = 0; i < s.times.length; i++) {
    const t = s.times[i]!;
    if (t >= from && t < to && (!keep || keep(t))) out.push(s.values[i]!);
  }
  return out;
}
