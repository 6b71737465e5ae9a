/** The state of a run: what everything that is shown, reported or resumed reads. The fold that makes it is state.ts. */

import type { Meter, TurnState } from './agent.ts';
import type { JoinedAlert } from './alerts.ts';
import type { CheckedClaim } from './claims.ts';
import type { Chart, ResultRef } from './events.ts';
import type { Hint, QuestionState } from './human.ts';
import type { Alert, Finding, Hypothesis, SentRequest, Status, ToolSpec, Trust, Window } from './types.ts';
import type { GateReason, Verdict } from './verdict.ts';

export interface StepState {
  n: number;
  name: string;
  title: string;
  state: 'waiting' | 'running' | 'done' | 'skipped' | 'failed';
  startedAt?: string;
  ms?: number;
  findings: number;
  evidence: string[];
  /** Why it was skipped or failed. */
  why?: string;
}

/** An evidence as the screen and the reports need it; its whole data is behind `result`. */
export interface EvidenceState {
  id: string;
  step: string;
  capability: string;
  tool: string;
  why: string;
  input: unknown;
  state: 'running' | 'done';
  startedAt: string;
  fetchedAt?: string;
  status?: Status;
  summary?: string;
  searched?: string;
  trust?: Trust;
  sample?: string[];
  link?: string;
  truncated?: { kept: number; of: number; what: string };
  redacted?: number;
  problem?: string;
  attempts?: number;
  ms?: number;
  chart?: Chart;
  requests?: SentRequest[];
  requestsMore?: number;
  result?: ResultRef;
  /** Where the answer was taken over from. */
  shared?: { run: string; key: string; fetchedAt: string };
  /** Age and lifetime in ms, where it was too old when the run was resumed. */
  stale?: { ageMs: number; limitMs: number };
  /** The newer answer to the same question: `E3.2v2`. */
  supersededBy?: string;
}

export interface State {
  run: string;
  program: string;
  phase: 'new' | 'running' | 'finished' | 'interrupted';
  startedAt?: string;
  /** Time of the newest event. */
  at?: string;
  seq: number;
  resumed: number;
  origin: string;
  alert?: Alert;
  window?: Window;
  now?: string;
  playbook?: { name: string; hash: string; why: string };
  tools: ToolSpec[];
  unavailable: { source: string; why: string }[];
  settings: Record<string, unknown>;
  steps: StepState[];
  evidence: EvidenceState[];
  findings: { step: string; n: number; finding: Finding }[];
  hypotheses: Hypothesis[];
  /** Scores of earlier rankings by hypothesis claim, oldest first: what moved. */
  history: { after: string[]; scores: Record<string, number> }[];
  gate?: GateReason;
  claims: CheckedClaim[];
  verdict?: Verdict;
  exit?: number;
  ms?: number;
  stopped?: string;
  /** 1, and one more each time the run was reopened. */
  round: number;
  forked?: { parent: string; point?: string; shared: number; changed: string[] };
  /** The model that may be asked, its turns, and what they cost so far. */
  model?: string;
  turns: TurnState[];
  meters: Meter[];
  /** Questions to a person, oldest first; a person's hints to the model; whether it is to wait. */
  questions: QuestionState[];
  hints: Hint[];
  paused: boolean;
  /** Alerts that belong to this run beside the one that is investigated. */
  joined: (JoinedAlert & { at: string })[];
  feedback?: { right: boolean; cause?: string; at: string };
}

export const emptyState = (): State => ({
  run: '',
  program: '',
  phase: 'new',
  seq: 0,
  resumed: 0,
  origin: '',
  tools: [],
  unavailable: [],
  settings: {},
  steps: [],
  evidence: [],
  findings: [],
  hypotheses: [],
  history: [],
  claims: [],
  turns: [],
  meters: [],
  questions: [],
  hints: [],
  paused: false,
  joined: [],
  round: 1,
});

/** The evidence in program order: `E1.1`, `E1.2`, `E2.1` … */
export const evidenceInOrder = (s: State): EvidenceState[] => [...s.evidence].sort((a, b) => compareIds(a.id, b.id));

/** How many questions were put; what a human said is none. */
export const questionsOf = (s: State): number => s.evidence.filter((e) => e.capability !== 'note').length;

/** Orders ids such as `E3.2` by their numbers. */
export function compareIds(a: string, b: string): number {
  const [x, y] = [a, b].map((id) => id.match(/\d+/g)?.map(Number) ?? []);
  for (let i = 0; i < Math.max(x!.length, y!.length); i++) {
    const d = (x![i] ?? 0) - (y![i] ?? 0);
    if (d !== 0) return d;
  }
  return 0;
}
