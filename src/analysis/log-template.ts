/**
 * Log templates without rules per system, the part that sees every line: masking, which makes equal what differs only in
 * numbers, ids and times. What remains are a few thousand shapes at most, which `log-groups` makes into templates.
 */
import { HOLE, maskValues } from './log-values.ts';

/** Only the start of a line is looked at: what comes later is data, and lines can be megabytes. */
const LINE_MAX = 400;

/** `Controller#129`, `server.go:123`, `Foo.java:12`: the statement that logged, when the line carries it near its start. */
const LOCATION =
  /(?:^|[\s[(])([\w$.[\]/-]+#\d+|[\w$/-]+\.(?:go|java|kt|scala|py|js|ts|cc?|cpp|rs|rb|cs|php):\d+)(?=[\s\]):,]|$)/;
const LOCATION_WITHIN = 160;

/** The source location of the logging statement, where the line shows it. */
export function locationOf(line: string): string | undefined {
  const head = line.length > LOCATION_WITHIN ? line.slice(0, LOCATION_WITHIN) : line;
  if (!head.includes('#') && !head.includes(':')) return undefined;
  return LOCATION.exec(head)?.[1];
}

const isWord = (c: number): boolean =>
  (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c === 95 || c > 127;
const isHexWord = (w: string): boolean => w.length >= 8 && /^[0-9a-fA-F]+$/.test(w);

/**
 * The line with everything that looks like a value replaced by `<*>`: words that hold a digit, long hex words, and runs
 * of such joined by punctuation (times, addresses, uuids, versions, lists of numbers).
 */
export function maskLine(line: string): string {
  const n = Math.min(line.length, LINE_MAX);
  let out = '';
  let i = 0;
  let lastHoleEnd = -1;
  let glue = '';
  while (i < n) {
    const c = line.charCodeAt(i);
    if (!isWord(c)) {
      if (lastHoleEnd >= 0 && glue.length < 3) glue += line[i];
      else {
        if (lastHoleEnd >= 0) {
          out += glue;
          glue = '';
          lastHoleEnd = -1;
        }
        out += line[i];
      }
      i++;
      continue;
    }
    const start = i;
    let digit = false;
    while (i < n) {
      const d = line.charCodeAt(i);
      if (!isWord(d)) break;
      if (d >= 48 && d <= 57) digit = true;
      i++;
    }
    const word = line.slice(start, i);
    if (digit || isHexWord(word)) {
      // `1.2.3.4:80`, `16:48:16.545`, `a1-b2`, `1, 2, 3` are one value.
      if (lastHoleEnd >= 0 && /^[.:,/@+-]\s?$/.test(glue)) glue = '';
      else {
        out += glue + HOLE;
        glue = '';
      }
      lastHoleEnd = i;
    } else {
      out += glue + word;
      glue = '';
      lastHoleEnd = -1;
    }
  }
  return (out + glue).replace(/\s+/g, ' ').trim();
}

/**
 * Coarser forms of a masked line for a service whose lines have too many distinct shapes; level 0 is the line itself, and
 * level 1 loses nothing, since lines are grouped in that form anyway.
 */
export function coarser(masked: string, level: number): string {
  if (level === 0) return masked;
  const values = maskValues(masked);
  if (level === 1) return values;
  const words = values.split(' ').map((w) => (/^[A-Za-z]+[:.,;]?$/.test(w) ? w : HOLE));
  return words.slice(0, level === 2 ? 40 : level === 3 ? 5 : 0).join(' ');
}
