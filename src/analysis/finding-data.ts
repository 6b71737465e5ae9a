/** Shapes of the `data` of findings, by `type`: what steps write and the ranking reads. JSON only; times are ISO. */
import type { TimeRange } from '../core/capabilities.ts';
import type { ChangeKind } from '../core/telemetry.ts';
import type { Category } from '../core/types.ts';
import type { FleetData, MetricsData } from './metrics-data.ts';

export interface TopologyData {
  type: 'topology';
  calls: [string, string][];
  services: { name: string; level: string; kind?: string }[];
  from: string;
}

export interface ChangeData {
  type: 'change';
  id: string;
  time: string;
  kind: ChangeKind;
  service?: string;
  /** Services that ran it before the onset: its own, and those of the deploys that carried it. */
  services: string[];
  /** When it took effect: its own time, for a commit that of the deploy that carried it. */
  effective?: string;
  /** Began only after the onset. */
  late: boolean;
  /** New instances against old ones, in scales. */
  did: number | null;
  dead: boolean;
  /** How well its diff meets the failure's signature: 0 to 1. */
  match: number;
  words: string[];
  effect: string;
  /** It changes the shape of stored data, and nothing else. */
  schema?: boolean;
  /** Listed changes that it put into production. */
  carries: number;
  evidence: string;
}

export interface LogData {
  type: 'log';
  service: string;
  template: string;
  level: string;
  before: number;
  after: number;
  /** Deviations of a Poisson count from what the baseline foretells. */
  z: number;
  isNew: boolean;
  exemplar: string;
  exception?: { type: string; message: string; frame?: string };
}

/** A template that came all the time and does not any more, though its service still logs. Shown, not weighed. */
export interface VanishedData {
  type: 'vanished';
  service: string;
  template: string;
  level: string;
  before: number;
  /** Records that its rate before foretells. */
  expected: number;
}

/** Error lines that name one record again and again. */
export interface RecordData {
  type: 'record';
  service: string;
  record: string;
  share: number;
}

/** What the spans say of one service, as shares of the traffic's time. */
export interface TraceData {
  type: 'trace';
  service: string;
  /** It has spans of its own. */
  traced: boolean;
  /** Added own time, and added time on the way to it. */
  own: number;
  gap: number;
  /** Added time on the way from it to others. */
  out: number;
  /** Changed flow. */
  flow: number;
  /** Share of its spans in which failures began, more than before. */
  failing: number;
  operation?: string;
  detail?: string;
  /** Between which spans that began, where they tell. */
  since?: TimeRange;
  /** The typed claim that says what `detail` says, but for its evidence. */
  proof?: TraceProof;
}

export type TraceProof =
  | { type: 'slower' | 'failing' | 'repeated'; service: string; operation: string; caller?: string }
  | { type: 'rerouted'; service: string; operation: string; a: string; b: string };

/** What the spans say as a whole. */
export interface TracesData {
  type: 'traces';
  roots: { before: number; after: number };
  /** Complete, and nothing changed. */
  calm: boolean;
  /** Services that did little. */
  quiet: TraceData[];
}

export interface StateData {
  type: 'state';
  rule: string;
  object: string;
  service?: string;
  level: 'service' | 'node' | 'other';
  category: Category;
  /** 0 to 1: how surely this alone explains an outage of the service. */
  strength: number;
  quote: string;
  /** Only log lines say so: text that outsiders can write. */
  textual?: true;
}

export interface AlertStateData {
  type: 'alert-state';
  state: 'breached' | 'recovered' | 'flapping' | 'unknown';
  /** How long it was out of range, ms. */
  lastedMs?: number;
}

export interface EventData {
  type: 'event';
  source: string;
  kind: string;
  service?: string;
  title: string;
  category?: Category;
  strength: number;
  /** The cause lies outside of what a team changes. */
  outside: boolean;
  /** A later event tells its end. */
  over?: true;
}

/** The last state of every monitor that reported. */
export interface MonitorsData {
  type: 'monitors';
  alerting: number;
  ok: number;
}

/** A step looked, got complete answers, and found nothing remarkable. */
export interface NormalData {
  type: 'normal';
  what: string;
}

/**
 * A group of errors that is new, or came back, since it began. Shown, not weighed: while one version runs alone, whatever
 * fails is seen first in it, whoever is to blame.
 */
export interface ErrorData {
  type: 'error';
  service?: string;
  group: string;
  count: number;
  regressed: boolean;
  version?: string;
  /** The listed change that brought that version. */
  change?: string;
}

export interface ObjectiveData {
  type: 'objective';
  service?: string;
  target?: number;
  value?: number;
  budgetLeft?: number;
  state?: string;
}

export interface RunData {
  type: 'run';
  id: string;
  outcome: string;
}

export type FindingData =
  | MetricsData
  | FleetData
  | TopologyData
  | ChangeData
  | LogData
  | VanishedData
  | RecordData
  | TraceData
  | TracesData
  | StateData
  | AlertStateData
  | EventData
  | MonitorsData
  | NormalData
  | ErrorData
  | ObjectiveData
  | RunData;
