/** Payloads too large for a line: gzip files named by the hash of their text, durable before the line that names them. */
import { randomBytes } from 'node:crypto';
import { link, open, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { sha256 } from '../core/canonical.ts';
import { errorCode, UserError } from '../core/errors.ts';
import type { Blobs } from '../core/ports.ts';
import { syncFolder } from './adapter.ts';
import { makeFolder } from './folders.ts';
import { cannotWrite } from './trouble.ts';

/** Blobs in a folder. A blob that is already there is not written again. */
export function folderBlobs(folder: string): Blobs {
  let made: Promise<unknown> | undefined;
  return {
    async put(text) {
      const hash = sha256(text);
      const file = join(folder, `${hash}.gz`);
      const ref = { blob: hash, bytes: Buffer.byteLength(text) };
      const temporary = `${file}.${randomBytes(4).toString('hex')}.tmp`;
      try {
        made ??= makeFolder(folder);
        await made;
        const handle = await open(temporary, 'wx', 0o600);
        try {
          await handle.writeFile(await promisify(gzip)(text, { level: 1 }));
          await handle.datasync();
        } finally {
          await handle.close();
        }
        // link() instead of rename(): an existing blob of the same hash stays as it is.
        await link(temporary, file).catch((e: unknown) => {
          if (errorCode(e) !== 'EEXIST') throw e;
        });
        await unlink(temporary);
        await syncFolder(folder);
      } catch (e) {
        throw cannotWrite(file, e, 0);
      }
      return ref;
    },
    async get(hash) {
      const file = join(folder, `${hash}.gz`);
      let packed: Buffer;
      try {
        packed = await readFile(file);
      } catch (e) {
        if (errorCode(e) !== 'ENOENT') throw e;
        throw lost(file, 'is missing');
      }
      const text = await promisify(gunzip)(packed).then(
        (b) => b.toString('utf8'),
        () => undefined,
      );
      if (text === undefined || sha256(text) !== hash) throw lost(file, 'is damaged');
      return text;
    },
  };
}

/** Removes what a crash left half written. Only the owner of the run may. */
export async function sweepBlobs(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) if (name.endsWith('.tmp')) await unlink(join(folder, name)).catch(() => {});
}

/** Blobs in memory, for runs that are not kept (eval, tests). */
export function memoryBlobs(): Blobs {
  const kept = new Map<string, string>();
  return {
    put(text) {
      const hash = sha256(text);
      kept.set(hash, text);
      return Promise.resolve({ blob: hash, bytes: text.length });
    },
    get(hash) {
      const text = kept.get(hash);
      return text === undefined ? Promise.reject(lost(hash, 'is missing')) : Promise.resolve(text);
    },
  };
}

const lost = (file: string, what: string): UserError =>
  new UserError(`a payload of the journal ${what}: ${file}`, {
    hints: ['The journal itself is intact: "inquest show" still lists the evidence, without this payload.'],
  });
