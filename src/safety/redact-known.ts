/** The configured keys and every secret found so far, in the forms in which text carries them. */
import { byText } from '../core/canonical.ts';
import { matches, type Rule, type Span } from './redact-spans.ts';

/** Shorter values cannot be masked without masking half of every text. */
const SHORTEST = 4;
/** From here on a value is looked for inside longer base64 and hex too. */
const SHORTEST_ENCODED = 6;

/**
 * A rule that finds these values: raw, JSON-escaped, URL-encoded, hex, base64 and base64url (alone or inside a longer
 * encoded text, at each of the three alignments), and each long line of a value of several lines.
 */
export function knownValues(values: readonly string[], type: string): Rule | undefined {
  const forms = new Set<string>();
  for (const value of values) for (const form of formsOf(value)) forms.add(form);
  const whole = literals(forms, type);
  if (!whole) return undefined;
  return (text, check) => [...whole(text, check), ...(text.includes(CUT) ? cutOff(text, forms, type) : [])];
}

/** Where text was cut before it came here (core/text.ts). */
const CUT = '…';

/** The beginning of a value that was cut off in its middle: six characters or more of it, up to the mark of the cut. */
function cutOff(text: string, forms: ReadonlySet<string>, type: string): Span[] {
  const out: Span[] = [];
  for (let end = text.indexOf(CUT); end >= 0; end = text.indexOf(CUT, end + 1))
    for (const form of forms) {
      const head = form.slice(0, SHORTEST_ENCODED);
      const near = text.slice(Math.max(0, end - form.length), end);
      for (let at = near.indexOf(head); at >= 0; at = near.indexOf(head, at + 1))
        if (form.startsWith(near.slice(at))) out.push({ from: end - near.length + at, to: end, type });
    }
  return out;
}

/** Longer texts are looked for one by one: a pattern of all of them would be larger than the engine takes. */
const IN_PATTERN = 200;

/** A rule that finds exactly these texts, the longest first. */
export function literals(texts: Iterable<string>, type: string): Rule | undefined {
  const sorted = [...texts].filter((t) => t.length >= SHORTEST).sort((a, b) => b.length - a.length || byText(a, b));
  if (sorted.length === 0) return undefined;
  const long = sorted.filter((t) => t.length > IN_PATTERN);
  const short = sorted.slice(long.length).map((t) => t.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  const pattern = short.length > 0 ? new RegExp(short.join('|'), 'g') : undefined;
  return (text, check) => {
    const out = pattern ? matches(text, pattern, type) : [];
    for (const t of long) {
      check();
      for (let at = text.indexOf(t); at >= 0; at = text.indexOf(t, at + t.length))
        out.push({ from: at, to: at + t.length, type });
    }
    return out;
  };
}

function formsOf(value: string): string[] {
  const plain = value.trim();
  if (plain.length < SHORTEST) return [];
  const percent = percentEncoded(plain);
  const forms = [value, plain, JSON.stringify(plain).slice(1, -1), percent, percent.replaceAll('%20', '+')];
  forms.push(JSON.stringify(JSON.stringify(plain)).slice(3, -3));
  forms.push(
    encodeURIComponent(wellFormed(plain)),
    percent.replace(/%[0-9A-F]{2}/g, (x) => x.toLowerCase()),
  );
  if (plain.includes('\n')) forms.push(...plain.split(/\r?\n/).filter((line) => line.length >= 16));
  if (plain.length < SHORTEST_ENCODED) return forms;
  for (const bytes of new Set([plain, value])) {
    const hex = Buffer.from(bytes).toString('hex');
    forms.push(hex, hex.toUpperCase(), ...base64Forms(Buffer.from(bytes)));
  }
  return forms;
}

/** Half surrogates make `encodeURIComponent` throw. */
const wellFormed = (s: string): string => s.replace(/\p{Cs}/gu, '\uFFFD');

/** All characters but the unreserved ones, as strict encoders write it (`encodeURIComponent` leaves `!'()*`). */
const percentEncoded = (s: string): string =>
  encodeURIComponent(wellFormed(s)).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * What the bytes look like inside any longer base64 text: encoded after 0, 1 and 2 other bytes, without the characters
 * at both ends that depend on the neighbours.
 */
function base64Forms(bytes: Buffer): string[] {
  const forms: string[] = [];
  for (const before of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const head = before === 0 ? 0 : before + 1;
    const tail = (before + bytes.length) % 3 === 0 ? 0 : 1;
    const inner = text.slice(head, text.length - tail);
    forms.push(inner, inner.replaceAll('+', '-').replaceAll('/', '_'));
  }
  const whole = bytes.toString('base64');
  return [...forms, whole, bytes.toString('base64url')];
}
