/**
 * Values that look random: under a name that may hold a secret (`key=`, `login:`, a vendor's name), and, where they are
 * long and mix everything, under no name at all. SHAs, trace ids and UUIDs are no such values, nor are names of things.
 */
import { valueAfter } from './redact-pairs.ts';
import type { Rule, Span } from './redact-spans.ts';

/** The last word of a name that may hold a secret. */
const MAYBE =
  /(?<![A-Za-z0-9⟨])(?:key|token|secret|password|passwd|pat|login|auth|credential|cloudflare|artifactory|jfrog|softlayer|heroku|snyk|sonar)(?![A-Za-z0-9_])|(?<=[a-z0-9])Key(?![A-Za-z0-9_])/gi;
/** `the token is …`, `using API key …`: what may stand between the name and the value in a sentence. */
const SAID = /[ \t]{1,4}(?:(?:is|was|with|value|of [\w-]{1,40}|for [\w-]{1,40})[ \t]{1,4}){0,2}["'`]?(?=[A-Za-z0-9])/y;
const WORD_END = /[\s"'`,;:)\]}]|$/g;
/** Keys that name a thing instead of opening it. */
const NAMING =
  /(?:public|partition|sort|primary|foreign|cache|routing|row|group|object|idempotency|dedup|grouping|hash|index|lookup|composite|storage|redis|host|metric|map|event|message|correlation|session|trace|span|request|commit|image|build|shard|record)[ _.-]?$/i;
const CONSTANT = /[A-Z0-9]_$/;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** The value behind each name that may hold a secret, where it looks like a token. */
export const namedTokens: Rule = (text, check) => {
  const out: Span[] = [];
  let done = 0;
  for (const m of text.matchAll(MAYBE)) {
    if (m.index < done) continue;
    check();
    const before = text.slice(Math.max(0, m.index - 24), m.index);
    if (NAMING.test(before)) continue;
    const to = m.index + m[0].length;
    const value = valueAfter(text, m.index, to) ?? said(text, to);
    if (value === undefined) continue;
    const token = text.slice(value.from, value.to);
    // A value of a token's length holds another name with its value only where it is a URL with a query.
    const query = token.search(/[?&]/);
    if (!value.quoted && token.length >= 20) done = query < 0 ? value.to : value.from + query;
    const id = UUID.test(token) && !CONSTANT.test(before);
    if (!isToken(token) || id) continue;
    out.push({ from: value.from, to: value.to, type: 'key' });
  }
  return out;
};

/** The word that follows the name at `nameTo` in a sentence. */
function said(text: string, nameTo: number): { from: number; to: number; quoted: boolean } | undefined {
  SAID.lastIndex = nameTo;
  if (!SAID.test(text)) return undefined;
  WORD_END.lastIndex = SAID.lastIndex;
  return { from: SAID.lastIndex, to: WORD_END.exec(text)?.index ?? text.length, quoted: false };
}

/** Random to the eye: 20 characters or more without a blank that mix letters with digits and are no time, path, host or name. */
export function isToken(value: string): boolean {
  if (value.length < 20 || value.length > 4096 || !/^[A-Za-z0-9+/=_~.-]+$/.test(value)) return false;
  if (!/[0-9]/.test(value) || !/[A-Za-z]/.test(value)) return false;
  if (UUID.test(value)) return true;
  if (/^\d{4}-\d\d-\d\d|^[./]|\/\//.test(value)) return false;
  // Words joined by separators (`orders-service-7d9f8b6c5-x2k4q`) are names of things.
  return value.split(/[_.~/-]/).some((part) => part.length >= 16);
}

const WORDS = [
  /(?<![A-Za-z0-9+/_.~-])[A-Za-z0-9+/_-]{32,512}={0,2}(?![A-Za-z0-9+/=_.~-])/g,
  // A segment of a path, as webhooks have it.
  /(?<=\/)[A-Za-z0-9_-]{32,512}(?![A-Za-z0-9+=_.~-])/g,
];
/** What stands before a digest, an id or a path. */
const IDENTIFIED =
  /(?:sha(?:1|224|256|384|512)?[-:=]|(?:trace|span|request|correlation|digest|etag|checksum|hash|commit|build|image)[ _.-]?(?:id)?["']?[ :=]{1,3}["']?)$/i;

/** Long words that mix both cases with digits at random: no language, no path, no hex, no list of names does. */
export function bareTokens(text: string): Span[] {
  const out: Span[] = [];
  for (const m of WORDS.flatMap((pattern) => [...text.matchAll(pattern)])) {
    const word = m[0];
    if (!isRandom(word) || IDENTIFIED.test(text.slice(Math.max(0, m.index - 24), m.index))) continue;
    out.push({ from: m.index, to: m.index + word.length, type: 'token' });
  }
  return out;
}

/**
 * A share of neighbours that change between lower case, upper case and digit which only random text reaches: in base62
 * it is 0.66 on average, in names of classes, files and pods it stays below 0.4.
 */
function isRandom(word: string): boolean {
  if (/^sha[0-9]{1,3}-/i.test(word) || !/[0-9]/.test(word) || !/[a-z]/.test(word) || !/[A-Z]/.test(word)) return false;
  let changes = 0;
  for (let i = 1; i < word.length; i++) {
    const [a, b] = [kind(word.charCodeAt(i - 1)), kind(word.charCodeAt(i))];
    if (a !== b && a !== 'mark' && b !== 'mark') changes++;
  }
  return changes / (word.length - 1) >= 0.45;
}

const kind = (code: number): 'digit' | 'upper' | 'lower' | 'mark' =>
  code >= 97 ? 'lower' : code >= 65 && code <= 90 ? 'upper' : code >= 48 && code <= 57 ? 'digit' : 'mark';
