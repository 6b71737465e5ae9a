/** A series in one row of text: eight heights, gaps visible. */
import type { Symbols } from './symbols.ts';

/**
 * At most `columns` signs. Where values must share a column the largest stands, because a peak is what one looks for.
 * The scale goes from the least to the greatest value, from 0 where that is nearer than the range is tall.
 */
export function sparkline(values: (number | null)[], columns: number, symbols: Symbols): string {
  const known = values.filter((v): v is number => v !== null && Number.isFinite(v));
  if (known.length === 0 || columns < 1) return '';
  const max = known.reduce((a, b) => Math.max(a, b));
  const least = known.reduce((a, b) => Math.min(a, b));
  const min = least >= 0 && least < max - least ? 0 : least;
  const levels = [...symbols.levels];
  const width = Math.min(columns, values.length);
  let line = '';
  for (let i = 0; i < width; i++) {
    const from = Math.floor((i * values.length) / width);
    const to = Math.max(from + 1, Math.floor(((i + 1) * values.length) / width));
    const here = values.slice(from, to).filter((v): v is number => v !== null && Number.isFinite(v));
    if (here.length === 0) {
      line += symbols.gap;
      continue;
    }
    const share = max === min ? 0 : (here.reduce((a, b) => Math.max(a, b)) - min) / (max - min);
    line += levels[Math.round(share * (levels.length - 1))];
  }
  return line;
}
