import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { API_KEY, APP_KEY, type FakeDatadog, fakeDatadog } from './_datadog-fake.ts';
import { type DatadogRun, incident, onDatadog } from './_datadog-runs.ts';
import { type Fault, faultProxy, faults, says } from './_fault-proxy.ts';
import { tempFolder } from './_temp.ts';

const KEYS = [API_KEY, APP_KEY].flatMap((k) => [
  k,
  encodeURIComponent(k),
  Buffer.from(k).toString('base64'),
  Buffer.from(k).toString('hex'),
]);

interface Ended {
  run: DatadogRun;
  report: string;
  outcome: string;
  notChecked: { what: string; why: string }[];
}

let fake: FakeDatadog;
beforeAll(async () => {
  fake = await fakeDatadog(incident('kelp-raven'));
});
afterAll(() => fake.close());

/** A whole run with the fault on those requests whose path it is for. */
async function runWith(fault: Fault, on: (path: string) => boolean): Promise<Ended> {
  const proxy = await faultProxy(fake.url, ({ url }) => (on(url) ? fault : undefined));
  const home = tempFolder();
  try {
    const run = await onDatadog(home, fake, { url: proxy.url, args: ['--timeout', '3s'] });
    const report = readFileSync(join(home, 'report.json'), 'utf8');
    const { outcome, notChecked } = JSON.parse(report) as {
      outcome: { kind: string };
      notChecked: Ended['notChecked'];
    };
    return { run, report, outcome: outcome.kind, notChecked };
  } finally {
    await proxy.stop();
  }
}

function noKeyIn({ run, report }: Ended): void {
  for (const key of KEYS) expect(run.journal + run.stderr + report).not.toContain(key);
}

const isLogs = (path: string): boolean => path.includes('/logs/');
const all = {
  ...faults,
  busy: says(503, { errors: ['later'] }),
  limited: says(429, { errors: ['slow down'] }, { 'x-ratelimit-reset': '600' }),
  denied: says(403, { errors: ['Forbidden'] }),
};

describe('a fault on the way to the logs costs the logs alone', () => {
  test.each(Object.keys(all) as (keyof typeof all)[])('%s', { timeout: 120_000 }, async (name) => {
    const ended = await runWith(all[name] as Fault, isLogs);
    const told = ended.notChecked.filter((n) => /log/.test(n.what));
    process.stdout.write(
      `${name}: ${ended.outcome}, exit ${ended.run.code}; ${told
        .map((n) => `${n.what}: ${n.why}`)
        .join(' | ')
        .slice(0, 200)}\n`,
    );
    expect(told.length).toBeGreaterThan(0);
    expect(ended.run.code).toBe(ended.outcome === 'inconclusive' ? 10 : 0);
    noKeyIn(ended);
  });
});

describe('a fault on the way to everything ends in a report that says so', () => {
  test.each([
    ['page', 4],
    ['hangUp', 4],
    ['echo', 4],
    ['denied', 3],
  ] as const)('%s: exit %d', { timeout: 120_000 }, async (name, code) => {
    const ended = await runWith(all[name] as Fault, () => true);
    process.stdout.write(
      `all ${name}: ${ended.outcome}, exit ${ended.run.code}; ${ended.notChecked
        .map((n) => `${n.what}: ${n.why}`)
        .join(' | ')
        .slice(0, 300)}\n`,
    );
    expect(ended.outcome).toBe('inconclusive');
    expect(ended.notChecked.length).toBeGreaterThan(0);
    expect(ended.run.code).toBe(code);
    noKeyIn(ended);
  });
});
