/** Masks secrets in a JSON value: in every text, and in every field whose name says "secret". */
import { isNothing, strengthOf, typeOf } from './redact-names.ts';
import { isMask, mask } from './redact-spans.ts';

/** Levels that are walked; what lies deeper is withheld. */
const DEPTH_LIMIT = 64;

type RedactText = (s: string) => { text: string; hits: number };
interface Redacted {
  value: unknown;
  hits: number;
}

/**
 * The value with every text passed through `redactText`. With `found`, fields are judged by their names too, and what
 * they held is added to it. The shape stays, but for masked numbers, which become text.
 */
export const redactValue = (json: unknown, redactText: RedactText, found?: Set<string>): Redacted =>
  walk(json, redactText, found, 0);

function walk(json: unknown, redactText: RedactText, found: Set<string> | undefined, depth: number): Redacted {
  if (typeof json === 'string') {
    const { text, hits } = redactText(json);
    return { value: text, hits };
  }
  if (json === null || typeof json !== 'object') return { value: json, hits: 0 };
  if (depth >= DEPTH_LIMIT) return { value: `⟨withheld:nested deeper than ${DEPTH_LIMIT}⟩`, hits: 0 };
  let hits = 0;
  const inner = (v: unknown, type?: string): unknown => {
    const done =
      type === undefined ? walk(v, redactText, found, depth + 1) : cover(v, type, redactText, found, depth + 1);
    hits += done.hits;
    return done.value;
  };
  if (Array.isArray(json)) return { value: json.map((v) => inner(v)), hits };
  const fields = json as Record<string, unknown>;
  const entries = Object.keys(fields).map((key): [string, unknown] => {
    const safe = redactText(key);
    hits += safe.hits;
    return [safe.text, inner(fields[key], found && secretField(fields, key))];
  });
  const value = Object.fromEntries(entries);
  return { value, hits };
}

const HEADER = /^(?:proxy-)?authorization$|^(?:set-)?cookie2?$/i;

/** What to call the secret that this field holds, or undefined where its name promises none. */
function secretField(fields: Record<string, unknown>, key: string): string | undefined {
  if (fields.kind === 'Secret' && (key === 'data' || key === 'stringData')) return 'kubernetes';
  // `{ "name": "Authorization", "value": "…" }`: how headers and attributes are listed.
  const listed = key === 'value' ? (fields.name ?? fields.key ?? fields.header) : key;
  const name = typeof listed === 'string' ? listed : key;
  const plain = typeof fields[key] === 'string' || Array.isArray(fields[key]);
  if (HEADER.test(name)) return plain ? (/cookie/i.test(name) ? 'cookie' : 'authorization') : undefined;
  const strength = strengthOf(name);
  // A count or a limit may be called a token; a password of digits is still a password.
  return strength === undefined || (strength === 'weak' && !plain) ? undefined : typeOf(name);
}

/** Masks all that is below a field whose name says "secret". */
function cover(
  v: unknown,
  type: string,
  redactText: RedactText,
  found: Set<string> | undefined,
  depth: number,
): Redacted {
  if (typeof v === 'string' || typeof v === 'number') {
    const s = String(v);
    if (s.length < 2 || isNothing(s) || isMask(s)) return { value: v, hits: 0 };
    found?.add(s);
    return { value: mask(type), hits: 1 };
  }
  if (v === null || typeof v !== 'object') return { value: v, hits: 0 };
  if (depth >= DEPTH_LIMIT) return { value: mask(type), hits: 1 };
  let hits = 0;
  const inner = (x: unknown): unknown => {
    const done = cover(x, type, redactText, found, depth + 1);
    hits += done.hits;
    return done.value;
  };
  if (Array.isArray(v)) return { value: v.map(inner), hits };
  const value = Object.fromEntries(
    Object.entries(v).map(([key, x]) => {
      const name = redactText(key);
      hits += name.hits;
      return [name.text, inner(x)];
    }),
  );
  return { value, hits };
}
