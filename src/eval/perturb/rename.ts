/** `rename`: services, instances, nodes and commits get other names, the same ones everywhere. */
import { sha256 } from '../../core/canonical.ts';
import { fraction } from './chance.ts';
import { namesOf } from './names.ts';
import { isObject, type RawBundle } from './raw.ts';

/** Fields that hold no name of anybody: a service called `config` is not the kind of a change. */
const FIXED = new Set([
  ...['schema', 'kind', 'type', 'unit', 'apiVersion', 'source', 'status', 'phase', 'reason', 'level', 'category'],
  ...['severity', 'severityText', 'verdict', 'traceId', 'spanId', 'parentSpanId'],
  ...['timestamp', 'time', 'startTime', 'startsAt', 'endsAt', 'now', 'from', 'to'],
]);

/** The bundle with every name replaced in every text, the truth mapped the same way. */
export function renamed(raw: RawBundle, seed: string): RawBundle {
  const { services, instances, nodes, commits } = namesOf(raw);
  const taken = new Set<string>();
  const names = new Map<string, string>();
  for (const name of [...services, ...nodes]) names.set(name, word(seed, name, taken));
  for (const part of instances) if (!names.has(part)) names.set(part, sameShape(seed, part));
  const text = replacer(names, commits, seed);
  const value = mapped(text);
  const lines = Object.entries(raw.lines).map(([file, all]) => [file, all.map((l) => value(l))]);
  const { bundle, ...json } = raw.json;
  return {
    ...raw,
    lines: Object.fromEntries(lines) as RawBundle['lines'],
    json: { ...(value(json) as RawBundle['json']), bundle },
    kubernetes: value(raw.kubernetes) as RawBundle['kubernetes'],
  };
}

/**
 * Replaces each name where it stands as a word of its own (`_`, `-`, `.` and `/` part words), the longest first; written
 * in other letters (`CartService`, `CART_SERVICE`) it is the same name. Commits also in short, from 7 digits on.
 */
export function replacer(names: ReadonlyMap<string, string>, commits: readonly string[], seed: string): Replace {
  if (names.size === 0 && commits.length === 0) return (text) => text;
  const plain = (name: string): string => name.toLowerCase().replaceAll('_', '-');
  const loose = new Map([...names].map(([from, to]) => [plain(from), to]));
  const escaped = [...loose.keys()]
    .sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
    .map((name) => name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&').replaceAll('-', '[-_]'));
  const pattern = new RegExp(`(?<![a-z0-9])(?:${escaped.join('|') || '(?!)'})(?![a-z0-9])`, 'gi');
  const other = new Map(commits.map((c) => [c, hex(seed, c)]));
  const known = new Map<string, string>();
  const commitOf = (short: string): string => {
    const whole = commits.find((c) => c.startsWith(short));
    return whole === undefined ? short : (other.get(whole) as string).slice(0, short.length);
  };
  const nameOf = (found: string): string => names.get(found) ?? inCaseOf(found, loose.get(plain(found)) ?? found);
  const replace = (text: string): string => {
    const made = text.replace(pattern, nameOf);
    return commits.length === 0 ? made : made.replace(/(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])/g, commitOf);
  };
  return (text) => {
    const told = known.get(text);
    if (told !== undefined) return told;
    const made = replace(text);
    if (text.length <= 200) known.set(text, made);
    return made;
  };
}

export type Replace = (text: string) => string;

/** Every text of a JSON value but those in fields that hold no name. */
export function mapped(text: Replace): (value: unknown) => unknown {
  const map = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return typeof value[0] === 'number' ? value : value.map(map);
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([k, v]) => [k, typeof v === 'string' && FIXED.has(k) ? v : map(v)]),
    );
  };
  return map;
}

function inCaseOf(like: string, word: string): string {
  if (like === like.toLowerCase()) return word;
  return like === like.toUpperCase() ? word.toUpperCase() : word.charAt(0).toUpperCase() + word.slice(1);
}

const CONSONANTS = 'bdfgklmnprstvz';
const VOWELS = 'aeiou';

/** A word of eight letters that can be spoken and that nobody uses. */
function word(seed: string, name: string, taken: Set<string>): string {
  for (let n = 0; ; n++) {
    const letters = Array.from({ length: 8 }, (_, i) =>
      letter(i % 2 === 0 ? CONSONANTS : VOWELS, seed, `${name} ${n} ${i}`),
    );
    const made = letters.join('');
    if (!taken.has(made) && taken.add(made)) return made;
  }
}

/** Digits for digits, letters for letters, so that what was appended by a machine still looks so. */
const sameShape = (seed: string, part: string): string =>
  [...part]
    .map((c, i) => {
      const alphabet = /\d/.test(c) ? '2456789' : /[a-z]/.test(c) ? 'bcdfghjklmnpqrstvwxz' : c;
      return letter(alphabet, seed, `${part} ${i}`);
    })
    .join('');

const letter = (alphabet: string, seed: string, text: string): string =>
  alphabet.charAt(Math.floor(fraction(seed, text) * alphabet.length));

const hex = (seed: string, commit: string): string => sha256(`${seed} ${commit}`).slice(0, commit.length);
