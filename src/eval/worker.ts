/** A worker process of eval: takes a case, sends its end, waits for the next. A program of its own, as cli.ts is. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../core/errors.ts';
import { type CaseJob, type Investigate, runCase } from './case.ts';
import { runPerturbed } from './perturb/run.ts';
import type { WorkerMessage } from './pool.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const now = (): number => performance.timeOrigin + performance.now();
/** Loaded with the first case that asks for it: the reference methods do without. */
const investigate: Investigate = async (dir, opts) => {
  const { runBundle } = await import('../app/run-bundle.ts');
  return runBundle(dir, { ...opts, root, now });
};

/** The kernel counts in KiB. */
const rssMb = (): number => process.resourceUsage().maxRSS / 1024;

async function endOf(job: CaseJob): Promise<WorkerMessage> {
  try {
    const deps = { root, now, investigate };
    const result = job.perturb ? await runPerturbed(job, job.perturb, deps) : await runCase(job, deps);
    return 'skipped' in result ? { ...result, rssMb: rssMb() } : { result, rssMb: rssMb() };
  } catch (e) {
    if (e instanceof UserError) return { failed: e.message, rssMb: rssMb() };
    // A bug in one case must not hide the figures of the others: it is told as what it is, with its place.
    const { message, stack = '' } = e as Error;
    const place = /\bat (.*)/.exec(stack)?.[1];
    return { failed: `a bug: ${message}${place ? ` (${place})` : ''}`, rssMb: rssMb() };
  }
}

process.on('message', (job: CaseJob) => {
  void endOf(job).then((message) => process.send?.(message));
});
// Whoever asked is gone.
process.on('disconnect', () => process.exit(0));
