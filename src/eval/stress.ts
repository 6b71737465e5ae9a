/** The same cases under stress: each variant beside the plain run, and what it cost. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EvaluateOptions, type Evaluation, evaluate } from './evaluate.ts';
import type { FoundBundle } from './find-bundles.ts';
import type { Perturbation } from './perturb/perturb.ts';
import type { CaseRow } from './rows.ts';
import type { Summary } from './summary.ts';

/** The alert moved, or the recording perturbed. `name` is its key in `--json`. */
export type Variant = { name: string } & ({ shiftMs: number } | { perturbation: Perturbation; seed: string });

export interface StressSummary extends Summary {
  /** Cases that the variant does not apply to; they count nowhere. */
  skipped: number;
  /** AC@1 of the plain run on the same cases, less that of the variant. */
  lossAc1: number | null;
  /** Share of the cases whose verdict (cause, healthy, inconclusive) is another than in the plain run. */
  flipped: number | null;
}

export interface Stressed {
  total: StressSummary;
  sets: Record<string, StressSummary>;
  cases: CaseRow[];
}

export interface StressOptions extends Omit<EvaluateOptions, 'onProgress' | 'perturb' | 'twins'> {
  onProgress?: (variant: string) => NonNullable<EvaluateOptions['onProgress']>;
}

/**
 * Runs every variant over `found`.
 * @param all every bundle of the sets, from which decoys are taken, so that what is selected changes nothing
 */
export async function stress(
  found: FoundBundle[],
  all: FoundBundle[],
  plain: Evaluation,
  variants: Variant[],
  options: StressOptions,
): Promise<Record<string, Stressed>> {
  const scratch = await mkdtemp(join(tmpdir(), 'inquest-eval-'));
  const out: Record<string, Stressed> = {};
  try {
    for (const variant of variants) {
      const { onProgress, ...asked } = options;
      const evaluation = await evaluate(found, {
        ...asked,
        ...askedOf(variant, all, scratch),
        twins: false,
        ...(onProgress && { onProgress: onProgress(variant.name) }),
      });
      out[variant.name] = beside(plain, evaluation);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return out;
}

function askedOf(v: Variant, all: FoundBundle[], scratch: string): Partial<EvaluateOptions> {
  if ('shiftMs' in v) return { shiftMs: v.shiftMs };
  const { perturbation: name, seed } = v;
  const others = ({ set, dir }: FoundBundle): string[] =>
    name === 'mix-decoys' ? all.filter((o) => o.set === set && o.dir !== dir).map((o) => o.dir) : [];
  return { perturb: (bundle) => ({ name, seed, scratch, others: others(bundle) }) };
}

/** The figures of a variant with those that compare it with the plain run. */
function beside(plain: Evaluation, { total, sets, cases }: Evaluation): Stressed {
  const key = (r: CaseRow): string => `${r.set}/${r.name}`;
  const before = new Map(plain.cases.map((r) => [key(r), r]));
  const figures = (summary: Summary, rows: CaseRow[]): StressSummary => {
    const pairs = rows.flatMap((now) => {
      const was = before.get(key(now));
      return was?.truth && now.truth ? [{ was, now }] : [];
    });
    const ranked = pairs.filter(
      ({ was, now }) => was.truth?.entityRank !== undefined && now.truth?.entityRank !== undefined,
    );
    const first = (r: CaseRow): number => Number(r.truth?.entityRank === 1);
    const mean = (xs: number[]): number | null =>
      xs.length === 0 ? null : Math.round((1e6 * xs.reduce((a, b) => a + b, 0)) / xs.length) / 1e6;
    return {
      ...summary,
      skipped: rows.filter((r) => r.skipped !== undefined).length,
      lossAc1: mean(ranked.map(({ was, now }) => first(was) - first(now))),
      flipped: mean(pairs.map(({ was, now }) => Number(was.outcome !== now.outcome))),
    };
  };
  const ofSet = (set: string): CaseRow[] => cases.filter((c) => c.set === set);
  return {
    total: figures(total, cases),
    sets: Object.fromEntries(Object.entries(sets).map(([set, summary]) => [set, figures(summary, ofSet(set))])),
    cases,
  };
}
