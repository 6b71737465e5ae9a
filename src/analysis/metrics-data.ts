/** What findings on metrics hold: moved series, one entity, the whole fleet. JSON only; times are ISO. */
import type { TimeRange } from '../core/capabilities.ts';
import type { Symptom } from './kinds.ts';

/** One moved series, small enough for a journal line. */
export interface MovedSeries {
  labels: Record<string, string>;
  name: string;
  kind: string;
  unit: string;
  /** Scales moved in the bad direction. */
  z: number;
  before: number;
  after: number;
  statistic: 'mean' | 'median';
  evidence: string;
  /** Where its normal comes from; absent where it was borrowed from other instances, so that no claim can be made. */
  baseline?: TimeRange;
  /** Of something that fills up: when it began to, as exactly as its samples tell. */
  filling?: TimeRange;
}

export interface MetricsData {
  type: 'metrics';
  /** `alerting` = judged without its dependencies. */
  scope: 'alerting' | 'all';
  name: string;
  level: 'service' | 'node';
  self: MovedSeries[];
  symptoms: MovedSeries[];
  traffic: MovedSeries[];
  /** Share of the alerting service's harm that stays here. */
  blame: number;
  harm: Partial<Record<Symptom, { x: number; z: number }>>;
  rate?: number;
  network: number;
  /** Series of its own, and not of its callers. */
  ownSeries: number;
  /** The one instance of several that moved. */
  instance?: string;
  /** A share of capacity that is used up now, and was not before. */
  saturated?: MovedSeries;
}

export interface FleetData {
  type: 'fleet';
  /** `alerting` = only the alerting service was looked at. */
  scope: 'alerting' | 'all';
  onset: { at: string; from: string; to: string };
  /** No series moved enough to say when it began: the alert's time was taken. */
  alertKept: boolean;
  gain: number;
  rootZ: number;
  hasRates: boolean;
  hasCalls: boolean;
  series: number;
  /** Largest z of a symptom over the newest samples: what is left of it now. */
  nowZ: number;
  /** Releases judged on their instances, by change id. */
  canaries: Record<string, { did: number | null; dead: boolean; why: string }>;
  /** Services and nodes without anything remarkable. */
  quiet: MetricsData[];
}
