/** Killed at any instant, a run is finished by resume: nothing that was answered is asked again, the report is the same. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Baseline, baselineOf, killOnce, newCounts, removeCopy } from './_crash.ts';
import { openSource } from './_crash-source.ts';
import { peer } from './_peers.ts';

const ready = peer('prometheus');
const clean = { unreadable: 0, finishedRepeated: 0, twicePerKill: 0, differentReports: 0, notes: [] };

describe.skipIf(!ready)('a run that is killed, counted at the wire of its source', () => {
  let source: Awaited<ReturnType<typeof openSource>>;
  let base: Baseline;
  beforeAll(async () => {
    source = await openSource();
    base = await baselineOf(source.wire);
  }, 60_000);
  afterAll(async () => {
    await source?.stop();
    removeCopy();
  });

  test('at every tenth event boundary', { timeout: 60_000 }, async () => {
    const counts = newCounts();
    for (let n = 4; n <= base.events.length; n += 10) {
      await killOnce(source.wire, base, counts, { faults: { FAULT_EVENT: String(n) } });
    }
    expect(counts).toMatchObject({ ...clean, kills: counts.beforeStart + counts.resumed });
    expect(counts.resumed).toBeGreaterThan(3);
  });

  test('in the middle of a line', { timeout: 60_000 }, async () => {
    const counts = newCounts();
    for (const [n, bytes] of [
      [2, 100],
      [base.events.length >> 1, 1],
      [base.events.length, 300],
    ]) {
      await killOnce(source.wire, base, counts, { faults: { FAULT_EVENT: `${n}`, FAULT_BYTES: `${bytes}` } });
    }
    expect(counts).toMatchObject(clean);
  });

  test('at instants that nobody chose', { timeout: 60_000 }, async () => {
    const counts = newCounts();
    for (let i = 1; i <= 5; i++) await killOnce(source.wire, base, counts, { killAfter: (base.ms * i) / 5.5 });
    expect(counts).toMatchObject(clean);
  });
});
