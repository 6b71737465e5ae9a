/** GitHub and Datadog in the first two minutes: a wrong key, a missing permission, the right one, in an empty home. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { API, NARROW, READER, type ScopedDatadog, scopedDatadog, UNSCOPED } from './_datadog-scopes.ts';
import { type FakeGithub, fakeGithub, repo } from './_github-fake.ts';
import { peer } from './_peers.ts';
import { inquest } from './_program.ts';
import { tempFolder } from './_temp.ts';
import { atTerminal } from './_tmux.ts';

const TOKEN = 'github_pat_11RIGHT0a1b2c3d4e5f';
const WRONG = 'github_pat_11WRONG0a1b2c3d4e5f';
const BARE = { INQUEST_PROMETHEUS_BEARER: '' };

let whole: FakeGithub;
let narrow: FakeGithub;
beforeAll(async () => {
  const options = { token: TOKEN, login: 'ada', now: new Date().toISOString() };
  whole = await fakeGithub([repo('acme/shop')], options);
  const denied = [{ path: /\/pulls/, permission: 'pull_requests=read' }];
  narrow = await fakeGithub([repo('acme/shop')], { ...options, denied });
});
afterAll(() => Promise.all([whole.close(), narrow.close()]));

describe('inquest init with GitHub', () => {
  test('a wrong token is refused and asked again; a permission that is missing is named', async () => {
    const home = tempFolder();
    const number = await numberOf('GitHub', home);
    const said = ['n', number, `${narrow.url}/acme/shop`, WRONG, 'k', TOKEN, 'g', 'y'].map((l) => `${l}\n`).join('');
    const ran = await inquest(['init', '--answers', '-'], { home, env: BARE, input: said });
    expect(ran.stderr).toMatch(/✗[^\n]*401[\s\S]*What now\?[\s\S]*missing pull_requests: read/);
    expect(ran.stderr + ran.stdout).not.toMatch(/github_pat_/);
    expect(ran.code).toBe(0);
    const { sources } = JSON.parse(readFileSync(join(home, 'inquest.config.json'), 'utf8'));
    expect(sources.github).toEqual({
      type: 'github',
      repos: ['acme/shop'],
      url: narrow.url,
      token: { file: '~/inquest/keys/github-token' },
    });
  });

  test('doctor tells each fact to machines, and a wrong token is exit 3', async () => {
    const home = tempFolder();
    const env = { ...BARE, GH_ENTERPRISE_TOKEN: TOKEN };
    const args = ['doctor', 'github', '--github', `${narrow.url}/acme/shop`, '--json'];
    const doctor = await inquest(args, { home, env });
    const [{ checks }] = JSON.parse(doctor.stdout) as [{ checks: { facts?: Record<string, unknown> }[] }];
    const facts = Object.assign({}, ...checks.map((c) => c.facts)) as Record<string, unknown>;
    expect(facts).toMatchObject({
      missing: ['pull_requests: read'],
      latencyMs: expect.any(Number),
      remaining: expect.any(Number),
    });
    expect(doctor.code).toBe(0);
    const wrong = await inquest(args, { home, env: { ...BARE, GH_ENTERPRISE_TOKEN: WRONG } });
    expect([wrong.code, /github_pat_/.test(wrong.stdout)]).toEqual([3, false]);
  });
});

describe('Datadog', () => {
  let server: ScopedDatadog;
  beforeAll(async () => {
    server = await scopedDatadog();
  });
  afterAll(() => server.close());

  const doctor = async (api: string, app: string) => {
    const env = { ...BARE, DD_API_KEY: api, DD_APP_KEY: app };
    const ran = await inquest(['doctor', 'datadog', '--datadog', server.url, '--json'], { home: tempFolder(), env });
    const [section] = JSON.parse(ran.stdout) as [
      { checks: { what: string; state: string; detail: string; fix?: string; facts?: object }[] },
    ];
    for (const key of [api, app]) expect(ran.stdout + ran.stderr).not.toContain(key);
    return { code: ran.code, of: (what: string) => section.checks.find((c) => c.what === what) };
  };

  test('a wrong API key and a wrong application key are told apart: exit 3', async () => {
    const wrong = await doctor('ffffffffffffffffffffffffffffffff', READER);
    expect([wrong.code, wrong.of('API key')]).toMatchObject([3, { state: 'fail', fix: expect.stringMatching(/site/) }]);
    const app = await doctor(API, 'ffffffffffffffffffffffffffffffffffffffff');
    expect([app.code, app.of('API key'), app.of('application key')]).toMatchObject([
      3,
      { state: 'ok' },
      { state: 'fail' },
    ]);
  });

  test('missing scopes are named; a key that may only read is told as that; one without scopes is warned of', async () => {
    const reader = await doctor(API, READER);
    expect([reader.code, reader.of('missing'), reader.of('can write')]).toEqual([0, undefined, undefined]);
    expect(reader.of('answers')!.facts).toEqual({ latencyMs: expect.any(Number) });
    expect(reader.of('rate')!.facts).toMatchObject({ limit: 1000 });
    const narrow = await doctor(API, NARROW);
    expect(narrow.of('missing')!.facts).toEqual({ missing: ['logs_read_data', 'apm_read'] });
    const unscoped = await doctor(API, UNSCOPED);
    expect(unscoped.of('can write')).toMatchObject({
      state: 'warn',
      detail: expect.stringContaining('(org_management, standard)'),
      facts: { writable: true },
    });
  });

  test('init asks for both keys, names the scopes that are missing, and keeps both apart', async () => {
    const home = tempFolder();
    const number = await numberOf('Datadog', home);
    const said = ['n', number, server.url, API, 'wrong-key', 'k', '', NARROW, 'k', '', READER, 'y'];
    const input = said.map((l) => `${l}\n`).join('');
    const ran = await inquest(['init', '--answers', '-'], { home, env: BARE, input });
    expect(ran.stderr).toMatch(/application key[\s\S]*What now\?[\s\S]*logs_read_data \(logs\), apm_read \(traces\)/);
    for (const key of [API, NARROW, READER]) expect(ran.stderr + ran.stdout).not.toContain(key);
    expect(ran.code).toBe(0);
    const { sources } = JSON.parse(readFileSync(join(home, 'inquest.config.json'), 'utf8'));
    expect(sources.datadog).toEqual({
      type: 'datadog',
      url: server.url,
      apiKey: { file: '~/inquest/keys/datadog-api-key' },
      appKey: { file: '~/inquest/keys/datadog-app-key' },
    });
    expect(readFileSync(join(home, 'inquest/keys/datadog-app-key'), 'utf8')).toBe(`${READER}\n`);
  });
});

test('keys that were typed for a site that was wrong are tried at the next one', async () => {
  const server = await scopedDatadog();
  const home = tempFolder();
  const number = await numberOf('Datadog', home);
  const said = ['n', number, 'http://127.0.0.1:9', API, READER, 'a', 'datadoghq.xx', server.url, 'y'];
  const input = said.map((l) => `${l}\n`).join('');
  const ran = await inquest(['init', '--answers', '-'], { home, env: BARE, input });
  await server.close();
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringMatching(/no Datadog site[\s\S]*✓ API key +is valid/)]);
  expect(readFileSync(join(home, 'inquest/keys/datadog-app-key'), 'utf8')).toBe(`${READER}\n`);
});

/** The number under which this build offers a kind. */
async function numberOf(title: string, home: string): Promise<string> {
  const ran = await inquest(['init', '--answers', '-'], { home, env: BARE, input: 'n\n0\n' });
  return new RegExp(`^ {2}(\\d) [* ] ${title} `, 'm').exec(ran.stderr)![1]!;
}

describe.skipIf(!peer('tmux'))('at a terminal of 80x24', { timeout: 120_000 }, () => {
  test('GitHub is connected from a token that is typed unseen', async () => {
    const home = tempFolder();
    const t = atTerminal(['init'], { home });
    try {
      await t.until(/Look for Prometheus/);
      t.keys('Enter');
      const menu = await t.until(/Connect which\?.*: $/m);
      t.keys(/^ {2}(\d) [* ] GitHub /m.exec(menu)![1]!, 'Enter');
      await t.until(/Repositories, as owner\/name: $/m);
      t.keys('-l', `${whole.url}/acme/shop`);
      t.keys('Enter');
      await t.until(/Token \(not shown/);
      t.keys('-l', WRONG);
      t.keys('Enter');
      await t.until(/401[\s\S]*What now\?.*\[k\] $/m);
      t.keys('Enter');
      await t.until(/\[k\][\s\S]*Token \(not shown; enter = as it is\): $/m);
      t.keys('-l', TOKEN);
      t.keys('Enter');
      await t.until(/Write .*\[Y\/n\] $/m);
      expect(existsSync(join(home, 'inquest.config.json'))).toBe(false);
      t.keys('Enter');
      await t.until(/Investigate now\?/);
      t.keys('Enter');
      await t.until(/exit=0/);
      expect(t.everything()).not.toMatch(/github_pat_/);
      if (process.env.SHOW_SCREEN) process.stdout.write(t.everything());
      expect(readFileSync(join(home, '.config/inquest/keys/github-token'), 'utf8')).toBe(`${TOKEN}\n`);
    } finally {
      t.close();
    }
  });
});
