/** Whole investigations whose changes come from GitHub: the same verdict as from the recording, in a dozen requests. */
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Fault, faultProxy, faults, type SeenRequest, says } from './_fault-proxy.ts';
import { fakeGithub, repoOfBundle } from './_github-fake.ts';
import { inquest, ROOT } from './_program.ts';
import { tempFolder } from './_temp.ts';

const TOKEN = 'ghp_cAnAry0f8e7d6c5b4a3210ofEveryTest';
const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Report {
  exit: number;
  outcome: {
    kind: string;
    headline: string;
    confidence: number;
    category: string;
    entity?: { name: string };
    change?: string;
  };
  notChecked: { what: string; why: string }[];
}

const bundle = (name: string): string => join(ROOT, 'fixtures/incidents', name);

/** The incident without its changes, asked with them from a GitHub that tells the same history. */
async function fromGithub(name: string, o: { fault?: (request: SeenRequest) => Fault | undefined } = {}) {
  const home = tempFolder();
  const copy = join(home, name);
  cpSync(bundle(name), copy, { recursive: true });
  rmSync(join(copy, 'changes.jsonl'));
  const { now } = JSON.parse(readFileSync(join(copy, 'bundle.json'), 'utf8')) as { now: string };
  const fake = await fakeGithub([repoOfBundle(bundle(name))], { now, token: TOKEN });
  closing.push(() => fake.close());
  const proxy = await faultProxy(fake.url, o.fault ?? (() => undefined));
  closing.push(() => proxy.stop());
  const args = [
    'investigate',
    '--bundle',
    copy,
    '--json',
    '-q',
    '--github',
    `${proxy.url}/acme/shop`,
    '--timeout',
    '4s',
  ];
  const env = { GH_ENTERPRISE_TOKEN: TOKEN };
  const ran = await inquest(args, { home, env });
  return { ...ran, home, requests: fake.requests };
}

/** Ids of GitHub say which deployment it was behind the version: `deploy/orders/2.8.1@4007`. */
const verdict = (stdout: string) => {
  const { outcome, exit } = JSON.parse(stdout) as Report;
  const { kind, entity, change, category, confidence } = outcome;
  return { exit, kind, entity: entity?.name, change: change?.replace(/@\d+$/, ''), category, confidence };
};

describe('an investigation with GitHub for the changes ends as with the recorded ones', () => {
  const names = ['amber-finch', 'ember-lark', 'fjord-hare', 'iris-badger', 'kelp-raven', 'dune-plover', 'river-shrew'];
  for (const name of names) {
    test(`${name}: outcome, entity, change, category and confidence`, async () => {
      const recorded = await inquest(['investigate', '--bundle', bundle(name), '--json', '-q'], { home: tempFolder() });
      const asked = await fromGithub(name);
      expect(verdict(asked.stdout)).toEqual(verdict(recorded.stdout));
      expect(asked.requests.length).toBeLessThanOrEqual(12);
      expect(asked.stdout + asked.stderr).not.toContain(TOKEN);
    });
  }
});

describe('a GitHub that fails takes nothing else with it', () => {
  const SHOWN = { ...faults, forbidden: says(403, { message: 'Resource not accessible by personal access token' }) };
  const cases: [name: keyof typeof SHOWN, status: string, why: RegExp][] = [
    ['page', 'failed', /text\/html/],
    ['redirect', 'failed', /redirects/],
    ['silence', 'timeout', /no answer within|time/],
    ['hangUp', 'failed', /broke the connection/],
    ['echo', 'failed', /\(400\)/],
    ['echoOk', 'denied|failed', /does not answer as GitHub does|tells nothing/],
    ['forbidden', 'denied', /forbids this read \(403\)/],
  ];
  for (const [name, status, why] of cases) {
    test(`${name}: the run goes on, says what was not checked, and prints no token`, async () => {
      const run = await fromGithub('dune-plover', { fault: () => SHOWN[name] });
      const { outcome, notChecked } = JSON.parse(run.stdout) as Report;
      expect([run.code, outcome.kind, outcome.entity?.name]).toEqual([0, 'cause', 'bank']);
      const said = notChecked.find((n) => n.what.includes('changes of github'));
      expect(said?.what).toMatch(new RegExp(`\\((?:${status})\\)`));
      expect(said?.why).toMatch(why);
      const journals = readdirSync(run.home, { recursive: true, withFileTypes: true })
        .filter((f) => f.isFile() && !f.parentPath.includes('dune-plover'))
        .map((f) => readFileSync(join(f.parentPath, f.name), 'latin1'));
      expect(journals.length).toBeGreaterThan(0);
      for (const text of [run.stdout, run.stderr, ...journals]) expect(text.includes(TOKEN)).toBe(false);
    });
  }

  test('a comparison that fails leaves the deploys, and says what is missing of them', async () => {
    const run = await fromGithub('amber-finch', {
      fault: ({ url }) => (url.includes('/compare/') ? faults.hangUp : undefined),
    });
    const { outcome, notChecked } = JSON.parse(run.stdout) as Report;
    expect(outcome.entity?.name).toBe('orders');
    expect(notChecked.find((n) => n.what.includes('changes of github'))?.why).toContain('not all of it could be read');
  });
});
