/** What `serve` is told: whom it hears, how much it takes, how it groups. Durations in ms. */
import type { Credentials } from './verify.ts';

/** A sender. */
export interface Hook {
  name: string;
  /** Name of the payload's format, or of the sender. */
  type: string;
  /** How it proves itself; `topics` instead for SNS, which is verified by its certificate. */
  credentials?: Credentials;
  topics?: string[];
  /** A secret that the URL must end in: `/hooks/<name>/<path>`. */
  path?: string;
  perHour?: Budget;
}

/** At most so much in an hour. */
export interface Budget {
  runs?: number;
  calls?: number;
  dollars?: number;
}

export interface Rules {
  /** Investigations side by side, and how many may wait. */
  concurrency: number;
  queue: number;
  /** Related alerts join an investigation that heard of something within this time. */
  windowMs: number;
  /** An alert that is not urgent is looked at only when it still fires after this time. */
  debounceMs: number;
  /** The same alert starts no new investigation for so long after one has ended. */
  cooldownMs: number;
  /** Of all hooks together, and of each service. */
  perHour: Budget;
  perService: Budget;
  /** What one investigation may spend on a model at most; reserved before it begins. */
  dollarsPerRun: number;
  /** So long may running investigations take to end when the program is stopped. */
  graceMs: number;
  hooks: Hook[];
  /** Who calls whom, as the config says. */
  calls: [caller: string, callee: string][];
}

export const DEFAULT_RULES = {
  concurrency: 2,
  queue: 100,
  windowMs: 5 * 60_000,
  debounceMs: 20_000,
  cooldownMs: 30 * 60_000,
  perHour: { runs: 60 },
  perService: { runs: 12 },
  graceMs: 20_000,
} as const;
