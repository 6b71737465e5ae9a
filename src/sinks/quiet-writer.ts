/** Writing to a pipe whose reader may leave: `inquest … | head` ends quietly, a slow reader slows us down. */
import { errorCode } from '../core/errors.ts';

export interface QuietWriter {
  /** Resolves when the stream can take more; at once when the reader is gone. */
  write(text: string): Promise<void>;
}

/** `onClosed` is called once, when the reader has gone (EPIPE). Any other error of the stream is thrown by `write`. */
export function quietWriter(stream: NodeJS.WritableStream, onClosed: () => void = () => {}): QuietWriter {
  let gone = false;
  let broken: Error | undefined;
  let wake: () => void = () => {};
  stream.on('error', (e: Error) => {
    if (errorCode(e) === 'EPIPE' || errorCode(e) === 'ERR_STREAM_DESTROYED') {
      if (!gone) onClosed();
      gone = true;
    } else broken = e;
    wake();
  });
  return {
    async write(text) {
      if (broken) throw broken;
      if (gone || text === '') return;
      if (stream.write(text)) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
        stream.once('drain', resolve);
      });
    },
  };
}
