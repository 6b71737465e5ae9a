/** Reads the segments of a log back: the newest holds all that counts. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../core/errors.ts';
import { decodeLine, hashLine } from './line.ts';

export const SEGMENT_NAME = /^(\d{8})\.ndjson$/;

/** Names of the segments in a folder, oldest first. */
export const segmentNames = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(() => [])).filter((name) => SEGMENT_NAME.test(name)).sort();

/** The events of the newest segment without taking the lock: for whoever only looks. */
export async function peekSegments<E extends { seq: number }>(folder: string): Promise<E[]> {
  const newest = (await segmentNames(folder)).at(-1);
  return newest ? readSegment<E>(await readFile(join(folder, newest)), join(folder, newest)).events : [];
}

/** Events of a segment without its header; what was cut off at its end is told. Throws UserError where it is damaged. */
export function readSegment<E extends { seq: number }>(file: Buffer, where: string) {
  const events: E[] = [];
  let head: string | undefined;
  let seq = 0;
  for (let at = 0, line = 1; at < file.length; line++) {
    const end = file.indexOf(10, at);
    const content = file.subarray(at, end < 0 ? undefined : end);
    const read = end < 0 ? ({ ok: false, why: 'is cut off' } as const) : decodeLine(content);
    if (!read.ok) {
      if (end < 0 || end === file.length - 1) return { events, head, seq, torn: file.toString('utf8', at) };
      throw damaged(where, line, read.why);
    }
    if (head !== undefined && read.prev !== head) throw damaged(where, line, 'does not follow the line before it');
    head = hashLine(content);
    seq = Math.max(seq, read.event.seq);
    // The first line of a segment is its header.
    if (line > 1) events.push(read.event as unknown as E);
    at = end + 1;
  }
  return { events, head, seq };
}

const damaged = (where: string, line: number, why: string): UserError =>
  new UserError(`the inbox is damaged: line ${line} of ${where} ${why}`, {
    hints: [
      'Nothing was changed by reading it.',
      'Move the file away to begin with the one before it, or an empty inbox.',
    ],
  });
