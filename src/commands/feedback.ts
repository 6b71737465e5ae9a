/** `inquest feedback`: whether the verdict was right, said by the people who know by now. */
import { openRun } from '../app/run.ts';
import { paths } from '../config/paths.ts';
import { UserError } from '../core/errors.ts';
import { shortId } from '../core/ids.ts';
import type { Io } from '../core/ports.ts';
import { emptyState } from '../core/run-state.ts';
import { reduce } from '../core/state.ts';
import { openStream } from '../core/stream.ts';
import { findRun, listRuns, loadRun } from '../journal/runs.ts';
import { createRedactor } from '../safety/redact.ts';
import { loadRuleSet } from '../safety/redact-ruleset.ts';
import { sayTorn } from './_again.ts';
import { shareRight } from './_share.ts';

/** Journals it behind the seal; the newest one counts. */
export async function feedbackCommand(io: Io, suffix: string, said: string, flags: { cause?: string }): Promise<void> {
  if (said !== 'right' && said !== 'wrong') {
    throw new UserError(`"${said}" is no feedback`, {
      hints: ['Say: inquest feedback <run> right', '     inquest feedback <run> wrong --cause "…"'],
    });
  }
  const { runs } = paths(io.env);
  const run = await findRun(runs, suffix);
  const { phase } = (await loadRun(runs, run)).events.reduce(reduce, emptyState());
  if (phase !== 'finished') {
    throw new UserError(`run ${shortId(run)} has no verdict yet`, {
      hints: [`Finish it first: inquest resume ${shortId(run)}`],
    });
  }
  const journal = await openRun(runs, run, io);
  try {
    sayTorn(io, journal);
    const stream = openStream({ log: journal.log, sinks: [], now: io.now, past: journal.past });
    const cause =
      flags.cause === undefined
        ? {}
        : { cause: createRedactor([], { rules: await loadRuleSet() }).text(flags.cause).text };
    await stream.emit({ type: 'feedback.given', right: said === 'right', ...cause });
    await stream.close();
  } finally {
    await journal.close();
  }
  io.stderr.write(`noted: the verdict of ${shortId(run)} was ${said}. ${shareRight(await listRuns(runs))}\n`);
}
