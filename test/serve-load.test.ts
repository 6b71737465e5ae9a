/** The campaigns of scripts/serve-*.mjs, short: what is hostile, what is too much, what is killed, what goes on for long. */
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { seeded } from '../fixtures/lab/world/random.ts';
import { alertOf, type Served, startServe } from './_serve.ts';
import { countOf, drip, flood, jsonTestSuite, ODD, peakMb, postAll, serverErrors } from './_serve-abuse.ts';
import { crashServe } from './_serve-crash.ts';
import { growth, soak } from './_serve-soak.ts';
import { linesOf, paced } from './_serve-storm.ts';
import { tempFolder } from './_temp.ts';

let served: Served | undefined;
afterEach(async () => {
  await served?.stop();
  served = undefined;
});

describe('hostile requests', () => {
  test.skipIf(jsonTestSuite().length === 0)('JSONTestSuite (INQUEST_DATA): never a server error', async () => {
    served = await startServe({ home: tempFolder() });
    const suite = jsonTestSuite();
    expect(suite.length).toBeGreaterThan(300);
    const statuses = countOf(await postAll(served, suite));
    expect(Object.keys(statuses).sort()).toEqual(['202', '400']);
  });

  test('bodies that are no alert are answered, each in its own way, and the next alert is taken', async () => {
    served = await startServe({ home: tempFolder() });
    for (const [i, [what, body]] of ODD.entries()) {
      const [status] = await postAll(served, [body]);
      expect([what, [0, 202, 400, 413].includes(status!)]).toEqual([what, true]);
      expect((await served.post(alertOf(i))).status).toBe(202);
    }
  });

  test('bodies without end side by side take a bounded memory', async () => {
    served = await startServe({ home: tempFolder() });
    for (const how of ['length', 'chunked'] as const) {
      const { pid } = served;
      const statuses = countOf(await Promise.all(Array.from({ length: 100 }, () => flood(served!, 2 ** 30, how))));
      expect(serverErrors(statuses)).toBe(0);
      expect(statuses[413]).toBeGreaterThan(0);
      expect(peakMb(pid)).toBeLessThan(256);
    }
    expect((await served.post(alertOf(1))).status).toBe(202);
  });

  test('who sends headers or a body without ever ending them is cut with 408', async () => {
    served = await startServe({ home: tempFolder() });
    const s = served;
    const cut = await Promise.all([drip(s, 'headers'), drip(s, 'body'), drip(s, 'body')]);
    expect(cut.map((c) => c.status)).toEqual([408, 408, 408]);
  });
});

test('a storm of different alerts is bounded: each is taken, joined or shed, and everything shed is listed', async () => {
  const home = tempFolder();
  const serve = { concurrency: 1, queue: 5, grace: '1s', perHour: { runs: 10_000 } };
  served = await startServe({ home, serve });
  const answers = await paced(
    served.url,
    Array.from({ length: 300 }, (_, i) => alertOf(`x${i}`)),
    1000,
  );
  const shed = answers.filter((a) => a.status === 503);
  const taken = answers.filter((a) => a.status === 202);
  expect(shed.length + taken.length).toBe(300);
  expect(shed.length).toBeGreaterThan(200);
  expect(shed.every((a) => Number(a.retryAfter) > 0)).toBe(true);
  await served.stop();
  served = undefined;
  expect(linesOf(home, 'alert.shed')).toBe(shed.length);
  expect(linesOf(home, 'alert.taken')).toBe(taken.length);
});

test('killed again and again under load, it loses no acknowledged alert and investigates none twice', async () => {
  const counts = await crashServe(tempFolder(), { kills: 5, urgent: 4, random: seeded(7) });
  expect(counts).toMatchObject({ lost: 0, doubled: 0, unfinished: 0, unreadable: 0 });
  expect(counts.acknowledged).toBeGreaterThan(0);
  expect(counts.investigations).toBeGreaterThan(0);
}, 300_000);

test('an hour on a clock of its own leaves no handle, no file and a bounded desk behind', async () => {
  const folder = tempFolder();
  const s = await soak(folder, { hours: 1, fingerprints: 800, services: 100, random: seeded(3) });
  expect(s.alerts).toBe(3600);
  expect(s.cases.at(-1)).toBeLessThanOrEqual(600);
  expect(growth(s.files)).toBe(0);
  expect(readdirSync(folder).filter((f) => f.endsWith('.new'))).toEqual([]);
  expect(s.disk).toBeLessThan(10 * 2 ** 20);
}, 300_000);
