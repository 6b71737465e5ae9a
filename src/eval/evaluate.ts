/** Scores many bundles: runs them in worker processes and sums up, a row a set and a total. */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { byText } from '../core/canonical.ts';
import { UserError } from '../core/errors.ts';
import type { CaseJob } from './case.ts';
import type { FoundBundle } from './find-bundles.ts';
import type { PerturbJob } from './perturb/perturb.ts';
import { type CaseEnd, type PoolOptions, runPool } from './pool.ts';
import { answeredRow, type CaseRow, failedRow, skippedRow } from './rows.ts';
import { type ScoredCase, type Summary, summarise } from './summary.ts';
import { readTruth } from './truth.ts';

export interface Evaluation {
  total: Summary;
  sets: Record<string, Summary>;
  cases: CaseRow[];
}

export interface EvaluateOptions extends Omit<CaseJob, 'dir' | 'perturb'>, Omit<PoolOptions, 'onEnd' | 'groupOf'> {
  /** The copy that is investigated instead of the bundle. */
  perturb?: (bundle: FoundBundle) => PerturbJob;
  /** False leaves times and memory null, so that two runs compare byte for byte. */
  timings: boolean;
  /** Told after each case; `set` is there when its last case has ended. */
  onProgress?: (done: number, of: number, bundle: FoundBundle, set?: Summary) => void;
}

/** Runs every bundle. The order of `found` is the order of the rows, whatever ends first. */
export async function evaluate(found: FoundBundle[], options: EvaluateOptions): Promise<Evaluation> {
  const { worker, jobs, timeoutMs, signal, timings, onProgress, perturb, ...asked } = options;
  const scored: ScoredCase[] = [];
  const ends: Promise<void>[] = [];
  const left = new Map<string, number>();
  for (const { set } of found) left.set(set, (left.get(set) ?? 0) + 1);
  const ofSet = (set: string): ScoredCase[] => scored.filter((c) => c?.row.set === set);
  let done = 0;

  const onEnd = async (index: number, end: CaseEnd): Promise<void> => {
    const bundle = found[index] as FoundBundle;
    scored[index] = { row: await rowOf(bundle, end), rssMb: end.rssMb };
    const open = (left.get(bundle.set) ?? 0) - 1;
    left.set(bundle.set, open);
    onProgress?.(++done, found.length, bundle, open === 0 ? summarise(ofSet(bundle.set), timings) : undefined);
  };
  await runPool(
    found.map((bundle) => ({ dir: bundle.dir, ...asked, ...(perturb && { perturb: perturb(bundle) }) })),
    {
      worker,
      jobs,
      timeoutMs,
      signal,
      groupOf: (index) => found[index]?.set ?? '',
      onEnd: (index, end) => ends.push(onEnd(index, end)),
    },
  );
  await Promise.all(ends);

  const sets = [...new Set(found.map((f) => f.set))].sort(byText);
  return {
    total: summarise(scored, timings),
    sets: Object.fromEntries(sets.map((set) => [set, summarise(ofSet(set), timings)])),
    cases: scored.map(({ row }) => (timings ? row : { ...row, ms: null })),
  };
}

async function rowOf(bundle: FoundBundle, end: CaseEnd): Promise<CaseRow> {
  if ('result' in end) return answeredRow(bundle, end.result);
  if ('skipped' in end) return skippedRow(bundle, end.skipped);
  try {
    return failedRow(bundle, end.failed, await readTruth(bundle.dir));
  } catch (e) {
    if (!(e instanceof UserError)) throw e;
    return failedRow(bundle, end.failed, undefined);
  }
}

/** The worker beside the program, built or as source. `root` is the program's folder. */
export function workerOf(root: string): PoolOptions['worker'] {
  const built = join(root, 'eval', 'worker.js');
  if (existsSync(built)) return { file: built, execArgv: [] };
  const tsx = createRequire(join(root, 'eval', 'worker.ts')).resolve('tsx');
  return { file: join(root, 'eval', 'worker.ts'), execArgv: ['--import', pathToFileURL(tsx).href] };
}
