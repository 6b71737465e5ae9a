/** A folder that cannot be made ends a run at once, in words. */
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderBlobs } from '../src/journal/blobs.ts';
import { makeFolder } from '../src/journal/folders.ts';
import { openJournal } from '../src/journal/open.ts';
import { tempFolder } from './_temp.ts';

const writer = { pid: process.pid, host: 'h', program: 't', now: () => 0, alive: () => true };
/** Below /proc a folder's parent is there, and still making it says ENOENT: Node's recursive mkdir never returns. */
const nowhere = '/proc/nope/runs/r1';

describe.skipIf(!existsSync('/proc/self'))('below /proc, where nothing can be made', () => {
  test('a journal says that it cannot be written, with exit code 2', async () => {
    await expect(openJournal(nowhere, 'r1', writer)).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(/^cannot write the journal \/proc\/nope\/runs\/r1\/journal\.ndjson: /),
      exit: 2,
    });
  });

  test('so does a payload', async () => {
    await expect(folderBlobs(`${nowhere}/blobs`).put('x')).rejects.toMatchObject({ name: 'UserError', exit: 2 });
  });
});

test('missing levels are made for their owner alone, one that is there stays, and many at once do not collide', async () => {
  const home = tempFolder();
  const deep = join(home, 'a/b/c');
  await Promise.all(Array.from({ length: 20 }, () => makeFolder(deep)));
  expect(statSync(deep).mode & 0o777).toBe(0o700);
  mkdirSync(join(home, 'wide'), { mode: 0o755 });
  await makeFolder(join(home, 'wide'));
  expect(statSync(join(home, 'wide')).mode & 0o777).toBe(0o755);
});

test('a file in the place of a folder is an error of the system', async () => {
  const file = join(tempFolder(), 'file');
  writeFileSync(file, '');
  await expect(makeFolder(file)).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(join(file, 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});
