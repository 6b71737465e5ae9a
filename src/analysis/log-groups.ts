/**
 * Masked lines → templates. Lines of the same words in the same places are one template; where they differ, a place is a
 * value when it takes many words for its number of records (after Brain, Yu et al., IEEE TSC 2023, and IPLoM, Makanju et
 * al., KDD 2009), and what looks like a name needs fewer than what looks like text. Only the set of lines counts, never
 * their order.
 */
import { byText } from '../core/canonical.ts';
import { HOLE, maskValues, WORD_CHAR } from './log-values.ts';

/** Distinct words at one place that make it a value: words of plain text, names, names with dots or slashes. */
const TEXTS = 6;
const NAMES = 3;
const QUALIFIED = 2;
/** … and plain words where numbers were seen in the same place. */
const TEXTS_BESIDE_NUMBERS = 3;

const TOKEN = new RegExp(String.raw`<\*>|${WORD_CHAR}+|[=:,;()[\]{}"'|<>]`, 'g');
/** They look like names, and tell statements apart. */
const KEYWORD =
  /^(?:GET|POST|PUT|DELETE|HEAD|PATCH|OPTIONS|TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|SEVERE)$/;

const bare = (t: string): string => t.replace(/[.!?]+$/, '');
const isWord = (t: string): boolean => t !== HOLE && /\p{L}/u.test(t);
/** Words as sentences have them: small letters, the first perhaps a capital, perhaps with hyphens. */
const TEXT = /^\p{L}?[\p{Ll}\p{Lo}\p{M}]*(?:-[\p{Ll}\p{Lo}\p{M}]+)*$/u;
const isText = (t: string): boolean => KEYWORD.test(t) || TEXT.test(bare(t));
const isQualified = (t: string): boolean => /[^.][.@/\\]./.test(bare(t));

interface Part {
  text: string;
  /** Its place in the line: first index, and the one behind its last. */
  from: number;
  to: number;
  /** Another word here may be a value of the same statement. */
  open: boolean;
}

interface Row {
  /** The line with all values masked. */
  text: string;
  parts: Part[];
  records: number;
}

/** Maps each masked line of `counts` (line → number of records) to its template. */
export function groupTemplates(counts: Map<string, number>): Map<string, string> {
  const textOf = new Map<string, string>();
  const rows = new Map<string, Row>();
  for (const line of [...counts.keys()].sort(byText)) {
    const text = maskValues(line);
    textOf.set(line, text);
    const row = rows.get(text) ?? toRow(text);
    row.records += counts.get(line)!;
    rows.set(text, row);
  }
  const named = openNames([...rows.values()].sort((a, b) => byText(a.text, b.text)));
  const widened = openTexts(named);
  return new Map([...textOf].map(([line, text]) => [line, widened.get(named.get(text)!)!]));
}

const partsOf = (text: string): Part[] =>
  [...text.matchAll(TOKEN)].map((m) => ({ text: m[0], from: m.index, to: m.index + m[0].length, open: false }));

function toRow(text: string): Row {
  const tokens = partsOf(text);
  // Without any plain word behind its start, the names are all that a line says.
  const speaks = tokens.some((t, i) => i > 0 && isWord(t.text) && isText(t.text));
  const parts: Part[] = [];
  tokens.forEach((t, i) => {
    const next = tokens[i + 1]?.text;
    // `f(…)` and `label: …` name what follows.
    const name = isWord(t.text) && !isText(t.text) && next !== '(' && next !== ':';
    const open = speaks && (t.text === HOLE || (i > 0 && name));
    const last = parts.at(-1);
    if (open && last?.open) parts[parts.length - 1] = { ...last, text: `${last.text} ${t.text}`, to: t.to };
    else parts.push({ ...t, open });
  });
  return { text, parts, records: 0 };
}

/** Rows that differ in names and numbers only; from a row's text to its template. Neighbours are one place. */
function openNames(rows: Row[]): Map<string, string> {
  const alike = new Map<string, Row[]>();
  for (const r of rows) {
    const key = r.parts.map((p) => (p.open ? '\0' : p.text)).join(' ');
    const group = alike.get(key);
    if (group) group.push(r);
    else alike.set(key, [r]);
  }
  const result = new Map<string, string>();
  for (const group of alike.values()) {
    // More records show more of the values that there are.
    const least = Math.log10(group.reduce((n, r) => n + r.records, 0));
    const isValue = group[0]!.parts.map((part, i) => {
      if (!part.open) return false;
      const words = new Set(group.map((r) => r.parts[i]!.text));
      const qualified = [...words].some((w) => w.includes(HOLE)) || [...words].every(isQualified);
      return words.size >= Math.max(qualified ? QUALIFIED : NAMES, least);
    });
    for (const r of group) {
      const values = r.parts.filter((_, i) => isValue[i]);
      result.set(r.text, withHoles(r.text, values));
    }
  }
  return result;
}

/** The text with these parts replaced by holes; spaces stay as they are. */
function withHoles(text: string, parts: Pick<Part, 'from' | 'to'>[]): string {
  let out = '';
  let done = 0;
  for (const { from, to } of parts) {
    out += text.slice(done, from) + HOLE;
    done = to;
  }
  return out + text.slice(done);
}

interface Slot {
  place: number;
  texts: string[];
  numbers: boolean;
}

/** Widens templates that differ in one place, most varied place first, until no place is varied enough. */
function openTexts(named: Map<string, string>): Map<string, string> {
  const to = new Map<string, string>();
  let live = new Set(named.values());
  for (let changed = true; changed; ) {
    changed = false;
    const gone = new Map<string, string>();
    for (const slot of slotsOf([...live].sort(byText))) {
      const texts = slot.texts.filter((t) => !gone.has(t));
      if (texts.length < (slot.numbers ? TEXTS_BESIDE_NUMBERS : TEXTS)) continue;
      const wide = withHoles(texts[0]!, [partsOf(texts[0]!)[slot.place]!]);
      for (const t of texts) if (t !== wide) gone.set(t, wide);
    }
    changed = gone.size > 0;
    for (const [text, wide] of gone) to.set(text, wide);
    live = new Set([...live].filter((t) => !gone.has(t)).concat([...gone.values()]));
  }
  const last = (text: string): string => {
    let t = text;
    for (let next = to.get(t); next !== undefined; next = to.get(t)) t = next;
    return t;
  };
  return new Map([...named.values()].map((t) => [t, last(t)]));
}

/** Templates that are the same but for one place, most varied first. Ids of common starts and ends make it linear. */
function slotsOf(texts: string[]): Slot[] {
  const slots = new Map<string, Slot>();
  const starts = new Ids();
  const ends = new Ids();
  for (const text of texts) {
    const tokens = text.match(TOKEN) ?? [];
    const after: number[] = Array(tokens.length + 1).fill(0);
    for (let p = tokens.length - 1; p >= 0; p--) after[p] = ends.of(after[p + 1]!, tokens[p]!);
    let before = 0;
    tokens.forEach((t, p) => {
      // What stands first names the statement, unless it is a name of something.
      if (t === HOLE || (p === 0 ? isQualified(t) : isWord(t))) {
        const key = `${before} ${after[p + 1]!}`;
        const slot = slots.get(key) ?? { place: p, texts: [], numbers: false };
        if (slot.texts.length === 0) slots.set(key, slot);
        slot.texts.push(text);
        slot.numbers ||= t === HOLE;
      }
      before = starts.of(before, t);
    });
  }
  return [...slots.values()]
    .filter((s) => s.texts.length >= TEXTS_BESIDE_NUMBERS)
    .sort((a, b) => b.texts.length - a.texts.length || byText(a.texts[0]!, b.texts[0]!) || a.place - b.place);
}

/** A number for each sequence of tokens, from the number of the sequence without its last one. */
class Ids {
  readonly known = new Map<string, number>();

  of(rest: number, token: string): number {
    const key = `${rest} ${token}`;
    let id = this.known.get(key);
    if (id === undefined) {
      id = this.known.size + 1;
      this.known.set(key, id);
    }
    return id;
  }
}
