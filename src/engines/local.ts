/** The local engine: the journal memoises. A question that was answered is never asked again. */
import { canonical, hashOf } from '../core/canonical.ts';
import type { Capability } from '../core/capabilities.ts';
import { defined } from '../core/defined.ts';
import { Interrupted, UserError } from '../core/errors.ts';
import type { Event, EventOf, ResultRef } from '../core/events.ts';
import type { Activity, Blobs, CallOptions, Durable, Emit, Load } from '../core/ports.ts';
import type { ActivityResult, Answer } from '../core/types.ts';

/** Results up to this size stand in the journal's line; larger ones become a blob. */
const INLINE_BYTES = 32 * 1024;

/** Reads the data behind a result. */
export const loader =
  (blobs: Blobs): Load =>
  async (ref) =>
    'inline' in ref ? ref.inline : JSON.parse(await blobs.get(ref.blob));

/** Runs activities in this process; `past` holds what earlier processes of this run have journalled. */
export function localEngine(opts: {
  run: string;
  emit: Emit;
  blobs: Blobs;
  past: Event[];
  activities: ReadonlyMap<string, Activity<unknown, ActivityResult>>;
  signal: AbortSignal;
  now: () => number;
}): Durable {
  const { run, emit, blobs, activities, signal, now } = opts;
  const load = loader(blobs);
  const finished = new Map<string, EventOf<'call.finished'>>();
  for (const e of opts.past) if (e.type === 'call.finished') finished.set(e.key, e);

  async function remembered(e: EventOf<'call.finished'>): Promise<Answer> {
    const { status, summary, searched, trust, sample, link, truncated, redacted, problem, result } = e;
    const data = result ? { data: (await load(result)) as NonNullable<Answer['data']> } : {};
    return defined({ status, summary, searched, trust, sample, link, truncated, redacted, problem, ...data });
  }

  async function keep(data: unknown): Promise<ResultRef> {
    const text = canonical(data);
    return Buffer.byteLength(text) <= INLINE_BYTES ? { inline: data } : blobs.put(text);
  }

  async function call(key: string, activity: string, input: unknown, o: CallOptions): Promise<Answer> {
    const found = activities.get(activity);
    if (!found) throw new Error(`no activity named ${activity}`);
    const { version } = found;
    const inputHash = hashOf(input);
    const past = finished.get(key);
    if (past) {
      if (past.activity !== activity || past.version !== version || past.inputHash !== inputHash)
        throw changed(key, past);
      return remembered(past);
    }
    const told = { key, step: o.step, activity, capability: o.capability as Capability, version, inputHash };
    await emit({ type: 'call.started', ...told, input, why: o.why });
    if (signal.aborted) throw new Interrupted('stopped');
    const { answer, attempts, ms, chart } = await found.run(input, { key, signal, deadline: o.deadline });
    const { data, retryable: _, ...facts } = answer;
    const result = data === undefined ? undefined : await keep(data);
    await emit(defined({ type: 'call.finished', ...told, ...facts, attempts, ms, chart, result }));
    return answer;
  }

  return {
    run,
    call: call as unknown as Durable['call'],
    all: (branches) => Promise.all(branches.map((branch) => branch())),
    sleep: (_key, ms) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, ms);
        signal.addEventListener('abort', () => {
          clearTimeout(timer);
          reject(new Interrupted('stopped'));
        });
      }),
    signal: () => Promise.resolve(null),
    now,
  };
}

const changed = (key: string, past: EventOf<'call.finished'>): UserError =>
  new UserError(`question ${key} is not the one that was journalled (${past.activity} v${past.version})`, {
    hints: [
      'The program or a playbook changed since this run was started, so it cannot be continued.',
      'Start a new run.',
    ],
  });
