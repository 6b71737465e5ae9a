/** The files of a bundle: which are there, and those that hold one JSON value, plain or gzip. */
import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { byText } from '../../core/canonical.ts';
import { errorCode, UserError } from '../../core/errors.ts';
import { oneLine } from '../../core/text.ts';

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

/** A line that is JSON but not what its file holds. */
export class Fault extends Error {
  override name = 'Fault';
}

export const broken = (file: string, line: number, why: string): UserError =>
  new UserError(`${file}, line ${line}: ${why}`, {
    hints: ['The other files of the bundle still answer.', 'Mend or delete the line, or record the bundle again.'],
  });

export function unreadable(file: string, e: unknown): UserError {
  const code = errorCode(e) ?? 'unknown error';
  const packed = code.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE';
  return new UserError(`${file} ${packed ? 'is cut off, damaged or no gzip' : 'cannot be read'} (${code})`, {
    hints: ['The other files of the bundle still answer.', 'Copy or record the bundle again.'],
  });
}
