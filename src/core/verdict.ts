/** How a run ends: what the gate decided and why, and the verdict. Field names are part of the journal's contract. */
import type { AgentSummary } from './agent.ts';
import type { CheckedClaim } from './claims.ts';
import type { Remedy } from './remedy.ts';
import type { Entity } from './telemetry.ts';
import type { Category, Weight } from './types.ts';

/** Why the gate decided as it did. */
export interface GateReason {
  decision: 'verdict' | 'escalate';
  outcome: 'cause' | 'healthy' | 'inconclusive';
  confidence: number;
  margin: number;
  coverage: number;
  thresholds: { confidence: number; margin: number; coverage: number };
  /** `verdict: confidence 0.91 >= 0.75, …` or `escalated: margin 0.02 < 0.05`. */
  reason: string;
  /** What the confidence was made of; absent where nothing was ranked. */
  basis?: Basis;
}

/** The numbers behind a confidence. */
export interface Basis {
  /** How strong the best evidence for the first candidate is: 0 to 1. */
  strength: number;
  /** Its distance to the second, as a share of its score: 0 to 1. */
  lead: number;
  /** The kind of explanation that the strongest evidence is. */
  by: string;
  /** Kinds of evidence that point at it more than at any other. */
  agreeing: string[];
  /** How clearly the kind of cause is told: 0 to 1. */
  category: number;
  /** The first candidate shows itself by series, spans or logs of its own; not only by what its callers say. */
  seen: boolean;
  /** Symptoms moved, and all of them were back where they had been when it was asked: whatever it was has passed. */
  passed?: boolean;
  /** Whether one of the changes is shown to be guilty, alone in the time of the onset, only suspected by its diff, or none stands in question. */
  change: 'none in question' | 'proven' | 'coincides' | 'suspected' | 'open';
}

export interface Candidate extends Entity {
  score: number;
  /** The service that an instance belongs to. */
  of?: string;
}

export interface Verdict {
  outcome: 'cause' | 'healthy' | 'inconclusive';
  hypothesis?: string;
  /** The headline, rendered by code. */
  headline: string;
  category: Category;
  entity?: Entity;
  change?: string;
  /** ISO time since when it is broken, with the interval that the data allow. */
  onset?: { at: string; from: string; to: string };
  confidence: number;
  /** A cause is confirmed only with a signal that an outsider cannot write. */
  confirmed: boolean;
  candidates: Candidate[];
  /** Ranked changes; `none` may be among them. */
  changes: { id: string; score: number }[];
  claims: CheckedClaim[];
  /** Of a healthy verdict: the looks it rests on. */
  reasons?: Weight[];
  next: string[];
  /** Suggestions for a person; absent in older journals. */
  remedies?: Remedy[];
  notChecked: { what: string; why: string }[];
  gate: GateReason;
  /** Set where a model looked further. */
  agent?: AgentSummary;
}
