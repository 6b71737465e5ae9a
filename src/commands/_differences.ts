/** Differences of two runs for people: grouped by part, old above new. */
import type { Difference } from '../app/compare.ts';
import type { Io } from '../core/ports.ts';
import { plural } from '../core/text.ts';
import { safeText } from '../safety/safe-text.ts';

/** Prints them to stdout; `names` say which side is which. */
export function printDifferences(io: Io, found: Difference[], names: { a: string; b: string }): void {
  if (found.length === 0) {
    io.stdout.write('no difference\n');
    return;
  }
  const lines: string[] = [`${plural(found.length, 'difference')}: - ${names.a}, + ${names.b}`];
  let part = '';
  for (const d of found) {
    if (d.part !== part) lines.push('', d.part);
    part = d.part;
    lines.push(`  ${d.what}`);
    if (d.a !== undefined) lines.push(`    - ${d.a}`);
    if (d.b !== undefined) lines.push(`    + ${d.b}`);
  }
  io.stdout.write(`${lines.map(safeText).join('\n')}\n`);
}
