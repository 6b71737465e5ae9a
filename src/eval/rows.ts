/** What is told of each case: a row of `--json`. */
import type { Basis } from '../core/verdict.ts';
import type { CaseAnswer } from './answer.ts';
import type { CaseResult } from './case.ts';
import type { FoundBundle } from './find-bundles.ts';
import { type Judgement, judge } from './judge.ts';
import type { Truth } from './truth.ts';

export interface CaseRow {
  name: string;
  set: string;
  /** `failed`: it ended without an answer; `skipped`: a perturbation that does not apply. The field of that name says why. */
  outcome: CaseAnswer['outcome'] | 'failed' | 'skipped';
  confidence: number | null;
  /** Names of the ranked entities, best first, instances folded to the level of the truth. */
  ranking: string[];
  changes: string[] | null;
  category: string | null;
  reportHash: string | null;
  /** The truth and what differs from it; null = the case has none. */
  truth: (Pick<Truth, 'verdict' | 'entity' | 'change' | 'category'> & Judgement) | null;
  basis?: Basis;
  /** The case cut off before its onset. */
  twin?: CaseResult['twin'];
  failed?: string;
  skipped?: string;
  ms: number | null;
}

/** The row of a case that was answered. */
export function answeredRow({ name, set }: FoundBundle, result: CaseResult): CaseRow {
  const { answer, ranking, truth, judgement, twin, ms } = result;
  return {
    name,
    set,
    outcome: answer.outcome,
    confidence: answer.confidence,
    ranking,
    changes: answer.changes,
    category: answer.category,
    reportHash: answer.reportHash,
    truth: truth && judgement ? { ...known(truth), ...judgement } : null,
    ...(answer.basis ? { basis: answer.basis } : {}),
    ...(twin ? { twin } : {}),
    ms: Math.round(ms),
  };
}

/** The row of a case that was not asked: it counts nowhere. */
export const skippedRow = ({ name, set }: FoundBundle, why: string): CaseRow => ({
  ...{ name, set, outcome: 'skipped', confidence: null, ranking: [], changes: null, category: null },
  ...{ reportHash: null, truth: null, skipped: why, ms: null },
});

/** The row of a case that ended without an answer: wrong in all that its truth has, so that a crash gains nothing. */
export function failedRow({ name, set }: FoundBundle, why: string, truth: Truth | undefined): CaseRow {
  const nothing: CaseAnswer = {
    outcome: 'inconclusive',
    confidence: null,
    category: null,
    ranking: [],
    changes: [],
    reportHash: '',
  };
  const judged = truth && judge(nothing, truth);
  const wrong = judged && (judged.outcomeRight ? (['outcome', ...judged.wrong] as const) : judged.wrong);
  return {
    name,
    set,
    outcome: 'failed',
    confidence: null,
    ranking: [],
    changes: [],
    category: null,
    reportHash: null,
    truth:
      truth && judged && wrong
        ? { ...known(truth), ...judged, outcomeRight: false, right: false, wrong: [...wrong] }
        : null,
    failed: why,
    ms: null,
  };
}

function known({
  verdict,
  entity,
  change,
  category,
}: Truth): Pick<Truth, 'verdict' | 'entity' | 'change' | 'category'> {
  return {
    verdict,
    ...(entity === undefined ? {} : { entity }),
    ...(change === undefined ? {} : { change }),
    ...(category === undefined ? {} : { category }),
  };
}
