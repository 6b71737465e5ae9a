/**
 * `name = value` in running text, code, JSON (escaped or not), XML, query strings and command lines, where the name says
 * "secret". Scanned by hand: a value ends where its quote ends, and no pattern can backtrack over it.
 */
import { ABOUT, isNothing, isOpaque, NAME, typeOf } from './redact-names.ts';
import type { Rule, Span } from './redact-spans.ts';

const OPERATOR = /[ \t]{0,8}(?:<-|\|\||,|>\s{0,80}|[:=?!.+~-]{0,3}[=:>])[ \t]{0,8}[=@([]{0,2}[ \t]{0,2}/y;
/** `var token string = "…"`: the type stands between the name and the operator. */
const TYPED = /[ \t]{1,4}(?:string|str|char|const|text|String)(?:\[\]|\*)?(?=[ \t]{0,4}[:=])/y;
const NAME_QUOTES = /(?:\\{0,3}["'`])?(?:\[[0-9]{0,6}\]|[\])])?/y;
/** `password_of_orders = …`: the name goes on behind the word that says "secret". */
const SUFFIX = /[_-][A-Za-z0-9_-]{1,60}/y;
/** `"hunter2" == password`, up to where the name begins. */
const COMPARED = /(["'`])([^"'`\r\n]{3,200})\1[ \t]{0,4}[=!]==?[ \t]{0,4}[\w.]{0,64}$/;
const TIME = /^\d{4}-\d\d-\d\d|^\d\d:\d\d|^[\d.]+[a-z]{0,3}$/i;
const OPEN_QUOTE = /(?:[bBrRfFuL]{1,2}(?=["'])|)(\\{0,3})(["'`])/y;
const BLANKS = /[ \t]{1,8}/y;
/** How a program prints an object: `AppToken{9f4ef63`, `Binder@47e6b`, `getToken(`. */
const PRINTED = /^[A-Za-z_$][\w.$]{2,}[({[@]/;
const LINE_END = /[\r\n]/g;
const BARE_END = /[\s"'`<]|\\{1,3}["']|&(?=[\w.%-]{1,64}=)|[,;](?=\s|$|[\w.-]{1,64}[=:])/g;

/** Values under secret-like names. */
export const pairs: Rule = (text, check) => {
  const out: Span[] = [];
  let done = 0;
  for (const m of text.matchAll(NAME)) {
    if (m.index < done) continue;
    check();
    const type = typeOf(m[0]);
    const before = compared(text, m.index);
    if (before) out.push({ ...before, type });
    const nameTo = m.index + m[0].length;
    const suffixTo = skip(SUFFIX, text, nameTo);
    const suffix = text.slice(nameTo, suffixTo);
    if (suffix !== '' && ABOUT.test(suffix)) continue;
    const value = valueAfter(text, m.index, suffixTo);
    if (value === undefined) continue;
    const secret = text.slice(value.from, value.to);
    const weak = m[1] === undefined || suffix !== '';
    if (!holds(secret, weak, value) || (suffix !== '' && TIME.test(secret))) continue;
    out.push({ from: value.from, to: value.to, type });
    done = value.to;
  }
  return out;
};

/** The quoted value that is compared with the name at `nameFrom`, in front of it. */
function compared(text: string, nameFrom: number): { from: number; to: number } | undefined {
  const from = Math.max(0, nameFrom - 300);
  const near = text.slice(from, nameFrom);
  const m = near.includes('==') || near.includes('!=') ? COMPARED.exec(near) : null;
  if (m === null || isNothing(m[2]!)) return undefined;
  return { from: from + m.index + 1, to: from + m.index + 1 + m[2]!.length };
}

export interface Value {
  from: number;
  to: number;
  quoted: boolean;
  /** Nothing, or only a comma, stands between name and value: a list of words looks the same. */
  loose: boolean;
}

function holds(secret: string, weak: boolean, { quoted, loose }: Value): boolean {
  if (secret.length < 2 || isNothing(secret.trim())) return false;
  if (loose) return isOpaque(secret) && !PRINTED.test(secret);
  if (quoted) return !weak || secret.length >= 4;
  return weak ? isOpaque(secret) && !PRINTED.test(secret) : !/^[A-Za-z_$][\w.$]{2,}\(/.test(secret);
}

/** Where the value of a name stands that ends at `nameTo`: behind an operator, or quoted, or behind a flag. */
export function valueAfter(text: string, nameFrom: number, nameTo: number): Value | undefined {
  let at = skip(NAME_QUOTES, text, nameTo);
  const typed = skip(TYPED, text, at);
  at = typed;
  const afterOperator = skip(OPERATOR, text, at);
  const operator = text.slice(at, afterOperator).trim();
  if (operator !== '') return read(text, afterOperator, operator === ',', operator === '>');
  const blanks = skip(BLANKS, text, at);
  if (blanks === at) return undefined;
  // `--password hunter2` and `password "hunter2"`.
  const flag = /(?:^|\s)--?[\w.-]{0,64}$/.test(text.slice(Math.max(0, nameFrom - 70), nameFrom));
  const value = read(text, blanks, !flag, false);
  return value !== undefined && (value.quoted || (flag && text[blanks] !== '-')) ? value : undefined;
}

function read(text: string, at: number, loose: boolean, xml: boolean): Value | undefined {
  OPEN_QUOTE.lastIndex = at;
  const open = OPEN_QUOTE.exec(text);
  if (open === null) {
    const to = xml ? end(/[<\r\n]/g, text, at) : bareEnd(text, at);
    return to > at && !(loose && xml) ? { from: at, to, quoted: false, loose } : undefined;
  }
  const from = at + open[0].length;
  return { from, to: closing(text, from, open[1]!, open[2]!), quoted: true, loose };
}

/** The end of a quoted value: the same quote, escaped as often as the opening one; else the end of the line. */
function closing(text: string, from: number, escapes: string, quote: string): number {
  for (let i = from; i < text.length; i++) {
    const c = text[i];
    if (c === '\n' || c === '\r') return i;
    if (c === '\\') {
      let slashes = 1;
      while (text[i + slashes] === '\\') slashes++;
      if (text[i + slashes] === quote && slashes === escapes.length) return i;
      i += slashes;
    } else if (c === quote) return i;
  }
  return text.length;
}

function bareEnd(text: string, from: number): number {
  let to = end(BARE_END, text, from);
  const opens = { ')': '(', ']': '[', '}': '{' } as Record<string, string>;
  while (to > from) {
    const last = text[to - 1]!;
    if ('.,;:'.includes(last)) to--;
    else if (opens[last] !== undefined && !text.slice(from, to).includes(opens[last])) to--;
    else break;
  }
  return to;
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function end(pattern: RegExp, text: string, at: number): number {
  const p = pattern.global ? pattern : LINE_END;
  p.lastIndex = at;
  return p.exec(text)?.index ?? text.length;
}
