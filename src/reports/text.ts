/** The closing as plain text of 80 columns: what stdout gets when a person reads it. */
import { closingOf } from '../core/closing.ts';
import { closingLines } from '../core/closing-lines.ts';
import { stringMapper } from '../core/map-strings.ts';
import type { Report } from '../core/ports.ts';
import { inAscii } from '../core/text.ts';
import { safeText } from '../safety/safe-text.ts';

const COLUMNS = 80;
const MARKS = { done: '✓', ask: '?', limited: '!' } as const;
const ASCII_MARKS = { done: '+', ask: '?', limited: '!' } as const;

export const report: Report = textReport();

/** The same in other columns. */
export function textReport(columns = COLUMNS): Report {
  return {
    mime: 'text/plain; charset=utf-8',
    async render(raw, _load, { ascii } = { ascii: false }) {
      const closing = closingOf(stringMapper(safeText)(raw));
      const mark = (ascii ? ASCII_MARKS : MARKS)[closing.mark];
      return `${closingLines(closing, columns, mark)
        .map((line) => (ascii ? inAscii(line.text) : line.text))
        .join('\n')}\n`;
    },
  };
}
