/** Hypotheses from the ranking: shares that add up to 1, `unknown` always among them. */
import type { RankedCandidate, Ranking } from '../analysis/ranking.ts';
import { byText } from '../core/canonical.ts';
import type { Hypothesis } from '../core/types.ts';

const SHOWN = 5;

/** The first candidates as hypotheses H1, H2 …, then `unknown` with what is left. */
export function hypothesesOf(ranking: Ranking): Hypothesis[] {
  const shown = ranking.candidates.slice(0, SHOWN);
  const total = ranking.candidates.reduce((sum, c) => sum + c.score, 0);
  const known = total > 0 ? 1 - ranking.unknown : 0;
  const hypotheses = shown.map((c, i) => toHypothesis(c, i, total > 0 ? (c.score / total) * known : 0));
  const rest = 1 - hypotheses.reduce((sum, h) => sum + h.score, 0);
  return [
    ...hypotheses,
    {
      id: 'H0',
      claim: 'unknown cause',
      category: 'unknown',
      score: round(rest),
      for: [],
      against: [],
      state: 'unknown',
      claims: [],
    },
  ];
}

function toHypothesis(c: RankedCandidate, i: number, share: number): Hypothesis {
  const against = c.against.reduce((sum, w) => sum + w.weight, 0);
  const pro = c.for.reduce((sum, w) => sum + w.weight, 0);
  const state = i === 0 && share > 0 ? 'lead' : against > pro ? 'ruled-out' : 'possible';
  return {
    id: `H${i + 1}`,
    claim: c.sentence,
    category: c.category,
    entity: c.entity,
    ...(c.change ? { change: c.change } : {}),
    score: round(share),
    for: sorted(c.for),
    against: sorted(c.against),
    state,
    claims: c.claims,
  };
}

const sorted = (weights: Hypothesis['for']): Hypothesis['for'] =>
  [...weights].sort((a, b) => b.weight - a.weight || byText(a.reason, b.reason));

const round = (x: number): number => Number(x.toFixed(4));
