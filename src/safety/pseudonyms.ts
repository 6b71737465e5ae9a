/**
 * What identifies a person or a machine outside, replaced by names that are numbered by first appearance: `⟨ip:1⟩`,
 * `⟨mail:1⟩`. The same thing always gets the same name, so that whoever reads it can still reason about it.
 */
import { isPersonalId, PERSONAL } from './personal-ids.ts';

const ADDRESSES: [kind: string, pattern: RegExp][] = [
  ['mail', /\b[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,8}\.[a-z]{2,24}\b/],
  ['mac', /(?<![\w:-])[0-9a-f]{2}(?<separator>[:-])(?:[0-9a-f]{2}\k<separator>){4}[0-9a-f]{2}(?![\w:-])/],
  ['ip', /(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.]\d|\d)/],
  ['ip', /(?<![\w:.])(?:[0-9a-f]{1,4}:){1,7}(?::?[0-9a-f]{1,4}){1,7}(?![\w:])/],
];
const KINDS = [...ADDRESSES, ...PERSONAL];
/** All kinds in one pattern, so that names are numbered in the order of the text. `k0` … are the kinds. */
const ANY = new RegExp(KINDS.map(([, pattern], i) => `(?<k${i}>${pattern.source})`).join('|'), 'gi');
const IPV4 = /^[\d.]+$/;
/** Our own machine names nobody. */
const OWN = /^(127\.|0\.0\.0\.0$)/;

export interface Pseudonyms {
  text(s: string): string;
  /** A JSON value with its keys and strings replaced. */
  value<T>(json: T): T;
  /** Text in which whoever got our names used them, with what they stand for. Personal ids do not come back. */
  back(s: string): string;
  /** How many things have got a name. */
  count(): number;
}

/** Names for everything that passes through the same object. What stands in `keep` (entities by name) stays as it is. */
export function pseudonyms(keep: Iterable<string> = []): Pseudonyms {
  const kept = new Set<string>();
  for (const name of keep) for (const found of name.toLowerCase().match(ANY) ?? []) kept.add(found);
  const names = new Map<string, string>();
  const originals = new Map<string, string>();
  const numbers = new Map<string, number>();
  const nameOf = (kind: string, found: string): string => {
    if (kept.has(found.toLowerCase())) return found;
    const id = `${kind} ${found.toLowerCase()}`;
    const known = names.get(id);
    if (known) return known;
    const n = (numbers.get(kind) ?? 0) + 1;
    numbers.set(kind, n);
    const name = `⟨${kind}:${n}⟩`;
    names.set(id, name);
    if (kind === 'ip' || kind === 'mac') originals.set(name, found);
    return name;
  };
  const text = (s: string): string => {
    if (!/[@\d:-]/.test(s)) return s;
    return s.replace(ANY, (m, ...rest) => {
      const groups = rest.at(-1) as Record<string, string | undefined>;
      const [kind = ''] = KINDS.find((_, i) => groups[`k${i}`] !== undefined) ?? [];
      const holds = kind === 'ip' ? (IPV4.test(m) ? !OWN.test(m) : isIpv6(m)) : isPersonalId(kind, m);
      return holds ? nameOf(kind, m) : m;
    });
  };
  const value = (v: unknown): unknown => {
    if (typeof v === 'string') return text(v);
    if (Array.isArray(v)) return v.map(value);
    if (v === null || typeof v !== 'object') return v;
    return Object.fromEntries(Object.entries(v).map(([k, x]) => [text(k), value(x)]));
  };
  return {
    text,
    value: <T>(json: T) => value(json) as T,
    back: (s) => s.replace(/⟨(?:ip|mac):\d+⟩/g, (name) => originals.get(name) ?? name),
    count: () => names.size,
  };
}

/** Eight groups, or fewer and one `::`; a clock (`12:34:56`) and a path of names (`a::b`) are none. */
function isIpv6(found: string): boolean {
  const groups = found.split(':').filter((g) => g !== '').length;
  const gaps = found.split('::').length - 1;
  if (gaps > 1 || (gaps === 0 && groups !== 8)) return false;
  return gaps === 0 ? /[a-f]/i.test(found) || groups === 8 : groups >= 2 && /\d/.test(found);
}
