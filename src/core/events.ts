/** The one stream. Past tense, in pairs sharing an id; a field is added, never renamed. */
import type { AgentCall, AgentLimits, Meter } from './agent.ts';
import type { JoinedAlert } from './alerts.ts';
import type { Capability } from './capabilities.ts';
import type { CheckedClaim } from './claims.ts';
import type { HumanEvent } from './human-events.ts';
import type { Price } from './model.ts';
import type { Alert, Finding, Hypothesis, SentRequest, Status, ToolSpec, Trust, Window } from './types.ts';
import type { GateReason, Verdict } from './verdict.ts';

export const SCHEMA = 'inquest.journal/v1';

/** Where a call's whole result lies: in the line itself, or in a blob named by its hash. */
export type ResultRef = { inline: unknown } | { blob: string; bytes: number };

export interface PlanStep {
  /** Position from 1; the number in `E3.2`. */
  n: number;
  name: string;
  title: string;
  after: string[];
}

export type EventBody =
  | { type: 'journal.opened'; schema: string; run: string; program: string; epoch: number; host: string; pid: number }
  | {
      type: 'run.started';
      alert: Alert;
      window: Window;
      now: string;
      playbook: { name: string; hash: string; why: string };
      plan: PlanStep[];
      tools: ToolSpec[];
      /** Sources that were asked for but could not be opened. */
      unavailable: { source: string; why: string }[];
      /** Free text of how the alert came in: `stdin, 1.2 kB`. */
      origin: string;
      /** What to open again on resume: source definitions without secrets, options. */
      settings: Record<string, unknown>;
      /** The model that is asked where the gate escalates, what it may spend, and its price. */
      agent?: {
        model: string;
        limits: AgentLimits;
        price?: Price;
        /** Who takes the second pass, where that is another one. */
        second?: { model: string; price?: Price };
        mode?: 'specialists';
        ask?: { withinMs: number };
      };
    }
  | { type: 'run.resumed'; from: number; program: string }
  /** A finished or unfinished run goes on with something new: what was concluded is concluded again. */
  | { type: 'run.reopened'; round: number; why: string /** Keys to ask again: `E3.2v2`. */; refresh: string[] }
  /** This run shares the answers of another one; `head` is the hash of its last line that was shared. */
  | { type: 'run.forked'; parent: string; point?: string; head: string; shared: number; changed: string[] }
  /** An answer of the parent, copied; it is used where this run asks the same question. */
  | { type: 'answer.shared'; from: string; fetchedAt: string; answer: CallAnswer }
  /** A human's evidence. `n` counts from 1; its id is `E0.n`. */
  | { type: 'note.added'; n: number; text: string }
  /** Answers that are older than their kind keeps. */
  | { type: 'evidence.stale'; items: { key: string; ageMs: number; limitMs: number }[] }
  /** What people said of the verdict afterwards; stands behind the seal. The newest counts. */
  | { type: 'feedback.given'; right: boolean; cause?: string }
  /** Other alerts belong to this run; may stand behind the seal. */
  | ({ type: 'alert.joined' } & JoinedAlert)
  | { type: 'step.started'; step: string }
  | { type: 'step.skipped'; step: string; why: string }
  | { type: 'step.finished'; step: string; findings: number; evidence: string[]; ms: number; error?: string }
  | {
      type: 'call.started';
      key: string;
      step: string;
      activity: string;
      capability: Capability;
      version: number;
      input: unknown;
      inputHash: string;
      why: string;
    }
  | ({
      type: 'call.finished';
      /** Set where the answer was not asked for but taken over: from another run, or from the same question here. */
      shared?: { run: string; key: string; fetchedAt: string };
    } & CallAnswer)
  | { type: 'finding'; step: string; n: number; finding: Finding }
  | { type: 'hypotheses.ranked'; after: string[]; final: boolean; hypotheses: Hypothesis[] }
  | { type: 'gate.decided'; gate: GateReason }
  | { type: 'claim.checked'; n: number; claim: CheckedClaim }
  | {
      type: 'budget.changed';
      what: 'wall' | Meter['what'];
      used: number;
      limit: number;
      turn?: number;
      meters?: Meter[];
    }
  | {
      type: 'turn.started';
      turn: number;
      /** The specialist whose turn it is. */
      by?: string;
      key: string;
      aim: string;
      offered: string[];
      closing: boolean;
    }
  | {
      type: 'turn.finished';
      turn: number;
      by?: string;
      /** How the reply ended: `calls`, `answered`, `refused`, `rate-limited` … */
      stop: string;
      model: string;
      requestId?: string;
      calls: AgentCall[];
      tokens: number;
      dollars?: number;
      /** What the model said of its thinking, one line; not checked. */
      says?: string;
      problem?: string;
    }
  | HumanEvent
  | { type: 'run.finished'; verdict: Verdict; exit: number; ms: number; calls: number }
  | { type: 'run.interrupted'; why: string };

/** A finished question with its answer. */
export interface CallAnswer {
  key: string;
  step: string;
  activity: string;
  capability: Capability;
  version: number;
  inputHash: string;
  status: Status;
  summary: string;
  searched: string;
  trust: Trust;
  sample?: string[];
  link?: string;
  truncated?: { kept: number; of: number; what: string };
  redacted?: number;
  problem?: string;
  attempts: number;
  ms: number;
  /** A few numbers to draw: a small chart of the most telling series. */
  chart?: Chart;
  /** What was sent for it over a wire: at most 50 requests; `requestsMore` counts the others. */
  requests?: SentRequest[];
  requestsMore?: number;
  result?: ResultRef;
}

export type Event = { seq: number; at: string } & EventBody;
export type EventType = EventBody['type'];
export type EventOf<T extends EventType> = Extract<Event, { type: T }>;

export interface Chart {
  label: string;
  unit?: string;
  from: string;
  to: string;
  /** At most 40 values, oldest first. */
  values: (number | null)[];
}
