/** The same inputs give the same bytes, whatever the order of the lines in their files. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ALERT_AT, iso, MINUTE, makeBundle } from './_bundles.ts';
import { DEMO } from './_program.ts';
import { reportsOf, shuffled } from './_shuffle.ts';
import { tempFolder } from './_temp.ts';

/** How many different things are said of a bundle in so many orders; `npm run shuffletest` has 200. */
async function different(bundle: string, orders: number): Promise<string[]> {
  const home = tempFolder();
  const told = new Set<string>();
  for (let seed = 0; seed < orders; seed++) {
    const to = join(home, `order-${seed}`);
    shuffled(bundle, to, seed);
    told.add(await reportsOf(to));
  }
  return [...told];
}

test('the lines of every file of a bundle may stand in any order: every report has the same bytes', async () => {
  const told = await different(DEMO, 6);
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('deploy/orders/2.8.1');
});

test('so may the objects of an orchestrator, also those of one name and one time', async () => {
  const dir = makeBundle(tempFolder(), 'state');
  mkdirSync(join(dir, 'kubernetes'));
  const put = (kind: string, items: unknown[]): void =>
    writeFileSync(join(dir, 'kubernetes', `${kind}.json`), JSON.stringify({ kind: 'List', items }));
  const waiting = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container' } };
  const pod = (n: number) => ({
    kind: 'Pod',
    metadata: { name: `front-${n}`, namespace: 'shop', labels: { app: 'front' } },
    status: {
      phase: 'Running',
      containerStatuses: [{ name: 'front', ready: n > 2, restartCount: n, state: n > 2 ? { running: {} } : waiting }],
    },
  });
  put('pods', [1, 2, 3, 4].map(pod));
  put('services', [{ metadata: { name: 'front', namespace: 'shop' }, spec: { selector: { app: 'front' } } }]);
  put(
    'events',
    [1, 2, 3].map((n) => ({
      metadata: { name: 'front-1.backoff', namespace: 'shop' },
      reason: 'BackOff',
      message: `restart ${n}`,
      lastTimestamp: iso(ALERT_AT),
      involvedObject: { kind: 'Pod', name: `front-${n}`, namespace: 'shop' },
    })),
  );
  const lines = [1, 2, 3].map((n) => ({
    time: iso(ALERT_AT - MINUTE),
    source: 'autoscaler',
    kind: 'scale',
    service: 'front',
    title: `wants ${n} more`,
  }));
  writeFileSync(join(dir, 'events.jsonl'), lines.map((l) => `${JSON.stringify(l)}\n`).join(''));
  const told = await different(dir, 10);
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('restarting failed container');
});
