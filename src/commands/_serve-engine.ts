/** Investigations of `serve` on a distributed engine: handed over, waited for, and brought into our own store. */
import { exportRun } from '../app/distributed-journal.ts';
import { watchStuck } from '../app/engine-watch.ts';
import { takeIn } from '../app/intake.ts';
import { endOfRun, joinRun } from '../app/served.ts';
import type { Config } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import type { JoinedAlert } from '../core/alerts.ts';
import { UserError } from '../core/errors.ts';
import { ulidOf } from '../core/ids.ts';
import type { Io } from '../core/ports.ts';
import { toMs } from '../core/time.ts';
import type { Alert } from '../core/types.ts';
import { type EngineClient, engineClient } from '../engines/_restate-client.ts';
import { openGates } from '../safety/gates.ts';
import { loadRuleSet } from '../safety/redact-ruleset.ts';
import type { Log } from '../serve/log.ts';
import type { Metrics } from '../serve/metrics.ts';
import type { Hook } from '../serve/rules.ts';
import type { Job, Running, Runs } from '../serve/runs.ts';
import type { InvestigateFlags } from './_investigate-flags.ts';
import { orderOf } from './_order.ts';

/** Between two tries to reach an engine that is away, ms: it doubles up to the last. */
const AWAY_MS = [1000, 30_000] as const;

/**
 * The id of an investigation: the same alert within one window gets the same one from every server, and the engine runs
 * it once.
 */
export const sameRun =
  (windowMs: number) =>
  (hook: Hook, alert: Alert, now: number): string =>
    ulidOf(
      toMs(alert.startsAt),
      JSON.stringify([hook.name, alert.fingerprint, Math.floor(now / Math.max(1, windowMs))]),
    );

/** What a server does with a run: its work is done elsewhere, so that it waits for it costs nothing. */
export function engineRuns(io: Io, config: Config, flags: InvestigateFlags, log: Log): Runs {
  const { runs } = paths(io.env);
  const clientFor = (signal: AbortSignal): EngineClient => engineClient(config.engine!, { fetch, signal });
  const client = clientFor(new AbortController().signal);

  /** Ends only with the run, or with `signal`: an engine that is away is asked again. */
  async function work(job: Job, joined: JoinedAlert[], signal: AbortSignal): Promise<Awaited<Running['ended']>> {
    const own = clientFor(signal);
    for (let wait: number = AWAY_MS[0]; ; wait = Math.min(wait * 2, AWAY_MS[1])) {
      try {
        await own.submit(job.run, await orderFor(io, config, flags, job));
        await own.result(job.run);
        await exportRun(io, runs, own, job.run);
        for (const alert of joined) await joinRun(runs, job.run, alert, io);
        const end = await endOfRun(runs, job.run);
        return end ? { exit: end.exit, words: '', end } : { exit: 1, words: 'it ended without a verdict' };
      } catch (e) {
        if (signal.aborted) return { exit: null, words: 'it goes on without us' };
        if (!(e instanceof UserError)) throw e;
        if (e.exit !== 4) return { exit: e.exit, words: e.message };
        log.warn('engine.away', { run: job.run, why: e.message, again: wait });
        await new Promise((go) => setTimeout(go, wait));
        if (signal.aborted) return { exit: null, words: e.message };
      }
    }
  }

  return {
    start(job) {
      const over = new AbortController();
      const joined = [...job.joined];
      return {
        ended: work(job, joined, over.signal),
        tell: (alert) => void joined.push(alert),
        // The run is safe where it is: only our waiting ends.
        stop: () => over.abort(),
        kill: () => over.abort(),
      };
    },
    async ended(run) {
      const here = await endOfRun(runs, run);
      if (here) return here;
      // It may have ended while nobody waited for it; an engine that is away is asked when the run is started again.
      const found = await client.find(run).catch(() => undefined);
      if (found?.status !== 'completed') return undefined;
      await exportRun(io, runs, client, run);
      return endOfRun(runs, run);
    },
    busy: () => false,
    join: (run, joined) => joinRun(runs, run, joined, io),
  };
}

async function orderFor(io: Io, config: Config, flags: InvestigateFlags, job: Job) {
  const { bundle } = flags;
  const nothing = (): Promise<Uint8Array> => Promise.resolve(new Uint8Array());
  const recorded =
    bundle === undefined ? undefined : await takeIn(undefined, { bundle }, { ...io, readStdin: nothing });
  const subject = { notes: [], baselines: [], now: io.now(), ...recorded, alert: job.alert, origin: job.origin };
  const order = await orderOf(io, subject, flags, config);
  const { answers } = openGates(config.secrets, await loadRuleSet());
  return answers.value({ ...order, ...(job.model ? {} : { model: false as const }) }).value;
}

/** Says and counts runs that the engine cannot get on with. */
export function watchEngine(config: Config, log: Log, metrics: Metrics, signal: AbortSignal): void {
  watchStuck(engineClient(config.engine!, { fetch, signal }), {
    signal,
    tell: ({ run, status, retries }, why) => {
      metrics.add('inquest_runs_stuck_total', 1);
      log.warn('run.stuck', { run, status, retries, why });
    },
    away: (why) => log.warn('engine.away', { why }),
  });
}
