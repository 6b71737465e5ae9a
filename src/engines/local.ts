/** The local engine: the journal memoises. A question that was answered is never asked again. */
import { canonical, hashOf } from '../core/canonical.ts';
import type { Capability } from '../core/capabilities.ts';
import { defined } from '../core/defined.ts';
import { Interrupted, UserError } from '../core/errors.ts';
import type { CallAnswer, EventOf, ResultRef } from '../core/events.ts';
import type { Blobs, CallOptions, Durable, EngineParts, Load } from '../core/ports.ts';
import type { Answer } from '../core/types.ts';
import { recall } from './_recall.ts';

/** Results up to this size stand in the journal's line; larger ones become a blob. */
const INLINE_BYTES = 8 * 1024;
/** How often the letter box is looked into while a signal is awaited, ms. */
const LOOK_MS = 200;

/** Reads the data behind a result. */
export const loader =
  (blobs: Blobs): Load =>
  async (ref) =>
    'inline' in ref ? ref.inline : JSON.parse(await blobs.get(ref.blob));

/** Runs activities in this process; `past` holds what earlier processes of this run have journalled. */
export function localEngine(opts: EngineParts): Durable {
  const { run, emit, blobs, activities, signal, now, mail } = opts;
  const load = loader(blobs);
  const memory = recall(run, opts.past);

  async function answerOf(e: CallAnswer, line: number): Promise<Answer> {
    const { status, summary, searched, trust, sample, link, truncated, redacted, problem, result } = e;
    const data = result ? { data: (await payload(result, e.key, line)) as NonNullable<Answer['data']> } : {};
    return defined({ status, summary, searched, trust, sample, link, truncated, redacted, problem, ...data });
  }

  function payload(result: ResultRef, key: string, line: number): Promise<unknown> {
    return load(result).catch((e: unknown) => {
      if (!(e instanceof UserError)) throw e;
      throw new UserError(`${e.message} (named by line ${line} of the journal, ${key})`, {
        hints: [`Restore it from a backup, or ask again: inquest resume ${run.slice(-6)} --refresh ${key}`],
      });
    });
  }

  async function keep(data: unknown): Promise<ResultRef> {
    const text = canonical(data);
    return Buffer.byteLength(text) <= INLINE_BYTES ? { inline: data } : blobs.put(text);
  }

  async function call(key: string, activity: string, input: unknown, o: CallOptions): Promise<Answer> {
    const found = activities.get(activity);
    if (!found) throw new Error(`no activity named ${activity}`);
    const { version } = found;
    const question = { activity, version, inputHash: hashOf(input) };
    const past = memory.finished(key);
    if (past) {
      if (!same(past, question)) throw changed(run, past, question);
      return answerOf(past, past.seq);
    }
    const told = { key, step: o.step, capability: o.capability as Capability, ...question };
    const known = memory.elsewhere(key, question);
    // Read first: a payload that is lost must not be named by a new line.
    const ready = known && (await answerOf(known.answer, known.line));
    await emit({ type: 'call.started', ...told, input, why: o.why });
    if (known && ready) {
      // Nothing was sent for it.
      const { requests: _r, requestsMore: _m, ...answer } = known.answer;
      await emit({
        type: 'call.finished',
        ...answer,
        ...told,
        ...(known.from.run === run ? {} : { shared: known.from }),
      });
      return ready;
    }
    if (signal.aborted) throw new Interrupted('stopped');
    const { answer, ...cost } = await found.run(input, { key, signal, deadline: o.deadline });
    const { data, retryable: _, ...facts } = answer;
    const result = data === undefined ? undefined : await keep(data);
    await emit(defined({ type: 'call.finished', ...told, ...facts, ...cost, result }));
    return answer;
  }

  /** Ends early, as Interrupted, where the run is stopped. */
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(new Interrupted('stopped'));
      const stop = (): void => {
        clearTimeout(timer);
        reject(new Interrupted('stopped'));
      };
      const timer = setTimeout(
        () => {
          signal.removeEventListener('abort', stop);
          resolve();
        },
        Math.max(0, ms),
      );
      signal.addEventListener('abort', stop, { once: true });
    });

  return {
    run,
    keyOf: (key, activity, input) => memory.keyOf(key, activity, hashOf(input)),
    call: call as unknown as Durable['call'],
    all: (branches) => Promise.all(branches.map((branch) => branch())),
    sleep: (_key, ms) => pause(ms),
    async signal<T>(name: string, deadline: number): Promise<T | null> {
      for (;;) {
        const sent = await mail?.read(name);
        if (sent !== undefined) return sent as T;
        if (!mail || now() >= deadline) return null;
        await pause(Math.min(LOOK_MS, Math.max(1, deadline - now())));
      }
    },
    now,
  };
}

interface Question {
  activity: string;
  version: number;
  inputHash: string;
}

const same = (a: Question, b: Question): boolean =>
  a.activity === b.activity && a.version === b.version && a.inputHash === b.inputHash;

function changed(run: string, past: EventOf<'call.finished'>, now: Question): UserError {
  const what =
    past.activity !== now.activity
      ? `it was put to ${past.activity}, now it would be put to ${now.activity}`
      : past.version !== now.version
        ? `${past.activity} was version ${past.version}, this program has version ${now.version}`
        : `${past.activity} is asked something else now`;
  return new UserError(`question ${past.key} is not the one in line ${past.seq} of the journal: ${what}`, {
    hints: [
      'The program or a playbook changed since this run was started, so it cannot be continued.',
      `Keep its answers and go on in a new run: inquest fork ${run.slice(-6)}`,
    ],
  });
}
