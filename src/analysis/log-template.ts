/**
 * Log templates without rules per system, the part that sees every line: masking, which makes equal what differs only in
 * numbers, ids and times. What remains are a few thousand shapes at most, which `log-groups` makes into templates.
 */
import { HOLE } from './log-values.ts';

/** Only the start of a line is looked at: what comes later is data, and lines can be megabytes. */
export const LINE_MAX = 400;

const EXTENSIONS = ['go', 'java', 'kt', 'scala', 'py', 'js', 'ts', 'c', 'cc', 'cpp', 'rs', 'rb', 'cs', 'php'];
/** `Controller#129`, `server.go:123`, `Foo.java:12`: the statement that logged, when the line carries it near its start. */
const LOCATION = new RegExp(
  String.raw`(?:^|[\s[(])([\w$.[\]/-]+#\d+|[\w$/-]+\.(?:${EXTENSIONS.join('|')}):\d+)(?=[\s\]):,]|$)`,
);
const LOCATION_WITHIN = 160;
const ENDINGS = new Set(EXTENSIONS.map((e) => `.${e}`));
const LONGEST_ENDING = Math.max(...[...ENDINGS].map((e) => e.length));

/** The source location of the logging statement, where the line shows it. */
export function locationOf(line: string): string | undefined {
  const head = line.length > LOCATION_WITHIN ? line.slice(0, LOCATION_WITHIN) : line;
  if (!head.includes('#') && !head.includes(':')) return undefined;
  return LOCATION.exec(head)?.[1];
}

/** Whether the `#` or `:` at `i` may belong to such a location; a cheap look around it. */
export function isLocatedAt(line: string, i: number): boolean {
  const next = line.charCodeAt(i + 1);
  return next >= 48 && next <= 57 && i < LOCATION_WITHIN && (line[i] === '#' || hasEnding(line, i));
}

/** `.go`, `.scala` … before `end`. */
function hasEnding(line: string, end: number): boolean {
  const dot = line.lastIndexOf('.', end);
  return end - dot <= LONGEST_ENDING && ENDINGS.has(line.slice(Math.max(0, dot), end));
}

/** Hex words of this length are ids even without a digit. */
export const HEX_MIN = 8;
const VALUE =
  /(?<![\w\u0080-\uffff])(?:[A-Za-z_\u0080-\uffff]*\d[\w\u0080-\uffff]*|[A-Fa-f]{8,}(?![\w\u0080-\uffff]))/g;
/** `1.2.3.4:80`, `16:48:16.545`, `1, 2, 3`, and ids in groups like `7f1e-abcd-04aa` are one value. */
const JOINED = /<\*>(?:[:-](?:[A-Fa-f]{2}){1,2}(?![\w\u0080-\uffff])|[.:,/@+-]\s?<\*>)+/g;

/**
 * The first line's start with everything that looks like a value replaced by `<*>`: words that hold a digit, long hex
 * words, and runs of such joined by punctuation (times, addresses, uuids, versions, lists of numbers).
 */
export const maskLine = (line: string): string =>
  line.slice(0, LINE_MAX).replace(VALUE, HOLE).replace(JOINED, HOLE).replace(/\s+/g, ' ').trim();
