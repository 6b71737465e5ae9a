/** Text in terminal columns: width, cutting, wrapping. Widths as string-width counts them; ANSI styles count nothing. */
import sliceAnsi from 'slice-ansi';
import stringWidth from 'string-width';

/** Columns that a line takes. */
export const columnsOf = (text: string): number => stringWidth(text);

/**
 * Terminals disagree on emoji that end in U+FE0F (string-width says 2, tmux 3.3a draws 1), so the selector goes
 * before anything is measured.
 */
export const plainEmoji = (text: string): string => text.replaceAll('\uFE0F', '');

/** The line in at most `columns` columns, with the mark where something was cut. */
export function clip(text: string, columns: number, mark = '…'): string {
  if (columns <= 0) return '';
  const line = plainEmoji(text);
  if (stringWidth(line) <= columns) return line;
  return columns <= stringWidth(mark) ? headOf(line, columns) : headOf(line, columns - stringWidth(mark)) + mark;
}

/** The longest beginning of at most `columns`: a double-width character may straddle the cut, then it stays out. */
function headOf(line: string, columns: number): string {
  for (let n = columns; n > 0; n--) {
    const head = sliceAnsi(line, 0, n);
    if (stringWidth(head) <= columns) return head;
  }
  return '';
}

/** The line in exactly `columns` columns: cut, or filled up with blanks on the right. */
export function fill(text: string, columns: number, mark = '…'): string {
  const line = clip(text, columns, mark);
  return line + ' '.repeat(Math.max(0, columns - stringWidth(line)));
}

/** Left and right text on one line; the left one is cut first. */
export function spread(left: string, right: string, columns: number, mark = '…'): string {
  const tail = clip(right, columns, mark);
  const room = columns - stringWidth(tail);
  return tail === ''
    ? clip(left, columns, mark)
    : fill(left, Math.max(0, room - 1), mark) + (room > 0 ? ' ' : '') + tail;
}

const graphemes = new Intl.Segmenter();
const firstGrapheme = (text: string): string => graphemes.segment(text).containing(0)?.segment ?? '';

/**
 * Plain text (no ANSI) in lines of at most `columns`, broken at blanks, a longer word where it must be; a single
 * character that is wider than a line becomes `…`.
 */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (let word of plainEmoji(text).split(' ')) {
    if (line !== '' && stringWidth(line) + 1 + stringWidth(word) > columns) {
      lines.push(line.trimEnd());
      line = '';
    }
    while (stringWidth(word) > columns) {
      const head = headOf(word, columns);
      if (head === '') {
        if (columns <= 0) break;
        word = `…${word.slice(firstGrapheme(word).length)}`;
        continue;
      }
      lines.push(head);
      word = word.slice(head.length);
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}
