/** The journal: append-only, on disk before on screen, and never trusted blindly. */
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Event, EventBody } from '../src/core/events.ts';
import { ulid } from '../src/core/ids.ts';
import { emptyState } from '../src/core/run-state.ts';
import { reduce } from '../src/core/state.ts';
import { openStream } from '../src/core/stream.ts';
import { folderBlobs } from '../src/journal/blobs.ts';
import { encodeLine, GENESIS } from '../src/journal/line.ts';
import { takeLock } from '../src/journal/lock.ts';
import { openJournal, type Writer } from '../src/journal/open.ts';
import { readJournal } from '../src/journal/read.ts';
import { findRun, listRuns, loadRun } from '../src/journal/runs.ts';
import { runEvents } from './_events.ts';
import { tempFolder } from './_temp.ts';

let tick = 0;
const writer: Writer = {
  pid: process.pid,
  host: 'here',
  program: 'inquest test',
  now: () => 1_760_000_000_000 + tick++,
  alive: (pid) => pid === process.pid,
};

const told = (): EventBody[] =>
  runEvents()
    .map(({ seq: _s, at: _a, ...body }) => body as EventBody)
    .filter((b) => b.type !== 'journal.opened');

async function written(): Promise<{ runs: string; run: string; file: string }> {
  const runs = tempFolder();
  const run = ulid(1_760_000_000_000);
  const journal = await openJournal(join(runs, run), run, writer);
  const stream = openStream({ log: journal.log, sinks: [], now: writer.now, past: journal.past });
  for (const body of told()) await stream.emit(body);
  await journal.close();
  return { runs, run, file: join(runs, run, 'journal.ndjson') };
}

test('what was written is read back, event for event', async () => {
  const { runs, run } = await written();
  const { events, torn } = await loadRun(runs, run);
  expect(torn).toBeUndefined();
  expect(events.map(({ seq: _s, at: _a, ...body }) => body).slice(1)).toEqual(told());
  expect(events.map((e) => e.seq)).toEqual(events.map((_, i) => i + 1));
});

test('an event is on disk before any subscriber sees it', async () => {
  const folder = tempFolder();
  const journal = await openJournal(folder, ulid(0), writer);
  const seen: boolean[] = [];
  const onDisk = (e: Event): boolean =>
    readFileSync(join(folder, 'journal.ndjson'), 'utf8').includes(`"seq":${e.seq},`);
  const stream = openStream({
    log: journal.log,
    sinks: [{ on: (e) => void seen.push(onDisk(e)) }],
    now: writer.now,
    past: journal.past,
  });
  await Promise.all(told().map((body) => stream.emit(body)));
  await journal.close();
  expect(seen).toEqual(told().map(() => true));
});

test('a last line cut at any byte is set aside, and every line before it is kept', async () => {
  const { file } = await written();
  // A few lines are enough, and a thousand readings of them are fast.
  const text = `${readFileSync(file, 'utf8').split('\n').slice(0, 6).join('\n')}\n`;
  const lastLine = text.lastIndexOf('\n', text.length - 2) + 1;
  const whole = readJournal(Buffer.from(text), file).events.length;
  for (let cut = lastLine + 1; cut < text.length; cut++) {
    const read = readJournal(Buffer.from(text.slice(0, cut)), file);
    expect(read.events.length).toBe(whole - 1);
    expect(read.torn?.text).toBe(text.slice(lastLine, cut));
  }
});

test('a torn line is cut off on open, kept aside, and writing goes on behind the last good line', async () => {
  const { runs, run, file } = await written();
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.slice(0, -10));
  const journal = await openJournal(join(runs, run), run, writer);
  await journal.close();
  expect(journal.torn?.line).toBe(text.split('\n').length - 1);
  expect(readFileSync(journal.torn?.keptAs ?? '', 'utf8')).toBe(
    text.slice(text.lastIndexOf('\n', text.length - 2) + 1, -10),
  );
  expect((await loadRun(runs, run)).events.at(-1)?.type).toBe('journal.opened');
});

test('a changed byte in the middle is refused with its line number', async () => {
  const { file } = await written();
  const lines = readFileSync(file, 'utf8').split('\n');
  lines[2] = lines[2]!.replace(/"type":"step/, '"type":"stop');
  expect(() => readJournal(Buffer.from(lines.join('\n')), file)).toThrow(/line 3 of .* does not match its checksum/);
  lines.splice(2, 1);
  expect(() => readJournal(Buffer.from(lines.join('\n')), file)).toThrow(
    /line 3 of .* does not follow the line before it/,
  );
});

test('a journal of a newer format is refused in plain words', () => {
  const event = {
    seq: 1,
    at: 'x',
    type: 'journal.opened',
    schema: 'inquest.journal/v9',
    run: 'r',
    program: 'inquest 9.0',
    epoch: 1,
    host: 'h',
    pid: 1,
  };
  const text = `${encodeLine(event as Event, GENESIS)}\n`;
  expect(() => readJournal(Buffer.from(text), 'journal.ndjson')).toThrow(
    /written in the format inquest.journal\/v9, this program reads inquest.journal\/v1/,
  );
});

test('journals are private: files 0600 in folders 0700', async () => {
  const { runs, run, file } = await written();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(runs, run)).mode & 0o777).toBe(0o700);
  const blobs = folderBlobs(join(runs, run, 'blobs'));
  const { blob } = await blobs.put('x'.repeat(100_000));
  expect(statSync(join(runs, run, 'blobs', `${blob}.gz`)).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(runs, run, 'blobs'))).toEqual([`${blob}.gz`]);
});

test('a second writer is refused and told who holds the run', async () => {
  const folder = tempFolder();
  const first = await openJournal(folder, ulid(0), writer);
  await expect(openJournal(folder, ulid(0), writer)).rejects.toThrow(
    new RegExp(`being written by process ${process.pid} on here`),
  );
  await first.close();
  await (await openJournal(folder, ulid(0), writer)).close();
});

test('the lock of a dead process is taken over', async () => {
  const folder = tempFolder();
  await takeLock(folder, { pid: 999_999_999, host: 'here', at: 'earlier' }, () => true);
  const lock = await takeLock(folder, { pid: process.pid, host: 'here', at: 'now' }, () => false);
  await lock.release();
  expect(readdirSync(folder)).toEqual([]);
});

test('a writer that was overtaken stops instead of mixing its lines in', async () => {
  const { runs, run } = await written();
  const paused = await openJournal(join(runs, run), run, writer);
  const other = await openJournal(join(runs, run), run, { ...writer, alive: () => false });
  const late: Event = { seq: 99, at: 'x', type: 'run.interrupted', why: 'late' };
  await expect(paused.log.append([late])).rejects.toThrow(/another process has taken over/);
  await other.close();
  expect(() => readJournal(readFileSync(join(runs, run, 'journal.ndjson')), 'j')).not.toThrow();
});

test.skipIf(process.getuid?.() === 0)('a folder that may not be written is named with a remedy', async () => {
  const folder = tempFolder();
  chmodSync(folder, 0o500);
  await expect(openJournal(join(folder, 'run'), ulid(0), writer)).rejects.toThrow(
    /cannot write the journal .*may not be written/,
  );
});

test('runs are listed newest first, found by a unique suffix, and nothing but the journals is asked', async () => {
  const { runs, run } = await written();
  const [listed] = await listRuns(runs);
  expect(listed).toMatchObject({ id: run, state: 'finished' });
  expect(await findRun(runs, run.slice(-6).toUpperCase())).toBe(run);
  await expect(findRun(runs, 'zzzzzz')).rejects.toThrow('there is no run zzzzzz');
});

test('events of a type that this program does not know are carried along', async () => {
  const { runs, run } = await written();
  const journal = await openJournal(join(runs, run), run, writer);
  const strange = { seq: journal.past.length + 1, at: 'x', type: 'run.reopened', round: 2, why: 'x', refresh: [] };
  const later = { seq: journal.past.length + 2, at: 'x', type: 'moon.rose', phase: 'full' };
  await journal.log.append([strange as unknown as Event, later as unknown as Event]);
  await journal.close();
  const { events } = await loadRun(runs, run);
  expect(events.at(-1)).toMatchObject({ type: 'moon.rose', phase: 'full' });
  const state = events.reduce(reduce, emptyState());
  expect(state.seq).toBe(later.seq);
});

test('nothing but feedback and a new round may stand behind the seal', async () => {
  const { runs, run } = await written();
  const journal = await openJournal(join(runs, run), run, writer);
  const seq = journal.past.length + 1;
  await journal.log.append([{ seq, at: 'x', type: 'step.started', step: 'late' }]);
  await journal.close();
  await expect(loadRun(runs, run)).rejects.toThrow(new RegExp(`line ${seq} of .* stands behind the seal of the run`));
});
