/** A disk that fails at any write, a clock that goes back, two owners: the journal stays whole and says what is safe. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readJournal } from '../src/journal/read.ts';
import { type Ended, journalOf, program, removeCopy } from './_crash.ts';
import { DEMO, stable } from './_program.ts';
import { tempFolder } from './_temp.ts';
import { pauses, race } from './_writers.ts';

const RUN = ['investigate', '--bundle', DEMO, '--json', '-q'];
let whole: Ended;
beforeAll(async () => {
  whole = await program(RUN, tempFolder());
});
afterAll(removeCopy);

describe('a disk that fails', () => {
  test.each([
    ['write', 'ENOSPC', 1, /the disk is full/],
    ['write', 'ENOSPC', 5, /the disk is full/],
    ['write', 'EIO', 12, /the disk reports an error/],
    ['sync', 'EIO', 1, /the disk reports an error/],
    ['sync', 'ENOSPC', 7, /the disk is full/],
  ])(
    'at a %s (%s, the %ith): the run stops, says what is safe, and resume finishes it',
    async (what, code, n, says) => {
      const home = tempFolder();
      const failed = await program(RUN, home, { faults: { [`FAULT_${what.toUpperCase()}`]: `${n}:${code}` } });
      expect([failed.code, failed.stdout]).toEqual([2, '']);
      expect(failed.stderr).toMatch(says);
      expect(failed.stderr).not.toMatch(/\n\s+at /);
      const journal = journalOf(home);
      if (!journal?.events.some((e) => e.type === 'run.started')) {
        expect(failed.stderr).toMatch(/Nothing was started|events are safe/);
        return;
      }
      expect(failed.stderr).toMatch(/The first \d+ events are safe; "inquest resume" goes on from there/);
      const safe = Number(/first (\d+) events/.exec(failed.stderr)?.[1]);
      expect(journal.events.length).toBeGreaterThanOrEqual(safe);
      const resumed = await program(['resume', '--last', '--json', '-q'], home);
      expect(stable(resumed.stdout)).toEqual(stable(whole.stdout));
    },
  );
});

test('a clock that is set back by a day in the middle: time goes on in the journal, and the report is the same', async () => {
  const home = tempFolder();
  const day = 24 * 3_600_000;
  const stepped = await program(RUN, home, { faults: { FAULT_CLOCK: `150:${day}` } });
  expect(stable(stepped.stdout)).toEqual(stable(whole.stdout));
  const times = journalOf(home)!.events.map((e) => e.at);
  expect([...times].sort()).toEqual(times);
});

test('a clock that was set back since the run was killed: resume goes on behind the last line', async () => {
  const home = tempFolder();
  await program(RUN, home, { faults: { FAULT_EVENT: '30' } });
  const resumed = await program(['resume', '--last', '--json', '-q'], home, { faults: { FAULT_CLOCK: '0:86400000' } });
  expect(resumed.code).toBe(whole.code);
  const times = journalOf(home)!.events.map((e) => e.at);
  expect([...times].sort()).toEqual(times);
});

test('of two processes that race for a run one at a time writes, and every line that was acknowledged is there', async () => {
  expect(await race(20)).toMatchObject({ unreadable: 0, lost: 0, interleaved: 0 });
}, 30_000);

test('an owner that was stopped for longer than its lock lives learns that it lost the run, and no line of it is mixed in', async () => {
  expect(await pauses(3)).toEqual({ rounds: 3, takenOver: 3, unreadable: 0, lost: 0, interleaved: 0, unnoticed: 0 });
}, 30_000);

test('each kind of damage is named with its line and what to do', async () => {
  const home = tempFolder();
  await program(RUN, home);
  const { file } = journalOf(home)!;
  const text = readFileSync(file, 'utf8');
  const read = (changed: string): unknown => readJournal(Buffer.from(changed), file);
  const lines = text.split('\n');
  expect(() => read([...lines.slice(0, 3), ...lines.slice(4)].join('\n'))).toThrow(
    /line 4 of .* does not follow the line before it/,
  );
  expect(() => read(`${text}${lines[4]}\n${lines[5]}\n`)).toThrow(/line \d+ of .* does not follow/);
  expect(() => read(`${lines.slice(1).join('\n')}`)).toThrow(/line 1 of .* does not follow/);
});
