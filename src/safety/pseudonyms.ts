/** Addresses replaced by names that are numbered by first appearance: `⟨ip:1⟩`, `⟨mail:1⟩`. The same thing always gets the same name. */

const MAIL = /\b[\w.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\b/gi;
const IPV4 = /(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.]\d|\d)/g;
const IPV6 = /(?<![\w:.])(?:[0-9a-f]{1,4}:){3,7}(?::?[0-9a-f]{1,4}){1,4}(?![\w:])/gi;
/** Our own machine names nobody. */
const OWN = /^(127\.|0\.0\.0\.0$)/;

export interface Pseudonyms {
  text(s: string): string;
  /** A JSON value with its keys and strings replaced. */
  value<T>(json: T): T;
  /** How many things have got a name. */
  count(): number;
}

/** Names for everything that passes through the same object. */
export function pseudonyms(): Pseudonyms {
  const names = new Map<string, string>();
  const numbers = new Map<string, number>();
  const nameOf = (kind: string, found: string): string => {
    const id = `${kind} ${found.toLowerCase()}`;
    const known = names.get(id);
    if (known) return known;
    const n = (numbers.get(kind) ?? 0) + 1;
    numbers.set(kind, n);
    const name = `⟨${kind}:${n}⟩`;
    names.set(id, name);
    return name;
  };
  const text = (s: string): string => {
    const mails = s.includes('@') ? s.replace(MAIL, (m) => nameOf('mail', m)) : s;
    const v4 = mails.replace(IPV4, (m) => (OWN.test(m) ? m : nameOf('ip', m)));
    return v4.includes(':') ? v4.replace(IPV6, (m) => (/^[\d:]+$/.test(m) ? m : nameOf('ip', m))) : v4;
  };
  const value = (v: unknown): unknown => {
    if (typeof v === 'string') return text(v);
    if (Array.isArray(v)) return v.map(value);
    if (v === null || typeof v !== 'object') return v;
    return Object.fromEntries(Object.entries(v).map(([k, x]) => [text(k), value(x)]));
  };
  return { text, value: <T>(json: T) => value(json) as T, count: () => names.size };
}
