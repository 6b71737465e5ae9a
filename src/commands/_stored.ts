/** Stored runs: by the end of their id, or by the file of their journal. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { paths } from '../config/paths.ts';
import { errorCode, UserError } from '../core/errors.ts';
import type { Event } from '../core/events.ts';
import { shortId } from '../core/ids.ts';
import type { Io, Load } from '../core/ports.ts';
import { emptyState, type State } from '../core/run-state.ts';
import { reduce } from '../core/state.ts';
import { loader } from '../engines/local.ts';
import { journalFile } from '../journal/adapter.ts';
import { folderBlobs } from '../journal/blobs.ts';
import { type ReadJournal, readJournal } from '../journal/read.ts';
import { findRun, loadRun } from '../journal/runs.ts';

import { askedAbout } from './_asked.ts';

export interface StoredRun {
  run: string;
  events: Event[];
  /** The lines as they stand in the file. */
  lines: ReadJournal['lines'];
  state: State;
  load: Load;
}

/**
 * The state of the one run whose id ends in `suffix`; nothing is locked or changed by looking. A run of a distributed
 * engine is brought here first, as far as it has come.
 */
export async function storedRun(io: Io, suffix: string): Promise<StoredRun> {
  const { runs } = paths(io.env);
  const run = await findRun(runs, suffix).catch(async (e: unknown) => {
    if (!(e instanceof UserError) || !(await fetchRuns(io, suffix))) throw e;
    return findRun(runs, suffix);
  });
  const stored = folded(io, run, await loadRun(runs, run), join(runs, run));
  if (!isOnEngine(stored.state) || !(await fetchRuns(io, run))) return stored;
  return folded(io, run, await loadRun(runs, run), join(runs, run));
}

/** Whether a distributed engine is still working on it. */
export const isOnEngine = (state: State): boolean =>
  state.settings.engine !== undefined && state.phase !== 'finished' && state.phase !== 'interrupted';

/** True where something came. */
const fetchRuns = async (io: Io, suffix: string): Promise<boolean> =>
  (await import('./_engine.ts')).fetchFromEngine(io, suffix);

/** The same of a run or of a journal's file or folder, wherever it lies. Refuses a journal that holds no run of its own. */
export async function storedRunOrFile(io: Io, named: string): Promise<StoredRun> {
  const stored = await storedJournal(io, named);
  const parent = askedAbout(stored.events);
  if (parent === undefined) return stored;
  throw new UserError(`${named} holds questions about the run ${parent}, and no run of its own`, {
    hints: [
      `What was asked and answered:  inquest replay ${named}`,
      `The run itself:  inquest show ${shortId(parent)}`,
    ],
  });
}

/** The same of any journal, that of follow-ups too. */
export async function storedJournal(io: Io, named: string): Promise<StoredRun> {
  const path = resolve(io.cwd, named);
  const found = await stat(path).catch(() => undefined);
  if (!found && !/[/.]/.test(named)) return storedRun(io, named);
  const file = found?.isDirectory() ? journalFile(path) : path;
  const text = await readFile(file).catch((e: unknown) => {
    throw new UserError(`cannot read the journal ${named}: ${errorCode(e) ?? e}`, {
      hints: ['Name a run (inquest list), a journal.ndjson, or the folder that holds one.'],
    });
  });
  const journal = readJournal(text, file);
  const [first] = journal.events;
  if (first?.type !== 'journal.opened') throw new UserError(`${named} is no journal`);
  return folded(io, first.run, journal, dirname(file));
}

function folded(io: Io, run: string, { events, lines, torn }: ReadJournal, folder: string): StoredRun {
  if (torn) io.stderr.write(`! the last line of the journal was cut off in writing; "inquest resume" sets it aside\n`);
  const state = events.reduce(reduce, emptyState());
  return { run, events, lines, state, load: loader(folderBlobs(join(folder, 'blobs'))) };
}
