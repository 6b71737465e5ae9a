/**
 * Log templates without rules per system. A line is masked token by token (`maskLine`), which already makes equal what
 * differs only in numbers, ids and times; what still differs in words is grouped by `groupTemplates`, after Brain
 * (Yu et al., "Brain: Log Parsing with Bidirectional Parallel Tree", IEEE TSC 2023). Both look at the set of lines and
 * never at their order.
 */
import { byText } from '../core/canonical.ts';

export const HOLE = '<*>';

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

/** Coarser forms of a masked line for a service whose lines have too many distinct shapes; level 0 is the line itself. */
export function coarser(masked: string, level: number): string {
  if (level === 0) return masked;
  const words = masked.split(' ').map((w) => (/^[A-Za-z]+[:.,;]?$/.test(w) ? w : HOLE));
  return words.slice(0, level === 1 ? 40 : level === 2 ? 5 : 0).join(' ');
}

/** At most this many distinct words at a place are still the text of so many statements; more are values of one. */
const BRANCHES = 2;

interface Row {
  key: string;
  words: string[];
  weight: number;
  /** Weight of the rows that have the same word in the same place. */
  freq: number[];
}

/** Places of a masked line: white space and the common separators end a word; brackets stay with their word. */
const wordsOf = (masked: string): string[] => masked.replace(/([=:,])(?=\S)/g, '$1 ').split(' ');

/**
 * Groups masked lines into templates. `counts` maps a masked line to its number of records; the result maps each to its
 * template. Lines of equal length are compared place by place: the words that are equally frequent and make up most of
 * a line are its root; rarer places with few distinct words split the group, with many become holes.
 */
export function groupTemplates(counts: Map<string, number>): Map<string, string> {
  const byLength = new Map<number, Row[]>();
  for (const key of [...counts.keys()].sort(byText)) {
    const words = wordsOf(key);
    const rows = byLength.get(words.length) ?? [];
    if (rows.length === 0) byLength.set(words.length, rows);
    rows.push({ key, words, weight: counts.get(key)!, freq: [] });
  }
  const result = new Map<string, string>();
  for (const rows of byLength.values()) {
    for (const group of rootGroups(rows)) split(group.rows, group.root, result);
  }
  return result;
}

function countPlaces(rows: Row[]): void {
  const width = rows[0]!.words.length;
  const at: Map<string, number>[] = Array.from({ length: width }, () => new Map());
  for (const r of rows)
    for (let p = 0; p < width; p++) at[p]!.set(r.words[p]!, (at[p]!.get(r.words[p]!) ?? 0) + r.weight);
  for (const r of rows) r.freq = r.words.map((w, p) => at[p]!.get(w)!);
}

/** Rows that share their longest combination of equally frequent words. */
function rootGroups(rows: Row[]): { rows: Row[]; root: number }[] {
  countPlaces(rows);
  const groups = new Map<string, { rows: Row[]; root: number }>();
  for (const r of rows) {
    const members = new Map<number, number>();
    r.freq.forEach((f, p) => {
      if (r.words[p] !== HOLE) members.set(f, (members.get(f) ?? 0) + 1);
    });
    // Most words first, then the more frequent ones.
    const root = [...members].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0] ?? 0;
    const id = `${root}\n${r.words.map((w, p) => (r.freq[p] === root && w !== HOLE ? `${p} ${w}` : '')).join('\n')}`;
    const g = groups.get(id) ?? { rows: [], root };
    if (g.rows.length === 0) groups.set(id, g);
    g.rows.push(r);
  }
  return [...groups.values()];
}

/** Decides the places outside of the root, leftmost splitting place first. */
function split(rows: Row[], root: number, result: Map<string, string>): void {
  const width = rows[0]!.words.length;
  const distinct = Array.from({ length: width }, (_, p) => new Set(rows.map((r) => r.words[p]!)));
  const rare = (p: number): boolean => rows.some((r) => r.freq[p]! < root);
  const place = distinct.findIndex(
    (d, p) => d.size > 1 && d.size <= BRANCHES && rare(p) && ![...d].some((w) => w.includes(HOLE)),
  );
  if (place >= 0 && rows.length > 1) {
    for (const word of [...distinct[place]!].sort(byText)) {
      split(
        rows.filter((r) => r.words[place] === word),
        root,
        result,
      );
    }
    return;
  }
  const template = rows[0]!.words.map((w, p) => (distinct[p]!.size === 1 ? w : HOLE)).join(' ');
  for (const r of rows) result.set(r.key, template);
}
