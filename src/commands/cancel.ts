/** `inquest cancel`: ends a run from outside; what it found until then stays. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { paths } from '../config/paths.ts';
import { UserError } from '../core/errors.ts';
import { shortId } from '../core/ids.ts';
import type { Io } from '../core/ports.ts';
import type { EngineClient } from '../engines/_restate-client.ts';
import { isHeld } from '../journal/lock.ts';
import { engineOfRun, silentRun } from './_engine.ts';
import { isOnEngine, storedRun } from './_stored.ts';

/** A run of this machine ends where it runs: at its screen, or by a signal to its process. */
export async function cancelCommand(io: Io, suffix: string): Promise<void> {
  const stored = await storedRun(io, suffix).catch(async (e: unknown) => {
    const silent = e instanceof UserError && (await silentRun(io, suffix));
    if (silent) return silent;
    throw e;
  });
  if ('client' in stored) return cancelOn(io, stored.client, stored.run);
  const { run, state } = stored;
  if (isOnEngine(state)) {
    return cancelOn(io, await engineOfRun(io, run), run);
  }
  if (state.phase === 'finished') throw new UserError(`run ${shortId(run)} is finished`);
  if (!isHeld(join(paths(io.env).runs, run), hostname(), io.alive)) {
    throw new UserError(`nobody is working on run ${shortId(run)}`, {
      hints: [`Go on: inquest resume ${shortId(run)}`],
    });
  }
  throw new UserError(`run ${shortId(run)} is worked on by a process of this machine`, {
    hints: ['Press ctrl-c there, or send SIGTERM to it: it stops cleanly and can be resumed.'],
  });
}

/** So long a cancellation that a worker can hear takes at most, and how often it is looked whether it did, ms. */
const HEARD = 3000;
const LOOK = 200;

/** The engine hands the cancellation to the run's worker; where none can be reached, it waits for one. */
async function cancelOn(io: Io, client: EngineClient, run: string): Promise<void> {
  const done = await client.cancel(run);
  const over = async (): Promise<boolean> => (await client.find(run))?.status === 'completed';
  let waits = done && !(await over());
  for (const end = io.now() + HEARD; waits && io.now() < end; waits = !(await over())) {
    await new Promise((go) => setTimeout(go, LOOK));
  }
  const state = waits
    ? 'is cancelled as soon as a worker answers the engine'
    : done
      ? 'is cancelled'
      : 'has ended already';
  io.stderr.write(`run ${shortId(run)} ${state}\n`);
}
