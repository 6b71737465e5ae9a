/** `inquest resume`: goes on with a run from its journal; no finished question is put again. */
import { join } from 'node:path';
import { factsOf, openRun, runWired, startOf } from '../app/run.ts';
import type { ConfigFlags } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { UserError } from '../core/errors.ts';
import { shortId } from '../core/ids.ts';
import type { Io } from '../core/ports.ts';
import { emptyState, reduce } from '../core/state.ts';
import { toMs } from '../core/time.ts';
import { loader } from '../engines/local.ts';
import { folderBlobs } from '../journal/blobs.ts';
import { findRun, listRuns, loadRun } from '../journal/runs.ts';
import { readBundleInfo } from '../sources/bundle/_info.ts';
import { choosePlaybook } from '../workflow/match.ts';
import {
  configFor,
  type OutputFlags,
  playbooksOf,
  printReport,
  reportNamed,
  sinksFor,
  sourcesFor,
  stepsOf,
} from './_session.ts';

export interface ResumeFlags extends OutputFlags {
  last?: boolean;
  config?: string;
}

/** Finishes an unfinished run; a finished one only has its report printed again. */
export async function resumeCommand(io: Io, wanted: string | undefined, flags: ResumeFlags): Promise<void> {
  const { runs } = paths(io.env);
  const run = wanted ? await findRun(runs, wanted) : await newestUnfinished(runs, flags.last ?? false);
  const report = await reportNamed(io, flags.json ? 'json' : (flags.report ?? 'text'));
  const known = await loadRun(runs, run);
  const before = known.events.reduce(reduce, emptyState());
  if (before.phase === 'finished') {
    io.stderr.write(`run ${shortId(run)} is finished; this is its report\n`);
    await printReport(io, flags, report, before, loader(folderBlobs(join(runs, run, 'blobs'))));
    io.exitCode = (before.exit ?? 0) as typeof io.exitCode;
    return;
  }
  const start = startOf(known.events, run);
  const settings = start.settings as { flags?: ConfigFlags; bundle?: string };
  const config = await configFor(
    io,
    { ...settings.flags, ...(flags.config ? { config: flags.config } : {}) },
    settings.bundle,
  );
  const steps = await stepsOf(io);
  const playbook = choosePlaybook(start.alert, await playbooksOf(io, config, steps), start.playbook.name);
  if (playbook.playbook.hash !== start.playbook.hash) {
    throw new UserError(`the playbook "${start.playbook.name}" was changed since this run was started`, {
      hints: ['Its steps would not be the ones that are journalled. Start a new run.'],
    });
  }
  const journal = await openRun(runs, run, io);
  let live = false;
  try {
    if (journal.torn)
      io.stderr.write(
        `! line ${journal.torn.line} of the journal was cut off in writing; kept as ${journal.torn.keptAs}\n`,
      );
    const opened = await sourcesFor(io, config, toMs(start.now), run);
    const baselines = settings.bundle ? (await readBundleInfo(settings.bundle)).baselineWindows : [];
    const shown = await sinksFor(io, flags, journal);
    live = shown.live;
    const facts = factsOf(start);
    const match = { ...playbook, why: start.playbook.why };
    const wiring = {
      run,
      config,
      ...opened,
      steps,
      playbook: match,
      baselines,
      ...journal,
      sinks: shown.sinks,
      signal: io.signal,
      now: io.now,
      provisional: true,
    };
    const { exit, state, load } = await runWired(wiring, facts);
    await opened.close();
    await printReport(io, { ...flags, live }, report, state, load);
    io.exitCode = exit;
  } catch (e) {
    if (io.signal.aborted && !live)
      io.stderr.write(`\nstopped; what was found is saved. Go on: inquest resume ${shortId(run)}\n`);
    throw e;
  } finally {
    await journal.close();
  }
}

async function newestUnfinished(runs: string, last: boolean): Promise<string> {
  const open = (await listRuns(runs)).filter((r) => r.state === 'unfinished');
  const [newest] = open;
  if (!newest) throw new UserError('there is no unfinished run', { hints: ['See all: inquest list'] });
  if (last || open.length === 1) return newest.id;
  throw new UserError(`${open.length} runs are unfinished: which one?`, {
    hints: [
      ...open.slice(0, 8).map((r) => `inquest resume ${shortId(r.id)}   ${r.startedAt.slice(0, 16)}Z  ${r.title}`),
      'The newest: inquest resume --last',
    ],
  });
}
