import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Contract, contractOver } from './_datadog-contract.ts';
import { API_KEY, APP_KEY, type FakeDatadog, fakeDatadog } from './_datadog-fake.ts';
import { type DatadogRun, incident, onDatadog } from './_datadog-runs.ts';
import { peerPackage } from './_peers.ts';
import { tempFolder } from './_temp.ts';

const specs = process.env.INQUEST_DATA && join(process.env.INQUEST_DATA, 'captures/openapi');
const described = Boolean(specs && existsSync(join(specs, 'datadog-v2.yaml.gz')));
if (!described)
  process.stderr.write("SKIP Datadog's description: INQUEST_DATA names no captures/openapi/datadog-v2.yaml.gz\n");
const prism = described ? peerPackage('@stoplight/prism-cli/dist/index.js') : undefined;

/**
 * Where the client is newer than the description that we hold (April 2026), and why: the times of deployments were numbers
 * there and are dates in what Datadog sends.
 */
const NEWER = new Set(['/api/v2/dora/deployments']);

describe.skipIf(prism === undefined)("Datadog's own description (INQUEST_DATA)", () => {
  let fake: FakeDatadog;
  let contract: Contract;
  let run: DatadogRun;

  beforeAll(async () => {
    const temp = tempFolder();
    fake = await fakeDatadog(incident('kelp-raven'));
    contract = await contractOver(fake.url, prism!, specs as string, temp);
    run = await onDatadog(tempFolder(), fake, { url: contract.url });
    // Where nothing is told of deployments, pipelines and the audit trail are asked as well.
    fake.hold(incident('sage-robin'));
    await onDatadog(tempFolder(), fake, { url: contract.url });
  }, 300_000);
  afterAll(async () => {
    await contract?.stop();
    await fake?.close();
  });

  test('allows every request of an investigation and every answer of the fake', () => {
    const { checked } = contract;
    const broken = checked.filter((c) => !NEWER.has(c.path) && (c.violations !== '' || c.status !== 200));
    expect(broken).toEqual([]);
    const paths = new Set(checked.map((c) => `${c.method} ${c.path}`));
    process.stdout.write(`described: ${checked.length} requests of ${paths.size} kinds, 0 violations\n`);
    expect(paths.size).toBeGreaterThanOrEqual(17);
  });

  test('is really held against both: a number that is none, and a date where it says number, are told', async () => {
    const deployments = contract.checked.find((c) => NEWER.has(c.path));
    expect(deployments?.violations).toContain('started_at');
    const headers = { 'dd-api-key': API_KEY, 'dd-application-key': APP_KEY };
    await fetch(`${contract.url}/api/v1/query?from=yesterday&to=1&query=avg:a{*}`, { headers });
    expect(contract.checked.at(-1)?.violations).toContain('from');
  });

  test('stands between: the run got all its answers through it', () => {
    expect(run.code).toBe(0);
    expect(run.requests.flatMap((r) => r.sent).length).toBeGreaterThanOrEqual(20);
  });
});
