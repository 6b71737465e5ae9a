/** What is to be investigated, as plain data: the alert, its window, and what a resumed run needs to open again. */
import type { Order } from '../app/distributed.ts';
import type { Subject } from '../app/intake.ts';
import { openRecording } from '../app/recording.ts';
import type { Config } from '../config/load.ts';
import type { Io } from '../core/ports.ts';
import { toIso } from '../core/time.ts';
import { planWindow } from '../workflow/window.ts';
import { type InvestigateFlags, inOrder, instant, settingsOf } from './_investigate-flags.ts';

/** Plans the window, and puts together what whoever does the work is told. Throws UserError for times that are none. */
export async function orderOf(io: Io, subject: Subject, flags: InvestigateFlags, config: Config): Promise<Order> {
  // A bundle that was recorded from a run answers what was asked, and that was asked of its window.
  const untouched = flags.since === undefined && flags.until === undefined && flags.now === undefined;
  const tape = untouched && subject.bundle ? await openRecording(subject.bundle) : undefined;
  inOrder(flags, subject.now);
  const planned = planWindow({
    alert: subject.alert,
    now: subject.now,
    ...instant('since', flags.since, subject.now),
    ...instant('until', flags.until, subject.now),
    ...(config.lookbackMs ? { lookbackMs: config.lookbackMs } : {}),
    ...(config.baselineMs ? { baselineMs: config.baselineMs } : {}),
    ...(subject.recorded ? { recorded: subject.recorded } : {}),
  });
  const facts = {
    alert: subject.alert,
    window: tape?.window ?? planned,
    now: toIso(subject.now),
    origin: subject.origin,
    settings: settingsOf(io, flags, config, subject),
  };
  return { facts, baselines: subject.baselines, ...(flags.playbook === undefined ? {} : { playbook: flags.playbook }) };
}
