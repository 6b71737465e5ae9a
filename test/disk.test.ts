/** A disk that is full, read-only or not ours: the run stops cleanly and says what is safe. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { inquest, stable } from './_program.ts';
import { tempFolder } from './_temp.ts';

const mounted: string[] = [];

/** A small file system of its own; undefined where this user may not mount one. */
function smallDisk(options: string): string | undefined {
  const folder = tempFolder();
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status !== 0) return undefined;
  mounted.push(folder);
  return folder;
}

const may = smallDisk('size=64k') !== undefined;
if (!may) console.log('SKIP disk: this user may not mount a tmpfs');

afterAll(() => {
  for (const folder of mounted) spawnSync('umount', [folder]);
});

test.skipIf(!may)('a full disk: what was written stays readable, and the message says what to do', async () => {
  const home = tempFolder();
  const disk = smallDisk('size=64k')!;
  const ran = await inquest(['demo', '--plain'], { home, env: { INQUEST_HOME: disk } });
  expect(ran.code).toBe(2);
  expect(ran.stderr).toMatch(/cannot write .*: the disk is full/);
  expect(ran.stderr).toMatch(/events are safe; "inquest resume" goes on from there|Nothing was started/);
  expect(ran.stderr).not.toMatch(/\n\s+at /);
  const listed = await inquest(['list', '--json'], { home, env: { INQUEST_HOME: disk } });
  expect(listed.code).toBe(0);
});

test.skipIf(!may)('a run that stopped at a full disk is finished when there is room again', async () => {
  const home = tempFolder();
  const disk = smallDisk('size=128k')!;
  const full = await inquest(['demo', '-q', '--json'], { home, env: { INQUEST_HOME: disk } });
  expect([full.code, full.stdout]).toEqual([2, '']);
  expect(full.stderr).toMatch(/the disk is full/);
  expect(spawnSync('mount', ['-o', 'remount,size=8m', disk]).status).toBe(0);
  const resumed = await inquest(['resume', '--last', '-q', '--json'], { home, env: { INQUEST_HOME: disk } });
  const whole = await inquest(['demo', '-q', '--json'], { home: tempFolder() });
  expect(stable(resumed.stdout)).toEqual(stable(whole.stdout));
});

test.skipIf(!may)('a read-only disk is named with a remedy', async () => {
  const disk = smallDisk('ro')!;
  const ran = await inquest(['demo', '-q'], { home: tempFolder(), env: { INQUEST_HOME: disk } });
  expect([ran.code, ran.stdout]).toEqual([2, '']);
  expect(ran.stderr).toMatch(/cannot write the journal .*read-only[\s\S]*INQUEST_HOME=\/path/);
});

test('a file where the folder should be is named', async () => {
  const home = tempFolder();
  mkdirSync(join(home, 'x'));
  writeFileSync(join(home, 'x/inquest'), '');
  const ran = await inquest(['demo', '-q'], { home, env: { INQUEST_HOME: join(home, 'x/inquest') } });
  expect([ran.code, ran.stdout]).toEqual([2, '']);
  expect(ran.stderr).toMatch(/cannot write the journal/);
});
