/** Run ids: lowercase ULIDs, so that they sort by time and are safe as folder names. */
import { createHash, randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** A new ULID (26 characters, Crockford base 32, lowercase) for the given time in ms. */
export function ulid(now: number, random: Uint8Array = randomBytes(10)): string {
  let time = '';
  for (let i = 0, t = now; i < 10; i++, t = Math.floor(t / 32)) time = ALPHABET[t % 32] + time;
  let bits = 0;
  let held = 0;
  let tail = '';
  for (const byte of random) {
    bits = (bits << 8) | byte;
    held += 8;
    while (held >= 5) {
      held -= 5;
      tail += ALPHABET[(bits >> held) & 31];
    }
    bits &= (1 << held) - 1;
  }
  return time + tail;
}

/** The id of a run of which there shall be one: the same for the same time and the same words. */
export const ulidOf = (at: number, words: string): string =>
  ulid(at, createHash('sha256').update(words).digest().subarray(0, 10));

export const isRunId = (s: string): boolean => /^[0-9a-hjkmnp-tv-z]{26}$/.test(s);

/** The short name people see: the last six characters. */
export const shortId = (run: string): string => run.slice(-6);
