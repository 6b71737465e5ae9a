/** What a case was answered: by an investigation or by a reference method, in one shape. */
import { canonical, sha256 } from '../core/canonical.ts';
import type { Category } from '../core/types.ts';
import type { Basis, Candidate, Verdict } from '../core/verdict.ts';

export interface CaseAnswer {
  outcome: Verdict['outcome'];
  /** 0 to 1; null where the method has none. */
  confidence: number | null;
  /** null where the method names none. */
  category: Category | null;
  /** Best first. */
  ranking: Pick<Candidate, 'name' | 'level' | 'of'>[];
  /** Ids of the accused changes, best first; `none` = no change is guilty; null where the method ranks none. */
  changes: string[] | null;
  /** SHA-256 of all that is deterministic in the answer. */
  reportHash: string;
  /** What the confidence was made of, for its calibration. */
  basis?: Basis;
}

/** The part of a verdict that is compared with the truth. */
export function answerOf(verdict: Verdict): CaseAnswer {
  const { outcome, confidence, category, candidates, entity } = verdict;
  const ranking: CaseAnswer['ranking'] = candidates.length > 0 ? candidates : entity ? [entity] : [];
  return {
    outcome,
    confidence,
    category,
    ranking: ranking.map(({ name, level, of }) => ({ name, level, ...(of === undefined ? {} : { of }) })),
    changes: changesOf(verdict),
    reportHash: sha256(canonical(verdict)),
    ...(verdict.gate.basis ? { basis: verdict.gate.basis } : {}),
  };
}

/** A verdict that decides without naming a change says that none is guilty. */
function changesOf({ outcome, change, changes }: Verdict): string[] {
  if (changes.length > 0) return changes.map((c) => c.id);
  if (change !== undefined) return [change];
  return outcome === 'inconclusive' ? [] : ['none'];
}
