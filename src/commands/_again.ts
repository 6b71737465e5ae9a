/** What resume and fork share: a stored run, opened again with the settings that it was started with. */
import type { OpenedSources } from '../app/sources.ts';
import type { Config, ConfigFlags } from '../config/load.ts';
import type { EventOf } from '../core/events.ts';
import { shortId } from '../core/ids.ts';
import type { Io } from '../core/ports.ts';
import { toMs } from '../core/time.ts';
import type { Step, StepContext } from '../core/types.ts';
import type { OpenJournal } from '../journal/open.ts';
import { readBundleInfo } from '../sources/bundle/_info.ts';
import type { Playbook } from '../workflow/playbook.ts';
import { configFor, playbooksOf, sourcesFor, stepsOf } from './_session.ts';

export interface Settings {
  flags?: ConfigFlags;
  bundle?: string;
  baselines?: StepContext['baselines'];
}

export interface Again {
  config: Config;
  steps: Map<string, Step>;
  playbooks: Playbook[];
  opened: OpenedSources;
  baselines: StepContext['baselines'];
}

/** Opens what a run looked at; `flags` win over those that it was started with. Asks the outside nothing. */
export async function openAgain(
  io: Io,
  run: string,
  start: EventOf<'run.started'>,
  flags: ConfigFlags,
): Promise<Again> {
  const settings = start.settings as Settings;
  const config = await configFor(io, { ...settings.flags, ...flags }, settings.bundle);
  const steps = await stepsOf(io);
  const playbooks = await playbooksOf(io, config, steps);
  const opened = await sourcesFor(io, config, toMs(start.now), run);
  const baselines =
    settings.baselines ?? (settings.bundle ? (await readBundleInfo(settings.bundle)).baselineWindows : []);
  return { config, steps, playbooks, opened, baselines };
}

/** Says what was cut off at the end of the file when it was opened, if anything. */
export function sayTorn(io: Io, journal: OpenJournal): void {
  if (!journal.torn) return;
  const { line, keptAs } = journal.torn;
  io.stderr.write(`! line ${line} of the journal was cut off in writing; kept as ${keptAs}\n`);
}

/** Says how to go on after Ctrl-C. */
export function sayStopped(io: Io, run: string, live: boolean): void {
  if (!io.signal.aborted || live) return;
  io.stderr.write(`\nstopped; what was found is saved. Go on: inquest resume ${shortId(run)}\n`);
}
