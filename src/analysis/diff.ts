/**
 * Does a change's diff meet the failure's signature? Words of the failure (errors, exceptions, failing operations, moved
 * metrics, the alert) are looked for in the lines that the change adds or removes. Such overlap yields a short list, not
 * a verdict: decoys are made of the same words.
 */
import type { Change } from '../core/telemetry.ts';
import { diffLines, type Effect, effectOf, isInertFile } from './inert.ts';
import { squash } from './stats.ts';

/** How much a word counts by where the change has it. Lines say what changed, the rest only where. */
const PLACE = { line: 1, path: 0.6, title: 0.4, context: 0.4, both: 0.3 } as const;
/** How much a change of this effect can have done. */
const EFFECT: Record<Effect, number> = { removes: 1, alters: 1, adds: 0.8, unseen: 0.3, talks: 0.15, inert: 0.1 };
/** Score at which a match is half believed. */
const HALF = 2;
/** One word does not carry a match. */
const WORD_MAX = 2;

const STOP = new Set(
  (
    'the a an and or of to in is are was be for on at by with from not no as it this that if else return const let var func def ' +
    'new null true false error err failed failure request response service server client http get set post put value type string int ' +
    'name id key data list map log info warn debug time ms sec count total rate high low test config'
  ).split(' '),
);

/** Lower-case words of a text, identifiers split at case and punctuation, with light stemming, and whole identifiers. */
export function wordsOf(text: string): Set<string> {
  const out = new Set<string>();
  for (const identifier of text.match(/[A-Za-z][\w-]{2,}/g) ?? []) {
    const parts = identifier
      .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .filter((w) => w.length > 2 && !STOP.has(w));
    for (const p of parts) out.add(stem(p));
    if (parts.length > 1) out.add(`=${parts.join('')}`);
  }
  return out;
}

const stem = (w: string): string => (w.length > 4 ? w.replace(/(?:ing|ies|ied|ed|es|s)$/, '') : w);

/** Adds the words of a text to a signature with a weight; the strongest source of a word counts. */
export function addWords(signature: Map<string, number>, text: string, weight: number): void {
  for (const w of wordsOf(text)) signature.set(w, Math.max(signature.get(w) ?? 0, weight));
}

export interface DiffMatch {
  /** 0 to 1. */
  match: number;
  /** The words that met, strongest first. */
  words: string[];
  effect: Effect;
}

/** Words by the place where a change has them, the strongest place each. */
function placesOf(change: Change): Map<string, number> {
  const places = new Map<string, number>();
  const put = (text: string, weight: number): void => {
    for (const w of wordsOf(text)) places.set(w, Math.max(places.get(w) ?? 0, weight));
  };
  put(change.title, PLACE.title);
  for (const f of diffLines(change)) {
    if (isInertFile(f.path)) continue;
    put(f.path, PLACE.path);
    put(f.context.join('\n'), PLACE.context);
    const plus = wordsOf(f.added.join('\n'));
    const minus = wordsOf(f.removed.join('\n'));
    for (const w of new Set([...plus, ...minus])) {
      // A word on both sides was there before and is still there.
      const weight = plus.has(w) && minus.has(w) ? PLACE.both : PLACE.line;
      places.set(w, Math.max(places.get(w) ?? 0, weight));
    }
  }
  return places;
}

/** Matches of all changes of a window: words that many of them have count less (inverse document frequency). */
export function matchChanges(changes: Change[], signature: Map<string, number>): Map<string, DiffMatch> {
  const places = changes.map(placesOf);
  const seen = new Map<string, number>();
  for (const p of places) for (const w of p.keys()) seen.set(w, (seen.get(w) ?? 0) + 1);
  const n = changes.length;
  const rarity = (w: string): number => Math.log((n + 1) / (seen.get(w) ?? 1)) / Math.log(n + 1);
  return new Map(
    changes.map((c, i) => {
      const hits = [...places[i]!]
        .map(([w, place]) => ({
          w,
          score: Math.min(WORD_MAX, (signature.get(w) ?? 0) * place * (n > 1 ? rarity(w) : 1)),
        }))
        .filter((h) => h.score > 0)
        .sort((a, b) => b.score - a.score || (a.w < b.w ? -1 : 1));
      const size = places[i]!.size;
      const raw = hits.reduce((s, h) => s + h.score, 0) / (1 + 0.02 * size);
      const effect = effectOf(c);
      const words = hits.slice(0, 6).map((h) => h.w.replace('=', ''));
      return [c.id, { match: squash(raw * EFFECT[effect], HALF), words, effect }];
    }),
  );
}
