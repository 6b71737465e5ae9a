/** A response's body: read up to a limit, unpacked, and taken as JSON or refused in words. */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { bytes, oneLine } from '../core/text.ts';
import { Refused, statusRefusal } from './_refused.ts';

const MAX_BYTES = 32 * 1024 * 1024;

export interface Answered {
  json: unknown;
  /** The server's clock, ms, where it says it. */
  date?: number;
}

/** The body as text, unpacked, at most 32 MiB of it. */
export async function readBody(base: string, response: IncomingMessage): Promise<string> {
  const packed = response.headers['content-encoding'] === 'gzip';
  const body: Readable = packed ? response.pipe(createGunzip()) : response;
  if (packed) response.on('error', (e) => body.destroy(e));
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += (chunk as Buffer).length;
    if (size > MAX_BYTES) {
      response.destroy();
      throw new Refused(
        'failed',
        `${base} sent more than ${bytes(MAX_BYTES)}; ask for a shorter window or one service`,
      );
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A response that is what was asked for; throws `Refused` for any other. */
export function answered(base: string, response: IncomingMessage & { text: string }, textWillDo: boolean): Answered {
  const { statusCode = 0, headers, text } = response;
  const date = Date.parse(headers.date ?? '');
  const when = Number.isNaN(date) ? {} : { date };
  const good = statusCode >= 200 && statusCode < 300;
  if (good && textWillDo) return { json: text, ...when };
  const json = parse(text);
  if (!good) {
    const { error, message, errorType } = (json ?? {}) as Record<string, unknown>;
    const said = [error, message, typeof json === 'string' ? json : undefined].find((x) => typeof x === 'string');
    throw statusRefusal(base, statusCode, (said as string) ?? words(text), String(errorType ?? ''), headers.location);
  }
  if (json !== undefined) return { json, ...when };
  const type = (headers['content-type'] ?? 'no content type').split(';')[0];
  throw new Refused(
    'failed',
    `${base} answered ${type}, not JSON: "${words(text)}"`,
    false,
    'Another service answers there, or a login or proxy page: check host, port and path of the URL.',
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The first words of a page, without its markup. */
const words = (text: string): string =>
  oneLine(
    text
      .slice(0, 20_000)
      .replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ')
      .replace(/<[^>]*>/g, ' '),
    60,
  );
