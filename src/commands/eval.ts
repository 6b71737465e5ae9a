/** `inquest eval DIR…`: scores recorded incidents. */
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { EXIT, errorCode, UserError } from '../core/errors.ts';
import type { Io } from '../core/ports.ts';
import { nearest, plural } from '../core/text.ts';
import { type Forecast, riskCoverage } from '../eval/calibration.ts';
import { type Base, compare, readBase } from '../eval/compare.ts';
import { type Evaluation, evaluate, workerOf } from '../eval/evaluate.ts';
import { type FoundBundle, findBundles } from '../eval/find-bundles.ts';
import { notesOf } from '../eval/notes.ts';
import { type Progress, progressOn } from '../eval/progress.ts';
import { riskPlot } from '../eval/risk-plot.ts';
import { type Stressed, type StressOptions, stress, type Variant } from '../eval/stress.ts';
import { stressLines } from '../eval/stress-table.ts';
import { tableOf } from '../eval/table.ts';
import type { EvalFlags } from './_eval-flags.ts';
import { durationOf, jobsOf, methodOf, stressOf, withoutOf } from './_eval-options.ts';

/** Exit 1 where a case failed or, with --compare, got worse. */
export async function runEval(io: Io, dirs: string[], flags: EvalFlags): Promise<void> {
  const method = methodOf(flags);
  const { shiftMs, variants } = stressOf(flags);
  const without = withoutOf(flags);
  const asked = {
    ...(method ? { method } : {}),
    ...(without.length > 0 ? { without } : {}),
    shiftMs,
    timings: flags.timings,
    worker: workerOf(io.root),
    signal: io.signal,
    jobs: jobsOf(flags.jobs, availableParallelism()),
    timeoutMs: durationOf('--case-timeout', flags.caseTimeout),
  };
  const base = flags.compare === undefined ? undefined : await baseOf(io, flags.compare);
  const all = await findBundles(dirs, io.cwd);
  const found = selected(all, flags);

  const progress = progressOn(io.stderr, io.now);
  const evaluation = await evaluate(found, {
    ...asked,
    twins: flags.twins ?? false,
    onProgress: progress.on,
  }).finally(progress.end);
  const perturbed = await stressed(io, found, all, evaluation, variants, asked);

  if (flags.json) {
    const told = variants.length === 0 ? evaluation : { ...evaluation, perturbed };
    io.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
  } else {
    const table = tableOf(evaluation, io.stdout.columns || 160);
    io.stdout.write(linesOf([...table, ...spaced(stressLines(perturbed)), ...spaced(notesOf(evaluation.cases))]));
  }
  if (flags.plot !== undefined) await writePlot(resolve(io.cwd, flags.plot), evaluation);
  const lost = base ? tellComparison(io, base, evaluation, flags.json ?? false) : false;
  if (lost || evaluation.cases.some((c) => c.failed !== undefined)) io.exitCode = EXIT.bug;
}

/** Every variant after the other, each with its own progress. */
async function stressed(
  io: Io,
  found: FoundBundle[],
  all: FoundBundle[],
  plain: Evaluation,
  variants: Variant[],
  asked: StressOptions,
): Promise<Record<string, Stressed>> {
  let current: Progress | undefined;
  const onProgress = (name: string): Progress['on'] => {
    current?.end();
    current = progressOn(io.stderr, io.now, name);
    return current.on;
  };
  if (variants.length === 0) return {};
  return stress(found, all, plain, variants, { ...asked, onProgress }).finally(() => current?.end());
}

/** The cases that the filters leave. Throws UserError where they leave none. */
function selected(found: FoundBundle[], { set = [], only = [] }: EvalFlags): FoundBundle[] {
  const sets = [...new Set(found.map((f) => f.set))];
  for (const name of set) {
    if (sets.includes(name)) continue;
    const near = nearest(name, sets);
    throw new UserError(`--set: there is no set "${name}"`, {
      hints: [...(near ? [`Did you mean "${near}"?`] : []), `Found: ${sets.join(', ')}`],
    });
  }
  const names = only.map((o) => new RegExp(`^${o.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`));
  const left = found
    .filter((f) => set.length === 0 || set.includes(f.set))
    .filter((f) => names.length === 0 || names.some((n) => n.test(f.name)));
  if (left.length > 0) return left;
  throw new UserError(`--only: none of ${plural(found.length, 'case')} has such a name`, {
    hints: [`The first is ${found[0]?.set}/${found[0]?.name}; * stands for any letters.`],
  });
}

async function baseOf(io: Io, file: string): Promise<Base> {
  const text = await readFile(resolve(io.cwd, file), 'utf8').catch((e: unknown) => {
    if (errorCode(e) === undefined) throw e;
    throw new UserError(`--compare: cannot read ${file}: ${errorCode(e)}`);
  });
  return readBase(text, file);
}

/** Prints what changed, on stderr where stdout is JSON. Whether anything got worse. */
function tellComparison(io: Io, base: Base, { cases }: Evaluation, json: boolean): boolean {
  const { better, worse, missing, added } = compare(base, cases);
  const lines = [
    ...better.map((what) => `better  ${what}`),
    ...worse.map((what) => `worse   ${what}`),
    `compared: ${better.length} better, ${worse.length} worse, ${missing} of the base not run, ${added} new`,
  ];
  (json ? io.stderr : io.stdout).write(linesOf(spaced(lines)));
  return worse.length > 0;
}

async function writePlot(file: string, { cases }: Evaluation): Promise<void> {
  const forecasts = cases.flatMap((c): Forecast[] =>
    c.confidence !== null && c.truth ? [{ confidence: c.confidence, right: c.truth.right }] : [],
  );
  await writeFile(file, riskPlot(riskCoverage(forecasts), forecasts.length)).catch((e: unknown) => {
    if (errorCode(e) === undefined) throw e;
    throw new UserError(`--plot: cannot write ${file}: ${errorCode(e)}`);
  });
}

const linesOf = (lines: string[]): string => lines.map((l) => `${l}\n`).join('');
const spaced = (lines: string[]): string[] => (lines.length === 0 ? [] : ['', ...lines]);
