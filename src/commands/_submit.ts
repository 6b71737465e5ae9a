/** An investigation on a distributed engine: handed over, watched, and brought into our own store when it has ended. */
import { join } from 'node:path';
import type { Order } from '../app/distributed.ts';
import { exportRun, followRun } from '../app/distributed-journal.ts';
import type { Finished } from '../app/run.ts';
import type { Config } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { EXIT, type ExitCode, UserError } from '../core/errors.ts';
import { shortId, ulidOf } from '../core/ids.ts';
import type { Io, Report } from '../core/ports.ts';
import type { State } from '../core/run-state.ts';
import { toMs } from '../core/time.ts';
import { type EngineClient, engineClient } from '../engines/_restate-client.ts';
import { loader } from '../engines/local.ts';
import { folderBlobs } from '../journal/blobs.ts';
import { openGates } from '../safety/gates.ts';
import { loadRuleSet } from '../safety/redact-ruleset.ts';
import { type OutputFlags, printReport, sinksFor } from './_show.ts';
import { storedRun } from './_stored.ts';

/** The id of the run of an alert: the same alert that began at the same time is one run, however often it is sent. */
export const runOf = ({ facts: { alert, window } }: Order): string =>
  ulidOf(toMs(alert.startsAt), JSON.stringify([alert.fingerprint, alert.status, window.from]));

/** Hands the order over, shows the run as it goes on, prints its report; sets the exit code. A fork brings an id of its own. */
export async function submitOrder(
  io: Io,
  config: Config,
  order: Order,
  flags: OutputFlags,
  report: () => Promise<Report>,
  run = runOf(order),
): Promise<Finished> {
  const client = engineClient(config.engine!, { fetch, signal: io.signal });
  const gates = openGates(config.secrets, await loadRuleSet());
  const state = await client.submit(run, gates.answers.value(order).value);
  const said = state === 'again' ? 'is known to the engine: the same alert was sent before' : 'handed to the engine';
  if (!flags.quiet) io.stderr.write(`run ${shortId(run)} ${said}\n`);
  const ended = await watchRun(io, client, run, flags);
  await printReport(io, flags, report, ended.state, ended.load, gates);
  io.exitCode = ended.exit;
  return { ...ended, gates };
}

/** Shows a run of the engine until it has ended, and brings it into our own store. */
export async function watchRun(
  io: Io,
  client: EngineClient,
  run: string,
  flags: OutputFlags,
): Promise<Omit<Finished, 'gates'>> {
  const shown = await sinksFor(io, { ...flags, plain: true }, { line: (e) => JSON.stringify(e), past: [] });
  let state: State;
  try {
    state = await followRun(io, client, run, shown.sinks);
  } catch (e) {
    if (io.signal.aborted)
      io.stderr.write(`\nthe run goes on without us. Look again: inquest resume ${shortId(run)}\n`);
    throw e;
  }
  const { runs } = paths(io.env);
  await exportRun(io, runs, client, run);
  if (state.phase === 'interrupted')
    throw new UserError(`run ${shortId(run)} was ended: ${state.stopped ?? 'no reason was given'}`, {
      hints: [`What it found until then: inquest show ${shortId(run)}`],
      exit: EXIT.interrupted,
    });
  const stored = await storedRun(io, run);
  const load = loader(folderBlobs(join(runs, run, 'blobs')));
  const { verdict } = stored.state;
  if (!verdict) throw new Error('a run that ended without a verdict');
  const findings = stored.state.findings.map((f) => f.finding);
  return { verdict, exit: (stored.state.exit ?? EXIT.done) as ExitCode, findings, state: stored.state, load };
}
