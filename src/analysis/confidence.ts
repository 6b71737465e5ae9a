/**
 * How sure: the chance that the first candidate is the one, that the change question is answered right, and that the
 * kind of cause is told right, each fitted to judged cases. A score is a rank and no probability; blame shares always
 * add up to 1, so they never count alone: what counts is the strength of the best evidence and its lead over the second.
 */
import type { Basis } from '../core/verdict.ts';
import type { Standing } from './candidate.ts';
import { FIT, type Fit } from './confidence-fit.ts';
import type { Modality } from './parts.ts';
import { clip } from './stats.ts';

/** Weaker evidence than this is what fault-free times show too, however far it is ahead of the rest. */
const STRENGTH_FULL = 0.5;
/** A lead of this share of the score is clear; a larger one says no more. */
const LEAD_FULL = 0.3;
/** Of somebody of whom only others speak, nobody looked at: too few such cases to fit it. */
const UNSEEN_CAP = 0.65;
/** What has passed by itself may be an earlier trouble, and not what the alert is about. */
const PASSED_CAP = 0.65;
/** A verdict that cannot tell the kind of cause is worth so much of one that can. */
const UNKNOWN_KIND = 0.2;
/** Where another kind of cause is told nearly as clearly, the verdict is not sure of its own. */
const CONTESTED = { below: 0.6, cap: 0.78 };
/** A kind of evidence agrees when it is at least this strong. */
const AGREES = 0.3;

/** What there is to be sure with; `standing` best first. */
export function basisOf(
  standing: Pick<Standing, 'parts' | 'score'>[],
  category: { category: string; certainty: number },
  more: Pick<Basis, 'change' | 'seen' | 'passed'>,
): Basis {
  const [first, second] = standing;
  const strongest = [...(first?.parts ?? [])].sort((a, b) => b.strength - a.strength)[0];
  const strength = Math.max(0, strongest?.strength ?? 0);
  const lead = first && first.score > 0 ? clip(1 - (second?.score ?? 0) / first.score, 0, 1) : 0;
  return {
    strength: round(strength),
    lead: round(lead),
    by: strongest?.means ?? 'nothing',
    agreeing: first ? agreeing(standing) : [],
    category: category.category === 'unknown' ? 0 : round(category.certainty),
    ...more,
  };
}

/** What the fit of `place` weighs. */
export function placeFeatures(b: Basis): number[] {
  const lead = clip(b.lead / LEAD_FULL, 0, 1);
  return [1, b.strength, lead, b.change === 'proven' || b.change === 'coincides' ? 1 : 0];
}

/** What the fit of `kind` weighs. */
export const kindFeatures = (b: Basis): number[] => [1, b.category];

/** Under which name the fit knows how the change question stands. */
export const changeClass = (b: Basis): keyof Fit['change'] =>
  b.change === 'suspected' || b.change === 'open' ? b.change : 'shown';

/** Chances from 0 to 1: that who and what was changed are right, and, given that, that the kind of cause is. */
export function confidenceOf(b: Basis, fit: Fit = FIT): { confidence: number; kind: number } {
  if (b.strength === 0) return { confidence: 0, kind: 0 };
  const sound = clip(b.strength / STRENGTH_FULL, 0, 1);
  const caps = [b.seen ? 1 : UNSEEN_CAP, b.passed ? PASSED_CAP : 1];
  const place = sound * Math.min(logistic(fit.place, placeFeatures(b)), ...caps);
  return {
    confidence: round(place * fit.change[changeClass(b)]),
    kind: round(kindOf(b, fit)),
  };
}

function kindOf(b: Basis, fit: Fit): number {
  if (b.category === 0) return UNKNOWN_KIND;
  return Math.min(logistic(fit.kind, kindFeatures(b)), b.category < CONTESTED.below ? CONTESTED.cap : 1);
}

const logistic = (weights: readonly number[], features: number[]): number =>
  1 / (1 + Math.exp(-features.reduce((sum, x, i) => sum + x * weights[i]!, 0)));

const round = (x: number): number => Number(x.toFixed(4));

/** Independent kinds of evidence that point at the first more than at any other, sorted. */
function agreeing(standing: Pick<Standing, 'parts' | 'score'>[]): Modality[] {
  const of = (s: Pick<Standing, 'parts'>, m: Modality): number =>
    Math.max(0, ...s.parts.filter((p) => p.modality === m).map((p) => p.strength));
  return [...new Set(standing[0]!.parts.map((p) => p.modality))]
    .filter((m) => {
      const own = of(standing[0]!, m);
      return own >= AGREES && standing.slice(1).every((s) => of(s, m) < own);
    })
    .sort();
}
