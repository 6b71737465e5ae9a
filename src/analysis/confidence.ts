/**
 * How sure: the strength of the best evidence and its lead over the second, capped by how many independent kinds of
 * evidence agree and by what is still open. A score is a rank and no probability; blame shares always add up to 1, so
 * they never count alone.
 */

import type { Basis } from '../core/verdict.ts';
import type { Modality, Part } from './parts.ts';
import { clip } from './stats.ts';

/** Below this product of strength and lead, nearly half of the first answers were wrong. */
const WEAK = 0.2;
/** From here on hardly any was. */
const CLEAR = 0.5;
/** Confidence at no evidence, at WEAK and at CLEAR. */
const AT = { nothing: 0.1, weak: 0.45, clear: 0.9 };
/** Evidence weaker than this is what fault-free times show too, however far it is ahead of the rest. */
const STRENGTH_MIN = 0.5;
/** One kind of evidence alone is never surer than this, nor an answer whose kind of cause is a guess. */
const ALONE_CAP = 0.78;
const CATEGORY_CAP = 0.75;
/** Words of a diff accuse, they do not prove; and with nobody to accuse the question stays open. */
const SUSPECTED_CAP = 0.7;
/** Somebody of whom only others speak. */
const UNSEEN_CAP = 0.7;
/** The category is clear when it has this share of what tells a category. */
const CATEGORY_CLEAR = 0.7;
/** A kind of evidence agrees when it is at least this strong. */
const AGREES = 0.3;

export interface Standing {
  score: number;
  parts: Part[];
}

/** What there is to be sure with; `standing` best first. */
export function basisOf(
  standing: Standing[],
  category: { category: string; certainty: number },
  change: Basis['change'],
  seen: boolean,
): Basis {
  const [first, second] = standing;
  const strongest = [...(first?.parts ?? [])].sort((a, b) => b.strength - a.strength)[0];
  const strength = Math.max(0, strongest?.strength ?? 0);
  const lead = first && first.score > 0 ? clip(1 - (second?.score ?? 0) / first.score, 0, 1) : 0;
  const round = (x: number): number => Number(x.toFixed(4));
  return {
    strength: round(strength),
    lead: round(lead),
    by: strongest?.means ?? 'nothing',
    agreeing: first ? agreeing(standing) : [],
    category: category.category === 'unknown' ? 0 : round(category.certainty),
    change,
    seen,
  };
}

/** 0 to 1. */
export function confidenceOf(b: Basis): number {
  const c = Math.sqrt(b.strength * b.lead) * clip(b.strength / STRENGTH_MIN, 0, 1);
  const raw =
    c < WEAK
      ? AT.nothing + ((AT.weak - AT.nothing) * c) / WEAK
      : AT.weak + (AT.clear - AT.weak) * clip((c - WEAK) / (CLEAR - WEAK), 0, 1);
  if (b.strength === 0) return 0;
  const caps = [
    b.agreeing.length < 2 ? ALONE_CAP : 1,
    b.category < CATEGORY_CLEAR ? CATEGORY_CAP : 1,
    b.seen ? 1 : UNSEEN_CAP,
    // A change that nobody listed may have come at the same time.
    b.change === 'coincides' ? ALONE_CAP : 1,
    b.change === 'suspected' || b.change === 'open' ? SUSPECTED_CAP : 1,
  ];
  return Number(Math.min(raw, ...caps).toFixed(4));
}

/** Independent kinds of evidence that point at the first more than at any other, sorted. */
function agreeing(standing: Standing[]): Modality[] {
  const of = (s: Standing, m: Modality): number =>
    Math.max(0, ...s.parts.filter((p) => p.modality === m).map((p) => p.strength));
  return [...new Set(standing[0]!.parts.map((p) => p.modality))]
    .filter((m) => {
      const own = of(standing[0]!, m);
      return own >= AGREES && standing.slice(1).every((s) => of(s, m) < own);
    })
    .sort();
}
