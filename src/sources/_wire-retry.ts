/** Further tries: which failures are worth one, how long to wait before it, and how many there are in all. */
import type { Refused } from './_refused.ts';

/** What the back-off grows from, ms, and its longest wait. Who limits our rate without saying for how long gets more. */
const BACK_OFF = 250;
const BACK_OFF_LIMITED = 1_000;
const BACK_OFF_MOST = 4_000;

/** The budget of one source in one run. */
export function retries(limits: { retries: number; retryBudget: number; maxPauseMs: number }): {
  /** How long to wait before another try; undefined where there is none. */
  wait(e: Refused, tries: number): number | undefined;
} {
  let spent = 0;
  return {
    wait(e, tries) {
      const { status, retryable, pauseMs } = e.refusal;
      // Who was silent for the whole time that a question has is not asked the same again.
      if (!retryable || status === 'timeout') return undefined;
      if (pauseMs !== undefined && pauseMs > limits.maxPauseMs) return undefined;
      if (tries > limits.retries || spent >= limits.retryBudget) return undefined;
      spent++;
      // Full jitter: many that failed at once do not come back at once.
      const base = status === 'rate-limited' && pauseMs === undefined ? BACK_OFF_LIMITED : BACK_OFF;
      const backOff = Math.random() * Math.min(BACK_OFF_MOST, base * 2 ** (tries - 1));
      return pauseMs === undefined ? backOff : pauseMs + Math.min(backOff, limits.maxPauseMs - pauseMs);
    },
  };
}
