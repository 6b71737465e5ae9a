/** PromQL as text: quoting, selectors, and the top of an expression (a rule's comparison). */

export interface Matcher {
  label: string;
  op: '=' | '=~' | '!=' | '!~';
  value: string;
}

const quoted = (value: string): string =>
  `"${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`;

/** A label in a selector or grouping; names with dots (Prometheus 3) are quoted. */
export const label = (name: string): string => (/^[a-zA-Z_]\w*$/.test(name) ? name : quoted(name));

/** `{__name__="up",job="shop"}`: works for names with dots too, on every server that knows them. */
export const selector = (matchers: readonly Matcher[], metric?: string): string => {
  const all = metric === undefined ? matchers : [{ label: '__name__', op: '=', value: metric }, ...matchers];
  return `{${all.map((m) => `${label(m.label)}${m.op}${quoted(m.value)}`).join(',')}}`;
};

/** A text as a regular expression that matches exactly it (RE2). */
export const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** `is one of these`, as one matcher. */
export const oneOf = (name: string, values: readonly string[]): Matcher =>
  values.length === 1
    ? { label: name, op: '=', value: values[0] as string }
    : { label: name, op: '=~', value: values.map(literal).join('|') };

/** What an alert rule compares: the value that it looks at, and the threshold where that is a number. */
export interface Compared {
  expression: string;
  comparison?: string;
  threshold?: number;
}

/**
 * The value behind a rule's expression: `a / b > 0.05` gives `a / b` and 0.05. Of `a > 1 and b > 2` it is `a`; both
 * sides of an `or` stay. An expression without a comparison at its top is left as it is.
 */
export function withoutComparison(expression: string): Compared {
  const text = unwrap(withoutComments(expression).trim());
  const alternatives = splitTop(text, /^or\b/i);
  if (alternatives.length > 1) {
    const parts = alternatives.map((part) => withoutComparison(part.text));
    const first = parts.find((p) => p.threshold !== undefined);
    const bare = parts.map((p) => p.expression).join(' or ');
    return { ...first, expression: bare };
  }
  const [condition] = splitTop(text, /^(?:and|unless)\b/i);
  const lead = (condition?.text ?? text).trim();
  if (lead !== text) return withoutComparison(lead);
  const sides = splitTop(text, /^(?:==|!=|>=|<=|>|<)(?:\s*bool\b)?/);
  const [left, right] = sides;
  if (sides.length !== 2 || !left || !right) return { expression: text };
  const comparison = right.by.replace(/\s*bool$/, '');
  const [a, b] = [numeric(left.text), numeric(right.text)];
  if (b !== undefined) return { expression: unwrap(left.text.trim()), comparison, threshold: b };
  if (a !== undefined) return { expression: unwrap(right.text.trim()), comparison: mirrored(comparison), threshold: a };
  return { expression: unwrap(left.text.trim()), comparison };
}

/** Names of the metrics in an expression, in their order. */
export function metricNames(expression: string): string[] {
  const bare = expression.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\{[^}]*\}/g, (m) => (m[0] === '{' ? '{' : '""'));
  const grouped = bare.replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/gi, ' ');
  const words = grouped.match(/[a-zA-Z_:][\w:]*(?!\s*\(|[\w:])/g) ?? [];
  const quotedNames = [...expression.matchAll(/__name__\s*=\s*"([^"]+)"/g)].map((m) => m[1] as string);
  return [...new Set([...words.filter((w) => !KEYWORDS.has(w.toLowerCase()) && !/^\d/.test(w)), ...quotedNames])];
}

const KEYWORDS = new Set(
  'and or unless bool by without on ignoring group_left group_right offset inf nan sum avg min max count stddev stdvar group topk bottomk quantile count_values s m h d w y ms'.split(
    ' ',
  ),
);

const withoutComments = (text: string): string =>
  text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|#[^\n]*/g, (found) => (found[0] === '#' ? '' : found));

const mirrored = (op: string): string => ({ '>': '<', '<': '>', '>=': '<=', '<=': '>=' })[op] ?? op;

function numeric(text: string): number | undefined {
  const bare = unwrap(text.trim());
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(bare)) return Number(bare);
  const product = /^([-+]?[\d.]+)\s*([*/])\s*([\d.]+)$/.exec(bare);
  if (!product) return undefined;
  const [a, b] = [Number(product[1]), Number(product[3])];
  return product[2] === '*' ? a * b : a / b;
}

/** Without brackets that hold the whole text. */
function unwrap(text: string): string {
  if (!text.startsWith('(') || !text.endsWith(')')) return text;
  const depths = depthOf(text);
  for (let i = 0; i < text.length - 1; i++) if (depths[i] === 0) return text;
  return unwrap(text.slice(1, -1).trim());
}

interface Part {
  text: string;
  /** The operator before it. */
  by: string;
}

/** Cuts a text at the operators that stand outside of all brackets and strings. */
function splitTop(text: string, operator: RegExp): Part[] {
  const depths = depthOf(text);
  const parts: Part[] = [];
  let from = 0;
  let by = '';
  for (let i = 0; i < text.length; i++) {
    if (depths[i] !== 0 || (/\w/.test(text[i] as string) && i > 0 && /[\w:]/.test(text[i - 1] as string))) continue;
    const found = operator.exec(text.slice(i, i + 24));
    if (!found) continue;
    parts.push({ text: text.slice(from, i), by });
    by = found[0];
    from = i + found[0].length;
    i = from - 1;
  }
  parts.push({ text: text.slice(from), by });
  return parts;
}

/** For each character how many brackets are open after it; 99 inside a string. */
function depthOf(text: string): number[] {
  const depths: number[] = [];
  let depth = 0;
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (quote !== '') {
      depths.push(99);
      if (c === '\\' && quote !== '`') depths[++i] = 99;
      else if (c === quote) quote = '';
      continue;
    }
    if (c === '"' || c === "'" || c === '`') quote = c;
    if ('([{'.includes(c)) depth++;
    if (')]}'.includes(c)) depth--;
    depths.push(quote === '' ? depth : 99);
  }
  return depths;
}
