/** Hypotheses from the ranking: shares that add up to 1, `unknown` always among them. */
import type { RankedCandidate, Ranking } from '../analysis/ranking.ts';
import { byText } from '../core/canonical.ts';
import type { Hypothesis } from '../core/types.ts';

const SHOWN = 5;
/** No share is larger: something unknown is always possible. */
const MOST = 0.97;
/** Of the belief that the lead leaves, `unknown` keeps at least this share. */
const UNKNOWN_SHARE = 0.25;

/**
 * The first candidates as hypotheses H1, H2 …, then `unknown` with what is left. The lead's share is the confidence in
 * it; the others have shares in proportion to their scores, as far as there is room.
 */
export function hypothesesOf(ranking: Ranking): Hypothesis[] {
  const { candidates, confidence } = ranking;
  const [first, ...others] = candidates.filter((c) => c.score > 0);
  const lead = first ? Math.min(confidence, MOST) : 0;
  const wanted = others.map((c) => (lead * c.score) / first!.score);
  const room = (1 - lead) * (1 - UNKNOWN_SHARE);
  const total = wanted.reduce((a, b) => a + b, 0);
  const fit = total > room ? room / total : 1;
  const shares = [lead, ...wanted.map((w) => w * fit)];
  const shown = candidates.slice(0, SHOWN).map((c, i) => toHypothesis(c, i, shares[i] ?? 0));
  const rest = 1 - shown.reduce((sum, h) => sum + h.score, 0);
  return [
    ...shown,
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
    ...(c.refutedBy === undefined ? {} : { refutedBy: c.refutedBy }),
    state,
    claims: c.claims,
  };
}

/** Equal reasons are told once, with their weights added and all their evidence. */
function sorted(weights: Hypothesis['for']): Hypothesis['for'] {
  const merged = new Map<string, Hypothesis['for'][number]>();
  for (const w of weights) {
    const seen = merged.get(w.reason);
    const cites = [...new Set([...(seen?.cites ?? []), ...w.cites])];
    merged.set(w.reason, { reason: w.reason, weight: round((seen?.weight ?? 0) + w.weight), cites });
  }
  return [...merged.values()].sort((a, b) => b.weight - a.weight || byText(a.reason, b.reason));
}

const round = (x: number): number => Number(x.toFixed(4));
