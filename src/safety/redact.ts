/**
 * The redaction engine: masks secrets where a tool's reduced answer leaves it, before memory and journal.
 * Secrets go for good (`⟨secret:type⟩`); SHAs, trace ids, names of services and pods stay as they are.
 */
import { headers, urls } from './redact-headers.ts';
import { knownValues, literals } from './redact-known.ts';
import { isOpaque } from './redact-names.ts';
import { pairs } from './redact-pairs.ts';
import { outsideMasks, type Rule, replace, union } from './redact-spans.ts';
import { redactValue } from './redact-value.ts';
import { vendors } from './redact-vendors.ts';

/** Characters of one text that are looked through; what follows is withheld, because nobody looked at it. */
const TEXT_LIMIT = 256 * 1024;
/** Characters past the limit that are read to see whether a secret crosses it. */
const OVERLAP = 4096;
/** Secrets found in one value that are looked for in the rest of it. */
const COPIES_LIMIT = 500;

interface Redacted {
  text: string;
  hits: number;
}

export interface Redactor {
  /** The text without its secrets, and how many were masked. Linear in the length of the text. */
  text(s: string): Redacted;
  /** A JSON value without its secrets: keys and values, and copies of what was found anywhere in it. */
  value<T>(json: T): { value: T; hits: number };
}

/**
 * A redactor that knows these values (configured keys and tokens) in all their encodings, besides everything that
 * structure gives away. It learns nothing from one call to the next: the same input always gives the same output,
 * whatever was asked before.
 */
export function createRedactor(known: readonly string[]): Redactor {
  const exact = knownValues(known, 'known');
  const rules: Rule[] = [...(exact ? [exact] : []), vendors, urls, headers, pairs];
  return {
    text(s) {
      const found = new Set<string>();
      const first = redact(s, rules, found);
      const again = spread(found, known);
      const second = again ? redact(first.text, [again]) : { text: first.text, hits: 0 };
      return { text: second.text, hits: first.hits + second.hits };
    },
    value<T>(json: T) {
      const found = new Set<string>();
      const first = redactValue(
        json,
        remembering((s) => redact(s, rules, found)),
        found,
      );
      const again = spread(found, known);
      const second = again ? redactValue(first.value, (s) => redact(s, [again])) : { value: first.value, hits: 0 };
      // The walk keeps the shape: strings become strings, so the type still holds.
      return { value: second.value as T, hits: first.hits + second.hits };
    },
  };
}

/** The same short texts (keys, levels, names) stand in every record of an answer: each is looked at once. */
function remembering(redactText: (s: string) => Redacted): (s: string) => Redacted {
  const seen = new Map<string, Redacted>();
  return (s) => {
    if (s.length > 40) return redactText(s);
    const known = seen.get(s) ?? redactText(s);
    if (seen.size < 10_000) seen.set(s, known);
    return known;
  };
}

/** A rule for the copies of secrets that were found: the same value elsewhere, where no name stands before it. */
function spread(found: ReadonlySet<string>, known: readonly string[]): Rule | undefined {
  const copies = [...found].filter((s) => s.length >= 8 && isOpaque(s) && !known.includes(s)).slice(0, COPIES_LIMIT);
  return literals(copies, 'copy');
}

function redact(s: string, rules: readonly Rule[], found?: Set<string>): Redacted {
  const over = s.length > TEXT_LIMIT;
  const read = over ? s.slice(0, TEXT_LIMIT + OVERLAP) : s;
  const spans = union(
    outsideMasks(
      read,
      rules.flatMap((rule) => rule(read)),
    ),
  );
  if (!over && spans.length === 0) return { text: s, hits: 0 };
  const kept = over ? spans.filter((x) => x.from < TEXT_LIMIT) : spans;
  for (const x of kept) found?.add(read.slice(x.from, x.to));
  if (!over) return { text: replace(read, kept), hits: kept.length };
  // A secret that crosses the limit is withheld whole.
  const crossing = kept.at(-1);
  const end = crossing !== undefined && crossing.to > TEXT_LIMIT ? crossing.from : TEXT_LIMIT;
  const inside = kept.filter((x) => x.to <= end);
  const rest = `⟨withheld:${s.length - end} characters past the limit of redaction⟩`;
  return { text: replace(read.slice(0, end), inside) + rest, hits: kept.length };
}
