/** A pager of our own: no program is started, and nothing but our text reaches the terminal. */
import type { Io } from '../core/ports.ts';
import { cut } from '../core/text.ts';

/** Shows lines screen by screen on a terminal (space, Enter, b, g, G, q); prints them all where there is none. */
export async function page(io: Io, lines: string[]): Promise<void> {
  const { stdout, stdin } = io;
  const rows = (stdout.rows || 24) - 1;
  if (!stdout.isTTY || !stdin.isTTY || lines.length <= rows) {
    stdout.write(lines.map((l) => `${l}\n`).join(''));
    return;
  }
  const back = (): void => {
    stdin.setRawMode(false);
    stdin.pause();
  };
  io.onExit(back);
  stdin.setRawMode(true);
  stdin.resume();
  let top = 0;
  try {
    for (;;) {
      const height = (stdout.rows || 24) - 1;
      const last = Math.max(0, lines.length - height);
      top = Math.min(Math.max(0, top), last);
      const shown = lines.slice(top, top + height).map((l) => cut(l, stdout.columns || 80));
      const where = `${top + 1}-${top + shown.length} of ${lines.length}  space next  b back  q quit`;
      stdout.write(`\x1b[H\x1b[J${shown.join('\r\n')}\r\n\x1b[7m${where}\x1b[0m`);
      const key = await pressed(io);
      if (key === undefined || /^[q\x03\x1b]$/.test(key)) break;
      if (key === 'b' || key === '\x1b[5~') top -= height;
      else if (key === '\r' || key === 'j' || key === '\x1b[B') top += 1;
      else if (key === 'k' || key === '\x1b[A') top -= 1;
      else if (key === 'g') top = 0;
      else if (key === 'G') top = last;
      else if (top === last) break;
      else top += height;
    }
  } finally {
    back();
    stdout.write('\r\n');
  }
}

const pressed = (io: Io): Promise<string | undefined> =>
  new Promise((resolve) => {
    const stopped = (): void => resolve(undefined);
    io.signal.addEventListener('abort', stopped, { once: true });
    io.stdin.once('data', (key: Buffer) => {
      io.signal.removeEventListener('abort', stopped);
      resolve(key.toString());
    });
  });
