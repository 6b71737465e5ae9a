/** What the ranking hands to the workflow: the contract between analysis and gate. */

import type { Claim } from '../core/claims.ts';
import type { Entity } from '../core/telemetry.ts';
import type { Category, Weight } from '../core/types.ts';
import type { Basis } from '../core/verdict.ts';

/** One explanation, with what speaks for and against it. */
export interface RankedCandidate {
  entity: Entity;
  /** Service that an instance belongs to, for folding. */
  of?: string;
  category: Category;
  /** Id of the change that it accuses. */
  change?: string;
  /** Non-negative; comparable within one ranking. */
  score: number;
  /** The sentence that a person reads: `deploy v2 of orders exhausts its connection pool`. */
  sentence: string;
  for: Weight[];
  against: Weight[];
  /** What would show that it is wrong. */
  refutedBy?: string;
  /** Typed claims that carry it; code checks them before anything is shown. */
  claims: Claim[];
  onset?: { at: string; from: string; to: string };
}

export interface Ranking {
  /** Best first; ties in a fixed order. */
  candidates: RankedCandidate[];
  /** Ranked changes; the id `none` stands for "none of these". */
  changes: { id: string; score: number }[];
  /** Whether what was looked at is well: 0 to 1, the looks that support it, and why. */
  healthy: { score: number; looks: number; reasons: Weight[]; claims: Claim[] };
  /** Confidence in who the first candidate is and what was changed, before the gate's own deductions: 0 to 1. */
  confidence: number;
  /** Confidence in the kind of its cause, given that: 0 to 1. */
  kind: number;
  /** Without the log lines somebody else would lead: it rests on text that outsiders can write. */
  textual?: boolean;
  /** Share of belief that stays with `unknown`: 0 to 1. */
  unknown: number;
  /** What the confidence was made of. */
  basis?: Basis;
}
