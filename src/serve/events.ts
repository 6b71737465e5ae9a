/** What the inbox holds: every alert that was answered for, what was decided, and how its investigation ended. */
import type { Alert } from '../core/types.ts';

/** What becomes of one alert of a delivery. */
export type Decision =
  /** A new investigation: at once, or at `dueAt` (ms) if it still fires then. */
  | { do: 'start'; run: string; dueAt: number; urgent: boolean; why: string }
  /** Something new about an investigation that exists. */
  | { do: 'attach'; run: string; as: 'related' | 'refired' | 'resolved'; urgent?: boolean; why: string }
  /** Nothing new: the same alert, told again. */
  | { do: 'repeat'; run: string; why: string }
  | { do: 'ignore'; why: string }
  /** Not taken: the sender is to come back after so many seconds. */
  | { do: 'shed'; status: 429 | 503; retryAfter: number; why: string };

/** What a run cost. */
export interface Cost {
  calls: number;
  tokens: number;
  dollars: number;
}

export type InboxBody =
  | { type: 'alert.taken'; hook: string; key: string; alert: Alert; decision: Decision }
  /** Alerts that changed nothing, counted: `times` more since the last such line. */
  | { type: 'alert.repeated'; key: string; run: string; times: number }
  /** Not acknowledged. */
  | { type: 'alert.shed'; hook: string; title: string; service?: string; fingerprint: string; why: string }
  /** A delivery of a known sender that holds nothing to investigate. */
  | { type: 'delivery.ignored'; hook: string; title: string; why: string }
  | { type: 'run.opened'; run: string; attempt: number; model: boolean }
  | ({
      type: 'run.ended';
      run: string;
      exit: number | null;
      outcome: string;
      headline?: string;
      ms: number;
      /** Why it has no verdict. */
      problem?: string;
    } & Cost)
  | { type: 'run.cancelled'; run: string; why: string }
  /** Who calls whom, as finished runs saw it. */
  | { type: 'topology.learned'; calls: [caller: string, callee: string][] }
  /** The state at the beginning of a segment: everything up to `through` is in it. */
  | { type: 'inbox.carried'; through: number; state: unknown };

export type InboxEvent = { seq: number; at: string } & InboxBody;

/** Where the inbox is kept: `append` resolves when the events are on disk. */
export interface Inbox {
  append(bodies: InboxBody[]): Promise<void>;
}
