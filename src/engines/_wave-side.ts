/** The side of the waves that the work sees: what it asks is put into a queue, whatever engine drives it. */
import { hashOf } from '../core/canonical.ts';
import type { Activity, Durable, EngineParts } from '../core/ports.ts';
import { toIso, toMs } from '../core/time.ts';
import type { ActivityResult } from '../core/types.ts';
import type { WaveOps, Within } from './_waves.ts';

/** One thing that the work waits for. */
export interface Waiting {
  issue<P>(ops: WaveOps<P>): P;
  /** Hands what the engine gave to whoever asked. */
  take(value: unknown): void;
  /** The engine itself keeps a step of this name; other values are written down by name besides. */
  named: boolean;
}

/** What the work waits for, by key. */
export interface Queue {
  readonly waiting: Map<string, Waiting>;
  put<T>(key: string, w: Omit<Waiting, 'take'> & { read(value: unknown): T }): Promise<T>;
  /** The next time that something is put. */
  next(): Promise<void>;
}

export function openQueue(): Queue {
  const waiting = new Map<string, Waiting>();
  let arrived: () => void = () => {};
  return {
    waiting,
    next: () =>
      new Promise((go) => {
        arrived = go;
      }),
    put: (key, { read, ...w }) =>
      new Promise((resolve, fail) => {
        // Whoever asked first would be forgotten, and wait for ever.
        if (waiting.has(key)) return fail(new Error(`${key} is asked while it is asked`));
        // What cannot be read ends the drive, not only whoever asked: a step might take it for a mistake of its own.
        const take = (value: unknown): void => resolve(read(value));
        waiting.set(key, { ...w, take });
        arrived();
      }),
  };
}

/** The time of a run, ms. */
export interface RunTime {
  now(): number;
  add(ms: number): void;
}

/** What is kept of a question: the hash of its input, so that an answer is never taken for another question's. */
interface Kept {
  input: string;
  result: ActivityResult;
}

/** How long the work behind a value took, ms. */
export const workOf = (value: unknown): number => (value as Partial<Kept> | null)?.result?.ms ?? 0;

/**
 * No UserError, which would end the run: it is tried again, then stands still until somebody looks at it, and so ends
 * on the code that it began on, once that is back.
 */
export const changed = (key: string): Error =>
  new Error(
    `question ${key} is not the one that this run put before: the program, a playbook or a source changed since it began; ` +
      'bring back what it began on',
  );

/** The engine that memoises by key (`local`), whose questions, timers and signals go through the queue. */
export function durableOn(
  { put }: Queue,
  time: RunTime,
  o: { run: string; clock: () => number; within: Within; signal: AbortSignal },
  parts: EngineParts,
  local: (parts: EngineParts) => Durable,
): Durable {
  const asked = (activity: Activity<unknown, ActivityResult>): Activity<unknown, ActivityResult> => ({
    ...activity,
    run(input, { key, deadline }) {
      const left = deadline - time.now();
      const hash = hashOf(input);
      const question = { run: o.run, key, activity: activity.name, signal: o.signal };
      const work = async (): Promise<Kept> => {
        const result = await o.within(question, () =>
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
  // Looked up when they are asked: the model's activities come when the gate escalates.
  const activities: ReadonlyMap<string, Activity<unknown, ActivityResult>> = new Proxy(parts.activities, {
    get(target, name) {
      if (name !== 'get') return Reflect.get(target, name, target) as unknown;
      return (key: string) => {
        const found = target.get(key);
        return found && asked(found);
      };
    },
  });
  return {
    ...local({ ...parts, activities }),
    sleep: (key, ms) =>
      put(key, { issue: (on) => on.sleep(key, ms), named: false, read: () => time.add(Math.max(0, ms)) }),
    signal: <T>(name: string, deadline: number) =>
      put(name, {
        issue: (on) => on.signal(name, Math.max(0, deadline - time.now())),
        named: false,
        read(value) {
          const at = toMs(String((value as { at?: string } | null)?.at));
          const until = value === null ? deadline : Number.isNaN(at) ? 0 : Math.min(at, deadline);
          time.add(Math.max(0, until - time.now()));
          // The engine's timer says whether it came in time: the clock of whoever sent it is ahead of a run that stood in a queue.
          const sent = at > deadline ? { ...(value as object), at: toIso(deadline) } : value;
          return sent as T | null;
        },
      }),
    now: time.now,
  };
}
