/** What we send to GitHub and what our fake answers is held against what others know of GitHub. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../src/core/types.ts';
import { Refused } from '../src/sources/_refused.ts';
import { openWire } from '../src/sources/_wire.ts';
import { type Client, openClient } from '../src/sources/github/_client.ts';
import { HISTORY_QUERY, QUERIES } from '../src/sources/github/_query.ts';
import { source } from '../src/sources/github.ts';
import { type FakeGithub, fakeGithub, graphql as fakeGraphql, repoOfBundle } from './_github-fake.ts';
import { freePort, peerPackage, start } from './_peers.ts';
import { described, prism, startPrism } from './_prism.ts';
import { tempFolder } from './_temp.ts';

const BUNDLE = resolve(import.meta.dirname, '../fixtures/incidents/xenon-vole');
const NOW = '2026-11-20T08:06:00Z';
const REPO = { owner: 'acme', name: 'shop', full: 'acme/shop' };
const asking = { signal: new AbortController().signal };
const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function clientOf(base: string, token = 'x'): Client {
  const headers = () => ({ authorization: `Bearer ${token}` });
  const wire = openWire('github', { kind: 'github', origin: { base }, headers, queries: QUERIES });
  closing.push(() => wire.close());
  return openClient(wire, base, Number.POSITIVE_INFINITY);
}

const fakeRepo = () => {
  const made = repoOfBundle(BUNDLE);
  const last = made.commits.at(-1)!;
  const [at, sha] = ['2026-11-20T08:00:00Z', last.sha];
  made.releases.push({ id: 1, tag: 'v1.0.0', name: 'one', at, sha });
  made.tags.push({ name: 'v1.0.0', sha, at, message: 'one' }, { name: 'light', sha });
  const run = { event: 'push', status: 'completed', conclusion: 'success', startedAt: at, endedAt: at, branch: 'main' };
  made.runs.push({ id: 5, name: 'Deploy', path: '.github/workflows/deploy.yml', title: 'x', sha, ...run });
  made.owners = '* @acme/all';
  return made;
};

/** Every read of the client, by name. */
function reads(client: Client): Record<string, () => Promise<unknown>> {
  const { commits, deployments } = fakeRepo();
  const [first, last] = [commits[0]!.sha, commits.at(-1)!.sha];
  return {
    rate: () => client.rate(asking),
    repository: () => client.repository(REPO, asking),
    deployments: () => client.deployments(REPO, { environment: 'production', size: 100 }, asking),
    statuses: () => client.statuses(REPO, deployments[0]!.id, asking),
    releases: () => client.releases(REPO, asking),
    tags: () => client.tags(REPO, asking),
    commits: () => client.commits(REPO, { until: NOW, size: 100 }, asking),
    commit: () => client.commit(REPO, last, asking),
    compare: () => client.compare(REPO, first, last, asking),
    pulls: () => client.pulls(REPO, 1, asking),
    runs: () => client.runs(REPO, { created: `2026-11-13T08:00:00Z..${NOW}`, size: 100 }, asking),
    'runs of any time': () => client.runs(REPO, { size: 100 }, asking),
  };
}

const PATHS = [
  '/rate_limit',
  ...[
    '',
    '/deployments',
    '/deployments/{deployment_id}/statuses',
    '/releases',
    '/tags',
    '/commits',
    '/commits/{ref}',
    '/compare/{basehead}',
    '/pulls',
    '/actions/runs',
  ].map((below) => `/repos/{owner}/{repo}${below}`),
];

/** Reads that the description refuses although GitHub takes them. */
const FALSE_REFUSALS: Record<string, string> = {
  runs: '"created" is typed as one date there; the text of the same parameter links to the search syntax with a..b',
};

/** Which reads are refused, with the words of the refusal. */
async function refusals(client: Client): Promise<Record<string, string>> {
  const refused: Record<string, string> = {};
  for (const [name, read] of Object.entries(reads(client))) {
    await read().catch((e: unknown) => {
      if (!(e instanceof Refused)) throw e;
      refused[name] = e.refusal.problem;
    });
  }
  return refused;
}

const program = prism();
const description = peerPackage('@octokit/openapi/generated/api.github.com.json');

describe.skipIf(!program || !description)("GitHub's own description", () => {
  let file = '';
  beforeAll(() => {
    file = described(description!, PATHS, tempFolder());
  });

  test('takes every read that we send, but for those that it refuses wrongly', { timeout: 180_000 }, async () => {
    const server = await startPrism(program!, ['mock', file]);
    closing.push(server.stop);
    const refused = await refusals(clientOf(server.url));
    expect(Object.keys(refused)).toEqual(Object.keys(FALSE_REFUSALS));
    expect(refused.runs).toContain('422');
  });

  test('finds nothing wrong with what our fake answers', { timeout: 180_000 }, async () => {
    const fake = await fakeGithub([fakeRepo()], { now: NOW });
    closing.push(() => fake.close());
    const server = await startPrism(program!, ['proxy', '--errors', file, fake.url]);
    closing.push(server.stop);
    const refused = await refusals(clientOf(server.url));
    expect(Object.keys(refused)).toEqual(Object.keys(FALSE_REFUSALS));
    // The run of the list is checked by the read without a span.
    expect(fake.requests).toContain('GET /repos/acme/shop/actions/runs');
  });
});

interface Graphql {
  buildSchema(text: string, options: object): object;
  parse(text: string): object;
  validate(schema: object, document: object): { message: string }[];
  execute(args: object): { data?: unknown; errors?: { message: string }[] };
}

const schemaFile = peerPackage('@octokit/graphql-schema/schema.graphql');
const library = peerPackage('graphql/package.json');

describe.skipIf(!schemaFile || !library)("GitHub's GraphQL schema", () => {
  const load = (): { lib: Graphql; schema: object } => {
    const lib = createRequire(library!)('graphql') as Graphql;
    return { lib, schema: lib.buildSchema(readFileSync(schemaFile!, 'utf8'), { assumeValidSDL: true }) };
  };

  test('knows every field that we ask for', () => {
    const { lib, schema } = load();
    for (const query of QUERIES) expect(lib.validate(schema, lib.parse(query)).map((e) => e.message)).toEqual([]);
  });

  test('answers as our fake does: the same fields, of the same types, nothing more', () => {
    const { lib, schema } = load();
    for (const whole of [true, false]) {
      const variables = { owner: 'acme', name: 'shop', environments: null, after: null, whole, until: NOW };
      const text = JSON.stringify({ query: HISTORY_QUERY, variables });
      const { data } = fakeGraphql({ repos: [fakeRepo()], options: { now: NOW }, text }) as { data: object };
      const found = lib.execute({
        schema,
        document: lib.parse(HISTORY_QUERY),
        rootValue: data,
        variableValues: variables,
        fieldResolver: (
          of: Record<string, unknown>,
          _args: unknown,
          _context: unknown,
          info: { path: { key: string } },
        ) => of[info.path.key],
        typeResolver: (of: object & { __typename?: string }) =>
          of.__typename ?? ('history' in of ? 'Commit' : 'text' in of ? 'Blob' : 'User'),
      });
      expect(found.errors).toBeUndefined();
      expect(JSON.parse(JSON.stringify(found.data))).toEqual(data);
    }
  });
});

/** Serves what another server has at its top below `/api/v3`, as an Enterprise server does. */
async function asEnterprise(upstream: string, as: Record<string, string> = {}): Promise<FakeGithub> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/^\/api(?:\/v3)?(?=\/)/, '');
    requests.push(`${request.method} ${path.split('?')[0]}`);
    const { authorization = '', accept = '' } = request.headers;
    void fetch(upstream + path, {
      method: request.method!,
      headers: { authorization, accept, ...as },
      redirect: 'manual',
    }).then(async (r) => {
      const type = r.headers.get('content-type') ?? 'text/plain';
      response.writeHead(r.status, { 'content-type': type }).end(await r.text());
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> => new Promise((done) => server.close(() => done()));
  closing.push(() => server.closeAllConnections());
  return { url: `http://127.0.0.1:${port}`, requests, close };
}

const emulate = peerPackage('emulate/package.json');

describe.skipIf(!emulate)('a stateful GitHub of others (emulate)', () => {
  test('tells two releases, and what the second brought, from its own commits', async () => {
    const { bin } = JSON.parse(readFileSync(emulate!, 'utf8')) as { bin: { emulate: string } };
    const port = String(await freePort());
    const args = [resolve(emulate!, '..', bin.emulate), '--service', 'github', '--port', port];
    const peer = await start(process.execPath, args, `http://127.0.0.1:${port}`, '/rate_limit');
    closing.push(peer.stop);
    const headers = { authorization: 'Bearer test_token_admin', 'content-type': 'application/json' };
    const call = async <T>(method: string, path: string, body: object): Promise<T> => {
      const r = await fetch(peer.url + path, { method, headers, body: JSON.stringify(body) });
      if (!r.ok) throw new Error(`${method} ${path}: ${r.status} ${await r.text()}`);
      return (await r.json()) as T;
    };
    const shop = '/repos/admin/shop';
    const released = async (tag: string, path: string, text: string): Promise<void> => {
      const content = Buffer.from(text).toString('base64');
      const put = { message: `${path} for ${tag}`, content };
      const { commit } = await call<{ commit: { sha: string } }>('PUT', `${shop}/contents/${path}`, put);
      await call('POST', `${shop}/releases`, { tag_name: tag, target_commitish: commit.sha, name: tag });
    };
    await call('POST', '/user/repos', { name: 'shop', auto_init: true });
    await released('v1.0.0', 'src/pool.js', 'export const MAX = 20;\n');
    await released('v1.1.0', 'src/price.js', 'export const round = 2;\n');

    const front = await asEnterprise(peer.url);
    closing.push(() => front.close());
    const now = Date.now() + 60_000;
    const env = { cwd: '/', fetch, now: () => now, services: {} };
    const config = { url: front.url, repos: ['admin/shop'], token: 'test_token_admin', service: 'shop' };
    const opened = await source.open('github', config, env);
    closing.push(() => opened.close?.());
    const range = { from: new Date(now - 3_600_000).toISOString(), to: new Date(now).toISOString() };
    const said = (await opened.tools[0]!.run(range, asking)) as Answer<'changes.list'>;
    const deploys = said.data!.changes.filter((c) => c.kind === 'deploy');
    expect(deploys.map((c) => [c.id, c.files])).toEqual([
      ['deploy/shop/v1.0.0', [{ path: 'src/pool.js', patch: expect.stringContaining('+export const MAX = 20;') }]],
      ['deploy/shop/v1.1.0', [{ path: 'src/price.js', patch: expect.stringContaining('+export const round = 2;') }]],
    ]);
    // It has neither GraphQL nor deployments: the first is replaced, the second is said.
    expect([said.status, said.problem]).toEqual(['partial', expect.stringContaining('deployments of admin/shop')]);
    expect(front.requests.length).toBeLessThanOrEqual(12);
  });
});

const recorded = peerPackage('@octokit/fixtures-server/package.json');

describe.skipIf(!recorded)('answers that GitHub gave (@octokit/fixtures-server)', () => {
  test('a repository as it was recorded is read, one that was renamed is refused with where it went', async () => {
    const { bin } = JSON.parse(readFileSync(recorded!, 'utf8')) as { bin: Record<string, string> };
    const port = String(await freePort());
    const url = `http://127.0.0.1:${port}`;
    const args = [resolve(recorded!, '..', Object.values(bin)[0]!), '--port', port, '--fixtures-url', url];
    const peer = await start(process.execPath, [...args, '--log-level', 'silent'], url, '/ping');
    closing.push(peer.stop);
    // The recordings insist on the headers with which they were made.
    const as = {
      authorization: 'token 0000000000000000000000000000000000000001',
      accept: 'application/vnd.github.v3+json',
    };
    const read = async (scenario: string, name: string, renamed?: object) => {
      const headers = { 'content-type': 'application/json' };
      const made = await fetch(`${url}/fixtures`, { method: 'POST', body: JSON.stringify({ scenario }), headers });
      const { url: base } = (await made.json()) as { url: string };
      const there = `${base}/repos/octokit-fixture-org/${name}`;
      // A recording is played in its order: there somebody renames first.
      const type = { 'content-type': 'application/json; charset=utf-8' };
      if (renamed) await fetch(there, { method: 'PATCH', body: JSON.stringify(renamed), headers: { ...as, ...type } });
      const front = await asEnterprise(base, as);
      closing.push(() => front.close());
      const repo = { owner: 'octokit-fixture-org', name, full: `octokit-fixture-org/${name}` };
      return clientOf(`${front.url}/api/v3`).repository(repo, asking);
    };
    expect((await read('get-repository', 'hello-world')).data.permissions).toMatchObject({ pull: true });
    const moved = await read('rename-repository', 'rename-repository', { name: 'rename-repository-newname' }).catch(
      (e: unknown) => e,
    );
    expect(moved).toBeInstanceOf(Refused);
    expect((moved as Refused).refusal).toMatchObject({ code: 301, problem: expect.stringContaining('redirects') });
  });
});
