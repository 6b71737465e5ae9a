/** `inquest diff A B`: what differs between two runs, and nothing of what always does. */
import { differences } from '../app/compare.ts';
import { shortId } from '../core/ids.ts';
import type { Io } from '../core/ports.ts';
import { safeJson } from '../safety/safe-json.ts';
import { printDifferences } from './_differences.ts';
import { storedRunOrFile } from './_stored.ts';

/** Exit 0 where both say the same, else 1, as diff(1) does. */
export async function diffCommand(io: Io, first: string, second: string, flags: { json?: boolean }): Promise<void> {
  const [a, b] = [await storedRunOrFile(io, first), await storedRunOrFile(io, second)];
  const found = differences(a.state, b.state);
  if (flags.json) {
    const told = { schema: 'inquest.diff/v1', a: a.run, b: b.run, same: found.length === 0, differences: found };
    io.stdout.write(`${safeJson(told, 2)}\n`);
  } else printDifferences(io, found, { a: shortId(a.run), b: shortId(b.run) });
  io.exitCode = found.length === 0 ? 0 : 1;
}
