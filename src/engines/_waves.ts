/**
 * The workflow on an engine that replays by order. Our workflow asks in the order in which answers arrive, and that is
 * never the same twice; such an engine wants the same commands in the same order again. So what the workflow asks is
 * gathered while it can go on, the gathered keys are written down as a step of their own (a wave), and put in that order.
 * A replay takes the list from the engine and not from its own timing, so no timing can make it differ.
 */
import type { Durable, EngineParts } from '../core/ports.ts';
import type { ActivityResult } from '../core/types.ts';
import { changed, durableOn, openQueue, type Waiting, workOf } from './_wave-side.ts';

/** What the driver needs of such an engine. `P` is its kind of promise, which only its own `all` may wait for. */
export interface WaveOps<P = unknown> {
  /** Runs the work, and from then on gives what it gave, whatever happens to this process. */
  run(name: string, work: () => Promise<unknown>): P;
  sleep(name: string, ms: number): P;
  /** The value that was sent under this name; null where there is none after `ms`. */
  signal(name: string, ms: number): P;
  all(promises: P[]): PromiseLike<unknown[]>;
}

/** What the run has told since it was last written down. */
export interface Telling {
  /** As JSON; called when the work stands still. */
  take(): Promise<unknown>;
  /** Part `n`, counted from 1, is written down, now or by an earlier process. */
  kept(n: number, part: unknown): void;
}

/** Puts one question within the limits that hold for all runs of a worker. */
export type Within = (
  /** `signal` is aborted when this process has nothing more to do with the run. */
  question: { run: string; key: string; activity: string; signal: AbortSignal },
  work: () => Promise<ActivityResult>,
) => Promise<ActivityResult>;

export interface Waves {
  /** The time of the run: what its work took so far, after the time at which it began. A pause, a crash, a queue are no work. */
  now(): number;
  /** `local` makes the engine that memoises by key; only what it would ask itself goes through the waves. */
  open(parts: EngineParts, local: (parts: EngineParts) => Durable): Durable;
  /** Drives the work to its end: puts its questions and hands it the answers. */
  drive<T>(work: Promise<T>): Promise<T>;
}

/** The questions that are put next, null where there are no more; and what was told until then. */
interface Wave {
  keys: string[] | null;
  told: unknown;
}

/** So long a replay may take to ask what it asked before, ms. It is handed every answer that it had then. */
const PATIENCE_MS = 60_000;

/**
 * Opens the driver of one run. `begun` is when it began, ms; `clock` is the clock of this machine, for time limits of
 * activities alone.
 */
export function openWaves<P>(
  ops: WaveOps<P>,
  o: {
    run: string;
    begun: number;
    clock: () => number;
    within: Within;
    telling: Telling;
    signal: AbortSignal;
    patienceMs?: number;
  },
): Waves {
  let time = o.begun;
  const queue = openQueue();
  const { waiting, next } = queue;

  /** True when the work can go no further without an answer. A few turns of the loop: being wrong costs time, not truth. */
  async function still(): Promise<void> {
    for (let quiet = 0; quiet < 3; ) {
      const before = waiting.size;
      await new Promise((go) => setImmediate(go));
      quiet = waiting.size > 0 && waiting.size === before ? quiet + 1 : 0;
      if (waiting.size === 0) await Promise.race([ended, next()]);
      if (over) return;
    }
  }

  let over = false;
  let ended: Promise<unknown> = Promise.resolve();

  async function drive<T>(work: Promise<T>): Promise<T> {
    const end = (): void => {
      over = true;
    };
    ended = work.then(end, end);
    for (let n = 1; ; n++) {
      const list = async (): Promise<Wave> => {
        await still();
        return { keys: over ? null : [...waiting.keys()], told: await o.telling.take() };
      };
      const [{ keys, told }] = (await ops.all([ops.run(`wave ${n}`, list)])) as [Wave];
      await asBefore(keys, work);
      o.telling.kept(n, told);
      if (keys === null) return work;
      const wave = keys.map((key) => ({ key, w: waiting.get(key)! }));
      for (const key of keys) waiting.delete(key);
      const given = await ops.all(wave.map(({ w }) => w.issue(ops)));
      const values = await heard(wave, given);
      time += Math.max(0, ...values.map(workOf));
      for (const [i, { w }] of wave.entries()) w.take(values[i]);
    }
  }

  /**
   * Waits until the work has asked all of these, or, for null, has ended. Throws where it does something else: its code
   * is not the code that began this run. Without a limit it would wait for ever, and nobody would be told.
   */
  async function asBefore(keys: string[] | null, work: Promise<unknown>): Promise<void> {
    const absent = (): string | undefined =>
      keys === null ? (over ? undefined : [...waiting.keys()].at(-1)) : keys.find((k) => !waiting.has(k));
    let late = false;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((go) => {
      timer = setTimeout(() => {
        late = true;
        go();
      }, o.patienceMs ?? PATIENCE_MS);
    });
    while (!late && !over && (keys === null || absent() !== undefined)) await Promise.race([next(), ended, limit]);
    clearTimeout(timer);
    const other = absent();
    // What it failed with says more than what it did not ask.
    if (over && keys !== null) await work;
    if (other !== undefined) throw changed(other);
  }

  /** Timers and signals are written down by name, so that whoever reads the steps of the run knows what they gave. */
  async function heard(wave: { key: string; w: Waiting }[], given: unknown[]): Promise<unknown[]> {
    const values: unknown[] = [];
    for (const [i, { key, w }] of wave.entries()) {
      const value = given[i] ?? null;
      values.push(w.named ? value : (await ops.all([ops.run(`heard ${key}`, () => Promise.resolve(value))]))[0]);
    }
    return values;
  }

  const now = (): number => time;
  const add = (ms: number): void => {
    time += ms;
  };
  return { now, open: (parts, local) => durableOn(queue, { now, add }, o, parts, local), drive };
}
