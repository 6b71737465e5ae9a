/** The files of a bundle: which are there, and their lines as JSON, plain or gzip, streamed. */
import { createReadStream, type Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import { byText } from '../../core/canonical.ts';
import { errorCode, UserError } from '../../core/errors.ts';
import { bytes, oneLine } from '../../core/text.ts';

/** One line may not be longer: a file that is not cut into lines would fill the memory. */
const MAX_LINE = 64 * 1024 * 1024;
const MAX_FILE = 512 * 1024 * 1024;

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

/**
 * Hands each line of a JSONL file to `take` as its JSON value; blank lines are passed over. What `take` throws as
 * `Fault` becomes a UserError with file and line number, as a line that is no JSON does.
 */
export async function eachLine(dir: string, file: string, take: (value: unknown) => void): Promise<void> {
  const source: Readable = createReadStream(join(dir, file), { highWaterMark: 256 * 1024 });
  const unpacked = file.endsWith('.gz') ? createGunzip({ chunkSize: 256 * 1024 }) : undefined;
  if (unpacked) {
    source.on('error', (e) => unpacked.destroy(e));
    source.pipe(unpacked);
  }
  const decoder = new TextDecoder();
  let rest = '';
  let number = 0;
  const line = (text: string): void => {
    number++;
    if (text.trim() !== '') take(parseLine(text.replace(/^\uFEFF/, ''), file, number));
  };
  try {
    for await (const chunk of unpacked ?? source) {
      const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
      rest = lines.pop() as string;
      for (const text of lines) line(text);
      if (rest.length > MAX_LINE) throw broken(file, number + 1, `longer than ${bytes(MAX_LINE)}: no lines`);
    }
    rest += decoder.decode();
    if (rest !== '') line(rest);
  } catch (e) {
    if (e instanceof Fault) throw broken(file, number, e.message);
    if (e instanceof UserError) throw e;
    if (errorCode(e)) throw unreadable(file, e, number);
    throw e;
  }
}

function parseLine(text: string, file: string, number: number): unknown {
  try {
    return JSON.parse(text);
  } catch (e) {
    throw broken(file, number, `no JSON: ${oneLine((e as Error).message, 120)}`);
  }
}

/** A line that is JSON but not what its file holds. */
export class Fault extends Error {
  override name = 'Fault';
}

const broken = (file: string, line: number, why: string): UserError =>
  new UserError(`${file}, line ${line}: ${why}`, {
    hints: ['The other files of the bundle still answer.', 'Mend or delete the line, or record the bundle again.'],
  });

function unreadable(file: string, e: unknown, line?: number): UserError {
  const code = errorCode(e) ?? 'unknown error';
  const where = line === undefined ? '' : ` after line ${line}`;
  const why = code.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE' ? 'is cut off or is no gzip' : 'cannot be read';
  return new UserError(`${file} ${why}${where} (${code})`, {
    hints: ['The other files of the bundle still answer.', 'Copy or record the bundle again.'],
  });
}
