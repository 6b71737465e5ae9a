/** A response's body: read up to a limit, as sent and unpacked, as text. */
import type { IncomingMessage } from 'node:http';
import { PassThrough, pipeline, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { bytes, oneLine } from '../core/text.ts';
import { Refused } from './_refused.ts';

/** The body as text, at most `max` bytes of it. Throws `Refused` for more, and what broke the stream. */
export async function readBody(base: string, response: IncomingMessage, max: number): Promise<string> {
  const encoding = response.headers['content-encoding'] ?? 'identity';
  const unpack = encoding === 'gzip' || encoding === 'x-gzip' ? createGunzip() : new PassThrough();
  if (encoding !== 'identity' && unpack instanceof PassThrough) {
    response.destroy();
    throw new Refused('failed', `${base} answered in an encoding that was not asked for (${oneLine(encoding, 40)})`);
  }
  if (Number(response.headers['content-length']) > max) {
    response.destroy();
    throw tooLarge(base, max);
  }
  // The error of the stream that broke first reaches the loop; the callback only keeps it from being unhandled.
  const body = pipeline(response, limit(base, max), unpack, () => {});
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += (chunk as Buffer).length;
    if (size > max) {
      response.destroy();
      throw tooLarge(base, max);
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Passes at most `max` bytes. */
function limit(base: string, max: number): Transform {
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > max) done(tooLarge(base, max));
      else done(null, chunk);
    },
  });
}

const tooLarge = (base: string, max: number): Refused =>
  new Refused('failed', `${base} sent more than ${bytes(max)}; ask for a shorter window or one service`);

/** The first words of a page, without its markup. */
export const words = (text: string): string =>
  oneLine(
    text
      .slice(0, 20_000)
      .replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ')
      .replace(/<[^>]*>/g, ' '),
    60,
  );

const JSON_TYPE = /^(?:application|text)\/(?:[\w.-]+\+)?json\b/i;

/** Whether JSON was cut off where only the end of the connection tells the end of the body. */
export const isCutOff = ({ headers, text }: { headers: Record<string, string>; text: string }): boolean =>
  headers['content-length'] === undefined &&
  headers['transfer-encoding'] === undefined &&
  JSON_TYPE.test(headers['content-type'] ?? '') &&
  jsonOf(text) === undefined;

/** A body that is not what was asked for: a page of a login, of a proxy, of another service; or JSON that is broken. */
export function notJson(base: string, contentType: string | undefined, text: string): Refused {
  if (JSON_TYPE.test(contentType ?? '')) {
    return new Refused('failed', `${base} sent JSON that is broken, or was cut off on the way`, true, 'Try again.');
  }
  const type = oneLine((contentType || 'no content type').split(';')[0] ?? '', 60);
  return new Refused(
    'failed',
    `${base} answered ${type}, not JSON: "${words(text)}"`,
    false,
    'Another service answers there, or a login or proxy page: check host, port and path of the URL.',
  );
}

/** A text as JSON; undefined where it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
