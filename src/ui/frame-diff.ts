/** Terminal codes that turn the rows on the screen into other rows. The cursor stands below the rows, before and after. */
import { CSI, clearRest, patchRow } from './row-patch.ts';

export const up = (n: number): string => (n > 0 ? `${CSI}${n}A` : '');
const down = (n: number): string => (n > 0 ? `${CSI}${n}B` : '');

/** A row drawn whole, with its line feed. */
export const fullRow = (row: string, columns: number): string => `${row}${clearRest(row, columns)}\n`;

/**
 * Clears rows from the cursor on and comes back. Not by ED: tmux keeps in its history what ED clears from the top left
 * corner on, and so would leave a ghost of the board there.
 */
export const clearRows = (n: number): string => `${CSI}K${CSI}1B`.repeat(n) + up(n);

/** The rows that differ, and nothing else. */
export function changes(before: string[], after: string[], columns: number): string {
  let text = '';
  let at = before.length;
  const go = (row: number): void => {
    text += `${up(at - row)}${down(row - at)}\r`;
    at = row;
  };
  for (const [i, row] of after.entries()) {
    if (i >= before.length) {
      if (at !== i) go(i);
      text += fullRow(row, columns);
      at++;
    } else if (before[i] !== row) {
      go(i);
      text += patchRow(before[i]!, row, columns);
    }
  }
  if (after.length < before.length) {
    go(after.length);
    text += `${CSI}J`;
  } else if (at !== after.length) go(after.length);
  return text;
}

/**
 * Lines put above `live` rows that are not drawn again. `room` = how many rows of the terminal are free above them, at
 * least 1. Line feeds come first: they scroll where the rows stand at the bottom, so that inserting (IL) pushes nothing
 * off the screen.
 */
export function insertion(lines: string[], live: number, room: number, columns: number): string {
  let text = '';
  for (let i = 0; i < lines.length; i += room) {
    const part = lines.slice(i, i + room);
    const n = part.length;
    text += `${'\n'.repeat(n)}${up(live + n)}\r${CSI}${n}L`;
    text += part.map((line) => fullRow(line, columns)).join('') + down(live);
  }
  return text;
}
