/**
 * How sure: the strength of the best evidence and its lead over the second, capped by how many independent kinds of
 * evidence agree. A score is a rank and no probability; blame shares always add up to 1, so they never count alone.
 */
import type { Modality, Part } from './parts.ts';
import { clip } from './stats.ts';

/** Below this product of strength and lead, nearly half of the first answers were wrong. */
const WEAK = 0.2;
/** From here on hardly any was. */
const CLEAR = 0.5;
/** Confidence at no evidence, at WEAK and at CLEAR. */
const AT = { nothing: 0.1, weak: 0.45, clear: 0.9 };
/** One kind of evidence alone is never surer than this, nor an answer whose kind of cause is a guess. */
export const ALONE_CAP = 0.78;
const CATEGORY_CAP = 0.75;
/** The category is clear when it has this share of what tells a category. */
const CATEGORY_CLEAR = 0.7;
/** A kind of evidence agrees when it is at least this strong. */
const AGREES = 0.3;

export interface Standing {
  score: number;
  parts: Part[];
}

/** `standing` best first. */
export function confidenceOf(standing: Standing[], category: { category: string; certainty: number }): number {
  const [first, second] = standing;
  if (!first || first.score <= 0) return 0;
  const strength = Math.max(0, ...first.parts.map((p) => p.strength));
  const lead = 1 - (second?.score ?? 0) / first.score;
  const c = Math.sqrt(strength * clip(lead, 0, 1));
  const raw =
    c < WEAK
      ? AT.nothing + ((AT.weak - AT.nothing) * c) / WEAK
      : AT.weak + (AT.clear - AT.weak) * clip((c - WEAK) / (CLEAR - WEAK), 0, 1);
  const alone = agreeing(standing).size < 2 ? ALONE_CAP : 1;
  const guessed = category.category === 'unknown' || category.certainty < CATEGORY_CLEAR ? CATEGORY_CAP : 1;
  return Number(Math.min(raw, alone, guessed).toFixed(4));
}

/** Independent kinds of evidence that point at the first more than at any other. */
export function agreeing(standing: Standing[]): Set<Modality> {
  const agree = new Set<Modality>();
  const of = (s: Standing, m: Modality): number =>
    Math.max(0, ...s.parts.filter((p) => p.modality === m).map((p) => p.strength));
  for (const m of new Set(standing[0]!.parts.map((p) => p.modality))) {
    const own = of(standing[0]!, m);
    if (own >= AGREES && standing.slice(1).every((s) => of(s, m) < own)) agree.add(m);
  }
  return agree;
}
