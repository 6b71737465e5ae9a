/**
 * Text of outsiders as a model is told it first: its shape (`⟨user-text 83⟩` where a person's words stood). The words
 * themselves come only on a call of their own (`read_lines`), marked as writable by an attacker.
 */

const QUOTED = /(["'`])((?:(?!\1)[^\n]){1,2000})\1/g;
const QUERY = /(\/[^\s?"']{0,300})\?[^\s"']{1,2000}/g;
/** Fields of log lines that a client fills in. */
const FILLED =
  /\b(user[_-]?agent|ua|referr?er|user(?:name)?|query|search|q|comment|title|subject|message|msg|body|input|text|name|description|reason)(\s{0,2}[=:]\s{0,2})(?![⟨\s"'`])([^\n]{1,2000})/gi;
const SENTENCE = /(?<![\p{L}\p{M}'’])(?:\p{L}[\p{L}\p{M}'’]{0,40}[,;:.!?]?[ \t]{1,8}){13,200}\p{L}[^\n]{0,2000}/gu;

const slot = (text: string): string => `⟨user-text ${[...text].length}⟩`;

/**
 * The shape of a line that outsiders can write into: quoted strings, query strings, what clients fill in, and sentences
 * of fourteen words or more become slots that only tell their length. What programs print themselves is shorter.
 */
export function abstractWords(line: string): string {
  return line
    .replace(QUOTED, (all, quote: string, inner: string) =>
      /\s/.test(inner.trim()) || inner.length > 60 ? `${quote}${slot(inner)}${quote}` : all,
    )
    .replace(QUERY, (_all, path: string) => `${path}?${slot('')}`.replace('⟨user-text 0⟩', '⟨user-text⟩'))
    .replace(FILLED, (all, name: string, operator: string, value: string) =>
      /\s/.test(value.trim()) || value.length > 60 ? `${name}${operator}${slot(value)}` : all,
    )
    .replace(SENTENCE, (all) => slot(all));
}
