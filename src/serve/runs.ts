/** The ports of the dispatcher: an investigation in a process of its own, and the journals of those that were. */
import type { JoinedAlert } from '../core/alerts.ts';
import type { Alert } from '../core/types.ts';
import type { Cost } from './events.ts';

/** What a process is started with. */
export interface Job {
  run: string;
  alert: Alert;
  /** How it came in: `webhook alertmanager`. */
  origin: string;
  /** Whether a model may be asked. */
  model: boolean;
  joined: JoinedAlert[];
}

/** An investigation that is on its way. */
export interface Running {
  /** Resolves when its process is gone: its exit code (null after a signal), its last words, and how it says it ended. */
  ended: Promise<{ exit: number | null; words: string; end?: Ended }>;
  tell(joined: JoinedAlert): void;
  /** Asks it to save what it has and go. */
  stop(): void;
  kill(): void;
}

/** How an investigation ended, as its journal has it. */
export interface Ended extends Cost {
  exit: number;
  outcome: string;
  headline: string;
  ms: number;
  calls: number;
  topology: [caller: string, callee: string][];
}

export interface Runs {
  start(job: Job): Running;
  /** Undefined where it has no verdict yet. */
  ended(run: string): Promise<Ended | undefined>;
  /** Whether some process still writes it. */
  busy(run: string): boolean;
  /** Adds to a run that is over; false where it could not be. */
  join(run: string, joined: JoinedAlert): Promise<boolean>;
}
