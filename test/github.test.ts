/** GitHub tells deploys, what each brought and who knows about it, in a dozen requests, whatever way a team deploys. */
import { resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Answers, Questions } from '../src/core/capabilities.ts';
import type { Change } from '../src/core/telemetry.ts';
import type { Answer, SentRequest } from '../src/core/types.ts';
import type { GithubConfig } from '../src/sources/github/_config.ts';
import { source } from '../src/sources/github.ts';
import type { OpenSource, ServiceConfig } from '../src/tools/tool.ts';
import {
  type FakeCommit,
  type FakeDeployment,
  type FakeOptions,
  type FakeRepo,
  type FakeRun,
  fakeGithub,
  repo,
  repoOfBundle,
  shaOf,
} from './_github-fake.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const BUNDLE = resolve(import.meta.dirname, '../fixtures/incidents/amber-finch');
const DAY = '2026-11-20T';
const NOW = `${DAY}12:00:00Z`;
const signal = new AbortController().signal;

interface Opened {
  opened: OpenSource;
  requests: string[];
  sent: SentRequest[];
  ask(question?: Partial<Questions['changes.list']>): Promise<Answer<'changes.list'>>;
}

interface Options {
  fake?: Partial<FakeOptions>;
  config?: Partial<GithubConfig>;
  services?: Record<string, ServiceConfig>;
  now?: string;
}

async function open(repos: FakeRepo[], o: Options = {}): Promise<Opened> {
  const now = o.now ?? NOW;
  const fake = await fakeGithub(repos, { now, token: 'ghp_x', ...o.fake });
  closing.push(() => fake.close());
  const config = { url: fake.url, token: 'ghp_x', repos: repos.map((r) => r.full), ...o.config };
  const env = { cwd: '/', fetch, now: () => Date.parse(now), services: o.services ?? {} };
  const opened = await source.open('github', config, env);
  closing.push(() => opened.close?.());
  const [changes] = opened.tools;
  const sent: SentRequest[] = [];
  const range = { from: `${DAY}00:00:00Z`, to: now };
  const ask = (question = {}) =>
    changes!.run({ ...range, ...question } as never, { signal, tell: (s) => sent.push(s) }) as Promise<
      Answer<'changes.list'>
    >;
  return { opened, requests: fake.requests, sent, ask };
}

const list = async (repos: FakeRepo[], o: Options = {}, question = {}): Promise<Change[]> =>
  ((await (await open(repos, o)).ask(question)).data as Answers['changes.list']).changes;

/** A commit of the main line that changes one line of each file. */
function commit(name: string, at: string, paths: string[], more: Partial<FakeCommit> = {}): FakeCommit {
  const files = paths.map((path) => ({ path, patch: `@@ -1,2 +1,2 @@\n-old ${name}\n+new ${name}` }));
  return { sha: shaOf(name), at: `${DAY}${at}Z`, title: name, body: '', author: 'Ada', files, ...more };
}

let nextId = 1;
function deployment(of: string, at: string, more: Partial<FakeDeployment> = {}): FakeDeployment {
  return {
    id: nextId++,
    environment: 'production',
    createdAt: `${DAY}${at}Z`,
    sha: shaOf(of),
    ref: 'main',
    task: 'deploy',
    payload: {},
    description: '',
    creator: 'ada',
    statuses: [{ state: 'success', at: `${DAY}${at}Z` }],
    ...more,
  };
}

const pull = (number: number, title: string, labels: string[] = []) => ({ number, title, labels, author: 'ada' });
const status = (state: string, at: string) => ({ state, at: `${DAY}${at}Z` });

describe('deployments', () => {
  test('are deploys at the time of their success, with the diff to the deploy before and the pull request behind it', async () => {
    const now = '2026-11-20T07:12:53Z';
    const { ask, requests, sent } = await open([repoOfBundle(BUNDLE)], { now });
    const said = await ask({ from: '2026-11-19T07:12:53Z' });
    expect([said.status, said.trust, said.problem]).toEqual(['ok', 'clean', undefined]);
    expect(said.searched).toContain('acme/shop: deployments to production');
    expect(said.data!.changes.map((c) => [c.time, c.service, c.version, c.previousVersion])).toEqual([
      ['2026-11-20T07:10:54.000Z', 'catalog', '5.0.4', '5.0.3'],
      ['2026-11-20T07:11:54.000Z', 'orders', '2.8.1', '2.8.0'],
    ]);
    const orders = said.data!.changes[1]!;
    expect(orders).toMatchObject({
      kind: 'deploy',
      status: 'configuration only',
      startedAt: '2026-11-20T07:11:49.000Z',
      title: 'orders: smaller database pool to save connections (#418)',
      deployed: [orders.ref],
      url: expect.stringMatching(/\/acme\/shop\/compare\/[0-9a-f]{40}\.\.\.[0-9a-f]{40}$/),
    });
    expect(orders.files).toEqual([
      { path: 'services/orders/config.json', patch: expect.stringContaining('-    "max": 10,\n+    "max": 1,') },
    ]);
    expect(orders.body).toContain('2 files of other services left out; pull request #418 of jon-barre');
    expect(requests).toHaveLength(3);
    // What was read of a window answers all within it.
    const narrow = await ask({ from: '2026-11-20T07:11:00Z', service: 'orders' });
    expect(narrow.data!.changes.map((c) => c.id)).toEqual([orders.id]);
    expect(requests).toHaveLength(3);
    expect(sent.map((s) => [s.path, s.status])).toEqual([
      ['/graphql', 200],
      ['/repos/:owner/:repo/compare/:basehead', 200],
      ['/repos/:owner/:repo/compare/:basehead', 200],
    ]);
  });

  test('that failed, still go on, were made active again or never began are told as what they are', async () => {
    const commits = ['one', 'two', 'three', 'four'].map((n, i) => commit(n, `0${i + 1}:00:00`, [`${n}.ts`]));
    const deployments = [
      deployment('one', '01:10:00', {
        statuses: [status('success', '01:10:00'), status('inactive', '05:00:10'), status('success', '07:00:00')],
      }),
      deployment('two', '05:00:00'),
      deployment('three', '06:00:00', {
        statuses: [status('queued', '06:00:01'), status('in_progress', '06:01:00'), status('failure', '06:09:00')],
      }),
      deployment('four', '11:00:00', { statuses: [status('in_progress', '11:00:30')] }),
      deployment('four', '11:30:00', { statuses: [status('queued', '11:30:10')] }),
      deployment('four', '10:00:00', { statuses: [] }),
    ];
    const { ask } = await open([repo('acme/shop', { commits, deployments })]);
    const said = await ask({ from: `${DAY}04:30:00Z` });
    const deploys = said.data!.changes.filter((c) => c.kind === 'deploy');
    expect(deploys.map((c) => [c.time.slice(11, 19), c.status, c.startedAt])).toEqual([
      ['05:00:00', undefined, undefined],
      ['06:01:00', 'failed', undefined],
      ['07:00:00', undefined, undefined],
      ['10:00:00', undefined, undefined],
      ['11:00:30', 'in progress', undefined],
    ]);
    expect(said.searched).toContain('1 never began');
    expect(deploys[1]!.body).toContain('failed at 2026-11-20T06:09:00.000Z; it may have reached some instances');
    // Compared with what ran before: a failed one never did.
    expect(deploys[2]).toMatchObject({ title: expect.stringContaining('made active again'), deployed: [] });
    expect(deploys[2]!.body).toContain('goes back: 1 commit of');
    expect(deploys[3]!.body).toContain('no status says, so when it took effect is unknown');
  });

  test('are told as they stood at the time that is asked about', async () => {
    const commits = [commit('one', '01:00:00', ['a.ts'])];
    const statuses = [status('in_progress', '02:00:00'), status('success', '02:30:00')];
    const deployments = [deployment('one', '01:59:00', { statuses, description: 'by a robot' })];
    const there = [repo('acme/shop', { commits, deployments })];
    const at = async (now: string) => {
      const [deploy] = (await list(there, { now: `${DAY}${now}Z` })).filter((c) => c.kind === 'deploy');
      return [deploy?.time.slice(11, 16), deploy?.status, deploy?.startedAt?.slice(11, 16)];
    };
    expect(await at('02:10:00')).toEqual(['02:00', 'in progress', undefined]);
    expect(await at('02:40:00')).toEqual(['02:30', undefined, '02:00']);
    expect((await list(there)).at(-1)!.body).toContain('described as "by a robot"');
  });

  test('that go back show the lines that they take away', async () => {
    const commits = [commit('one', '01:00:00', ['a.ts']), commit('two', '02:00:00', ['a.ts'])];
    const deployments = [deployment('one', '01:10:00'), deployment('two', '02:10:00'), deployment('one', '03:10:00')];
    const changes = await list([repo('acme/shop', { commits, deployments })]);
    expect(changes.filter((c) => c.kind === 'deploy').at(-1)!.files).toEqual([
      { path: 'a.ts', patch: '@@ -1,2 +1,2 @@\n+old two\n-new two' },
    ]);
  });

  test('of several pull requests tell each of them with its own patches; commits of one pull request are one', async () => {
    const merged = pull(7, 'payments: fewer attempts', ['risk']);
    const commits = [
      commit('start', '01:00:00', ['x.ts']),
      commit('orders: cache prices (#6)', '02:00:00', ['services/orders/price.ts'], { pull: pull(6, 'cache prices') }),
      commit('wip', '02:10:00', ['services/payments/a.ts'], { pull: merged }),
      commit('Merge pull request #7 from acme/less', '02:20:00', ['services/payments/b.ts'], { pull: merged }),
    ];
    const deployments = [
      deployment('start', '01:10:00'),
      deployment('Merge pull request #7 from acme/less', '03:00:00'),
    ];
    const changes = await list([repo('acme/shop', { commits, deployments })], {}, { from: `${DAY}01:30:00Z` });
    expect(changes.map((c) => [c.kind, c.title, c.files?.map((f) => [f.path, f.patch !== undefined])])).toEqual([
      ['commit', 'orders: cache prices (#6)', [['services/orders/price.ts', true]]],
      [
        'commit',
        'payments: fewer attempts (#7)',
        [
          ['services/payments/a.ts', true],
          ['services/payments/b.ts', true],
        ],
      ],
      ['deploy', expect.stringContaining('payments: fewer attempts (#7)'), expect.anything()],
    ]);
    const twice = deployments.map((d) => ({ ...d, id: d.id + 1000, environment: 'production-2' }));
    const both = await list([repo('acme/shop', { commits, deployments: [...deployments, ...twice] })]);
    const ids = both.map((c) => c.id);
    expect(ids).toEqual([...new Set(ids)]);
    const [first, second, deploy] = changes;
    expect(second!.body).toContain('pull request #7 of ada, labels: risk');
    expect(deploy!.deployed).toEqual([second!.id, first!.id]);
  });

  test('to production count where the config names no environment, and the others are named', async () => {
    const commits = ['one', 'two', 'three'].map((n, i) => commit(n, `0${i + 1}:00:00`, [`${n}.ts`]));
    const deployments = [
      deployment('one', '01:10:00', { environment: 'prod-eu' }),
      deployment('two', '02:10:00', { environment: 'staging' }),
      deployment('three', '03:10:00', { environment: 'pr-17' }),
    ];
    const there = [repo('acme/shop', { commits, deployments })];
    const { ask } = await open(there);
    const said = await ask();
    expect(said.data!.changes.filter((c) => c.kind === 'deploy').map((c) => c.env)).toEqual(['prod-eu']);
    expect(said.searched).toContain('deployments to prod-eu (not pr-17, staging)');
    const staging = await list(there, { config: { environment: 'staging' } });
    expect(staging.filter((c) => c.kind === 'deploy').map((c) => c.env)).toEqual(['staging']);
  });

  test('of a service whose deploy before is not known are told with the files of their own commit', async () => {
    const commits = [commit('one', '01:00:00', ['a.ts'])];
    const deployments = [deployment('one', '02:00:00', { payload: { service: 'shop' } })];
    const [deploy, ...more] = await list([repo('acme/shop', { commits, deployments })]);
    expect([deploy!.files, more]).toEqual([[{ path: 'a.ts', patch: expect.stringContaining('+new one') }], []]);
    expect(deploy!.body).toContain(
      'no deploy before it is known to compare with; these are the files of its commit alone',
    );
  });

  test('to previews alone are none: other ways to deploy are looked for', async () => {
    const commits = [commit('one', '01:00:00', ['a.ts'])];
    const deployments = [deployment('one', '02:00:00', { environment: 'github-pages' })];
    const releases = [{ id: 1, tag: 'v1.0.0', name: 'one', at: `${DAY}03:00:00Z`, sha: shaOf('one') }];
    const tags = [{ name: 'v1.0.0', sha: shaOf('one') }];
    const there = [repo('acme/shop', { commits, deployments, releases, tags })];
    for (const fake of [{}, { graphql: 'absent' as const }]) {
      const { ask } = await open(there, { fake });
      const said = await ask();
      expect(said.searched).toContain('acme/shop: releases');
    }
  });

  test('are read page by page until they are older than the window', async () => {
    const commits = [commit('one', '01:00:00', ['a.ts'])];
    const deployments = Array.from({ length: 60 }, (_, i) =>
      deployment('one', `0${4 + Math.floor(i / 60)}:${String(i).padStart(2, '0')}:00`),
    );
    const fake = { pageSize: 25 };
    const { ask, requests } = await open([repo('acme/shop', { commits, deployments })], { fake });
    const said = await ask();
    expect(said.data!.changes.filter((c) => c.kind === 'deploy')).toHaveLength(60);
    expect(requests.filter((r) => r === 'POST /graphql')).toHaveLength(3);
    const late = await open([repo('acme/shop', { commits, deployments })], { fake });
    await late.ask({ from: `${DAY}04:55:00Z` });
    expect(late.requests.filter((r) => r === 'POST /graphql')).toHaveLength(1);
  });
});

test('a busy day costs a dozen requests; what was not compared is counted, the newest come first', async () => {
  const names = Array.from({ length: 40 }, (_, i) => `c${i}`);
  const at = (i: number, minute: string) =>
    `${String(Math.floor(i / 4)).padStart(2, '0')}:${(i % 4) * 15 + 1}${minute}`;
  const time = (i: number, second: string) => at(i, `:${second}`).replace(/:(\d):/, ':0$1:');
  const commits = names.map((n, i) => commit(n, time(i, '00'), [`${n}.ts`]));
  const deployments = names.map((n, i) => deployment(n, time(i, '30')));
  const { ask, requests } = await open([repo('acme/shop', { commits, deployments })]);
  const said = await ask();
  expect(requests.length).toBeLessThanOrEqual(12);
  expect(said.truncated).toEqual({ kept: 9, of: 39, what: 'deploys compared with the one before' });
  const deploys = said.data!.changes.filter((c) => c.kind === 'deploy');
  expect(deploys).toHaveLength(40);
  expect(deploys.slice(-9).every((c) => c.files !== undefined)).toBe(true);
  expect(deploys[10]!.body).toContain('not compared with');
});

describe('a repository without deployments', () => {
  const commits = ['one', 'two', 'three'].map((n, i) => commit(n, `0${i + 1}:00:00`, [`src/${n}.ts`]));
  const run = (of: string, at: string, more: Partial<FakeRun> = {}): FakeRun => ({
    id: nextId++,
    name: 'Deploy',
    path: '.github/workflows/deploy.yml',
    title: of,
    event: 'push',
    status: 'completed',
    conclusion: 'success',
    startedAt: `${DAY}${at}:00Z`,
    endedAt: `${DAY}${at}:40Z`,
    sha: shaOf(of),
    branch: 'main',
    ...more,
  });

  test('deploys by runs of workflows that are called so, at the time of their end', async () => {
    const runs = [
      run('one', '01:10'),
      run('two', '02:10', { conclusion: 'failure' }),
      run('two', '02:20', { conclusion: 'cancelled' }),
      run('two', '02:30', { name: 'Tests', path: '.github/workflows/test.yml' }),
      run('three', '03:10', { event: 'pull_request' }),
      run('three', '03:20'),
    ];
    const { ask } = await open([repo('acme/shop', { commits, runs })], { config: { service: 'shop' } });
    const said = await ask({ from: `${DAY}01:30:00Z` });
    const deploys = said.data!.changes.filter((c) => c.kind === 'deploy');
    expect(deploys.map((c) => [c.time.slice(11, 19), c.status, c.startedAt?.slice(11, 19), c.service])).toEqual([
      ['02:10:00', 'failed', undefined, 'shop'],
      ['03:20:40', undefined, '03:20:00', 'shop'],
    ]);
    expect(deploys[1]!.files?.map((f) => f.path)).toEqual(['src/two.ts', 'src/three.ts']);
    expect(said.searched).toContain('runs of Deploy');
    const named = await list([repo('acme/shop', { commits, runs })], { config: { deployWorkflows: ['test.yml'] } });
    expect(named.filter((c) => c.kind === 'deploy').map((c) => c.time.slice(11, 19))).toEqual(['02:30:40']);
  });

  test('deploys by releases, else by tags; tags of the pattern win over everything', async () => {
    const releases = ['one', 'two'].map((n, i) => ({
      id: i,
      tag: `v1.${i}.0`,
      name: `Release ${n}`,
      at: `${DAY}0${i + 1}:30:00Z`,
      sha: shaOf(n),
    }));
    const tags = [
      { name: 'v1.0.0', sha: shaOf('one') },
      { name: 'deploy/orders/2.0', sha: shaOf('two'), at: `${DAY}02:45:00Z`, message: 'orders: go' },
    ];
    const of = (changes: Change[]) =>
      changes.filter((c) => c.kind === 'deploy').map((c) => [c.id, c.time.slice(11, 16)]);
    expect(of(await list([repo('acme/shop', { commits, releases, tags })]))).toEqual([
      ['deploy/shop/v1.0.0', '01:30'],
      ['deploy/shop/v1.1.0', '02:30'],
    ]);
    expect(of(await list([repo('acme/shop', { commits, tags })]))).toEqual([
      ['deploy/shop/v1.0.0', '01:00'],
      ['deploy/orders/2.0', '02:45'],
    ]);
    const config = { tagPattern: 'deploy/{service}/{version}' };
    const deployments = [deployment('three', '03:10:00')];
    const [tagged, ...more] = (await list([repo('acme/shop', { commits, deployments, tags })], { config })).filter(
      (c) => c.kind === 'deploy',
    );
    expect([tagged, more.length]).toMatchObject([
      { service: 'orders', version: '2.0', title: 'orders 2.0: orders: go' },
      0,
    ]);
  });

  test('and without anything that deploys: configuration and flags act when they are merged', async () => {
    const merged = [
      commit('code', '02:00:00', ['src/a.ts']),
      commit('limits', '03:00:00', ['charts/shop/values.yaml']),
      commit('flag', '04:00:00', ['flags/checkout.json'], { pull: pull(9, 'flag') }),
    ];
    const { ask } = await open([repo('acme/shop', { commits: merged })]);
    const said = await ask();
    expect(said.data!.changes.map((c) => [c.kind, c.files?.[0]?.patch !== undefined])).toEqual([
      ['commit', true],
      ['config', true],
      ['flag', true],
    ]);
    expect(said.searched).toContain('commits of the main line alone');
  });
});

describe('a repository of several services', () => {
  const services = { orders: { paths: ['apps/orders'] }, payments: { paths: ['apps/payments'], aliases: ['pay'] } };
  const commits = [
    commit('start', '01:00:00', ['apps/orders/a.ts']),
    commit('both', '02:00:00', ['apps/orders/a.ts', 'apps/payments/b.ts']),
    commit('docs', '02:30:00', ['README.md']),
    commit('pay', '03:00:00', ['apps/payments/b.ts']),
  ];
  const owners = '* @acme/all\n/apps/payments/ @acme/payments @pat # money\n';

  test('tells whose a deploy is by the files that it touches, and who owns them', async () => {
    const deployments = [
      deployment('start', '01:10:00'),
      deployment('docs', '02:40:00'),
      deployment('pay', '03:10:00'),
    ];
    const there = [repo('acme/mono', { commits, deployments, owners })];
    const deploys = (await list(there, { services })).filter((c) => c.kind === 'deploy');
    expect(deploys.map((c) => c.service)).toEqual([undefined, undefined, 'payments']);
    expect(deploys[1]!.body).toContain('touches orders, payments');
    expect(deploys[2]!.body).toContain('code owners: @acme/payments, @pat');
    const orders = await list(there, { services }, { service: 'orders', from: `${DAY}01:30:00Z` });
    expect(orders.filter((c) => c.kind === 'deploy').map((c) => c.ref)).toEqual([shaOf('docs')]);
  });

  test('takes the service of a deployment from its payload, task, environment or tag, and leaves the others out of its diff', async () => {
    const before = [
      { payload: { service: 'orders' } },
      { task: 'deploy:orders' },
      { environment: 'production-orders' },
      { environment: 'production/pay' },
      { ref: 'payments-v1.2.3' },
    ];
    const seen = [];
    for (const more of before) {
      const deployments = [deployment('start', '01:10:00', more), deployment('pay', '03:10:00', more)];
      const there = [repo('acme/mono', { commits, deployments })];
      const config = { environment: more.environment ?? 'production' };
      const [deploy] = (await list(there, { services, config }, { from: `${DAY}03:05:00Z` })).filter(
        (c) => c.kind === 'deploy',
      );
      seen.push([deploy!.service, deploy!.files?.map((f) => f.path)]);
    }
    const orders = ['apps/orders/a.ts', 'README.md'];
    const payments = ['apps/payments/b.ts', 'README.md'];
    expect(seen).toEqual([
      ['orders', orders],
      ['orders', orders],
      ['orders', orders],
      ['payments', payments],
      ['payments', payments],
    ]);
  });
});

describe('what cannot be read is said', () => {
  const shop = (): FakeRepo => repoOfBundle(BUNDLE);
  const now = '2026-11-20T07:12:53Z';
  const from = '2026-11-19T07:12:53Z';

  test('where GraphQL is denied, absent or would want a token, REST tells the same deploys', async () => {
    const plain = { ...(await (await open([shop()], { now })).ask({ from })).data! };
    const key = ({ id, time, service, version, files, deployed }: Change) => [
      id,
      time,
      service,
      version,
      files,
      deployed,
    ];
    const graphql = [{ message: 'Resource not accessible by personal access token', type: 'FORBIDDEN' }];
    const ways: Options[] = [
      { now, fake: { graphql } },
      { now, fake: { graphql: 'absent' } },
      { now, fake: { denied: [{ path: /^\/graphql$/, permission: 'metadata=read' }] } },
    ];
    for (const way of ways) {
      const { ask, requests } = await open([shop()], way);
      const said = await ask({ from });
      expect(said.status).toBe('ok');
      expect(said.data!.changes.map(key)).toEqual(plain.changes.map(key));
      expect(requests.length).toBeLessThanOrEqual(12);
    }
    const fake = await fakeGithub([shop()], { now });
    closing.push(() => fake.close());
    const env = { cwd: '/', fetch, now: () => Date.parse(now), services: {} };
    const opened = await source.open('github', { url: fake.url, repos: ['acme/shop'] }, env);
    closing.push(() => opened.close?.());
    const said = (await opened.tools[0]!.run({ from, to: now }, { signal })) as Answer<'changes.list'>;
    expect(said.data!.changes.map(key)).toEqual(plain.changes.map(key));
    expect(fake.requests).not.toContain('POST /graphql');
  });

  test('a missing permission is named, and what the others allow is told', async () => {
    const denied = [
      { path: /^\/graphql$/, permission: '' },
      { path: /\/deployments/, permission: 'deployments=read' },
    ];
    const { ask } = await open([shop()], { now, fake: { denied } });
    const said = await ask({ from });
    expect(said.status).toBe('partial');
    expect(said.problem).toMatch(/deployments of acme\/shop: .*\(403\).*It needs the permission deployments: read/);
    expect(said.data!.changes.length).toBeGreaterThan(0);
  });

  test('what a token may not see of pull requests leaves everything else', async () => {
    const pulls = [{ message: 'Resource not accessible by personal access token', type: 'FORBIDDEN' }];
    const { ask } = await open([shop()], { now, fake: { pulls } });
    const said = await ask({ from });
    expect([said.status, said.data!.changes.filter((c) => c.kind === 'deploy').length]).toEqual(['partial', 2]);
    expect(said.problem).toContain('associatedPullRequests: Resource not accessible by personal access token');
  });

  test('of several repositories those that answer are told; none at all is a refusal', async () => {
    const config = { repos: ['acme/shop', 'acme/gone'] };
    const { ask } = await open([shop()], { now, config });
    const said = await ask({ from });
    expect([said.status, said.data!.changes.length]).toEqual(['partial', 2]);
    expect(said.problem).toMatch(/acme\/gone: .*404.*A token that may not see a repository gets the same answer/);
    const gone = await open([shop()], { now, config: { repos: ['acme/gone'] } });
    const none = await gone.ask({ from });
    expect([none.status, none.data]).toEqual(['failed', undefined]);
    const wrong = await open([shop()], { now, config: { token: 'ghp_wrong' } });
    const refused = await wrong.ask({ from });
    expect([refused.status, wrong.requests.length]).toEqual(['denied', 1]);
    expect(refused.problem).toMatch(/wants credentials \(401\): Bad credentials\. Check the token/);
    expect(JSON.stringify(refused)).not.toContain('ghp_wrong');
  });

  test('nothing is there is empty; later than now is not asked; what came later is not told', async () => {
    const quiet = await open([repo('acme/quiet')], { now });
    expect(await quiet.ask({ from })).toMatchObject({ status: 'empty', data: { changes: [] } });
    const { ask, requests } = await open([shop()], { now: '2026-11-20T07:11:30Z' });
    expect((await ask({ from: '2026-11-21T00:00:00Z', to: '2026-11-22T00:00:00Z' })).status).toBe('empty');
    expect(requests).toEqual([]);
    const early = (await ask({ from, to: '2026-11-20T09:00:00Z' })).data!.changes;
    expect(early.filter((c) => c.kind === 'deploy').map((c) => c.service)).toEqual(['catalog']);
  });

  test('the order in which GitHub lists things changes nothing', async () => {
    const answerOf = async (there: FakeRepo) =>
      JSON.stringify((await (await open([there], { now })).ask({ from })).data);
    const [one, other] = [shop(), shop()];
    other.deployments.reverse();
    const bytes = (text: string) => text.replaceAll(/127\.0\.0\.1:\d+/g, 'host');
    expect(bytes(await answerOf(other))).toBe(bytes(await answerOf(one)));
  });
});

describe('doctor', () => {
  const shop = (permissions = {}): FakeRepo => repo('acme/shop', { permissions: { pull: true, ...permissions } });
  const check = async (repos: FakeRepo[], o: Options = {}) => (await open(repos, o)).opened.check({ signal });
  const of = async (repos: FakeRepo[], o: Options = {}) =>
    (await check(repos, o)).map((c) => `${c.state} ${c.what}: ${c.detail}`);

  test('says whose the token is, what may be read, the rate that is left', async () => {
    const said = await of([shop()]);
    expect(said).toEqual([
      expect.stringMatching(/^ok answers: http:\/\/127\.0\.0\.1:\d+\/api\/v3,? in \S+$/),
      'ok token: of octocat',
      'ok scopes: fine-grained or of an app: it tells its permissions only where one is missing',
      expect.stringMatching(/^ok rate: 4,990 of 5,000 requests, 4,990 of 5,000 GraphQL points left until 20/),
      'ok acme/shop: commits, deployments, pull requests and workflow runs can be read',
    ]);
  });

  test('names a missing permission, a repository that is not there, and a token that is none', async () => {
    const denied = [{ path: /\/deployments$/, permission: 'deployments=read' }];
    expect((await of([shop()], { fake: { denied } })).at(-1)).toBe(
      'warn acme/shop: visible, but not all of it: missing deployments: read',
    );
    const gone = (await check([shop()], { config: { repos: ['acme/gone'] } })).at(-1);
    expect(gone).toMatchObject({ state: 'fail', what: 'acme/gone', fix: expect.stringContaining('may not see') });
    const [wrong, ...more] = await check([shop()], { config: { token: 'ghp_wrong' } });
    expect([wrong, more]).toMatchObject([
      {
        state: 'fail',
        detail: expect.stringMatching(/wants credentials \(401\)/),
        fix: expect.stringContaining('token'),
      },
      [],
    ]);
  });

  test('an Enterprise server that limits nobody answers all the same, and so do those of its repositories', async () => {
    const said = await of([shop()], { fake: { unlimited: true, scopes: 'read:org' } });
    expect(said).toEqual([
      expect.stringMatching(/^ok answers: /),
      'ok token: of octocat',
      'ok scopes: read:org',
      'ok rate: this server limits no rate',
      expect.stringMatching(/^ok acme\/shop: /),
    ]);
    const gone = await of([shop()], { fake: { unlimited: true }, config: { repos: ['acme/gone'] } });
    expect(gone.map((s) => s.split(':')[0])).toEqual(['ok answers', 'ok token', 'ok rate', 'fail acme/gone']);
    const [wrong, ...more] = await of([shop()], { fake: { unlimited: true }, config: { token: 'ghp_wrong' } });
    expect([wrong, more]).toEqual([expect.stringMatching(/^fail answers: .*wants credentials \(401\)/), []]);
  });

  test('warns of a token that can write, by its scopes or as an app; of none; of a clock that differs', async () => {
    const classic = await check([shop({ push: true })], { fake: { scopes: 'repo, read:org' } });
    expect(classic.filter((c) => c.state === 'warn')).toEqual([
      expect.objectContaining({
        what: 'scopes',
        detail: 'repo, read:org: repo can write',
        fix: expect.stringContaining('fine-grained'),
      }),
    ]);
    const plain = await fakeGithub([shop()], { now: NOW, token: 'ghp_x' });
    closing.push(() => plain.close());
    const elsewhere = { url: plain.url.replace('127.0.0.1', '0.0.0.0') };
    expect(await of([shop()], { config: elsewhere })).toContain('warn transport: plain http');
    const statuses = await of([shop()], { fake: { scopes: 'repo:status, repo_deployment, read:org, user:email' } });
    expect(statuses).toContainEqual(expect.stringMatching(/^warn scopes: .*: repo:status, repo_deployment can write$/));
    expect((await of([shop({ push: true })], { fake: { login: 'robot[bot]' } })).at(-1)).toBe(
      'warn acme/shop: the token may push here',
    );
    const fake = await fakeGithub([shop()], { now: `${DAY}12:03:00Z` });
    closing.push(() => fake.close());
    const env = { cwd: '/', fetch, now: () => Date.parse(NOW), services: {} };
    const opened = await source.open('github', { url: fake.url, repos: ['acme/shop'] }, env);
    closing.push(() => opened.close?.());
    const warned = (await opened.check({ signal })).filter((c) => c.state === 'warn');
    expect(warned.map((c) => c.what)).toEqual(['token', 'clock']);
    expect(fake.requests).not.toContain('POST /graphql');
  });
});
