/** The files of a bundle: which are there, and their lines as JSON, plain or gzip, streamed. */
import { createReadStream, type Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { byText } from '../../core/canonical.ts';
import { errorCode, UserError } from '../../core/errors.ts';
import { bytes, count, oneLine, plural } from '../../core/text.ts';

/** One line may not be longer: a file that is not cut into lines would fill the memory. */
const MAX_LINE = 64 * 1024 * 1024;
const MAX_FILE = 512 * 1024 * 1024;
const CHUNK = 256 * 1024;

/** Name of the file that holds `name`, plain before `.gz`; undefined where neither is there. */
export function present(names: readonly string[], name: string): string | undefined {
  return [name, `${name}.gz`].find((n) => names.includes(n));
}

/** Names in a folder, sorted; an absent folder has none. Throws UserError where it cannot be listed. */
export async function filesOf(dir: string): Promise<string[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(dir, { withFileTypes: true });
  } catch (e) {
    if (errorCode(e) === 'ENOENT') return [];
    throw unreadable(dir, e);
  }
  return entries
    .filter((e) => !e.isDirectory())
    .map((e) => e.name)
    .sort(byText);
}

/** The whole content of a file, unpacked. Throws UserError naming it. */
export async function readWhole(dir: string, file: string): Promise<Buffer> {
  const raw = await readFile(join(dir, file)).catch((e: unknown) => {
    throw unreadable(file, e);
  });
  if (!file.endsWith('.gz')) return raw;
  try {
    return gunzipSync(raw, { maxOutputLength: MAX_FILE });
  } catch (e) {
    throw unreadable(file, e);
  }
}

/** A file that holds one JSON value. Throws UserError naming the file and the line of the fault. */
export async function readJson(dir: string, file: string): Promise<unknown> {
  const text = (await readWhole(dir, file)).toString('utf8').replace(/^\uFEFF/, '');
  try {
    return JSON.parse(text);
  } catch (e) {
    const at = Number(/position (\d+)/.exec((e as Error).message)?.[1] ?? text.length);
    throw broken(file, text.slice(0, at).split('\n').length, `no JSON: ${oneLine((e as Error).message, 120)}`);
  }
}

/** The records of a JSONL file, and what of it could not be read: where it is broken first, how much is missing. */
export interface Lines<T> {
  records: T[];
  /** Set where something is missing. */
  trouble?: Trouble;
}

export interface Trouble {
  /** `logs.jsonl, line 3: no JSON …; 1 line skipped, 179 read`. */
  problem: string;
  /** The end of the file is missing, and nobody knows how much that is. */
  cutOff: boolean;
}

/**
 * The lines of a JSONL file as records; blank ones are passed over. A line that is no JSON, or of which `parse` says
 * `Fault`, is skipped and counted; a gzip file that was cut off gives its lines up to there. Throws UserError where
 * there were lines and not one could be read.
 */
export async function readLines<T>(dir: string, file: string, parse: (value: unknown) => T): Promise<Lines<T>> {
  try {
    return await readThrough(dir, file, parse, false);
  } catch (e) {
    // What was unpacked before the error may lie unread in a buffer: the second time nothing is lost, whatever the timing.
    const cut = errorCode(e) === 'Z_BUF_ERROR' ? await readThrough(dir, file, parse, true) : undefined;
    if (cut && cut.records.length > 0) return cut;
    throw errorCode(e) ? unreadable(file, e) : e;
  }
}

async function readThrough<T>(
  dir: string,
  file: string,
  parse: (value: unknown) => T,
  cutOff: boolean,
): Promise<Lines<T>> {
  const records: T[] = [];
  let first: { line: number; why: string } | undefined;
  let number = 0;
  let skipped = 0;
  for await (const lines of linesOf(dir, file, cutOff)) {
    for (const text of lines) {
      number++;
      if (text.trim() === '') continue;
      try {
        records.push(parse(toJson(text.replace(/^\uFEFF/, ''))));
      } catch (e) {
        if (!(e instanceof Fault)) throw e;
        first ??= { line: number, why: e.message };
        skipped++;
      }
    }
  }
  if (first && records.length === 0) {
    throw broken(file, first.line, skipped === 1 ? first.why : `${first.why}; so are all ${count(skipped)} lines`);
  }
  const said = [
    ...(cutOff ? [`${file} is cut off after line ${number}; what stands before is read`] : []),
    ...(first ? [`${file}, line ${first.line}: ${first.why}`] : []),
    ...(first ? [`${plural(skipped, 'line')} skipped, ${count(records.length)} read`] : []),
  ];
  return said.length === 0 ? { records } : { records, trouble: { problem: said.join('; '), cutOff } };
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
  let rest = '';
  let number = 0;
  for await (const chunk of unpacked ?? source) {
    const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
    rest = lines.pop() as string;
    number += lines.length;
    yield lines;
    if (rest.length > MAX_LINE) throw broken(file, number + 1, `longer than ${bytes(MAX_LINE)}: no lines`);
  }
  rest += decoder.decode();
  if (rest !== '' && !cutOff) yield [rest];
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (e) {
    throw new Fault(`no JSON: ${whyNoJson(e)}`);
  }
}

/** The parser counts lines of its own text, which is one line of ours: its column is what helps. */
const whyNoJson = (e: unknown): string =>
  oneLine((e as Error).message.replace(/ in JSON at position \d+ \(line 1 column (\d+)\)/, ' at column $1'), 120);

/** A line that is JSON but not what its file holds. */
export class Fault extends Error {
  override name = 'Fault';
}

const broken = (file: string, line: number, why: string): UserError =>
  new UserError(`${file}, line ${line}: ${why}`, {
    hints: ['The other files of the bundle still answer.', 'Mend or delete the line, or record the bundle again.'],
  });

function unreadable(file: string, e: unknown): UserError {
  const code = errorCode(e) ?? 'unknown error';
  const packed = code.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE';
  return new UserError(`${file} ${packed ? 'is cut off, damaged or no gzip' : 'cannot be read'} (${code})`, {
    hints: ['The other files of the bundle still answer.', 'Copy or record the bundle again.'],
  });
}
