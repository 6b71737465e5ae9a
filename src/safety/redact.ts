/**
 * The redaction engine, one for all gates: known values, then structure, then rules per type, then every copy of what
 * was found. Secrets go for good (`⟨secret:type⟩`); SHAs, trace ids, names of services and pods stay as they are.
 * It fails closed: what could not be looked through in time is withheld, and says so.
 */
import { copiesOf, FOUND_LIMIT } from './redact-copies.ts';
import { headers, urls } from './redact-headers.ts';
import { knownValues } from './redact-known.ts';
import { manifests } from './redact-manifest.ts';
import { pairs } from './redact-pairs.ts';
import { outsideMasks, type Rule, replace, type Span, union } from './redact-spans.ts';
import { bareTokens, namedTokens } from './redact-tokens.ts';
import { redactValue } from './redact-value.ts';
import { vendors } from './redact-vendors.ts';

/** Characters of one text that are looked through; what follows is withheld, because nobody looked at it. */
const TEXT_LIMIT = 256 * 1024;
/** Characters past the limit that are read to see whether a secret crosses it. */
const OVERLAP = 4096;
/** Ms for one call, and for each further 256 KiB that it looks through. */
const LIMIT_MS = 2000;
/** Characters of a text that is never withheld: no pattern can take long over it, and a busy machine changes no answer. */
const SHORT = 2048;
/** Longer texts rarely come twice. */
const REMEMBERED = 300;

interface Redacted {
  text: string;
  hits: number;
}

export interface Redactor {
  /** The text without its secrets, and how many were masked. */
  text(s: string): Redacted;
  /** A JSON value without its secrets: keys and values, and copies of what was found anywhere in it. */
  value<T>(json: T): { value: T; hits: number };
  /** Secrets that calls of this redactor have found so far: for the gates behind it, which mask their copies too. */
  found(): ReadonlySet<string>;
}

export interface RedactorOptions {
  /** Rules per type beside our own, from `loadRuleSet`. */
  rules?: readonly Rule[];
  /** Values that another gate has found in this run. */
  copies?: ReadonlySet<string>;
  /** What was looked at before with the same rules; gates of one run share it. */
  memory?: Memory;
  /** A stopwatch in ms. */
  now?: () => number;
  limitMs?: number;
}

/**
 * A redactor that knows these values (configured keys and tokens) in all their encodings. What it masks does not depend
 * on earlier calls: the same input gives the same output, in whatever order answers arrive.
 */
export function createRedactor(known: readonly string[], opts: RedactorOptions = {}): Redactor {
  const exact = knownValues(known, 'known');
  const own: Rule[] = [vendors, urls, headers, pairs, manifests, namedTokens, bareTokens];
  const rules: Rule[] = [...(exact ? [exact] : []), ...own, ...(opts.rules ?? [])];
  const all = new Set<string>();
  const memory = opts.memory ?? new Map();
  // What the other gate has found only grows: its rule is made anew when it has.
  let of = { size: 0, rule: undefined as Rule | undefined };
  const shared = (): Rule | undefined => {
    const size = opts.copies?.size ?? 0;
    if (size !== of.size) of = { size, rule: copiesOf(opts.copies!, known) };
    return of.rule;
  };
  const open = (): { look: Look; found: Set<string>; copies(): Look | undefined } => {
    const clock = openClock(opts.now ?? (() => performance.now()), opts.limitMs ?? LIMIT_MS);
    const found = new Set<string>();
    return {
      look: remembering(memory, found, (s) => redact(s, rules, clock)),
      found,
      copies() {
        const again = [copiesOf(found, known), shared()].filter((rule) => rule !== undefined);
        for (const secret of found) if (all.size < FOUND_LIMIT) all.add(secret);
        return again.length > 0 ? (s) => redact(s, again, clock) : undefined;
      },
    };
  };
  return {
    text(s) {
      const { look, copies } = open();
      const first = look(s);
      const second = copies()?.(first.text);
      return { text: second?.text ?? first.text, hits: first.hits + (second?.hits ?? 0) };
    },
    value<T>(json: T) {
      const { look, found, copies } = open();
      const first = redactValue(json, look, found);
      const again = copies();
      const second = again ? redactValue(first.value, again) : { value: first.value, hits: 0 };
      // The walk keeps the shape: strings become strings, so the type still holds.
      return { value: second.value as T, hits: first.hits + second.hits };
    },
    found: () => all,
  };
}

type Look = (s: string) => Redacted;

/** Texts and what looking at them gave. The rules are the same for all, so nothing depends on who came first. */
export type Memory = Map<string, Looked>;

interface Looked extends Redacted {
  secrets: readonly string[];
}

/** The same texts (keys, levels, names, queries) stand in every record and every answer: each is looked at once. */
function remembering(memory: Memory, found: Set<string>, look: (s: string) => Looked): Look {
  return (s) => {
    const known = memory.get(s);
    const looked = known ?? look(s);
    if (!known && s.length <= REMEMBERED && memory.size < 20_000 && !looked.text.startsWith('⟨withheld'))
      memory.set(s, looked);
    for (const secret of looked.secrets) found.add(secret);
    return looked;
  };
}

/** Asked between two pieces of work: true once one call has taken longer than what it looked through may take. */
interface Clock {
  late(): boolean;
  /** That many more characters are looked through. */
  more(chars: number): void;
}

function openClock(now: () => number, limitMs: number): Clock {
  const begun = now();
  let chars = 0;
  return {
    late: () => now() - begun > limitMs * Math.max(1, chars / TEXT_LIMIT),
    more(n) {
      chars += n;
    },
  };
}

class Late extends Error {}

function redact(s: string, rules: readonly Rule[], clock: Clock): Looked {
  const over = s.length > TEXT_LIMIT;
  const read = over ? s.slice(0, TEXT_LIMIT + OVERLAP) : s;
  clock.more(read.length);
  const check = (): void => {
    if (read.length > SHORT && clock.late()) throw new Late();
  };
  let all: Span[] = [];
  try {
    for (const rule of rules) {
      check();
      all = all.concat(rule(read, check));
    }
    check();
  } catch (e) {
    if (!(e instanceof Late)) throw e;
    return { text: `⟨withheld:${s.length} characters that redaction had no time for⟩`, hits: 1, secrets: [] };
  }
  const spans = union(outsideMasks(read, all));
  if (!over && spans.length === 0) return { text: s, hits: 0, secrets: [] };
  const kept = over ? spans.filter((x) => x.from < TEXT_LIMIT) : spans;
  const secrets = kept.map((x) => read.slice(x.from, x.to));
  if (!over) return { text: replace(read, kept), hits: kept.length, secrets };
  // A secret that crosses the limit is withheld whole.
  const crossing = kept.at(-1);
  const end = crossing !== undefined && crossing.to > TEXT_LIMIT ? crossing.from : TEXT_LIMIT;
  const inside = kept.filter((x) => x.to <= end);
  const rest = `⟨withheld:${s.length - end} characters past the limit of redaction⟩`;
  return { text: replace(read.slice(0, end), inside) + rest, hits: kept.length, secrets };
}
