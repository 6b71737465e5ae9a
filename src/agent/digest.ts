/**
 * A large answer made small for the model, with its counts kept: what kinds of lines there are and how many of each,
 * how they lie in time, the head and the tail. Nothing is cut silently: what is left out is named and can be read.
 */
import { byText } from '../core/canonical.ts';
import { count, cut } from '../core/text.ts';

/** Characters of one line in a digest; `read_lines` shows the rest. */
const SHOWN_LINE = 400;
const KINDS = 12;
const BINS = 12;

export interface Digest {
  /** Numbered lines, and lines about lines that begin with `--`. */
  lines: string[];
  /** Lines shown of all. */
  shown: number;
  of: number;
}

/** Lines that fit into `room` characters. */
export function digest(lines: string[], room: number): Digest {
  const whole = lines.map(numbered);
  if (sizeOf(whole) <= room) return { lines: whole, shown: lines.length, of: lines.length };
  const short = lines.map((line, i) => numbered(shorten(line), i));
  const about = [...kinds(lines), ...times(lines)];
  const kept = fitting(about, room / 3);
  const left = room - sizeOf(kept) - 120;
  const head = fitting(short, (left * 2) / 3);
  const tail = fitting(short.slice(head.length).toReversed(), left - sizeOf(head)).toReversed();
  const [from, to] = [head.length + 1, lines.length - tail.length];
  const gap =
    to >= from
      ? [`-- L${from}-L${to} are not shown (${count(to - from + 1)} of ${count(lines.length)} lines): read_lines`]
      : [];
  return { lines: [...kept, ...head, ...gap, ...tail], shown: head.length + tail.length, of: lines.length };
}

/** Lines `from` to `to` (from 1, inclusive) as far as they fit, and where to go on. */
export function page(lines: string[], from: number, to: number, room: number): Digest {
  const wanted = lines.slice(from - 1, to).map((line, i) => `L${from + i} ${line}`);
  const kept = fitting(wanted, room - 80);
  const next = from + kept.length;
  const more = kept.length < wanted.length ? [`-- cut here for size: go on with from ${next}`] : [];
  return { lines: [...kept, ...more], shown: kept.length, of: lines.length };
}

const numbered = (line: string, i: number): string => `L${i + 1} ${line}`;
const shorten = (line: string): string =>
  line.length <= SHOWN_LINE ? line : `${cut(line, SHOWN_LINE)} (+${line.length - SHOWN_LINE} characters)`;
const sizeOf = (lines: string[]): number => lines.reduce((n, l) => n + l.length + 3, 0);

function fitting(lines: string[], room: number): string[] {
  let size = 0;
  const over = lines.findIndex((l) => {
    size += l.length + 3;
    return size > room;
  });
  return over < 0 ? lines : lines.slice(0, over);
}

/** What changes from one record to the next of its kind: times, numbers, ids, quoted words. */
const VARIABLE = /\d{4}-\d\d-\d\dT[\d:.]+Z?|"[^"]*"|\b[0-9a-f]{8,}\b|\d+(?:[.:]\d+)*/gi;

/** The kinds of lines with their counts, the most frequent first, each with its first line. */
function kinds(lines: string[]): string[] {
  const found = new Map<string, { n: number; first: number }>();
  for (const [i, line] of lines.entries()) {
    const kind = cut(line.replace(VARIABLE, '*'), 160);
    const seen = found.get(kind);
    if (seen) seen.n++;
    else found.set(kind, { n: 1, first: i + 1 });
  }
  const all = [...found].sort((a, b) => b[1].n - a[1].n || byText(a[0], b[0]));
  const rest = all.slice(KINDS).reduce((n, [, k]) => n + k.n, 0);
  return [
    `-- ${count(lines.length)} lines of ${count(all.length)} kinds:`,
    ...all.slice(0, KINDS).map(([kind, k]) => `-- ${count(k.n)} x ${kind} (first L${k.first})`),
    ...(rest > 0 ? [`-- ${count(rest)} lines of ${count(all.length - KINDS)} further kinds`] : []),
  ];
}

const STAMP = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/;

/** How the lines that begin with a time lie between the first and the last one. */
function times(lines: string[]): string[] {
  const at = lines.flatMap((l) => STAMP.exec(l.slice(0, 40))?.[0] ?? []).map(Date.parse);
  if (at.length < BINS) return [];
  const [from, to] = at.reduce(([a, b], t) => [Math.min(a, t), Math.max(b, t)], [at[0]!, at[0]!]);
  const width = Math.max(1, (to - from) / BINS);
  const bins = Array.from({ length: BINS }, () => 0);
  for (const t of at) bins[Math.min(BINS - 1, Math.floor((t - from) / width))]! += 1;
  return [
    `-- in time, ${BINS} equal parts from ${new Date(from).toISOString()} to ${new Date(to).toISOString()}: ${bins.join(' ')}`,
  ];
}
