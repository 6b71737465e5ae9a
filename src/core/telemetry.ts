/** The telemetry nouns: what sources hold and analysis reads. Field names follow OpenTelemetry and Prometheus. */

/** What a series measures; it says which direction is bad. */
export const SERIES_KINDS = [
  'latency',
  'errors',
  'availability',
  'traffic',
  'saturation',
  'cpu',
  'memory',
  'disk',
  'network',
  'other',
] as const;
export type SeriesKind = (typeof SERIES_KINDS)[number];

/** One time series. `times` are ms since the epoch, ascending; `values[i]` belongs to `times[i]`; null = no sample. */
export interface Series {
  /** Labels, `__name__` among them; `service`, `instance`, `node`, `caller`, `callee`, `statistic` name the entity. */
  labels: Record<string, string>;
  kind?: SeriesKind;
  /** Base unit as UCUM writes it: `s`, `By`, `%`, `1/s`, `1`. */
  unit?: string;
  times: number[];
  values: (number | null)[];
}

/** One log record (OpenTelemetry log data model, flattened). */
export interface LogRecord {
  timestamp: string;
  severityText?: string;
  body: string;
  service?: string;
  instance?: string;
  attributes?: Record<string, unknown>;
  traceId?: string;
  spanId?: string;
}

/** One span (OpenTelemetry, flattened). `start` in ms since the epoch (fraction = µs), `durationMs` in ms. */
export interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  start: number;
  durationMs: number;
  status: 'ok' | 'error' | 'unset';
  service: string;
  instance?: string;
  attributes?: Record<string, unknown>;
}

export type ChangeKind = 'deploy' | 'config' | 'flag' | 'scale' | 'infra' | 'commit';

/** Something that somebody changed: a deploy, a commit, a flag, a configuration. */
export interface Change {
  id: string;
  time: string;
  /** When its roll-out began, where that took time: until `time` it may have acted in part already. */
  startedAt?: string;
  kind: ChangeKind;
  service?: string;
  env?: string;
  version?: string;
  previousVersion?: string;
  /** Commit SHA. */
  ref?: string;
  author?: string;
  title: string;
  body?: string;
  url?: string;
  files?: { path: string; patch?: string }[];
  /** Pods or hosts that run the new version. */
  instances?: string[];
  status?: string;
  /** Commits or changes that this one put into production. */
  deployed?: string[];
}

/** Something that happened: a monitor transition, a database event, an autoscaler decision, a related alert. */
export interface TelemetryEvent {
  time: string;
  source: string;
  kind: string;
  service?: string;
  title: string;
  body?: string;
  attributes?: Record<string, unknown>;
}

/** Who calls whom. `from` says where the edges come from; without any the walk along calls is impossible. */
export interface Topology {
  services: { name: string; kind?: string; level: Level }[];
  calls: [caller: string, callee: string][];
  from: 'source' | 'spans' | 'labels' | 'none';
}

export type Level = 'service' | 'instance' | 'node' | 'change' | 'other';

/** Something a verdict can name. */
export interface Entity {
  name: string;
  level: Level;
}

/** Errors that are one and the same fault, as an error tracker groups them. `message` is text that an outsider can write. */
export interface ErrorGroup {
  id: string;
  service?: string;
  type?: string;
  message?: string;
  /** File and function of the first own frame. */
  place?: string;
  /** Errors in the window that was asked for. */
  count?: number;
  firstSeen?: string;
  /** The version of the service in which it was seen first. */
  firstSeenVersion?: string;
  lastSeen?: string;
  /** It was thought to be mended and came back then. */
  regressed?: { at: string; version?: string };
  url?: string;
}

/** A service level objective and how it stands. Percentages from 0 to 100; what is left of a budget may be negative. */
export interface Objective {
  id: string;
  name: string;
  service?: string;
  target?: number;
  /** `7d`, `30d` … */
  timeframe?: string;
  value?: number;
  budgetLeft?: number;
  state?: string;
  url?: string;
}

/** A log template with its counts on both sides of the onset. `before` and `after` are records, `perMinute*` rates. */
export interface LogPattern {
  service: string;
  template: string;
  level: string;
  before: number;
  after: number;
  perMinuteBefore: number;
  perMinuteAfter: number;
  /** ISO time of its first record in the whole range. */
  first: string;
  last: string;
  /** One whole record, cut to a line; text that an outsider can write. */
  exemplar: string;
  /** Type of the exception and first frame of our own code, where the record is a stack trace. */
  exception?: { type: string; message: string; frame?: string };
}
