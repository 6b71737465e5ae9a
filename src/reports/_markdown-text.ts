/**
 * Text of outsiders in Markdown: it may not become a link, a mention, an image, HTML, a table cell or a heading.
 * Where that could happen the words stand in inline code, which renders them as they are and notifies nobody.
 */
import { cut, oneLine } from '../core/text.ts';

/** Inline code whose fence is longer than any run of backticks inside; `max` characters of text at most. */
export function code(text: string, max = 200): string {
  const line = oneLine(text, max);
  if (line === '') return '';
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** Words that no Markdown reading of ours turns into anything: letters, digits and the marks of plain prose. */
const PLAIN = /^[\p{L}\p{N}.,;:%()'"+=/?→×…°µ–-]+$/u;
/** Plain to the eye, but a link, an emoji, a reference to a commit, an issue or a ticket on some forge. */
const ACTIVE = [
  /:\/\/|^["'(]*(?:www\.|mailto:|xmpp:)/i,
  /:[a-z0-9_+-]*[a-z_+][a-z0-9_+-]*:/i,
  /\b[0-9a-f]{7,40}\b/i,
  /\b[A-Z][A-Z0-9]*-\d+\b/,
];
const CLOCK = /\b\d\d:\d\d(?::\d\d)?Z/g;
/** What would begin a list or a heading at the start of a line. */
const MARKER = /^(?:[-+=]+|\d+[.)])$/;

const isPlain = (word: string): boolean => {
  const timeless = word.replace(CLOCK, '0');
  return PLAIN.test(word) && !ACTIVE.some((pattern) => pattern.test(timeless));
};

/** A sentence of ours with names of outsiders in it: prose, with every word that could act in inline code. */
export function prose(text: string, max = 500): string {
  const out: string[] = [];
  let risky: string[] = [];
  const settle = (): void => {
    if (risky.length > 0) out.push(inCode(risky.join(' '), max));
    risky = [];
  };
  for (const word of oneLine(text, max).split(' ')) {
    const begins = out.length === 0 && risky.length === 0;
    if (!isPlain(word) || (begins && MARKER.test(word))) {
      risky.push(word);
      continue;
    }
    settle();
    out.push(word);
  }
  settle();
  return out.join(' ');
}

/** Inline code without the brackets, quotes and stops around the words. */
function inCode(words: string, max: number): string {
  const [, before = '', inner = '', after = ''] = /^(["'(]*)(.*?)([)"',.;:]*)$/s.exec(words) ?? [];
  return inner === '' ? code(words, max) : before + code(inner, max) + after;
}

/** A table cell: a bar would end it, inside code too. */
export const cell = (markdown: string): string => markdown.replaceAll('|', '\\|');

export const row = (cells: string[]): string => `| ${cells.map(cell).join(' | ')} |`;

/** A fenced block whose fence is longer than any fence inside. */
export function block(lines: string[], max = 300): string[] {
  const shown = lines.map((line) => cut(line.replace(/\r?\n/g, ' '), max));
  const longest = Math.max(2, ...shown.flatMap((line) => (line.match(/`+/g) ?? []).map((run) => run.length)));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, ...shown, fence];
}

/** Ids of ours are plain; anything else that stands in their place is not. */
export const evidenceId = (id: string): string => (/^[EH]\d+(\.\d+)?$/.test(id) || id === '' ? id : code(id, 20));
