/** The fewest bytes that turn one drawn row into another: only the stretch that differs is written. */
import stringWidth from 'string-width';

export const CSI = '\x1b[';
const SGR = /\x1b\[[\d;]*m/y;
const RESET = `${CSI}0m`;

interface Cell {
  text: string;
  /** The styles in force, as the codes that made them. */
  style: string;
}

/**
 * Text that, written with the cursor in column 0 of the row `before`, makes it `after`. The stretch that both rows end
 * with stays untouched where what differs is equally wide in both. The stretch that both begin with is skipped only
 * where it is ASCII: of other signs a terminal may think that they are wider than we do.
 */
export function patchRow(before: string, after: string, columns: number): string {
  const whole = after + clearRest(after, columns);
  const [a, b] = [cells(before), cells(after)];
  if (!a || !b) return whole;
  let from = 0;
  while (from < a.length && from < b.length && same(a[from]!, b[from]!) && isAscii(b[from]!)) from++;
  let tail = 0;
  while (tail < a.length - from && tail < b.length - from && same(a.at(-1 - tail)!, b.at(-1 - tail)!)) tail++;
  const [was, is] = [a.slice(from, a.length - tail), b.slice(from, b.length - tail)];
  const keepsTail = widthOf(was) === widthOf(is);
  const changed = keepsTail ? is : b.slice(from);
  const jump = from === 0 ? '' : `${CSI}${from}C`;
  const patch = `${jump}${draw(changed)}${keepsTail ? '' : clearRest(after, columns)}`;
  return patch.length < whole.length ? patch : whole;
}

/** Clears what is right of the text; nothing after a full row, where many terminals would clear its last sign. */
export const clearRest = (row: string, columns: number): string => (stringWidth(row) < columns ? `${CSI}K` : '');

/** The row as cells with their styles; undefined where it holds an escape that is no style. */
function cells(row: string): Cell[] | undefined {
  const made: Cell[] = [];
  let style = '';
  for (let i = 0; i < row.length; ) {
    SGR.lastIndex = i;
    const code = SGR.exec(row)?.[0];
    if (code) {
      style = restyle(style, code);
      i += code.length;
      continue;
    }
    if (row[i] === '\x1b') return undefined;
    const end = row.indexOf('\x1b', i);
    const text = row.slice(i, end < 0 ? row.length : end);
    // Signs beyond plain text may join with their neighbours; then the whole row is drawn.
    if (!/^[\x20-\x7e\u00a1-\u02ff\u2010-\u2bff]*$/.test(text)) return undefined;
    for (const sign of text) made.push({ text: sign, style });
    i += text.length;
  }
  return made;
}

/** Styles are closed one by one (39 ends a colour, 22 bold and dim): what a code ends goes, what it begins is added. */
function restyle(style: string, code: string): string {
  const n = firstNumber(code);
  if (n === 0) return '';
  const kept = style.match(/\x1b\[[\d;]*m/g)?.filter((begun) => endOf(firstNumber(begun)) !== n) ?? [];
  return kept.join('') + (endOf(n) === undefined ? '' : code);
}

const firstNumber = (code: string): number => Number(code.slice(2, -1).split(';')[0]);

/** The number that ends the style begun by `n`; undefined where `n` begins none. */
function endOf(n: number): number | undefined {
  if (n === 1 || n === 2) return 22;
  if (n >= 3 && n <= 9) return n + 20;
  if ((n >= 30 && n <= 38) || (n >= 90 && n <= 97)) return 39;
  if ((n >= 40 && n <= 48) || (n >= 100 && n <= 107)) return 49;
  return undefined;
}

function draw(list: Cell[]): string {
  let out = '';
  let style = '';
  for (const cell of list) {
    if (cell.style !== style) out += (style === '' ? '' : RESET) + cell.style;
    style = cell.style;
    out += cell.text;
  }
  return style === '' ? out : out + RESET;
}

const same = (a: Cell, b: Cell): boolean => a.text === b.text && a.style === b.style;
const isAscii = (c: Cell): boolean => c.text >= ' ' && c.text <= '~';
const widthOf = (list: Cell[]): number => stringWidth(list.map((c) => c.text).join(''));
