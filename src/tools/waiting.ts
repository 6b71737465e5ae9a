/**
 * Waiting that ends when the run is stopped: for a time, and for one of a few places. Each wait listens to a signal of
 * its own that is derived from the run's, so that many of them do not pile up listeners there.
 */

/** Waits `ms`; throws the signal's reason where that is aborted meanwhile. */
export function pause(ms: number, run: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const signal = AbortSignal.any([run]);
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

/** A place that was taken; giving it back twice does nothing. */
export type Leave = () => void;

/** Lets at most `width` in at once; the rest wait in order, and whoever is aborted leaves the queue. */
export function places(width: number): (signal: AbortSignal) => Promise<Leave> {
  let taken = 0;
  const waiting: (() => void)[] = [];
  const leaveOnce = (): Leave => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = waiting.shift();
      // The place is handed over: nobody who comes later can take it first.
      if (next) next();
      else taken--;
    };
  };
  return async (run) => {
    run.throwIfAborted();
    if (taken < width) taken++;
    else {
      const signal = AbortSignal.any([run]);
      await new Promise<void>((go, fail) => {
        const next = (): void => {
          signal.removeEventListener('abort', stop);
          go();
        };
        const stop = (): void => {
          waiting.splice(waiting.indexOf(next), 1);
          fail(signal.reason);
        };
        waiting.push(next);
        signal.addEventListener('abort', stop, { once: true });
      });
    }
    return leaveOnce();
  };
}
