/** Datadog's metric queries, as far as the fake evaluates them: aggregated metrics and arithmetic between them. */
import { BadQuery, wildcard } from './_datadog-language.ts';

export interface MetricQuery {
  type: 'metric';
  space: string;
  metric: string;
  /** Whether a set of tags is meant. */
  filter(tags: Record<string, string>): boolean;
  /** Keys that the filter speaks of. */
  keys: string[];
  by: string[];
  as?: 'rate' | 'count';
  rollup?: { how: string; seconds: number };
}
export type Expression =
  | MetricQuery
  | { type: 'number'; value: number }
  | { type: 'name'; name: string }
  | { type: 'abs'; of: Expression }
  | { type: 'op'; op: string; left: Expression; right: Expression };

const SPACE = /^(avg|sum|min|max|p50|p75|p90|p95|p99):([a-zA-Z][\w.]*)\{/;

/** `sum:a{x:y} by {z}.as_rate() / sum:b{*}.as_rate() * 100`; with `names` also `query1 / query2`. */
export function parseMetrics(text: string, names: readonly string[] = []): Expression {
  let rest = text.trim();
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    const m = pattern.exec(rest) ?? undefined;
    if (m) rest = rest.slice(m[0].length).trimStart();
    return m;
  };
  const sum = (): Expression => {
    let left = product();
    for (let m = take(/^[+-]/); m; m = take(/^[+-]/)) left = { type: 'op', op: m[0], left, right: product() };
    return left;
  };
  const product = (): Expression => {
    let left = factor();
    for (let m = take(/^[*/]/); m; m = take(/^[*/]/)) left = { type: 'op', op: m[0], left, right: factor() };
    return left;
  };
  const factor = (): Expression => {
    if (take(/^abs\(/)) {
      const of = sum();
      if (!take(/^\)/)) throw new BadQuery('a bracket is not closed');
      return { type: 'abs', of };
    }
    if (take(/^\(/)) {
      const inner = sum();
      if (!take(/^\)/)) throw new BadQuery('a bracket is not closed');
      return inner;
    }
    const number = take(/^\d+(?:\.\d+)?(?![\w.])/);
    if (number) return { type: 'number', value: Number(number[0]) };
    const head = take(SPACE);
    if (head) return metric(head[1]!, head[2]!);
    const name = take(/^\w+/);
    if (name && names.includes(name[0])) return { type: 'name', name: name[0] };
    throw new BadQuery(`Error parsing query: unable to parse ${text}: Rule 'scope_expr' didn't match at '${rest}'`);
  };
  const metric = (space: string, name: string): MetricQuery => {
    const scope = take(/^([^}]*)\}/);
    if (!scope) throw new BadQuery(`Error parsing query: ${name} has no scope`);
    const by = take(/^by\s*\{([^}]*)\}/);
    const q: MetricQuery = {
      type: 'metric',
      space,
      metric: name,
      ...parseScope(scope[1]!),
      by: by ? by[1]!.split(',').map((k) => k.trim()) : [],
    };
    for (;;) {
      const as = take(/^\.as_(rate|count)\(\)/);
      const rollup = take(/^\.rollup\((\w+)(?:,\s*(\d+))?\)/);
      if (as) q.as = as[1] as 'rate' | 'count';
      else if (rollup) q.rollup = { how: rollup[1]!, seconds: Number(rollup[2] ?? 0) };
      else return q;
    }
  };
  const whole = sum();
  if (rest !== '') throw new BadQuery(`Error parsing query: unable to parse ${text} at '${rest}'`);
  return whole;
}

type Scope = Pick<MetricQuery, 'filter' | 'keys'>;

/** `*`, `a:b,!c:d`, or `a:b AND c IN (d,e)`; the two ways may not be mixed. */
function parseScope(text: string): Scope {
  const keys: string[] = [];
  const one = (term: string): ((tags: Record<string, string>) => boolean) => {
    if (term === '*') return () => true;
    const not = term.startsWith('!');
    const [key, ...value] = (not ? term.slice(1) : term).split(':');
    if (!key || value.length === 0) throw new BadQuery(`Error parsing scope: ${term}`);
    keys.push(key);
    const test = wildcard(value.join(':'));
    return (tags) => (tags[key] !== undefined && test(tags[key])) !== not;
  };
  if (!/\s(?:AND|IN)\s/.test(text)) {
    if (/\s/.test(text.trim())) throw new BadQuery(`Error parsing scope: ${text}`);
    const terms = text.split(',').map((t) => one(t.trim()));
    return { keys, filter: (tags) => terms.every((t) => t(tags)) };
  }
  const terms = text.split(/\s+AND\s+/).map((term) => {
    const list = /^(\S+)\s+IN\s*\(([^()]*)\)$/.exec(term.trim());
    if (!list) {
      if (term.includes(',')) throw new BadQuery(`Error parsing scope: ${text}`);
      return one(term.trim());
    }
    const tests = list[2]!.split(',').map((v) => wildcard(v.trim()));
    keys.push(list[1]!);
    return (tags: Record<string, string>) => tests.some((t) => tags[list[1]!] !== undefined && t(tags[list[1]!]!));
  });
  return { keys, filter: (tags) => terms.every((t) => t(tags)) };
}
