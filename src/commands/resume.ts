/** `inquest resume`: goes on with a run from its journal; no finished question is put again unless that is asked for. */
import { join } from 'node:path';
import { cannotGoOn, whatChanged } from '../app/changed.ts';
import { staleAnswers, workedMs } from '../app/freshness.ts';
import { factsOf, openRun, runWired, startOf } from '../app/run.ts';
import { paths } from '../config/paths.ts';
import { UserError } from '../core/errors.ts';
import { shortId } from '../core/ids.ts';
import type { Emit, Io, Report } from '../core/ports.ts';
import { emptyState, type State } from '../core/run-state.ts';
import { reduce } from '../core/state.ts';
import { formatDuration } from '../core/time.ts';
import { loader } from '../engines/local.ts';
import { folderBlobs } from '../journal/blobs.ts';
import { listRuns, loadRun, type RunSummary } from '../journal/runs.ts';
import { safeText } from '../safety/safe-text.ts';
import { openAgain, sayStopped, sayTorn } from './_again.ts';
import { engineOfRun, silentRun } from './_engine.ts';
import { targetsFor, tellAtEnd } from './_notify.ts';
import { canPick, pick } from './_pick.ts';
import { type Extra, extraOf, preludeOf } from './_resume-extra.ts';
import { furtherFor, waitOf } from './_session.ts';
import { type OutputFlags, printReport, reportNamed, sinksFor } from './_show.ts';
import { isOnEngine, storedRun } from './_stored.ts';

export interface ResumeFlags extends OutputFlags {
  last?: boolean;
  config?: string;
  note?: string[];
  refresh?: string | boolean;
  addBudget?: string;
  waitForHuman?: string | boolean;
  /** Who is told at the end, by their names in the config. */
  notify?: string[];
}

/** Finishes an unfinished run. A finished one goes on where something new is given; else its report is printed again. */
export async function resumeCommand(
  io: Io,
  wanted: string | undefined,
  flags: ResumeFlags,
  onOpen?: (emit: Emit) => void,
): Promise<void> {
  const { runs } = paths(io.env);
  const extra = extraOf(flags);
  const report = await reportNamed(io, flags.json ? 'json' : (flags.report ?? 'text'));
  const silent = wanted && (await storedRun(io, wanted).catch(() => silentRun(io, wanted)));
  if (silent && 'client' in silent) return resumeOnEngine(io, silent.run, extra, flags, report);
  const run = wanted ? (await storedRun(io, wanted)).run : await chooseRun(io, runs, flags.last ?? false);
  const { events } = await loadRun(runs, run);
  const before = events.reduce(reduce, emptyState());
  if (isOnEngine(before)) return resumeOnEngine(io, run, extra, flags, report);
  const printStored = async (state: State): Promise<void> => {
    io.stderr.write(`run ${shortId(run)} is finished; this is its report\n`);
    await printReport(io, flags, report, state, loader(folderBlobs(join(runs, run, 'blobs'))));
    io.exitCode = (state.exit ?? 0) as typeof io.exitCode;
    sayNobodyTold(io, run, flags.notify);
  };
  if (before.phase === 'finished' && !extra) return printStored(before);
  const start = startOf(events, run);
  const again = await openAgain(io, run, start, {
    ...(flags.config ? { config: flags.config } : {}),
    ...(flags.waitForHuman === undefined ? {} : { waitForHuman: flags.waitForHuman }),
  });
  const { config, steps, opened, baselines } = again;
  const targets = await targetsFor(io, config, flags.notify);
  const playbook = again.playbooks.find((p) => p.name === start.playbook.name);
  const tools = opened.sources.flatMap((s) => s.tools);
  const changed = whatChanged(events, start, { playbook, steps, tools });
  if (changed.length > 0 || !playbook) throw cannotGoOn(run, changed);
  const journal = await openRun(runs, run, io);
  let live = false;
  try {
    sayTorn(io, journal);
    const state = journal.past.reduce(reduce, emptyState());
    // Somebody else may have finished it between our look and our lock.
    if (state.phase === 'finished' && !extra) return await printStored(state);
    const limitMs = (config.wallMs ?? playbook.budget.wallMs) + (extra?.budgetMs ?? 0);
    const usedMs = state.phase === 'finished' ? 0 : workedMs(journal.past);
    const stale = staleAnswers(state, io.now(), config.freshness);
    const prelude = preludeOf(state, extra, stale, { usedMs, limitMs });
    sayOld(io, run, state, stale, extra);
    if (usedMs >= limitMs) {
      io.stderr.write(`! the time of this run is spent (${formatDuration(limitMs)}); give more: --add-budget 2m\n`);
    }
    const shown = await sinksFor(io, flags, journal);
    live = shown.live;
    const finished = await runWired(
      {
        run,
        config,
        ...opened,
        steps,
        playbook: { playbook, why: start.playbook.why, score: 0 },
        baselines,
        ...journal,
        sinks: shown.sinks,
        signal: io.signal,
        now: io.now,
        provisional: true,
        ...(onOpen ? { onOpen } : {}),
        ...furtherFor(io, config),
        prelude,
        desk: shown.desk,
        ...waitOf(config),
        wallMs: Math.max(0, limitMs - usedMs),
      },
      factsOf(start),
    );
    await printReport(io, { ...flags, live }, report, finished.state, finished.load, finished.gates);
    await tellAtEnd(io, config, targets, finished);
    io.exitCode = finished.exit;
  } catch (e) {
    sayStopped(io, run, live);
    throw e;
  } finally {
    await opened.close();
    await journal.close();
  }
}

/** A run that did not go on here tells nobody by itself. */
function sayNobodyTold(io: Io, run: string, names: string[] = []): void {
  if (names.length > 0)
    io.stderr.write(`! nobody was notified: inquest notify ${shortId(run)} --to ${safeText(names.join(' --to '))}\n`);
}

/** What stands still there goes on; then it is watched to its end, as when it was sent. */
async function resumeOnEngine(
  io: Io,
  run: string,
  extra: Extra | undefined,
  flags: ResumeFlags,
  report: () => Promise<Report>,
): Promise<void> {
  if (extra) {
    throw new UserError(`an engine is working on run ${shortId(run)}: it takes nothing new before it has ended`, {
      hints: [`Wait for it: inquest resume ${shortId(run)}`],
    });
  }
  const client = await engineOfRun(io, run);
  await client.resume(run);
  const { watchRun } = await import('./_submit.ts');
  const { state, load, exit } = await watchRun(io, client, run, flags);
  await printReport(io, flags, report, state, load);
  sayNobodyTold(io, run, flags.notify);
  io.exitCode = exit;
}

/** Says what is old before anything is spent on it. */
function sayOld(
  io: Io,
  run: string,
  state: State,
  stale: { key: string; ageMs: number; limitMs: number }[],
  extra?: Extra,
): void {
  if (stale.length === 0 || extra?.refresh !== undefined) return;
  const total = state.evidence.filter((e) => e.state === 'done').length;
  const [oldest] = [...stale].sort((a, b) => b.ageMs - a.ageMs);
  io.stderr.write(
    `! ${stale.length} of ${total} answers are older than their kind keeps (${oldest!.key}: ${formatDuration(oldest!.ageMs)}); ask them again: inquest resume ${shortId(run)} --refresh\n`,
  );
}

async function chooseRun(io: Io, runs: string, last: boolean): Promise<string> {
  const all = await listRuns(runs);
  const open = all.filter((r) => r.state === 'unfinished');
  const [newest] = open;
  if (!newest) throw new UserError('there is no unfinished run', { hints: ['See all: inquest list'] });
  if (last || open.length === 1) return newest.id;
  if (canPick(io)) return open[await pick(io, 'Resume a run', open.slice(0, 20).map(lineOf))]!.id;
  throw new UserError(`${open.length} runs are unfinished: which one?`, {
    hints: [...open.slice(0, 8).map((r) => `inquest resume ${lineOf(r)}`), 'The newest: inquest resume --last'],
  });
}

const lineOf = (r: RunSummary): string =>
  `${shortId(r.id)}   ${r.startedAt.slice(0, 16)}Z  ${[r.service, r.title].filter(Boolean).join('  ')}`;
