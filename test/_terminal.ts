/** A terminal to draw on in tests: a stream that looks like a TTY, in front of a real emulator (xterm.js, headless). */
import { Writable } from 'node:stream';
import headless from '@xterm/headless';

export interface FakeTerminal {
  stream: NodeJS.WriteStream;
  /** Every byte that was written. */
  written(): string;
  /** All lines, scrollback first, without blanks at the end; empty lines at the end left out. */
  lines(): Promise<string[]>;
  resize(columns: number, rows: number): void;
  /** Makes the stream say that it must drain; `drain` ends that. */
  choke(): void;
  drain(): void;
}

export function terminal(columns = 80, rows = 24): FakeTerminal {
  const emulator = new headless.Terminal({
    cols: columns,
    rows,
    scrollback: 10_000,
    allowProposedApi: true,
    convertEol: true,
  });
  let all = '';
  let choked = false;
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      all += chunk.toString();
      emulator.write(chunk.toString());
      done();
    },
  });
  Object.defineProperties(stream, {
    isTTY: { value: true },
    columns: { get: () => emulator.cols },
    rows: { get: () => emulator.rows },
    writableNeedDrain: { get: () => choked },
  });
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    written: () => all,
    async lines() {
      await new Promise<void>((done) => emulator.write('', done));
      const { active } = emulator.buffer;
      const found = Array.from({ length: active.length }, (_, i) => active.getLine(i)?.translateToString(true) ?? '');
      while (found.at(-1) === '') found.pop();
      return found;
    },
    resize(c, r) {
      emulator.resize(c, r);
      stream.emit('resize');
    },
    choke() {
      choked = true;
    },
    drain() {
      choked = false;
      stream.emit('drain');
    },
  };
}

/** How many style codes are in a text. */
export const styles = (text: string): number => text.match(/\x1b\[[\d;]*m/g)?.length ?? 0;
