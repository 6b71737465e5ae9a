/** The closing as lines of text in columns; the role of a line is what a screen may colour. */
import type { Closing } from './closing.ts';
import { clip, columnsOf, wrap } from './columns.ts';
import { count } from './text.ts';

export interface ClosingLine {
  role: 'title' | 'headline' | 'heading' | 'text' | 'footer' | 'blank';
  text: string;
}

/**
 * Lines of at most `columns` columns, one blank on the left. `mark` is the sign before the word.
 * A headline that does not fit beside the word stands below it, whole: nothing of a verdict is cut.
 */
export function closingLines(closing: Closing, columns: number, mark: string): ClosingLine[] {
  const width = Math.max(20, columns);
  const lines: ClosingLine[] = [];
  const add = (role: ClosingLine['role'], text: string): number => lines.push({ role, text });
  const paragraph = (role: ClosingLine['role'], text: string, first: string, indent: string): void => {
    for (const [i, line] of wrap(text, width - columnsOf(indent)).entries())
      add(role, (i === 0 ? first : indent) + line);
  };

  const word = ` ${mark} ${closing.word}`;
  const room = width - columnsOf(word) - columnsOf(closing.right) - 2;
  const beside = columnsOf(closing.headline) <= room - 2;
  const gap = beside ? columnsOf(closing.headline) + 2 : 0;
  const fill = ' '.repeat(Math.max(2, room - gap + 2));
  add('title', clip(`${word}${beside ? `  ${closing.headline}` : ''}${fill}${closing.right}`, width));
  if (!beside) paragraph('headline', closing.headline, '   ', '   ');

  add('blank', '');
  for (const section of closing.sections) {
    const note = section.note ? `   (${section.note})` : '';
    paragraph('heading', section.heading + note, ' ', ' ');
    const items = section.as === 'paragraph' ? [section.items.join('; ')] : firstOf(section.items, MOST);
    for (const [i, item] of items.entries()) {
      const number = section.as === 'steps' ? `${i + 1} ` : '';
      paragraph('text', item, `   ${number}`, `   ${' '.repeat(number.length)}`);
    }
  }
  add('blank', '');
  for (const line of closing.footer) paragraph('footer', line, ' ', ' ');
  return lines;
}

/** How many items of a section a terminal shows; the reports have more. */
const MOST = 5;

/** The first items, and how many more there are; one more is shown instead of counted. */
export const firstOf = (items: string[], most: number): string[] =>
  items.length > most + 1 ? [...items.slice(0, most), `and ${count(items.length - most)} more`] : items;
