/** A stored run, folded. */
import { join } from 'node:path';
import { paths } from '../config/paths.ts';
import type { Io, Load } from '../core/ports.ts';
import { emptyState, reduce, type State } from '../core/state.ts';
import { loader } from '../engines/local.ts';
import { folderBlobs } from '../journal/blobs.ts';
import { findRun, loadRun } from '../journal/runs.ts';

/** The state of the one run whose id ends in `suffix`; nothing is locked or changed by looking. */
export async function storedRun(io: Io, suffix: string): Promise<{ run: string; state: State; load: Load }> {
  const { runs } = paths(io.env);
  const run = await findRun(runs, suffix);
  const { events, torn } = await loadRun(runs, run);
  if (torn) io.stderr.write(`! the last line of the journal was cut off in writing; "inquest resume" sets it aside\n`);
  return { run, state: events.reduce(reduce, emptyState()), load: loader(folderBlobs(join(runs, run, 'blobs'))) };
}
