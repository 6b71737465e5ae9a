/** What Datadog's answers hold that we use. `attributes` are as Datadog sends them: its own names, plain JSON. */

/** Base units of Datadog: `family` such as `time`, `scale` to the base of its family (0.001 for `millisecond`). */
export interface Unit {
  name: string;
  family?: string;
  scale?: number;
  shortName?: string;
}

export interface Attributes {
  attributes: Record<string, unknown>;
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

export interface DatadogLog extends Attributes {
  id: string;
  time: number;
  message: string;
  status?: string;
  service?: string;
  host?: string;
  tags: string[];
}

/** A group of an aggregation: `computes.c0` belongs to the first compute. */
export interface Bucket {
  by: Record<string, string>;
  computes: Record<string, number | string | { time: number; value: number }[]>;
}

/** An event of the event stream or of the audit trail. */
export interface DatadogEvent extends Attributes {
  id: string;
  time: number;
  title?: string;
  message: string;
  service?: string;
  host?: string;
  tags: string[];
  status?: string;
  /** Which integration or API sent it: `change_tracking`, `kubernetes` … */
  source?: string;
  monitor?: { id?: number; name?: string; query?: string; groups?: string[] };
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

export interface DatadogIncident extends Attributes {
  id: string;
  publicId?: number;
  title: string;
  state?: string;
  severity?: string;
  created?: number;
  detected?: number;
  resolved?: number;
  modified?: number;
  customerImpact?: { scope?: string; start?: number; end?: number };
  /** Values of its fields by name: `services`, `root_cause`, `summary`, `detection_method` … */
  fields: Record<string, string[]>;
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

export interface CatalogRelation {
  from: CatalogName;
  to: CatalogName;
  /** `RelationTypeDependsOn`, `RelationTypeOwns` … */
  type: string;
  /** Where the relation comes from, where said: `catalog`, `apm`… */
  source?: string;
}

export interface CatalogName {
  kind?: string;
  name: string;
  namespace?: string;
}

export interface CatalogEntity extends CatalogName {
  id?: string;
  displayName?: string;
  owner?: string;
  description?: string;
  tags: string[];
}

export interface ServiceDefinition {
  service: string;
  team?: string;
  description?: string;
  tier?: string;
  lifecycle?: string;
  application?: string;
  languages: string[];
  tags: string[];
  contacts: { type: string; contact: string; name?: string }[];
  links: { type: string; url: string; name?: string }[];
  pipelines: string[];
}

export interface DatadogSpan extends Attributes {
  /** As the answer names it: 128 bits in hexadecimal digits, or the lower 64 of them as a decimal number. */
  traceId: string;
  spanId: string;
  /** Absent at the root. */
  parentId?: string;
  service: string;
  /** Name of the operation: `http.request`. */
  name?: string;
  resource?: string;
  type?: string;
  env?: string;
  host?: string;
  version?: string;
  /** ms since the epoch, with a fraction where Datadog sends one. */
  start: number;
  durationMs: number;
  error: boolean;
  tags: string[];
}

/** A group of errors. `count`, `users`, `sessions` are of the window that was asked. */
export interface ErrorIssue {
  id: string;
  count?: number;
  users?: number;
  sessions?: number;
  type?: string;
  message?: string;
  file?: string;
  function?: string;
  service?: string;
  platform?: string;
  languages: string[];
  state?: string;
  crash?: boolean;
  firstSeen?: number;
  firstSeenVersion?: string;
  lastSeen?: number;
  lastSeenVersion?: string;
  regression?: { at: number; version?: string; resolved?: number };
}

export interface DoraDeployment {
  id: string;
  service: string;
  env?: string;
  version?: string;
  team?: string;
  started: number;
  finished?: number;
  commit?: string;
  repository?: string;
  tags: string[];
}

/** A run of a pipeline, a stage, a job: `level`. */
export interface CiPipeline extends Attributes {
  id: string;
  level?: string;
  name?: string;
  status?: string;
  started?: number;
  durationMs?: number;
  url?: string;
  commit?: string;
  commitMessage?: string;
  author?: string;
  branch?: string;
  repository?: string;
  tags: string[];
}

export interface Host {
  name: string;
  id?: number;
  aliases: string[];
  apps: string[];
  up?: boolean;
  muted?: boolean;
  lastReported?: number;
  /** `key:value`, of all sources. */
  tags: string[];
  /** Percent of CPU in use and waiting for disks, load per core, of the moment. */
  cpu?: number;
  iowait?: number;
  load?: number;
  cores?: number;
}

export interface Container {
  id: string;
  containerId?: string;
  name?: string;
  host?: string;
  image?: string;
  imageTags: string[];
  state?: string;
  created?: number;
  started?: number;
  tags: string[];
}
