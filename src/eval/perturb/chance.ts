/** Seeded chance: the same seed and text give the same number on every machine, whatever came before. */
import { byText, sha256 } from '../../core/canonical.ts';

/** A number from 0 (inclusive) to 1 (exclusive) that looks random: 48 bits of a SHA-256. */
export const fraction = (seed: string, text: string): number =>
  Number.parseInt(sha256(`${seed}\n${text}`).slice(0, 12), 16) / 2 ** 48;

/** The same items in an order that looks random and does not depend on the one they come in. */
export function shuffled(seed: string, items: readonly string[]): string[] {
  const keyed = items.map((item) => ({ item, at: fraction(seed, item) }));
  return keyed.sort((a, b) => a.at - b.at || byText(a.item, b.item)).map((k) => k.item);
}
