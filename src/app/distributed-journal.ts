/** A run of an engine as a journal of ours: fetched in parts, written as any other, so that every command works on it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, UserError } from '../core/errors.ts';
import type { Event } from '../core/events.ts';
import { shortId } from '../core/ids.ts';
import type { Io, Sink } from '../core/ports.ts';
import { emptyState, type State } from '../core/run-state.ts';
import { reduce } from '../core/state.ts';
import { oneLine } from '../core/text.ts';
import type { EngineClient } from '../engines/_restate-client.ts';
import { journalFile } from '../journal/adapter.ts';
import type { OpenJournal } from '../journal/open.ts';
import { readJournal } from '../journal/read.ts';
import { safeText } from '../safety/safe-text.ts';
import { pause } from '../tools/waiting.ts';
import { type Part, readPart } from './distributed-telling.ts';
import { MANY } from './engine-watch.ts';
import { openRun } from './run.ts';

function partOf(part: string, what: string): Part {
  try {
    return readPart(Buffer.from(part, 'base64'));
  } catch {
    throw new UserError(`${what} is damaged in the engine`);
  }
}

/** Between two looks at a run, ms. */
const LOOK_MS = 300;

/** What the engine has told of a run behind a part, and the name of the last part. */
async function fetchParts(client: EngineClient, run: string, after: string): Promise<Part & { last: string }> {
  const all: Part = { events: [], blobs: {} };
  let last = after;
  for (const { name, part } of await client.told(run, after)) {
    const { events, blobs } = partOf(part, `part "${name}" of run ${run}`);
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
  const held = await toldIn(join(runs, run));
  if (fetched.events.length <= held) return 0;
  const journal = await openSoon(io, runs, run);
  try {
    // Somebody else may have brought it between our look and our lock.
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

/** Opens the file; another command that brings the same run has it only for a moment. */
async function openSoon(io: Io, runs: string, run: string): Promise<OpenJournal> {
  for (let tries = 1; ; tries++) {
    try {
      return await openRun(runs, run, io);
    } catch (e) {
      if (!(e instanceof UserError) || tries === 10) throw e;
      await pause(LOOK_MS, io.signal);
    }
  }
}

/** What is written here beside what the engine told. */
const OURS: ReadonlySet<Event['type']> = new Set(['journal.opened', 'alert.joined', 'feedback.given']);
const isTold = (e: Event): boolean => !OURS.has(e.type);

/** How many events of the run the file holds. */
async function toldIn(folder: string): Promise<number> {
  const file = journalFile(folder);
  const text = await readFile(file).catch(() => undefined);
  return text ? readJournal(text, file).events.filter(isTold).length : 0;
}

/** So many looks one after the other at an engine that is away; then that is said. */
const AWAY = 50;
/** Looks at its parts for one at how the engine takes it. */
const LOOKS = 10;

/**
 * Shows a run as it goes on, until it has ended or was interrupted. `waits` is called once where it waits for a person.
 * Throws UserError where it failed, or stands still until somebody looks at it.
 */
export async function followRun(io: Io, client: EngineClient, run: string, sinks: Sink[]): Promise<State> {
  let state: State = { ...emptyState(), run };
  let after = '';
  let away = 0;
  let said = false;
  try {
    for (let look = 1; ; look++) {
      const came = await fetchParts(client, run, after).catch((e: unknown) => {
        // A server that is started again goes on with the run, and so do we.
        if (!(e instanceof UserError) || e.exit !== EXIT.sources || ++away > AWAY) throw e;
      });
      if (came) {
        away = 0;
        after = came.last;
      }
      for (const e of came?.events ?? []) {
        state = reduce(state, e);
        for (const sink of sinks) await sink.on(e, state);
      }
      if (state.phase === 'finished' || state.phase === 'interrupted') return state;
      if (look % LOOKS === 0 && came) {
        const why = await standing(client, run);
        // Once, until it gets on: the engine goes on trying.
        if (why !== undefined && !said) io.stderr.write(`! ${why}\n`);
        said = why !== undefined;
      }
      await pause(LOOK_MS, io.signal);
    }
  } finally {
    for (const sink of sinks) await sink.close?.();
  }
}

/** Throws where the engine itself says that nothing more comes of its own; gives why it is tried again and again, where it is. */
async function standing(client: EngineClient, run: string): Promise<string | undefined> {
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
  if (found.status !== 'backing-off' || found.retries < MANY) return undefined;
  const why = safeText(oneLine(found.lastFailure ?? 'no reason was given', 200));
  return `run ${shortId(run)} does not get on, ${found.retries} attempts: ${why}`;
}
