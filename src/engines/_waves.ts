/**
 * The workflow on an engine that replays by order. Our workflow asks in the order in which answers arrive, and that is
 * never the same twice; such an engine wants the same commands in the same order again. So what the workflow asks is
 * gathered while it can go on, the gathered keys are written down as a step of their own (a wave), and put in that order.
 * A replay takes the list from the engine and not from its own timing, so no timing can make it differ.
 */
import { hashOf } from '../core/canonical.ts';
import { UserError } from '../core/errors.ts';
import type { Activity, Durable, EngineParts } from '../core/ports.ts';
import { toMs } from '../core/time.ts';
import type { ActivityResult } from '../core/types.ts';

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
  question: { run: string; key: string; activity: string },
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

/** What is kept of a question: the hash of its input, so that an answer is never taken for another question's. */
interface Kept {
  input: string;
  result: ActivityResult;
}

/** The questions that are put next, null where there are no more; and what was told until then. */
interface Wave {
  keys: string[] | null;
  told: unknown;
}

interface Waiting {
  issue<P>(ops: WaveOps<P>): P;
  /** Hands what the engine gave to whoever asked. */
  take(value: unknown): void;
  /** The engine itself keeps a step of this name; other values are written down by name besides. */
  named: boolean;
}

/**
 * Opens the driver of one run. `begun` is when it began, ms; `clock` is the clock of this machine, for time limits of
 * activities alone.
 */
export function openWaves<P>(
  ops: WaveOps<P>,
  o: { run: string; begun: number; clock: () => number; within: Within; telling: Telling; signal: AbortSignal },
): Waves {
  let time = o.begun;
  const waiting = new Map<string, Waiting>();
  let arrived: () => void = () => {};
  /** The next time that something is asked. */
  const next = (): Promise<void> =>
    new Promise((go) => {
      arrived = go;
    });

  function put<T>(key: string, w: Omit<Waiting, 'take'> & { read: (value: unknown) => T }): Promise<T> {
    return new Promise((resolve, fail) => {
      const take = (value: unknown): void => {
        try {
          resolve(w.read(value));
        } catch (e) {
          fail(e);
        }
      };
      waiting.set(key, { issue: w.issue, named: w.named, take });
      arrived();
    });
  }

  const asked = (activity: Activity<unknown, ActivityResult>): Activity<unknown, ActivityResult> => ({
    ...activity,
    run(input, { key, deadline }) {
      const left = deadline - time;
      const hash = hashOf(input);
      const work = async (): Promise<Kept> => {
        const result = await o.within({ run: o.run, key, activity: activity.name }, () =>
          activity.run(input, { key, signal: o.signal, deadline: o.clock() + left }),
        );
        return { input: hash, result };
      };
      return put(key, {
        issue: (on) => on.run(key, work),
        named: true,
        read(value) {
          const { input: of, result } = value as Kept;
          if (of !== hash) throw changed(key);
          return result;
        },
      });
    },
  });

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
      if (keys === null) await ended;
      o.telling.kept(n, told);
      if (keys === null) return work;
      await Promise.race([ended, all(keys)]);
      const wave = keys.map((key) => ({ key, w: waiting.get(key) }));
      const absent = wave.find((x) => x.w === undefined);
      // The work ended or went elsewhere than it did before: its code is not the code that began this run.
      if (absent) throw changed(absent.key);
      for (const key of keys) waiting.delete(key);
      const given = await ops.all(wave.map(({ w }) => w!.issue(ops)));
      const values = await heard(wave as { key: string; w: Waiting }[], given);
      time += Math.max(0, ...values.map(workOf));
      for (const [i, { w }] of wave.entries()) w!.take(values[i]);
    }
  }

  /** Waits until the work has asked all of these. */
  async function all(keys: string[]): Promise<void> {
    while (!keys.every((k) => waiting.has(k))) await next();
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

  return {
    now: () => time,
    open(parts, local) {
      // Looked up when they are asked: the model's activities come when the gate escalates.
      const { activities } = parts;
      const wrapped: ReadonlyMap<string, Activity<unknown, ActivityResult>> = new Proxy(activities, {
        get(target, name) {
          if (name !== 'get') return Reflect.get(target, name, target) as unknown;
          return (key: string) => {
            const found = target.get(key);
            return found && asked(found);
          };
        },
      });
      return {
        ...local({ ...parts, activities: wrapped }),
        sleep: (key, ms) =>
          put(key, {
            issue: (on) => on.sleep(key, ms),
            named: false,
            read() {
              time += Math.max(0, ms);
            },
          }),
        signal: <T>(name: string, deadline: number) =>
          put(name, {
            issue: (on) => on.signal(name, Math.max(0, deadline - time)),
            named: false,
            read(value) {
              const at = toMs(String((value as { at?: string } | null)?.at));
              time = Math.max(time, value === null ? deadline : Number.isNaN(at) ? time : Math.min(at, deadline));
              return value as T | null;
            },
          }),
        now: () => time,
      };
    },
    drive,
  };
}

/** How long the work behind a value took, ms. */
const workOf = (value: unknown): number => (value as Partial<Kept> | null)?.result?.ms ?? 0;

const changed = (key: string): UserError =>
  new UserError(`question ${key} is not the one that this run put before`, {
    hints: ['The program, a playbook or a source changed since it was started. Old runs end on the old deployment.'],
  });
