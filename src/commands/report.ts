/** `inquest report`: renders the report of a stored run. */
import type { Io } from '../core/ports.ts';
import { printReport, reportNamed } from './_show.ts';
import { storedRun } from './_stored.ts';

export async function reportCommand(io: Io, suffix: string, flags: { format: string; output?: string }): Promise<void> {
  const report = await reportNamed(io, flags.format);
  const { state, load } = await storedRun(io, suffix);
  await printReport(io, flags, report, state, load);
}
