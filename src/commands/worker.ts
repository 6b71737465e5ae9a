/** `inquest worker`: works on runs that a distributed engine hands over, until it is told to stop. */

import { type Bench, runDistributed } from '../app/distributed.ts';
import { watchStuck } from '../app/engine-watch.ts';
import { workerLimits } from '../app/worker-limits.ts';
import { engineConfig } from '../config/engine.ts';
import type { Config, ConfigFlags } from '../config/load.ts';
import { UserError } from '../core/errors.ts';
import { isLoopback } from '../core/loopback.ts';
import type { Io } from '../core/ports.ts';
import { formatDuration, parseDuration, toIso } from '../core/time.ts';
import { type EngineClient, engineClient } from '../engines/_restate-client.ts';
import type { Within } from '../engines/_waves.ts';
import { startWorker } from '../engines/restate.ts';
import { safeText } from '../safety/safe-text.ts';
import { pause } from '../tools/waiting.ts';
import { summaryOf } from './_engine.ts';
import { configFor, furtherFor, playbooksOf, sourcesFor, stepsOf } from './_session.ts';

export interface WorkerFlags extends ConfigFlags {
  port: string;
  host: string;
  /** Address under which the engine reaches the workers: told to it before work begins. */
  register?: string;
  /** How long a stop waits for what is running. */
  drain: string;
  bundle?: string;
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof LEVELS)[number];

/**
 * Serves until the first Ctrl-C or SIGTERM; what it was working on then goes on elsewhere. `around` stands around every
 * question: for whoever wants to see them.
 */
export async function workerCommand(io: Io, flags: WorkerFlags, around?: Within): Promise<void> {
  const port = Number(flags.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new UserError(`--port: "${flags.port}" is no port`);
  const drainMs = parseDuration(flags.drain);
  if (drainMs === undefined) throw new UserError(`--drain: "${flags.drain}" is no duration`, { hints: ['Write 30s.'] });
  const config = await configFor(io, flags, flags.bundle);
  const engine = config.engine ?? engineConfig('restate', io.env, undefined, undefined)!;
  const log = logTo(io);
  // What is running when the stop comes may still ask: only its end ends that.
  const over = new AbortController();
  const client = engineClient(engine, { fetch, signal: over.signal });
  const { within, ...own } = await benchOf(io, config, client);
  const bench: Bench = {
    ...own,
    within: around ? (question, work) => around(question, () => within(question, work)) : within,
  };
  const worker = await startWorker({
    port,
    host: flags.host,
    identityKeys: engine.identityKeys,
    log,
    investigate: (handed) => runDistributed(handed, bench),
  });
  log('info', 'ready', { port: worker.port, host: flags.host, signed: engine.identityKeys.length > 0 });
  if (engine.identityKeys.length === 0 && !isLoopback(flags.host)) {
    log('warn', 'whoever reaches this port can run things here: set engine.identityKeys', { host: flags.host });
  }
  try {
    if (flags.register !== undefined) {
      const newest = await client.register(flags.register);
      log('info', 'registered', { uri: flags.register });
      if (!newest)
        log('warn', 'new runs go to workers that were registered later: a new address brings them here', {
          uri: flags.register,
        });
    }
    watchStuck(client, {
      signal: over.signal,
      tell: ({ run, status, retries }, why) => log('warn', 'a run does not get on', { run, status, retries, why }),
      away: (why) => log('warn', why, {}),
    });
    await new Promise<void>((done) => {
      if (io.signal.aborted) done();
      else io.signal.addEventListener('abort', () => done(), { once: true });
    });
    log('info', 'draining', { within: formatDuration(drainMs) });
  } finally {
    await worker.drain(io.signal.aborted ? drainMs : 0);
    over.abort();
    log('info', 'stopped', {});
  }
}

/** What this worker brings to every run. */
async function benchOf(io: Io, config: Config, client: EngineClient): Promise<Bench> {
  const steps = await stepsOf(io);
  const { further } = furtherFor(io, config);
  const price = further?.price;
  if (further && !price && config.engine?.limits.dollarsPerHour !== undefined) {
    throw new UserError(
      `engine.limits.dollarsPerHour: what ${further.name} costs is not known, so it would limit nothing`,
      {
        hints: ['Add its price: "model": { "price": { "input": 3, "output": 15 } } (dollars a million tokens).'],
      },
    );
  }
  return {
    config,
    steps,
    playbooks: await playbooksOf(io, config, steps),
    // What was found before is what the engine knows: a worker's own disk is nobody else's.
    open: (now, run) => sourcesFor(io, config, now, run, async (limit) => (await client.list(limit)).map(summaryOf)),
    ...(further ? { further } : {}),
    within: workerLimits(config.engine?.limits ?? { concurrency: {}, perMinute: {} }, {
      now: io.now,
      wait: pause,
      ...(price ? { price } : {}),
    }),
    now: io.now,
  };
}

/** One JSON object a line on stderr. INQUEST_LOG says from which level on; info where it says nothing. */
function logTo(io: Io): (level: Level, message: string, more: Record<string, unknown>) => void {
  const least = LEVELS.indexOf((io.env.INQUEST_LOG ?? 'info') as Level);
  return (level, message, more) => {
    if (LEVELS.indexOf(level) < Math.max(0, least)) return;
    io.stderr.write(`${safeText(JSON.stringify({ time: toIso(io.now()), level, message, ...more }))}\n`);
  };
}
