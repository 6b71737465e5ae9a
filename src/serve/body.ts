/**
 * Bodies of requests: at most so many bytes each, and at most so many of all together, whatever the headers say. Nothing
 * is kept of a body that is refused.
 */
import type { Readable } from 'node:stream';

/** Largest body, bytes: PagerDuty sends up to 256 KiB; more is no alert. */
export const BODY_MAX = 1024 * 1024;
/** All bodies that are being read, bytes. */
const TOGETHER = 32 * 1024 * 1024;

/** The sender closed the connection before its body was whole: there is nobody to answer. */
export class Gone extends Error {}

export type Body = Buffer | { refused: 413 | 503 };

export class Bodies {
  #held = 0;

  /** Reads a body to its end, or refuses it as soon as it is too much. Rejects where the sender goes away. */
  read(stream: Readable, declared: string | undefined): Promise<Body> {
    const length = Number(declared ?? 0);
    if (length > BODY_MAX) return refuse(stream, 413);
    if (this.#held + length > TOGETHER) return refuse(stream, 503);
    return new Promise((done, reject) => {
      const parts: Buffer[] = [];
      let size = 0;
      const letGo = (): void => {
        stream.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
        // A stream without a listener for its errors would end the program.
        stream.on('error', () => {});
        this.#held -= size;
      };
      const end = (body: Body): void => {
        letGo();
        if (!Buffer.isBuffer(body)) stream.pause();
        done(body);
      };
      const onData = (part: Buffer): void => {
        size += part.length;
        this.#held += part.length;
        parts.push(part);
        if (size > BODY_MAX) end({ refused: 413 });
        else if (this.#held > TOGETHER) end({ refused: 503 });
      };
      const onEnd = (): void => end(Buffer.concat(parts));
      const onGone = (): void => {
        letGo();
        reject(new Gone('the sender has gone'));
      };
      stream.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
    });
  }
}

function refuse(stream: Readable, status: 413 | 503): Promise<Body> {
  stream.pause();
  return Promise.resolve({ refused: status });
}
