/** The parts of Datadog's query languages that the fake understands; everything else it refuses, as Datadog does. */

/** Datadog's 400: the query cannot be read. */
export class BadQuery extends Error {}

type Token = { text: string; quoted: boolean };

/** What a search looks into: values of a facet (`service`, `@http.status_code`), and the free text. */
export interface Searched {
  get(facet: string): readonly string[];
  text: string;
}
export type Matches = (x: Searched) => boolean;

/** `service:a -status:info @duration:>=5 "free text" (a:b OR c:d)` → a test. */
export function parseSearch(query: string): Matches {
  const tokens = tokensOf(query);
  let i = 0;
  const is = (word: string): boolean => tokens[i]?.text === word && !tokens[i]?.quoted;
  const or = (): Matches => {
    const parts = [and()];
    while (is('OR')) {
      i++;
      parts.push(and());
    }
    return parts.length === 1 ? parts[0]! : (x) => parts.some((p) => p(x));
  };
  const and = (): Matches => {
    const parts: Matches[] = [];
    while (i < tokens.length && !is(')') && !is('OR')) {
      if (is('AND')) i++;
      parts.push(not());
    }
    if (parts.length === 0) throw new BadQuery('empty group');
    return (x) => parts.every((p) => p(x));
  };
  const not = (): Matches => {
    const no = is('NOT') || is('-');
    if (no) i++;
    const part = one();
    return no ? (x) => !part(x) : part;
  };
  const one = (): Matches => {
    if (is('(')) {
      i++;
      const inner = or();
      if (!is(')')) throw new BadQuery('a bracket is not closed');
      i++;
      return inner;
    }
    const t = tokens[i++];
    if (!t || t.text === ')') throw new BadQuery('a term is missing');
    if (t.quoted || !t.text.includes(':')) {
      if (t.text === '*') return () => true;
      const words = t.text.toLowerCase();
      return (x) => x.text.toLowerCase().includes(words);
    }
    const colon = t.text.indexOf(':');
    const facet = t.text.slice(0, colon);
    const value = t.text.slice(colon + 1);
    if (facet === '') throw new BadQuery(`no facet before ${value}`);
    if (value === '' && is('(')) return group(facet);
    if (value === '' && tokens[i]?.quoted) return valueTest(facet, tokens[i++]!.text, true);
    if (value === '') throw new BadQuery(`no value behind ${facet}`);
    return valueTest(facet, value, false);
  };
  /** `service:(a OR b)` */
  const group = (facet: string): Matches => {
    i++;
    const parts: Matches[] = [];
    while (i < tokens.length && !is(')')) {
      if (!is('OR')) parts.push(valueTest(facet, tokens[i]!.text, tokens[i]!.quoted));
      i++;
    }
    if (!is(')') || parts.length === 0) throw new BadQuery('a bracket is not closed');
    i++;
    return (x) => parts.some((p) => p(x));
  };
  if (tokens.length === 0) return () => true;
  const whole = or();
  if (i < tokens.length) throw new BadQuery(`${tokens[i]!.text} was not expected`);
  return whole;
}

function valueTest(facet: string, value: string, quoted: boolean): Matches {
  const compare = quoted ? null : /^(>=|<=|>|<)(-?[\d.]+)$/.exec(value);
  if (compare) {
    const limit = Number(compare[2]);
    const sign = compare[1]!;
    const holds = (v: number): boolean =>
      sign === '>=' ? v >= limit : sign === '<=' ? v <= limit : sign === '>' ? v > limit : v < limit;
    return (x) => x.get(facet).some((v) => holds(Number(v)));
  }
  // In quotes a star is a star.
  const test = quoted ? (v: string): boolean => v.toLowerCase() === value.toLowerCase() : wildcard(value);
  return (x) => x.get(facet).some((v) => test(v));
}

/** `web*` → a test; a backslash makes the next sign a plain one. */
export function wildcard(value: string): (v: string) => boolean {
  const plain = value.replaceAll(/\\(.)/g, '$1');
  if (!value.includes('*')) return (v) => v.toLowerCase() === plain.toLowerCase();
  const parts = value.split('*').map((p) => p.replaceAll(/\\(.)/g, '$1').replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`^${parts.join('.*')}$`, 'is');
  return (v) => pattern.test(v);
}

function tokensOf(query: string): Token[] {
  const out: Token[] = [];
  let i = 0;
  while (i < query.length) {
    const c = query[i]!;
    if (/\s/.test(c)) i++;
    else if (c === '(' || c === ')') {
      out.push({ text: c, quoted: false });
      i++;
    } else if (c === '"') {
      let text = '';
      for (i++; i < query.length && query[i] !== '"'; i++) text += query[i] === '\\' ? (query[++i] ?? '') : query[i];
      if (i >= query.length) throw new BadQuery('a quote is not closed');
      i++;
      out.push({ text, quoted: true });
    } else if (c === '-' && /[\w@("]/.test(query[i + 1] ?? '')) {
      out.push({ text: '-', quoted: false });
      i++;
    } else {
      let text = '';
      while (i < query.length && !/[\s()"]/.test(query[i]!)) {
        text += query[i];
        if (query[i] === '\\') text += query[++i] ?? '';
        i++;
      }
      out.push({ text, quoted: false });
    }
  }
  return out;
}
