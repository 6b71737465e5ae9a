/** The stream: numbers each fact, makes it durable, folds it, then shows it. In this order, and in one order for all. */
import { canonical } from './canonical.ts';
import { UserError } from './errors.ts';
import { eventIdentity, outlivesRound } from './event-identity.ts';
import type { Event, EventBody } from './events.ts';
import type { Emit, Log, Sink } from './ports.ts';
import { emptyState, type State } from './run-state.ts';
import { reduce } from './state.ts';
import { toIso } from './time.ts';

export interface Stream {
  emit: Emit;
  state(): State;
  close(): Promise<void>;
}

/**
 * Opens a stream on a log. `past` = events that the log already holds: they are folded first, and an event that says
 * the same again (a resumed run) is neither logged nor shown twice.
 */
export function openStream(opts: { log: Log; sinks: Sink[]; now: () => number; past?: Event[] }): Stream {
  const { log, sinks, now, past = [] } = opts;
  let state = emptyState();
  const known = new Map<string, EventBody>();
  /** The steps that the furthest ranking rests on; a resumed run must not show where it stood long ago. */
  let ranked: ReadonlySet<string> = new Set();
  const remember = (e: EventBody): void => {
    if (e.type === 'run.reopened') ranked = new Set();
    if (e.type === 'hypotheses.ranked' && !isOld(e, ranked)) ranked = new Set(e.after);
    if (e.type === 'run.reopened') for (const [id, told] of known) if (!outlivesRound(told)) known.delete(id);
    const id = eventIdentity(e);
    if (id) known.set(id, e);
  };
  for (const e of past) {
    state = reduce(state, e);
    remember(e);
  }
  let seq = past.at(-1)?.seq ?? 0;
  let waiting: Event[] = [];
  let flushing: Promise<void> | undefined;
  let broken: unknown;

  async function flush(): Promise<void> {
    // One turn of the loop later, so that facts told at the same moment share one sync.
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await log.append(batch);
      for (const e of batch) {
        state = reduce(state, e);
        for (const sink of sinks) await sink.on(e, state);
      }
    }
  }

  return {
    emit(body) {
      if (broken) return Promise.reject(broken);
      if (body.type === 'hypotheses.ranked' && !body.final && isOld(body, ranked)) return flushing ?? Promise.resolve();
      const id = eventIdentity(body);
      const told = id ? known.get(id) : undefined;
      if (told) return sameTelling(told, body) ? (flushing ?? Promise.resolve()) : Promise.reject(retold(id as string));
      remember(body);
      waiting.push({ seq: ++seq, at: toIso(now()), ...body } as Event);
      flushing ??= flush()
        .catch((e: unknown) => {
          broken = e;
          throw e;
        })
        .finally(() => {
          flushing = undefined;
        });
      return flushing;
    },
    state: () => state,
    async close() {
      await flushing?.catch(() => {});
      for (const sink of sinks) await sink.close?.();
    },
  };
}

/** Whether a ranking rests on nothing that an earlier one did not rest on too. */
const isOld = (e: { after: string[] }, ranked: ReadonlySet<string>): boolean =>
  ranked.size > 0 && e.after.every((step) => ranked.has(step));

const retold = (id: string): UserError =>
  new UserError(`the journal already holds "${id}" with another content`, {
    hints: [
      'The program, a playbook or a limit changed since this run was started, so it cannot be continued.',
      'Keep its answers and go on in a new run: inquest fork <run>',
    ],
  });

/** Whether two tellings of the same event agree, times and durations aside. */
function sameTelling(a: EventBody, b: EventBody): boolean {
  const bare = (e: EventBody): string => {
    const { seq: _s, at: _a, ms: _m, shared: _h, ...rest } = e as Record<string, unknown>;
    return canonical(rest);
  };
  return bare(a) === bare(b);
}
