/** The lines of a log file from a byte offset on, plain or gzip, in batches: a file is never in memory as a whole. */
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { errorCode } from '../core/errors.ts';

/** Bytes asked for at a time. */
export const CHUNK = 256 * 1024;
/** A line may be this long; of a longer one nothing is kept. */
const LINE_MAX = 1024 * 1024;

/** What one question has read so far, over all files. */
export interface Reading {
  /** Bytes, unpacked. */
  bytes: number;
  /** Bytes at which reading ends for this question. */
  limit: number;
  /** Lines longer than 1 MiB. */
  overlong: number;
}

/**
 * Batches of whole lines from `offset`, a line's start; for gzip always from the beginning. Ends at the file's end or
 * when the question's bytes are spent. Throws the system's error, and gzip's where the file is cut off or broken.
 */
export async function* readLines(
  path: string,
  gzip: boolean,
  offset: number,
  reading: Reading,
  signal: AbortSignal,
): AsyncGenerator<string[]> {
  let carry: Buffer = Buffer.alloc(0);
  let skipping = false;
  for await (const chunk of gzip ? unpacked(path) : chunks(path, offset)) {
    signal.throwIfAborted();
    reading.bytes += chunk.length;
    const last = chunk.lastIndexOf(10);
    if (last < 0) {
      if (!skipping) carry = Buffer.concat([carry, chunk]);
      if (carry.length > LINE_MAX) {
        carry = Buffer.alloc(0);
        skipping = true;
        reading.overlong++;
      }
    } else {
      const first = skipping ? chunk.indexOf(10) + 1 : 0;
      const head = skipping ? chunk.subarray(first, last + 1) : Buffer.concat([carry, chunk.subarray(0, last + 1)]);
      skipping = false;
      // A copy: the chunk's memory is used again for the next one.
      carry = Buffer.from(chunk.subarray(last + 1));
      if (head.length > 0) yield head.toString('utf8', 0, head.length - 1).split('\n');
    }
    if (reading.bytes >= reading.limit) return;
  }
  if (carry.length > 0) yield [carry.toString('utf8')];
}

async function* chunks(path: string, offset: number): AsyncGenerator<Buffer> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (let at = offset; ; ) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function* unpacked(path: string): AsyncGenerator<Buffer> {
  const source = createReadStream(path, { highWaterMark: CHUNK });
  const gunzip = createGunzip({ chunkSize: CHUNK });
  source.on('error', (e) => gunzip.destroy(e));
  source.pipe(gunzip);
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

/** `length` bytes at `at`, fewer at the file's end. */
export async function readAt(file: FileHandle, at: number, length: number, reading: Reading): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(buffer, 0, length, at);
  reading.bytes += bytesRead;
  return buffer.subarray(0, bytesRead);
}

/** The first `length` bytes of a gzip file, unpacked; what came before a fault where it has one. */
export async function unpackedHead(path: string, length: number, reading: Reading): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of unpacked(path)) {
      parts.push(Buffer.from(chunk));
      size += chunk.length;
      if (size >= length) break;
    }
  } catch (e) {
    if (!errorCode(e)?.startsWith('Z_') || size === 0) throw e;
  }
  reading.bytes += size;
  return Buffer.concat(parts).subarray(0, length);
}
