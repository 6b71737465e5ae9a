/** Makes folders level by level: Node's own recursive mkdir never ends below /proc, where a folder cannot be made. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../core/errors.ts';

/**
 * Makes a folder and those above it that are missing, for its owner alone. One that is there stays as it is.
 * Throws the system's error of the level that cannot be made, ENOENT too where its parent exists all the same.
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await makeOne(folder);
  } catch (e) {
    const parent = dirname(folder);
    if (errorCode(e) !== 'ENOENT' || parent === folder) throw e;
    await makeFolder(parent);
    await makeOne(folder);
  }
}

async function makeOne(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (e) {
    const there = await stat(folder).catch(() => undefined);
    if (!there?.isDirectory()) throw e;
  }
}
