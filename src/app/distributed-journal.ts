/** A run of an engine as a journal of ours: fetched in parts, written as any other, so that every command works on it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { UserError } from '../core/errors.ts';
import type { Event } from '../core/events.ts';
import { shortId } from '../core/ids.ts';
import type { Io, Sink } from '../core/ports.ts';
import { emptyState, type State } from '../core/run-state.ts';
import { reduce } from '../core/state.ts';
import type { EngineClient } from '../engines/_restate-client.ts';
import { journalFile } from '../journal/adapter.ts';
import { readJournal } from '../journal/read.ts';
import type { Part } from './distributed-telling.ts';
import { openRun } from './run.ts';

/** What the engine has told of a run behind a part, and the name of the last part. */
async function fetchParts(client: EngineClient, run: string, after: string): Promise<Part & { last: string }> {
  const all: Part = { events: [], blobs: {} };
  let last = after;
  for (const { name, part } of await client.told(run, after)) {
    const text = await promisify(gunzip)(Buffer.from(part, 'base64')).catch(() => {
      throw new UserError(`part "${name}" of run ${run} is damaged in the engine`);
    });
    const { events, blobs } = JSON.parse(text.toString('utf8')) as Part;
    all.events.push(...events);
    Object.assign(all.blobs, blobs);
    last = name;
  }
  return { ...all, last };
}

/** What a run on the engine has told so far. */
export const eventsOf = async (client: EngineClient, run: string): Promise<Event[]> =>
  (await fetchParts(client, run, '')).events;

/**
 * Brings our copy of a run up to date: what the engine has told and the file does not hold is appended. Resolves with
 * the number of events that came. A run that has told nothing yet gets no file.
 */
export async function exportRun(io: Io, runs: string, client: EngineClient, run: string): Promise<number> {
  const fetched = await fetchParts(client, run, '');
  if (fetched.events.length <= (await toldIn(join(runs, run)))) return 0;
  const journal = await openRun(runs, run, io);
  try {
    for (const text of Object.values(fetched.blobs)) await journal.blobs.put(text);
    // Each opening writes a line of its own: the numbers go on from the last one.
    const { past } = journal;
    const missing = fetched.events.slice(past.filter(isTold).length);
    await journal.log.append(missing.map((e, i): Event => ({ ...e, seq: past.length + 1 + i })));
    return missing.length;
  } finally {
    await journal.close();
  }
}

const isTold = (e: Event): boolean => e.type !== 'journal.opened';

/** How many events of the run the file holds. */
async function toldIn(folder: string): Promise<number> {
  const file = journalFile(folder);
  const text = await readFile(file).catch(() => undefined);
  return text ? readJournal(text, file).events.filter(isTold).length : 0;
}

/** Between two looks at a run, ms. */
const LOOK_MS = 300;
/** Looks at its parts for one at how the engine takes it. */
const LOOKS = 10;

/**
 * Shows a run as it goes on, until it has ended or was interrupted. `waits` is called once where it waits for a person.
 * Throws UserError where it failed, or stands still until somebody looks at it.
 */
export async function followRun(io: Io, client: EngineClient, run: string, sinks: Sink[]): Promise<State> {
  let state: State = { ...emptyState(), run };
  let after = '';
  try {
    for (let look = 1; ; look++) {
      const { events, last } = await fetchParts(client, run, after);
      after = last;
      for (const e of events) {
        state = reduce(state, e);
        for (const sink of sinks) await sink.on(e, state);
      }
      if (state.phase === 'finished' || state.phase === 'interrupted') return state;
      if (look % LOOKS === 0) await standing(client, run);
      await new Promise<void>((go, stop) => {
        const timer = setTimeout(go, LOOK_MS);
        const abort = (): void => {
          clearTimeout(timer);
          stop(io.signal.reason);
        };
        io.signal.addEventListener('abort', abort, { once: true });
        setTimeout(() => io.signal.removeEventListener('abort', abort), LOOK_MS);
      });
    }
  } finally {
    for (const sink of sinks) await sink.close?.();
  }
}

/** Throws where the engine itself says that nothing more comes of its own. */
async function standing(client: EngineClient, run: string): Promise<void> {
  const found = await client.find(run);
  if (!found)
    throw new UserError(`the engine knows no run ${run}`, {
      hints: ['Is it another engine? See its address in the config.'],
    });
  if (found.result === 'failure') {
    throw new UserError(`run ${shortId(run)} failed: ${found.failure ?? 'no reason was given'}`, { exit: 1 });
  }
  if (found.status === 'paused') {
    throw new UserError(
      `run ${shortId(run)} is paused after ${found.retries} attempts: ${found.lastFailure ?? 'no reason was given'}`,
      { hints: [`Mend that, then: inquest resume ${shortId(run)}`], exit: 1 },
    );
  }
}
