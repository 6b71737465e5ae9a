/** `inquest investigate` and `inquest demo`: a new run. */
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { MAX_PAYLOAD } from '../alerts/_payload.ts';
import { type Subject, takeIn } from '../app/intake.ts';
import { emptyFolder } from '../app/record.ts';
import { type Finished, openRun, runWired } from '../app/run.ts';
import { checkSite } from '../config/credentials.ts';
import { paths } from '../config/paths.ts';
import { Interrupted } from '../core/errors.ts';
import { shortId, ulid } from '../core/ids.ts';
import type { Emit, Io, Report } from '../core/ports.ts';
import { safeText } from '../safety/safe-text.ts';
import { choosePlaybook } from '../workflow/match.ts';
import { type InvestigateFlags, mistypedCommand } from './_investigate-flags.ts';
import { targetsFor, tellAtEnd } from './_notify.ts';
import { orderOf } from './_order.ts';
import { configFor, furtherFor, playbooksOf, sourcesFor, stepsOf, waitOf } from './_session.ts';
import { checkOutput, type OutputFlags, printReport, reportNamed, sinksFor, warmUp } from './_show.ts';
import { storedRun } from './_stored.ts';

/** On the live screen the demo waits so long after each answer, that an eye can follow it. */
const PACE = 130;
/** The incident that `inquest demo` shows. */
const DEMO = 'fixtures/incidents/amber-finch';

export async function demoCommand(io: Io, flags: OutputFlags): Promise<void> {
  await investigateCommand(io, undefined, { ...flags, bundle: join(io.root, '..', DEMO), paceMs: PACE });
}

/** Runs an investigation from alert to printed report; sets the exit code, and gives what it found. */
export async function investigateCommand(
  io: Io,
  argument: string | undefined,
  flags: InvestigateFlags,
  program?: Command,
): Promise<Finished> {
  // `--datadog alert.json` takes the alert for its site.
  if (typeof flags.datadog === 'string') checkSite(flags.datadog, '--datadog');
  if (argument === undefined && flags.bundle === undefined && flags.text === undefined && program)
    program.help({ error: true });
  mistypedCommand(argument, program);
  // Everything that can be wrong with names is found out before the first question.
  await checkOutput(io, flags);
  const warm = warmUp(io, flags);
  const report = await reportNamed(io, flags.json ? 'json' : (flags.report ?? 'text'));
  const subject = await takeIn(argument, flags, { ...io, readStdin: () => readAll(io) }, flags.given);
  return investigateSubject(io, subject, flags, { report, warm });
}

/** What a caller that is no person adds: the id of the run, and where it says more while the run goes on. */
export interface Called {
  report: () => Promise<Report>;
  warm?: Promise<void>;
  run?: string;
  onOpen?: (emit: Emit) => void;
}

/** Runs an investigation of what was taken in, to its printed report; sets the exit code, and gives what it found. */
export async function investigateSubject(
  io: Io,
  subject: Subject,
  flags: InvestigateFlags,
  { report, warm, run = ulid(io.now()), onOpen }: Called,
): Promise<Finished> {
  const config = await configFor(io, flags, subject.bundle);
  const targets = await targetsFor(io, config, flags.notify);
  const steps = await stepsOf(io);
  const playbook = choosePlaybook(subject.alert, await playbooksOf(io, config, steps), flags.playbook);
  const { facts, ...order } = await orderOf(io, subject, flags, config);
  if (flags.engine === 'restate') {
    const finished = await (await import('./_submit.ts')).submitOrder(io, config, { facts, ...order }, flags, report);
    await tellAtEnd(io, config, targets, finished);
    return finished;
  }
  if (flags.live !== undefined) await emptyFolder(resolve(io.cwd, flags.live));
  // The sources first: a run that has nothing to look at is no run.
  const opened = await sourcesFor(io, config, subject.now, run);
  const journal = await openRun(paths(io.env).runs, run, io);
  let live = false;
  try {
    for (const note of subject.notes) io.stderr.write(`! ${safeText(note)}\n`);
    await warm;
    const shown = await sinksFor(io, flags, journal);
    live = shown.live;
    const { baselines } = order;
    const wiring = {
      run,
      config,
      ...opened,
      steps,
      playbook,
      baselines,
      ...journal,
      sinks: shown.sinks,
      signal: io.signal,
      now: io.now,
      provisional: true,
      ...(onOpen ? { onOpen } : {}),
      ...furtherFor(io, config),
      desk: shown.desk,
      ...waitOf(config),
    };
    const finished = await runWired(wiring, facts);
    await opened.close();
    flags.beforeReport?.();
    await printReport(io, { ...flags, live }, report, finished.state, finished.load, finished.gates);
    if (flags.live !== undefined) await recordLive(io, run, flags);
    await tellAtEnd(io, config, targets, finished);
    io.exitCode = finished.exit;
    return finished;
  } catch (e) {
    if (io.signal.aborted && !live)
      io.stderr.write(`\nstopped; what was found is saved. Go on: inquest resume ${shortId(run)}\n`);
    throw e;
  } finally {
    await journal.close();
  }
}

async function recordLive(io: Io, run: string, { live, config }: InvestigateFlags): Promise<void> {
  const { recordStored } = await import('./record.ts');
  await recordStored(io, await storedRun(io, run), resolve(io.cwd, live!), config);
}

export async function readAll(io: Io): Promise<Uint8Array> {
  const { stdin, signal } = io;
  if (stdin.isTTY) io.stderr.write('paste the alert, then press Enter and ctrl-d (ctrl-c: stop)\n');
  const stop = (): void => void stdin.destroy(new Interrupted('stopped'));
  signal.addEventListener('abort', stop);
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stdin) {
    parts.push(part as Buffer);
    size += (part as Buffer).length;
    if (size > MAX_PAYLOAD) break;
  }
  signal.removeEventListener('abort', stop);
  return Buffer.concat(parts);
}
