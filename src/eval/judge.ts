/** One answer against its truth. */
import type { CaseAnswer } from './answer.ts';
import { fold } from './fold.ts';
import type { Truth } from './truth.ts';

/** What can be wrong with an answer, each compared only where the truth has it. */
export type Aspect = 'outcome' | 'entity' | 'change' | 'category';

export interface Judgement {
  /** From 1; null = not ranked; undefined = the truth names no entity. */
  entityRank?: number | null;
  /** Also undefined where the method ranks no changes. */
  changeRank?: number | null;
  /** cause / healthy / inconclusive against cause / healthy / unknown. */
  outcomeRight: boolean;
  /** What differs from the truth. */
  wrong: Aspect[];
  /**
   * Whether what the confidence speaks of is so. A decided verdict: nothing differs. An inconclusive one: its
   * leading explanation (entity, change, category) is the true one, because that is what its confidence weighs.
   */
  right: boolean;
}

/** From this confidence on an answer is taken at its word. */
export const CONFIDENT = 0.8;

export function judge(answer: CaseAnswer, truth: Truth): Judgement {
  const names = truth.entity === undefined ? undefined : [truth.entity].flat();
  const entityRank = names && rankOf(fold(answer.ranking, truth.level), names);
  const { category, changes } = answer;
  const changeRank = truth.change === undefined || changes === null ? undefined : rankOf(changes, [truth.change]);
  const outcomeRight = answer.outcome === (truth.verdict === 'unknown' ? 'inconclusive' : truth.verdict);
  const categoryDiffers = truth.category !== undefined && category !== null && category !== truth.category;
  const leadWrong: Aspect[] = [
    ...(entityRank !== undefined && entityRank !== 1 ? (['entity'] as const) : []),
    ...(changeRank !== undefined && changeRank !== 1 ? (['change'] as const) : []),
    ...(categoryDiffers ? (['category'] as const) : []),
  ];
  const undecided = answer.outcome === 'inconclusive';
  return {
    ...(entityRank === undefined ? {} : { entityRank }),
    ...(changeRank === undefined ? {} : { changeRank }),
    outcomeRight,
    wrong: [...(outcomeRight ? [] : (['outcome'] as const)), ...leadWrong],
    right: leadWrong.length === 0 && (undecided ? truth.verdict === 'cause' : outcomeRight),
  };
}

function rankOf(ranking: string[], names: string[]): number | null {
  const place = ranking.findIndex((name) => names.includes(name));
  return place < 0 ? null : place + 1;
}

/** Confident and wrong: the worst outcome. */
export const confidentWrong = (confidence: number | null, judged: { wrong: readonly string[] }): boolean =>
  confidence !== null && confidence >= CONFIDENT && judged.wrong.length > 0;
