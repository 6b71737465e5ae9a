/** What a step may ask for, and the shape of each answer. Steps talk to capabilities, not to vendors. */
import type {
  Change,
  ErrorGroup,
  LogPattern,
  LogRecord,
  Objective,
  Series,
  SeriesKind,
  Span,
  TelemetryEvent,
  Topology,
} from './telemetry.ts';

/** A span of time, ISO-8601 UTC, `from` inclusive, `to` exclusive. */
export interface TimeRange {
  from: string;
  to: string;
}

/** Questions, by capability. Every one carries its own absolute window. */
export interface Questions {
  /** The series of one entity, or of one raw query (an alert rule's own expression). */
  'metrics.range': TimeRange & {
    service?: string;
    node?: string;
    query?: string;
    kinds?: SeriesKind[];
  };
  /** Log templates of a service (or of all) with counts in the window and in the baseline. */
  'logs.patterns': TimeRange & { service?: string; baseline: TimeRange[] };
  'logs.search': TimeRange & { service?: string; text?: string; level?: string; traceId?: string; limit: number };
  /** Spans of window and baseline reduced to operations, edges and flow changes. */
  'traces.summary': TimeRange & { service?: string; baseline: TimeRange[] };
  'traces.search': TimeRange & {
    service?: string;
    traceId?: string;
    errorsOnly?: boolean;
    minMs?: number;
    limit: number;
  };
  'changes.list': TimeRange & { service?: string };
  'topology.get': TimeRange;
  'events.list': TimeRange & { service?: string };
  /** Groups of errors that were seen in the range, of a service or of all. */
  'errors.list': TimeRange & { service?: string };
  /** Service level objectives of a service, or of all, as they stand at the end of the range. */
  'slo.get': TimeRange & { service?: string };
  /** The rule or monitor behind an alert: its own query and threshold. */
  'monitors.get': TimeRange & { name: string; labels: Record<string, string> };
  'incidents.similar': TimeRange & { service?: string; title: string; fingerprint: string };
  /** Declared and observed state of an orchestrator's objects at the end of the range; `kind` as the plural: `pods`. */
  'state.list': TimeRange & { kind?: string; service?: string };
}

export interface Answers {
  'metrics.range': { series: Series[] };
  'logs.patterns': { patterns: LogPattern[]; records: { before: number; after: number } };
  'logs.search': { records: LogRecord[] };
  'traces.summary': TraceSummary;
  'traces.search': { spans: Span[] };
  'changes.list': { changes: Change[] };
  'topology.get': Topology;
  'events.list': { events: TelemetryEvent[] };
  'errors.list': { errors: ErrorGroup[] };
  'slo.get': { objectives: Objective[] };
  'monitors.get': { monitors: { name: string; query: string; service?: string; labels: Record<string, string> }[] };
  'incidents.similar': { runs: SimilarRun[] };
  /** Objects as their API prints them, a kind after the other. */
  'state.list': { objects: { kind: string; items: unknown[] }[] };
}

export type Capability = keyof Questions;

/** Spans reduced to what can be compared before and after. Durations in ms. */
export interface TraceSummary {
  roots: { before: number; after: number; meanMsBefore: number };
  /** Own time (minus children) of each operation of a service. */
  operations: OperationStats[];
  /** Time between a caller's client span and the callee's server span: network, queue, connection. */
  gaps: (OperationStats & { caller: string })[];
  /** How the flow inside an operation changed: events or calls that follow others more often than before. */
  flows: FlowChange[];
  /** Spans that only one side has in full are left out; these are the counts of what was read. */
  spans: { before: number; after: number };
}

export interface OperationStats {
  service: string;
  name: string;
  before: { count: number; medianMs: number; p95Ms: number; errors: number };
  after: { count: number; medianMs: number; p95Ms: number; errors: number };
  /** Median of the whole duration of its spans, ms, waits included. */
  whole?: { before: number; after: number };
  /** How often it happens inside one span of the operation that calls it. */
  perParent?: { before: number; after: number };
  /** Share of the spans since that took no longer than all but the slowest 5 % did before. */
  usual?: number;
  /** Between which spans each of these began, where it did. */
  since?: Partial<Record<'slower' | 'failing' | 'repeated', TimeRange>>;
  /** One trace that shows it. */
  traceId?: string;
}

/** Of the spans of an operation with event `a`, the share in which `b` came next, before and after. */
export interface FlowChange {
  service: string;
  operation: string;
  a: string;
  b: string;
  before: { share: number; of: number };
  after: { share: number; of: number };
  /** Share of the traces after the onset in which this change is the strongest surviving one. */
  mass: number;
  traceId?: string;
}

export interface SimilarRun {
  id: string;
  at: string;
  title: string;
  service?: string;
  outcome: string;
  claim?: string;
  confidence: number;
  feedback?: 'right' | 'wrong';
}
