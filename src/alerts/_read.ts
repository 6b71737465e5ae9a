/** Readers of foreign JSON: each gives a plain value or undefined, none throws. */

export type Json = Readonly<Record<string, unknown>>;

export const isRecord = (x: unknown): x is Json => typeof x === 'object' && x !== null && !Array.isArray(x);

/** The object, or an empty one, so that reading can go on. */
export const record = (x: unknown): Json => (isRecord(x) ? x : {});

export const list = (x: unknown): unknown[] => (Array.isArray(x) ? x : []);

/** The value at a path of own keys; `constructor` and its like are not found by accident. */
export function at(x: unknown, ...path: string[]): unknown {
  let here = x;
  for (const key of path) {
    if (!isRecord(here) || !Object.hasOwn(here, key)) return undefined;
    here = here[key];
  }
  return here;
}

/** Text of a scalar, trimmed; undefined for nothing, blanks, lists and objects. */
export function text(x: unknown): string | undefined {
  if (typeof x === 'string') return x.trim() || undefined;
  return typeof x === 'number' || typeof x === 'boolean' ? String(x) : undefined;
}

/** The text at a path. */
export const textAt = (x: unknown, ...path: string[]): string | undefined => text(at(x, ...path));

/** The scalar entries of an object as texts; lists of scalars joined by commas, everything else left out. */
export function texts(x: unknown): Record<string, string> {
  const out: [string, string][] = [];
  for (const [k, v] of Object.entries(record(x))) {
    const joined = Array.isArray(v) ? v.flatMap((e) => text(e) ?? []).join(', ') : text(v);
    if (k !== '' && joined) out.push([k, joined]);
  }
  return Object.fromEntries(out);
}

/**
 * `service:checkout, env:prod` or a list of such: entries by key, several values of a key joined by commas. Tags without
 * a colon come back apart.
 */
export function tags(x: unknown): { labels: Record<string, string>; plain: string[] } {
  const parts = (Array.isArray(x) ? x.flatMap((t) => text(t) ?? []) : (text(x)?.split(',') ?? [])).map((t) => t.trim());
  const labels = new Map<string, string>();
  const plain: string[] = [];
  for (const part of parts) {
    const colon = part.indexOf(':');
    const key = part.slice(0, colon).trim();
    const value = part.slice(colon + 1).trim();
    if (colon <= 0 || !value) {
      if (part) plain.push(part);
      continue;
    }
    const held = labels.get(key);
    if (held === undefined) labels.set(key, value);
    else if (!held.split(',').includes(value) && held.length < 1000) labels.set(key, `${held},${value}`);
  }
  return { labels: Object.fromEntries(labels), plain };
}

const EARLIEST = Date.UTC(1990, 0);
const LATEST = Date.UTC(2200, 0);
const ISO =
  /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d)(?::(\d\d))?(?:[.,](\d{1,12}))?)? ?([Zz]|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/;

/**
 * Milliseconds of an ISO time (no zone = UTC) or of a count since the epoch in s, ms, µs or ns, as number or text; which
 * of the four follows from its size. Undefined for what is none, and for years that mean "not set" (0001, 1970).
 */
export function time(x: unknown): number | undefined {
  const value = text(x);
  if (value === undefined || typeof x === 'boolean') return undefined;
  const ms = /^\d{1,20}(\.\d{1,9})?$/.test(value) ? sinceEpoch(Number(value)) : isoTime(value);
  return ms !== undefined && ms >= EARLIEST && ms < LATEST ? ms : undefined;
}

function sinceEpoch(n: number): number {
  const unit = n < 1e11 ? 1000 : n < 1e14 ? 1 : n < 1e17 ? 1e-3 : 1e-6;
  return Math.floor(n * unit);
}

function isoTime(value: string): number | undefined {
  const m = ISO.exec(value.slice(0, 60));
  if (!m) return undefined;
  const [, date, minutes = '00:00', seconds = '00', fraction = '', zone = 'Z'] = m;
  const offset = /^[+-]/.test(zone) ? `${zone.slice(0, 3)}:${zone.replace(':', '').slice(3) || '00'}` : 'Z';
  const ms = Date.parse(`${date}T${minutes}:${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Placeholders that the sender should have filled in: `$EVENT_TITLE`, `{{ issueTitle }}`. */
export const isUnrendered = (value: string): boolean =>
  /^\$[A-Z][A-Z0-9_]*$/.test(value) || /^\{\{[^{}]*\}\}$/.test(value);
