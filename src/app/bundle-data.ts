/** A recorded incident as plain data, without an investigation: what the reference methods of eval read. */
import { resolve } from 'node:path';
import { UserError } from '../core/errors.ts';
import type { Change, Series } from '../core/telemetry.ts';
import type { Alert, StepContext } from '../core/types.ts';
import { openBundle } from '../sources/bundle/_data.ts';
import { takeIn } from './intake.ts';

/** What was asked, and when: the alert, the moment of the investigation (ms) and the known fault-free times. */
export interface BundleQuestion {
  alert: Alert;
  now: number;
  baselines: StepContext['baselines'];
}

/** The alert of the bundle in `dir`, read by the same normalisers as everywhere. Throws UserError where there is none. */
export async function readBundleQuestion(
  dir: string,
  io: { root: string; now: () => number },
): Promise<BundleQuestion> {
  const bundle = resolve(dir);
  const readStdin = (): Promise<Uint8Array> => Promise.resolve(new Uint8Array());
  const { alert, now, baselines } = await takeIn(undefined, { bundle }, { ...io, cwd: bundle, readStdin });
  return { alert, now, baselines };
}

/**
 * All series and all changes (oldest first) of the bundle; a file that is absent gives none. Throws UserError for a
 * broken line: a reference method has no place to say that it saw a part only.
 */
export async function readBundleSeries(dir: string): Promise<{ series: Series[]; changes: Change[] }> {
  const data = await openBundle(resolve(dir));
  const [series, changes] = await Promise.all([data.series?.(), data.changes?.()]);
  const broken = data.trouble('metrics') ?? data.trouble('changes');
  if (broken) throw new UserError(broken.problem);
  return { series: series ?? [], changes: changes?.records ?? [] };
}
