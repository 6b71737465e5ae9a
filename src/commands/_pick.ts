/** A numbered choice on a terminal: one line a choice on stderr, a number from stdin. */
import { createInterface } from 'node:readline/promises';
import { Interrupted } from '../core/errors.ts';
import type { Io } from '../core/ports.ts';
import { cut } from '../core/text.ts';
import { safeText } from '../safety/safe-text.ts';

/** Whether somebody can choose. */
export const canPick = (io: Io): boolean => Boolean(io.stdin.isTTY && io.stderr.isTTY);

/** The index of the line that was chosen; Enter takes the first. Throws Interrupted when nothing is to be chosen. */
export async function pick(io: Io, title: string, lines: string[]): Promise<number> {
  const width = (io.stderr.columns || 80) - 6;
  const shown = lines.map((l, i) => `${String(i + 1).padStart(4)}  ${cut(safeText(l), width)}`);
  io.stderr.write(`${title}\n${shown.join('\n')}\n`);
  const ask = createInterface({ input: io.stdin, output: io.stderr });
  try {
    for (;;) {
      const answer = (await ask.question('which one? [1] ', { signal: io.signal })).trim();
      const n = answer === '' ? 1 : Number(answer);
      if (Number.isInteger(n) && n >= 1 && n <= lines.length) return n - 1;
      if (/^q/i.test(answer)) throw new Interrupted('nothing was chosen');
      io.stderr.write(`a number from 1 to ${lines.length}, or q\n`);
    }
  } catch (e) {
    if (io.signal.aborted || (e as { code?: unknown }).code === 'ABORT_ERR')
      throw new Interrupted('nothing was chosen');
    throw e;
  } finally {
    ask.close();
  }
}
