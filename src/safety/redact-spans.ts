/** Where secrets stand in a text, and the text with them masked. */

/** Characters `from` up to `to` (exclusive) are a secret of this type. */
export interface Span {
  from: number;
  to: number;
  type: string;
}

/** Finds secrets in a text. `check` throws when time is up: whoever works long on one text calls it now and then. */
export type Rule = (text: string, check: () => void) => Span[];

export const mask = (type: string): string => `⟨secret:${type}⟩`;

/** True where a value was masked before: masking it again would count it twice. */
export const isMask = (value: string): boolean => /^⟨(?:secret|withheld):[^⟩]*⟩$/.test(value);

const MASK = /⟨(?:secret|withheld):[^⟩]{1,80}⟩/g;

/** Spans that begin within one of our own masks begin behind it: its words are no names and no values. */
export function outsideMasks(text: string, spans: Span[]): Span[] {
  if (spans.length === 0 || !text.includes('⟨')) return spans;
  const masks = [...text.matchAll(MASK)].map((m) => ({ from: m.index, to: m.index + m[0].length }));
  let i = 0;
  return spans
    .sort((a, b) => a.from - b.from)
    .map((s) => {
      while (i < masks.length && masks[i]!.to <= s.from) i++;
      const m = masks[i];
      return m !== undefined && m.from < s.from ? { ...s, from: m.to } : s;
    })
    .filter((s) => s.to > s.from && !isMask(text.slice(s.from, s.to)));
}

const UNBROKEN = /[A-Za-z0-9]{12}/;
const LONG_WORD = /[A-Za-z0-9_+/=.:~-]{12}/;
const ID = /^(?:\d{4}-\d\d-\d\dT[\d:.]+Z|[0-9a-f]{16}|[0-9a-f]{32})$/;

/** False for texts that hold no vendor's key: only short or separated words, or nothing but a time or a trace id. */
export const hasKeyShape = (text: string): boolean =>
  (UNBROKEN.test(text) || (/[0-9]/.test(text) && LONG_WORD.test(text))) && !ID.test(text);

/** Overlapping spans become one, named after the longest: nothing that any rule found stays visible. */
export function union(spans: Span[]): Span[] {
  const sorted = spans.filter((s) => s.to > s.from).sort((a, b) => a.from - b.from || b.to - a.to);
  const out: (Span & { longest: number })[] = [];
  for (const s of sorted) {
    const last = out.at(-1);
    if (last === undefined || s.from >= last.to) {
      out.push({ ...s, longest: s.to - s.from });
      continue;
    }
    if (s.to - s.from > last.longest) {
      last.type = s.type;
      last.longest = s.to - s.from;
    }
    last.to = Math.max(last.to, s.to);
  }
  return out;
}

/** The text with each of the (disjoint, ascending) spans replaced by its mask. */
export function replace(text: string, spans: Span[]): string {
  let out = '';
  let at = 0;
  for (const s of spans) {
    out += text.slice(at, s.from) + mask(s.type);
    at = s.to;
  }
  return out + text.slice(at);
}

/** Spans of all matches of a global pattern: of its group 1 where it has one, else of the whole match. */
export function matches(text: string, pattern: RegExp, type: string, accept?: (secret: string) => boolean): Span[] {
  const out: Span[] = [];
  for (const m of text.matchAll(pattern)) {
    const [from, to] = m.indices?.[1] ?? [m.index, m.index + m[0].length];
    const secret = text.slice(from, to);
    if (!isMask(secret) && (accept?.(secret) ?? true)) out.push({ from, to, type });
  }
  return out;
}
