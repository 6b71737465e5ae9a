/** What the commands share that tell others of a run: the setting, and how an outcome is said. */
import { hostname } from 'node:os';
import { type NotifySetting, type Outcome, tellAll } from '../app/notify.ts';
import { openTargets, type Target } from '../app/notify-targets.ts';
import type { Finished } from '../app/run.ts';
import type { Config } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { errorCode, UserError } from '../core/errors.ts';
import { shortId } from '../core/ids.ts';
import type { Io } from '../core/ports.ts';
import { createRedactor } from '../safety/redact.ts';
import { toSafeError } from '../safety/safe-error.ts';
import { safeText } from '../safety/safe-text.ts';

export function settingFor(io: Io, config: Pick<Config, 'secrets'>): NotifySetting {
  const { root, cwd, now, signal, pid, alive } = io;
  const { runs, deadLetters } = paths(io.env);
  return { root, cwd, now, signal, pid, alive, fetch, host: hostname(), runs, deadLetters, secrets: config.secrets };
}

/** The notifiers of `--notify`, opened before the first question: a wrong name costs no run. */
export const targetsFor = (io: Io, config: Config, names: string[] | undefined): Promise<Target[]> =>
  openTargets(settingFor(io, config), config.notify, names ?? []);

/** Tells them, and says how it went on stderr. The exit code of the run is its own, whatever becomes of this. */
export async function tellAtEnd(io: Io, config: Config, targets: Target[], finished: Finished): Promise<void> {
  if (targets.length === 0) return;
  const { run } = finished.state;
  try {
    const outcomes = await tellAll(settingFor(io, config), targets, finished);
    for (const line of outcomes.flatMap((o) => linesOf(o, run))) io.stderr.write(`${line}\n`);
  } catch (e) {
    if (!(e instanceof UserError) && errorCode(e) === undefined) throw e;
    const why = toSafeError(e, createRedactor(config.secrets));
    io.stderr.write(`! nobody was notified: ${why}\n  Again: inquest notify ${shortId(run)}\n`);
  }
}

/** `notified chat: slack #ops created`, or why not and how to go on. */
export function linesOf(o: Outcome, run: string): string[] {
  if (o.how !== 'failed') {
    const where = o.where ? `  ${o.where}` : '';
    return [safeText(`notified ${o.name}: ${o.target} ${o.how}${where}`)];
  }
  return [
    `! not notified, ${o.name}: ${o.why}`,
    ...(o.fix ? [`  ${o.fix}`] : []),
    ...(o.letter ? [`  The message lies in ${o.letter}; again: inquest notify ${shortId(run)} --retry`] : []),
  ].map(safeText);
}
