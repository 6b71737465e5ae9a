/** What the journal says of the model-driven part of a run. Field names are part of the journal's contract. */

/** Why the loop ended. */
export const AGENT_STOPS = [
  'concluded',
  'turns',
  'calls',
  'tokens',
  'dollars',
  'time',
  'no-progress',
  'refused',
  'aborted',
  'model-unavailable',
] as const;
export type AgentStop = (typeof AGENT_STOPS)[number];

/** One of the budgets: what is spent of it, closing share included in the limit. `time` in ms. */
export interface Meter {
  what: 'turns' | 'calls' | 'tokens' | 'dollars' | 'time';
  used: number;
  limit: number;
}

/** The most that the loop may spend. */
export interface AgentLimits {
  turns: number;
  calls: number;
  tokens: number;
  dollars: number;
  /** Time of the model's own work, ms. */
  timeMs: number;
  /** Most tokens of one reply. */
  replyTokens: number;
}

export const DEFAULT_AGENT_LIMITS: AgentLimits = {
  turns: 8,
  calls: 20,
  tokens: 250_000,
  dollars: 0.8,
  timeMs: 300_000,
  replyTokens: 4096,
};

/** A tool call of the model: what it asked, why, and which evidence it got; `problem` where it was refused. */
export interface AgentCall {
  tool: string;
  input: unknown;
  /** The hypothesis that it tests, as the model says. */
  tests?: string;
  evidence: string[];
  problem?: string;
  /** It had been asked before: no new evidence. */
  repeated?: boolean;
}

/** What the verdict says of the loop. */
export interface AgentSummary {
  stop: AgentStop;
  /** One line: why it ended, in words. */
  why: string;
  /** Provider and model; the prompt that it was given. */
  model: string;
  prompt: string;
  /** The question that was to be settled. */
  question: string;
  turns: number;
  calls: number;
  tokens: number;
  dollars?: number;
  /** What was attempted, one line each. */
  tried: string[];
  /** The model's own words: not checked, never the headline. */
  note?: string;
  /** What the second pass found against it. */
  contested?: string[];
  /** Why the second pass, which tries to refute the conclusion, could not be made. */
  unrefuted?: string;
  /** Where several looked, each at one kind of evidence: what each found. */
  specialists?: SpecialistSummary[];
  /** Where they came to different causes: one line a side, the leading one first. */
  disagreement?: string[];
}

/** What one of several specialists was asked and found. */
export interface SpecialistSummary {
  /** `metrics`, `logs`, `traces`, `change`. */
  name: string;
  question: string;
  stop: AgentStop;
  why: string;
  turns: number;
  calls: number;
  tokens: number;
  dollars?: number;
  /** In code's words: whom it accuses and by what, or that it accuses nobody. */
  found: string;
  /** Of its own evidence alone: 0 to 1. */
  confidence: number;
  cites: string[];
}

/** One turn as the screen and the reports need it. */
export interface TurnState {
  n: number;
  /** The specialist whose turn it is. */
  by?: string;
  state: 'running' | 'done';
  /** Why a turn is taken: the open question, a nudge, the conclusion. */
  aim: string;
  offered: string[];
  closing: boolean;
  stop?: string;
  says?: string;
  calls: AgentCall[];
}

/** All budgets before anything is spent. */
export const fullBudget = ({ turns, calls, tokens, dollars, timeMs }: AgentLimits, priced: boolean): Meter[] => [
  { what: 'turns', used: 0, limit: turns },
  { what: 'calls', used: 0, limit: calls },
  { what: 'tokens', used: 0, limit: tokens },
  { what: 'time', used: 0, limit: timeMs },
  ...(priced ? [{ what: 'dollars' as const, used: 0, limit: dollars }] : []),
];

/** The budget that is nearest to its end. */
export const tightest = (meters: Meter[]): Meter | undefined =>
  meters.reduce<Meter | undefined>((a, m) => (!a || m.used / m.limit > a.used / a.limit ? m : a), undefined);
