/**
 * What was told to whom of a run, in its folder; and the letters that could not be delivered, in a folder of their own.
 * Both are written whole or not at all, for their owner alone.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../core/errors.ts';
import type { Message, Receipt } from '../core/notify.ts';
import { syncFolder } from './adapter.ts';
import { makeFolder } from './folders.ts';

/** The last delivery to a target, or a try whose end nobody knows: a crash between the two leaves `sending`. */
export interface Told {
  state: 'sending' | 'told';
  target: string;
  /** Of the message that was sent last. */
  hash: string;
  /** ISO. */
  at: string;
  receipt?: Receipt;
}

/** A message that did not arrive; `unsure` = it may have. */
export interface DeadLetter {
  name: string;
  target: string;
  format: string;
  message: Message;
  why: string;
  unsure: boolean;
  tries: number;
  at: string;
}

/** Folder of the receipts of a run; of one that was removed meanwhile, beside the letters that are left of it. */
export function receiptFolder({ runs, deadLetters }: { runs: string; deadLetters: string }, run: string): string {
  const folder = join(runs, run);
  return existsSync(folder) ? join(folder, 'notify') : join(deadLetters, 'receipts', run);
}

export const readTold = (folder: string, name: string): Promise<Told | undefined> =>
  readJson<Told>(join(folder, `${name}.json`));

export const writeTold = (folder: string, name: string, told: Told): Promise<void> =>
  writeWhole(folder, `${name}.json`, told);

const letterFile = (run: string, name: string): string => `${run}.${name}.json`;

export const writeLetter = async (folder: string, letter: DeadLetter): Promise<string> => {
  const file = letterFile(letter.message.run, letter.name);
  await writeWhole(folder, file, letter);
  return join(folder, file);
};

export const removeLetter = (folder: string, run: string, name: string): Promise<void> =>
  unlink(join(folder, letterFile(run, name))).catch((e: unknown) => {
    if (errorCode(e) !== 'ENOENT') throw e;
  });

/** All letters, the oldest run first; of one run or one notifier where that is asked for. */
export async function readLetters(folder: string, only: { run?: string; name?: string } = {}): Promise<DeadLetter[]> {
  const files = await readdir(folder).catch((e: unknown) => {
    if (errorCode(e) === 'ENOENT') return [];
    throw e;
  });
  const letters: DeadLetter[] = [];
  for (const file of files.filter((f) => /^[0-9a-z]{26}\.[a-z0-9-]+\.json$/.test(f)).sort()) {
    const letter = await readJson<DeadLetter>(join(folder, file));
    if (!letter || (only.run && letter.message.run !== only.run) || (only.name && letter.name !== only.name)) continue;
    letters.push(letter);
  }
  return letters;
}

async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch (e) {
    // Not there, or no file of ours: nothing is known.
    if (errorCode(e) === 'ENOENT' || e instanceof SyntaxError) return undefined;
    throw e;
  }
}

async function writeWhole(folder: string, name: string, value: unknown): Promise<void> {
  await makeFolder(folder);
  const draft = join(folder, `.${randomBytes(6).toString('hex')}`);
  await writeFile(draft, JSON.stringify(value), { mode: 0o600, flush: true });
  await rename(draft, join(folder, name));
  await syncFolder(folder);
}
