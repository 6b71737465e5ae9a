/** `inquest cancel`: ends a run from outside; what it found until then stays. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { paths } from '../config/paths.ts';
import { UserError } from '../core/errors.ts';
import { shortId } from '../core/ids.ts';
import type { Io } from '../core/ports.ts';
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
  if ('client' in stored) return said(io, stored.run, await stored.client.cancel(stored.run));
  const { run, state } = stored;
  if (isOnEngine(state)) {
    return said(io, run, await (await engineOfRun(io, run)).cancel(run));
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

function said(io: Io, run: string, done: boolean): void {
  io.stderr.write(done ? `run ${shortId(run)} is cancelled\n` : `run ${shortId(run)} has ended already\n`);
}
