/** One case under a perturbation: the copy is made, investigated, judged and removed. */
import { rm } from 'node:fs/promises';
import type { CaseAnswer } from '../answer.ts';
import { type CaseDeps, type CaseJob, type CaseResult, runCase } from '../case.ts';
import { type Aspect, CONFIDENT, type Judgement, judge } from '../judge.ts';
import type { Truth } from '../truth.ts';
import { type PerturbJob, perturbed } from './perturb.ts';

/** The result, or why the perturbation does not apply to this case. */
export async function runPerturbed(
  job: CaseJob,
  perturb: PerturbJob,
  deps: CaseDeps,
): Promise<CaseResult | { skipped: string }> {
  if (perturb.name === 'window-double' && job.method) return { skipped: 'a reference method has windows of its own' };
  const copy = await perturbed(job.dir, perturb, deps);
  if ('skipped' in copy) return copy;
  try {
    const result = await runCase({ ...job, ...copy }, deps);
    if (perturb.name !== 'hide-change' || result.truth === null) return result;
    return { ...result, judgement: judgeHidden(result.answer, result.truth) };
  } finally {
    if (copy.dir !== job.dir) await rm(copy.dir, { recursive: true, force: true });
  }
}

/**
 * With the guilty change hidden, `none` and a low confidence are both right: nobody can know more. Wrong is a decoy
 * that is accused at a confidence of 0.8 or more, and to call it healthy.
 */
export function judgeHidden(answer: CaseAnswer, truth: Truth): Judgement {
  const { wrong: _, ...judged } = judge(answer, truth);
  const accused = answer.changes?.[0];
  const named = accused !== undefined && accused !== 'none' && (answer.confidence ?? 1) >= CONFIDENT;
  const outcomeRight = answer.outcome !== 'healthy';
  const wrong: Aspect[] = [
    ...(outcomeRight ? [] : (['outcome'] as const)),
    ...(judged.entityRank !== undefined && judged.entityRank !== 1 ? (['entity'] as const) : []),
    ...(named ? (['change'] as const) : []),
  ];
  return { ...judged, outcomeRight, wrong, right: wrong.length === 0 };
}
