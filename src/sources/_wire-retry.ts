/** Further tries: which failures are worth one, how long to wait before it, and how many there are in all. */
import type { Refused } from './_refused.ts';

/** The longest wait of the back-off, and what it grows from, ms. */
const BACK_OFF = { base: 250, most: 4_000 };

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
      const backOff = Math.random() * Math.min(BACK_OFF.most, BACK_OFF.base * 2 ** (tries - 1));
      return pauseMs === undefined ? backOff : pauseMs + Math.min(backOff, limits.maxPauseMs - pauseMs);
    },
  };
}

/** Waits; throws the signal's reason where that is aborted meanwhile. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    if (signal.aborted) return fail(signal.reason);
    const stop = (): void => {
      clearTimeout(timer);
      fail(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      done();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
