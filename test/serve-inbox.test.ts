/** The inbox: a log in segments that loses nothing that it acknowledged. */
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSegments, type Segments } from '../src/journal/segments.ts';
import { peekSegments } from '../src/journal/segments-read.ts';
import { tempFolder } from './_temp.ts';

interface Body {
  type: string;
  n?: number;
}
type Entry = Body & { seq: number; through?: number; sum?: number };

const writer = { pid: process.pid, host: 'test', program: 'test', now: Date.now, alive: () => false };
const OPTIONS = { schema: 'test/v1', bytes: 2000, keep: 6000 };

/** A log whose state is a sum. */
async function open(folder: string, options = OPTIONS) {
  const state = { sum: 0, seen: 0, through: 0 };
  const log: Segments<Body> = await openSegments<Entry, Body>(folder, writer, options, {
    fold(e) {
      state.seen++;
      if (e.type === 'carried') Object.assign(state, { sum: e.sum, through: e.through });
      else if (e.seq > state.through) state.sum += e.n ?? 0;
    },
    carry: (through) => ({ type: 'carried', through, sum: state.sum }),
  });
  const add = (n: number): Promise<void> => {
    state.sum += n;
    return log.append([{ type: 'add', n }]);
  };
  return { state, log, add };
}

const files = (folder: string): string[] =>
  readdirSync(folder)
    .filter((f) => f.endsWith('.ndjson'))
    .sort();

test('what was appended is there again, whatever number of segments it took, and old segments go', async () => {
  const folder = tempFolder();
  const first = await open(folder);
  for (let i = 0; i < 20; i++) await Promise.all([1, 2, 3, 4, 5].map((n) => first.add(n)));
  await first.log.close();
  expect(files(folder).length).toBeLessThanOrEqual(3);
  expect(files(folder).at(-1)).not.toBe('00000001.ndjson');
  const second = await open(folder);
  expect(second.state.sum).toBe(300);
  await second.log.close();
});

test('events that wait while a segment is begun are counted once', async () => {
  const folder = tempFolder();
  const { add, log } = await open(folder, { ...OPTIONS, bytes: 300 });
  await Promise.all(Array.from({ length: 200 }, (_, i) => add(1).then(() => (i % 7 === 0 ? add(1) : undefined))));
  await log.close();
  const again = await open(folder);
  expect(again.state.sum).toBe(229);
  await again.log.close();
});

test('a line that was cut off at any byte is set aside, and everything before it stays', async () => {
  const folder = tempFolder();
  const { add, log } = await open(folder, { ...OPTIONS, bytes: 1e6 });
  for (let i = 0; i < 4; i++) await add(1);
  await log.close();
  const [name] = files(folder);
  const whole = readFileSync(join(folder, name!));
  const lastLine = whole.lastIndexOf(10, whole.length - 2) + 1;
  for (let end = lastLine + 1; end < whole.length; end += 9) {
    const copy = tempFolder();
    writeFileSync(join(copy, name!), whole.subarray(0, end));
    const cut = await open(copy);
    expect(cut.state.sum).toBe(3);
    expect(cut.log.torn).toBe(whole.toString('utf8', lastLine, end));
    await cut.add(5);
    await cut.log.close();
    expect((await peekSegments<Entry>(copy)).at(0)).toMatchObject({ type: 'carried', sum: 3 });
  }
});

test('a changed line in the middle is refused with its number, and the lock is given back', async () => {
  const folder = tempFolder();
  const { add, log } = await open(folder, { ...OPTIONS, bytes: 1e6 });
  for (let i = 0; i < 4; i++) await add(1);
  await log.close();
  const file = join(folder, files(folder)[0]!);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('"type":"add","n":1', '"type":"add","n":9'));
  await expect(open(folder)).rejects.toThrow(/line 3 .* does not match its checksum/);
  writeFileSync(file, text);
  const again = await open(folder);
  expect(again.state.sum).toBe(4);
  await again.log.close();
});

test('has one writer', async () => {
  const folder = tempFolder();
  const { log } = await open(folder);
  const living = { ...writer, alive: () => true };
  const other = openSegments<Entry, Body>(folder, living, OPTIONS, { fold() {}, carry: () => ({ type: 'carried' }) });
  await expect(other).rejects.toThrow(/is being written by process/);
  await log.close();
});

test('acknowledges nothing more once it could not be written', async () => {
  const folder = tempFolder();
  const { add, log } = await open(folder);
  await add(1);
  // Somebody else has taken the log over: the lock is another file.
  const lock = join(folder, 'lock');
  writeFileSync(`${lock}.other`, '{}');
  renameSync(`${lock}.other`, lock);
  await expect(add(1)).rejects.toThrow(/taken over/);
  await expect(add(1)).rejects.toThrow(/taken over/);
  await log.close();
});
