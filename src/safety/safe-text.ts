/**
 * The edge to the terminal and the report: text from outside that cannot draw.
 * Characters are replaced one by one and never removed, so no two harmless halves can join into a harmful whole.
 */
import { cut } from '../core/text.ts';

/** Longest line that is shown, in code points; the rest is `…`. */
const LINE = 2000;
const TAB = 8;
/** Marks that may stand on one letter; more is drawing over the lines above and below. */
const MARKS = /(\p{M}{4})\p{M}+/gu;

/** Controls (C0, DEL, C1), formats (bidi, zero width, tags), everything that draws nothing, line separators, half surrogates. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;
const PLAIN = /^[\x20-\x7e\n]*$/;
const PICTOGRAPH_BEFORE = /\p{Extended_Pictographic}[\uFE0F\u{1F3FB}-\u{1F3FF}]{0,2}$/u;
const PICTOGRAPH_AFTER = /^\p{Extended_Pictographic}/u;

/**
 * The same text with nothing in it that a terminal, a browser or an eye would take for something else: control characters
 * as pictures (`␛`), invisible and bidi ones as `<U+202E>`, tabs as blanks, half surrogates as U+FFFD, long lines cut.
 * Line feeds stay. Idempotent; for any split `a + b`, `safeText(a) + safeText(b)` is as safe as the whole.
 */
export function safeText(text: string): string {
  const shown = PLAIN.test(text) ? text : replaceUnsafe(text);
  if (shown.length <= LINE) return shown;
  return shown
    .split('\n')
    .map((line) => cut(line, LINE))
    .join('\n');
}

function replaceUnsafe(text: string): string {
  const shown = text
    .replaceAll('\r\n', '\n')
    .replace(UNSAFE, (c, at: number, whole: string) => picture(c, at, whole))
    .replace(MARKS, '$1…');
  return shown.includes('\t') ? shown.split('\n').map(expandTabs).join('\n') : shown;
}

function picture(c: string, at: number, whole: string): string {
  const code = c.codePointAt(0)!;
  if (c === '\n' || c === '\t') return c;
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return '␡';
  if (code >= 0xd800 && code <= 0xdfff) return '\uFFFD';
  // The joiner and the selector that make one emoji of several are part of how people write.
  const before = () => PICTOGRAPH_BEFORE.test(whole.slice(Math.max(0, at - 8), at));
  if (code === 0xfe0f && before()) return c;
  if (code === 0x200d && before() && PICTOGRAPH_AFTER.test(whole.slice(at + 1, at + 3))) return c;
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}

function expandTabs(line: string): string {
  let out = '';
  let column = 0;
  for (const [i, part] of line.split('\t').entries()) {
    const gap = i === 0 ? 0 : TAB - (column % TAB);
    out += ' '.repeat(gap) + part;
    column += gap + [...part].length;
  }
  return out;
}
