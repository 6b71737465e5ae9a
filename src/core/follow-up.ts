/** What is answered to a question about a run. Field names are part of the journal's contract. */
import type { AgentStop } from './agent.ts';
import type { CheckedClaim } from './claims.ts';

export interface FollowUpAnswer {
  /** `no` only where all that was looked at is complete and shows nothing. */
  says: 'yes' | 'no' | 'partly' | 'unknown';
  /** Rendered by code. */
  headline: string;
  /** What was understood: of whom, what, and in which time. */
  about: { entities: string[]; topics: string[]; from: string; to: string };
  /** The claims that hold, checked by code on the evidence. */
  claims: CheckedClaim[];
  /** What was looked at and shows nothing, each with its evidence. */
  normal: { what: string; cites: string[] }[];
  /** What it cannot answer, and why. */
  cannot: string[];
  /** Questions that were put to the sources for it. */
  asked: number;
  /** `code`, or the model. */
  by: string;
  /** Why the model ended, what it cost, and its own words: not checked. */
  model?: { stop: AgentStop; why: string; turns: number; tokens: number; dollars?: number; note?: string };
}
