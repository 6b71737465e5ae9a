/** What Datadog's answers hold of what is measured and watched: series, monitors, objectives. */

/** Base units of Datadog: `family` such as `time`, `scale` to the base of its family (0.001 for `millisecond`). */
export interface Unit {
  name: string;
  family?: string;
  scale?: number;
  shortName?: string;
}

export interface MetricSeries {
  metric: string;
  expression?: string;
  /** `env:prod,service:checkout`; `*` for everything. */
  scope: string;
  /** The tags it is grouped by, `key:value`. */
  tags: string[];
  queryIndex: number;
  /** Width of a bucket. */
  intervalMs: number;
  unit?: Unit;
  /** The unit below the line: `second` of requests per second. */
  perUnit?: Unit;
  times: number[];
  values: (number | null)[];
}

/** `series[i].values[j]` belongs to `times[j]`. */
export interface TimeseriesAnswer {
  times: number[];
  series: { tags: string[]; queryIndex: number; unit?: Unit; perUnit?: Unit; values: (number | null)[] }[];
}

/** A column of a scalar answer: the names of the groups, or the numbers of a query; row `i` of all columns belongs together. */
export type ScalarColumn =
  | { type: 'group'; name: string; values: string[][] }
  | { type: 'number'; name: string; unit?: Unit; perUnit?: Unit; values: (number | null)[] };

export interface MetricInfo {
  /** `gauge`, `rate`, `count`, `distribution`. */
  type?: string;
  unit?: string;
  perUnit?: string;
  description?: string;
  /** Seconds between two flushes of the client that sends it. */
  intervalS?: number;
}

export interface Monitor {
  id: number;
  name: string;
  type: string;
  query: string;
  message?: string;
  tags: string[];
  /** `Alert`, `Warn`, `No Data`, `OK` … */
  state?: string;
  groups: MonitorGroup[];
  thresholds: { critical?: number; criticalRecovery?: number; warning?: number; warningRecovery?: number; ok?: number };
  downtimes: { id: number; scope: string[]; start?: number; end?: number }[];
  /** Queries of a formula monitor, as Datadog sends them. */
  variables: unknown[];
  created?: number;
  modified?: number;
}

export interface MonitorGroup {
  monitorId?: number;
  monitorName?: string;
  /** `host:web-1,service:checkout`. */
  name: string;
  state?: string;
  triggered?: number;
  resolved?: number;
}

export interface MonitorFound {
  id: number;
  name: string;
  type?: string;
  query?: string;
  state?: string;
  tags: string[];
  scopes: string[];
  metrics: string[];
  triggered?: number;
}

export interface Slo {
  id: string;
  name: string;
  /** `metric`, `monitor`, `time_slice`. */
  type?: string;
  description?: string;
  tags: string[];
  thresholds: { timeframe: string; target: number; warning?: number }[];
  query?: { numerator?: string; denominator?: string };
  monitorIds: number[];
  /** Where Datadog sends it with the search: state `ok`, `warning`, `breached`, `no_data`. */
  status?: { state?: string; sli?: number; budgetRemaining?: number; at?: number };
}

export interface SloHistory extends Partial<{ from: number; to: number }> {
  type?: string;
  /** Percent of good; absent where it cannot be said, and then `errors` say why. */
  sli?: number;
  /** Percent of the error budget that is left, by timeframe (`7d`, `custom`). */
  budgetRemaining: Record<string, number>;
  /** Uptime of a monitor-based one: from this time on it was up (1) or down (0). */
  history: { time: number; up: number }[];
  /** Good and all events of a metric-based one. */
  series?: { times: number[]; good: (number | null)[]; all: (number | null)[] };
  errors: string[];
}
