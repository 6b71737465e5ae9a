/** Where key presses come from: stdin, or the terminal itself where stdin is a pipe (`cat alert.json | inquest investigate -`). */
import { openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { errorCode } from '../core/errors.ts';

export interface Keyboard {
  stream: NodeJS.ReadStream;
  close(): void;
}

/** Undefined where there is no terminal to read from: then there are no keys. */
export function openKeyboard(stdin: NodeJS.ReadStream, device = '/dev/tty'): Keyboard | undefined {
  if (stdin.isTTY) return { stream: stdin, close: () => {} };
  try {
    const stream = new ReadStream(openSync(device, 'r'));
    return { stream, close: () => stream.destroy() };
  } catch (e) {
    if (errorCode(e) === undefined) throw e;
    return undefined;
  }
}
