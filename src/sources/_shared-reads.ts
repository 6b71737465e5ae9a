/** Readings that several questions share: each is made once, and goes on while anybody waits for it. */

/** What a reading is asked with: when to stop, and whatever else it takes. */
type Stoppable = { signal: AbortSignal };

export interface SharedReads {
  /**
   * What `make` reads, now or before under the same key. It is told of its requests as its first asker is, and stopped
   * when the last of its askers is stopped, not the first: who has more time gets the answer. A failure is not kept.
   */
  read<T, C extends Stoppable>(key: string, ctx: C, make: (ctx: C) => Promise<T>): Promise<T>;
  /** Whether asking for it costs nothing. */
  has(key: string): boolean;
}

interface Reading {
  made: Promise<unknown>;
  waiting: number;
  stop: AbortController;
}

export function sharedReads(): SharedReads {
  const readings = new Map<string, Reading>();
  const forget = (key: string, reading: Reading): void => {
    if (readings.get(key) === reading) readings.delete(key);
  };
  function begin<T, C extends Stoppable>(key: string, ctx: C, make: (ctx: C) => Promise<T>): Reading {
    const stop = new AbortController();
    const reading: Reading = { made: make({ ...ctx, signal: stop.signal }), waiting: 0, stop };
    readings.set(key, reading);
    reading.made.catch(() => forget(key, reading));
    return reading;
  }

  return {
    has: (key) => readings.has(key),
    read<T, C extends Stoppable>(key: string, ctx: C, make: (ctx: C) => Promise<T>): Promise<T> {
      if (ctx.signal.aborted) return Promise.reject(ctx.signal.reason as Error);
      const reading = readings.get(key) ?? begin(key, ctx, make);
      reading.waiting++;
      return new Promise<T>((done, fail) => {
        const signal = AbortSignal.any([ctx.signal]);
        const gone = (): void => {
          fail(signal.reason);
          if (--reading.waiting > 0) return;
          forget(key, reading);
          reading.stop.abort(signal.reason);
        };
        const end = (): void => {
          reading.waiting--;
          signal.removeEventListener('abort', gone);
        };
        signal.addEventListener('abort', gone, { once: true });
        (reading.made as Promise<T>).then(
          (value) => {
            end();
            done(value);
          },
          (e: unknown) => {
            end();
            fail(e);
          },
        );
      });
    },
  };
}
