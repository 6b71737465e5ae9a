/** Tables: aligned with a header on a terminal, tab-separated without one in a pipe. */
import type { Io } from '../core/ports.ts';
import { cut } from '../core/text.ts';
import { safeText } from '../safety/safe-text.ts';

/** Writes rows to stdout. The last column is cut to the terminal's width; in a pipe nothing is cut. */
export function printTable(io: Io, header: string[], rows: string[][]): void {
  const clean = rows.map((row) => row.map((cell) => safeText(cell).replace(/\s+/g, ' ')));
  if (!io.stdout.isTTY) {
    io.stdout.write(clean.map((row) => `${row.join('\t')}\n`).join(''));
    return;
  }
  const all = [header, ...clean];
  const widths = header.map((_, i) => Math.max(...all.map((row) => [...(row[i] ?? '')].length)));
  const columns = io.stdout.columns || 80;
  for (const row of all) {
    const line = row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!))).join('  ');
    io.stdout.write(`${cut(line, columns)}\n`);
  }
}
