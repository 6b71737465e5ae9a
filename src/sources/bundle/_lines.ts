/** The lines of a bundle's JSONL files as records, plain or gzip, streamed: no file is ever in memory as a whole. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';
import { errorCode } from '../../core/errors.ts';
import { bytes, count, oneLine, plural } from '../../core/text.ts';
import { broken, Fault, unreadable } from './_files.ts';

/** One line may not be longer: a file that is not cut into lines would fill the memory. */
const MAX_LINE = 64 * 1024 * 1024;
const CHUNK = 256 * 1024;

/** What of a file could not be read. */
export interface Trouble {
  /** `logs.jsonl, line 3: no JSON …; 1 line skipped, 179 read`. */
  problem: string;
  /** The end of the file is missing, and nobody knows how much that is. */
  cutOff: boolean;
}

/** What a line says, from its JSON; throws `Fault` where it is not what its file holds. */
export type Parse<T> = (value: unknown) => T;

/** Takes one record after the other; `length` is the number of characters of its line. */
type Taker<T> = (record: T, length: number) => void;

/**
 * Reads a JSONL file once from its start; blank lines are passed over. A line that is no JSON, or of which `parse` says
 * `Fault`, is skipped and counted; a gzip file that was cut off gives its lines up to there. `begin` makes what takes the
 * records; it may be called twice, when what was taken the first time does not count. Throws UserError where there were
 * lines and not one could be read.
 */
export async function eachRecord<T>(
  dir: string,
  file: string,
  parse: Parse<T>,
  begin: () => Taker<T>,
): Promise<{ read: number; trouble?: Trouble }> {
  try {
    return await readThrough(dir, file, parse, begin(), false);
  } catch (e) {
    // What was unpacked before the error may lie unread in a buffer: the second time nothing is lost, whatever the timing.
    const cut = errorCode(e) === 'Z_BUF_ERROR' ? await readThrough(dir, file, parse, begin(), true) : undefined;
    if (cut && cut.read > 0) return cut;
    throw errorCode(e) ? unreadable(file, e) : e;
  }
}

/** All records of a JSONL file, as `eachRecord` reads them. */
export async function readLines<T>(
  dir: string,
  file: string,
  parse: Parse<T>,
): Promise<{ records: T[]; trouble?: Trouble }> {
  let records: T[] = [];
  const { trouble } = await eachRecord(dir, file, parse, () => {
    records = [];
    return (r) => records.push(r);
  });
  return { records, ...(trouble && { trouble }) };
}

/** The records of a file that was read before, a bunch at a time; what is broken is passed over, it was told then. */
export async function* recordsOf<T>(dir: string, file: string, parse: Parse<T>, cutOff: boolean): AsyncGenerator<T[]> {
  for await (const lines of linesOf(dir, file, cutOff)) {
    const records: T[] = [];
    for (const text of lines) {
      const read = recordOf(text, parse);
      if (read && !(read instanceof Fault)) records.push(read.record);
    }
    yield records;
  }
}

async function readThrough<T>(
  dir: string,
  file: string,
  parse: Parse<T>,
  take: Taker<T>,
  cutOff: boolean,
): Promise<{ read: number; trouble?: Trouble }> {
  let first: { line: number; why: string } | undefined;
  let number = 0;
  let read = 0;
  let skipped = 0;
  for await (const lines of linesOf(dir, file, cutOff)) {
    for (const text of lines) {
      number++;
      const found = recordOf(text, parse);
      if (found instanceof Fault) {
        first ??= { line: number, why: found.message };
        skipped++;
      } else if (found) {
        read++;
        take(found.record, text.length);
      }
    }
  }
  if (first && read === 0) {
    throw broken(file, first.line, skipped === 1 ? first.why : `${first.why}; so are all ${count(skipped)} lines`);
  }
  const said = [
    ...(cutOff ? [`${file} is cut off after line ${number}; what stands before is read`] : []),
    ...(first ? [`${file}, line ${first.line}: ${first.why}`] : []),
    ...(first ? [`${plural(skipped, 'line')} skipped, ${count(read)} read`] : []),
  ];
  return said.length === 0 ? { read } : { read, trouble: { problem: said.join('; '), cutOff } };
}

/** The record of a line, what is wrong with it, or nothing where it is blank. */
function recordOf<T>(text: string, parse: Parse<T>): { record: T } | Fault | undefined {
  if (text.trim() === '') return undefined;
  try {
    return { record: parse(JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)) };
  } catch (e) {
    if (e instanceof Fault) return e;
    if (e instanceof SyntaxError) return new Fault(`no JSON: ${whyNoJson(e)}`);
    throw e;
  }
}

/** The lines of a file, unpacked, a bunch at a time. Of one that is cut off the last, unfinished line is not among them. */
async function* linesOf(dir: string, file: string, cutOff: boolean): AsyncGenerator<string[]> {
  const source: Readable = createReadStream(join(dir, file), { highWaterMark: CHUNK });
  const flush = cutOff ? { finishFlush: constants.Z_SYNC_FLUSH } : {};
  const unpacked = file.endsWith('.gz') ? createGunzip({ chunkSize: CHUNK, ...flush }) : undefined;
  if (unpacked) {
    source.on('error', (e) => unpacked.destroy(e));
    source.pipe(unpacked);
  }
  const decoder = new TextDecoder();
  // Parts of a line that goes on in the next chunk.
  let rest: string[] = [];
  let length = 0;
  let number = 0;
  try {
    for await (const chunk of unpacked ?? source) {
      const lines = decoder.decode(chunk as Buffer, { stream: true }).split('\n');
      const last = lines.pop() as string;
      if (lines.length > 0) {
        lines[0] = rest.join('') + lines[0];
        rest = [];
        length = 0;
      }
      rest.push(last);
      length += last.length;
      number += lines.length;
      if (lines.length > 0) yield lines;
      if (length > MAX_LINE) throw broken(file, number + 1, `longer than ${bytes(MAX_LINE)}: no lines`);
    }
    const end = rest.join('') + decoder.decode();
    if (end !== '' && !cutOff) yield [end];
  } finally {
    // Who stops early closes both: a pipe that is left open keeps the file open.
    source.destroy();
    unpacked?.destroy();
  }
}

/** The parser counts lines of its own text, which is one line of ours: its column is what helps. */
const whyNoJson = (e: SyntaxError): string =>
  oneLine(e.message.replace(/ in JSON at position \d+ \(line 1 column (\d+)\)/, ' at column $1'), 120);
