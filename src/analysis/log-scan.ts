/**
 * A line → a fingerprint, in one pass over its characters and without making a string. Two lines of one fingerprint have
 * one masked form, so what has been masked once need not be masked again.
 */
import { HEX_MIN, isLocatedAt, LINE_MAX } from './log-template.ts';

/** What a scan tells of a line; one object serves for millions of them. */
export interface Scan {
  /** Two halves of 32 bits. */
  hash: number;
  check: number;
  /** Index of the first line break within what was looked at; -1 where there is none. */
  end: number;
  /** The line may show the place in the code where it was logged, which masking hides. */
  located: boolean;
}

export const newScan = (): Scan => ({ hash: 0, check: 0, end: -1, located: false });

/** What a word is made of, as bits; 0 is no part of a word. */
const [HEX_LETTER, LETTER, DIGIT] = [1, 2, 4];
const KINDS = Uint8Array.from({ length: 128 }, (_, c) => {
  const s = String.fromCharCode(c);
  return /\d/.test(s) ? DIGIT : /[a-f]/i.test(s) ? HEX_LETTER : /\w/.test(s) ? LETTER : 0;
});

const [NEWLINE, HASH_SIGN, HYPHEN, COLON] = [10, 35, 45, 58];
/** Stands for a word that is a value; no character code. */
const VALUE = 0x2a3f51c7;
const SEED = 0x811c9dc5 | 0;

/** FNV-1a, and a mix that shares nothing with it. */
const fnv = (h: number, x: number): number => Math.imul(h ^ x, 0x01000193);
const turn = (h: number, x: number): number => (Math.imul((h << 13) | (h >>> 19), 0x9e3779b1) + x) | 0;

/** Scans the first line of a text, as far as masking looks at it. */
export function scanLine(text: string, scan: Scan): void {
  const n = Math.min(text.length, LINE_MAX);
  let hash = SEED;
  let check = SEED;
  let valueEnd = -2;
  let end = -1;
  let located = false;
  for (let i = 0; i < n; ) {
    const start = i;
    let word = SEED;
    let kinds = 0;
    let c = 0;
    for (; i < n; i++) {
      c = text.charCodeAt(i);
      const kind = c < 128 ? KINDS[c]! : LETTER;
      if (kind === 0) break;
      kinds |= kind;
      word = fnv(word, c);
    }
    if (i > start) {
      const length = i - start;
      const hex = kinds === HEX_LETTER;
      const group = hex && (length === 2 || length === 4) && valueEnd === start - 1 && isJoint(text, start - 1);
      const value = (kinds & DIGIT) !== 0 || (hex && length >= HEX_MIN) || group;
      if (value) valueEnd = i;
      hash = fnv(hash, value ? VALUE : word);
      check = turn(check, value ? VALUE : word);
      if (i === n) break;
    }
    if (c === NEWLINE) {
      end = i;
      break;
    }
    if ((c === COLON || c === HASH_SIGN) && isLocatedAt(text, i)) located = true;
    hash = fnv(hash, c);
    check = turn(check, c);
    i++;
  }
  scan.hash = hash;
  scan.check = check;
  scan.end = end;
  scan.located = located;
}

/** Groups of an id, `7f1e-abcd`, stand like this. */
function isJoint(text: string, i: number): boolean {
  const c = text.charCodeAt(i);
  return c === HYPHEN || c === COLON;
}
