/** A made-up engine that replays as the real ones do: by order. */
import type { WaveOps } from '../src/engines/_waves.ts';

/** A step, and what it gave where it has ended. */
export interface Entry {
  name: string;
  value?: unknown;
}

/**
 * Gives what was kept, in order; what is not kept is done after `delay`, and kept. Refuses another name than the one that
 * stood at a place.
 */
export function byOrder(
  kept: Entry[],
  delay: () => Promise<void> = () => Promise.resolve(),
): WaveOps<Promise<unknown>> {
  let at = 0;
  return {
    run(name, work) {
      const i = at++;
      const known = kept[i];
      if (known && known.name !== name) throw new Error(`at ${i} stood ${known.name}, now comes ${name}`);
      if (known && 'value' in known) return Promise.resolve(known.value);
      kept[i] = { name };
      return delay()
        .then(work)
        .then((value) => {
          kept[i] = { name, value: JSON.parse(JSON.stringify(value ?? null)) as unknown };
          return kept[i].value;
        });
    },
    sleep: () => Promise.resolve(null),
    signal: () => Promise.resolve(null),
    all: (promises) => Promise.all(promises),
  };
}
