/** The letter box of a run: what other processes send it, by name, beside the journal that only its owner writes. */
import { randomBytes } from 'node:crypto';
import { link, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../core/errors.ts';
import type { Mailbox } from '../core/ports.ts';
import { syncFolder } from './adapter.ts';
import { makeFolder } from './folders.ts';

/** The letter box in a run's folder. The journal is the truth: a letter counts when its run has journalled it. */
export function folderMail(folder: string): Mailbox {
  const at = join(folder, 'mail');
  const fileOf = (name: string): string => {
    if (!/^[A-Z]\d{1,6}$/.test(name)) throw new Error(`no name for a letter: ${name}`);
    return join(at, `${name}.json`);
  };
  return {
    async read(name) {
      const text = await readFile(fileOf(name), 'utf8').catch((e: unknown) => {
        if (errorCode(e) === 'ENOENT') return undefined;
        throw e;
      });
      if (text === undefined) return undefined;
      try {
        return JSON.parse(text) as unknown;
      } catch {
        // Somebody else's file, or half of one after a power cut: no letter.
        return undefined;
      }
    },
    async post(name, value) {
      await makeFolder(at);
      const draft = join(at, `.${randomBytes(6).toString('hex')}`);
      await writeFile(draft, JSON.stringify(value), { mode: 0o600, flush: true });
      try {
        // A link is made whole or not at all, and never over another one.
        await link(draft, fileOf(name));
        await syncFolder(at);
        return true;
      } catch (e) {
        if (errorCode(e) !== 'EEXIST') throw e;
        return false;
      } finally {
        await unlink(draft).catch(() => {});
      }
    },
  };
}
