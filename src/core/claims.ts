/** What a run asserts: typed claims that code checks on journalled evidence. Field names are part of the journal's contract. */
import type { TimeRange } from './capabilities.ts';
import type { Trust } from './types.ts';

/** Which series of an evidence a claim speaks of: the labels that pick exactly one. */
export interface SeriesRef {
  evidence: string;
  labels: Record<string, string>;
}

/** Which spans of a trace summary a claim speaks of: an operation of a service, or the calls to it by one caller. */
export interface SpansRef {
  evidence: string;
  service: string;
  operation: string;
  caller?: string;
}

/** Typed claims: code evaluates them on journalled evidence, computes the numbers and renders the sentence. */
export type Claim =
  | {
      type: 'changed';
      series: SeriesRef;
      statistic: 'mean' | 'median' | 'max';
      from: TimeRange;
      to: TimeRange;
      direction: 'up' | 'down';
    }
  | {
      type: 'precedes';
      a: { evidence: string; what: string; at: string };
      b: { evidence: string; what: string; at: string };
    }
  | {
      type: 'count';
      evidence: string;
      what: 'records' | 'patterns' | 'changes' | 'events' | 'spans';
      match: string;
      atLeast: number;
    }
  | { type: 'mentions'; evidence: string; quote: string }
  | { type: 'deployed'; evidence: string; change: string; service?: string; time: string }
  | { type: 'absent'; evidence: string; what: string }
  /** A field of an object of the orchestrator has a value; `is` null = it is not there. */
  | {
      type: 'observed';
      evidence: string;
      kind: string;
      object: string;
      /** Where two objects of a kind have one name. */
      namespace?: string;
      field: string[];
      is: string | null;
    }
  | ({ type: 'slower' | 'failing' | 'repeated' } & SpansRef)
  | { type: 'rerouted'; evidence: string; service: string; operation: string; a: string; b: string };

export interface CheckedClaim {
  claim: Claim;
  ok: boolean;
  /** Rendered by code from the evidence; when `ok` is false it says why the claim was dropped. */
  sentence: string;
  cites: string[];
  trust: Trust;
}
