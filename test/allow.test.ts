/** The allow table against clever requests: paths that could be read in two ways, bodies that carry more, other hosts. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { parseOrigin, permitted, type ReadKind } from '../src/safety/allow.ts';
import { networkRefusal } from '../src/sources/_refused.ts';
import { isBlocked, lookupAllowed, openAgent } from '../src/sources/_wire-connect.ts';

const origin = { base: 'https://api.example' };
const why = (kind: ReadKind, method: string, path: string, body?: string, contentType?: string, queries?: string[]) => {
  try {
    return `sent to ${permitted(kind, origin, { method, path, body, contentType }, queries).url}`;
  } catch (e) {
    return (e as Error).message;
  }
};
const get = (kind: ReadKind, path: string): string => why(kind, 'GET', path);

describe('paths', () => {
  test('names may hold what names hold', () => {
    const good: [ReadKind, string][] = [
      ['github', '/repos/acme/shop.js/compare/deploy%2Forders%2Fv1.2...deploy%2Forders%2Fv1.3?per_page=100'],
      ['github', '/repos/acme/shop/commits/feature%2Fa%20b/pulls'],
      ['github', '/repos/acme/shop/contents/.github%2FCODEOWNERS'],
      ['datadog', '/api/v1/metrics/system.cpu.user'],
      ['datadog', '/api/v2/services/definitions/caf%C3%A9'],
      ['datadog', '/api/v1/query?from=1&to=2&query=avg%3Asystem.cpu%7Benv%3Aprod%7D'],
      ['prometheus', '/api/v1/label/__name__/values?match[]=up'],
    ];
    for (const [kind, path] of good) expect(get(kind, path)).toBe(`sent to https://api.example${path}`);
  });

  test.each([
    '/api/v1/monitor/../application_key',
    '/api/v1/monitor/%2e%2e/application_key',
    '/api/v1/monitor/%2E%2E%2Fapplication_key',
    '/api/v1/metrics/..%2fapplication_key',
    '/api/v1/metrics/a%2Fb',
    '/api/v1/metrics/a%252Fb',
    '/api/v1/metrics/%252e%252e',
    '/api/v1/metrics/a%5Cb',
    '/api/v1/metrics/a\\b',
    '/api/v1/metrics/a%00',
    '/api/v1/metrics/a%0d%0aHost:%20x',
    '/api/v1/metrics/a\r\nHost: x',
    '/api/v1/metrics/a%ZZ',
    '/api/v1/metrics/%C3',
    '/api/v1/metrics/',
    '/api/v1//query',
    '//evil.example/api/v1/query',
    '/api/v1/query/',
    '/api/v1/query%3Ffrom=1',
    '/api/v1/query#x',
    '/api/v1/query;x=1',
    '/API/v1/query',
    '/api/v1/%71uery',
    '/api/v1/monitor/12%2Fdowntimes',
    '/api/v1/monitor/can_delete',
    '/api/v1/monitor/12x',
    'https://evil.example/api/v1/query',
    'api/v1/query',
    '@evil.example/api/v1/query',
    '/api/v1/query?a=b c',
    '',
  ])('%j is refused', (path) => {
    expect(get('datadog', path)).toMatch(/is no permitted read of datadog/);
  });

  test('slashes in names of branches lead nowhere else', () => {
    for (const ref of ['..%2F..%2Factions%2Fsecrets', 'a%2F%2Fb', 'a%2F.%2Fb', '%2Fa', 'a%2F', 'a%252F..']) {
      expect(get('github', `/repos/acme/shop/commits/${ref}`)).toMatch(/leaves its place/);
    }
    expect(get('github', '/repos/acme%2Fx/shop/commits/main')).toMatch(/not in the table/);
    expect(get('github', '/repos/../user/keys')).toMatch(/leaves its place/);
  });

  test('another method, another kind, a body where none belongs', () => {
    for (const method of ['PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'get']) {
      expect(why('datadog', method, '/api/v1/query')).toMatch(/not in the table/);
    }
    expect(get('prometheus', '/api/v1/monitor')).toMatch(/not in the table/);
    expect(why('datadog', 'GET', '/api/v1/query', '{}')).toMatch(/takes no body/);
  });

  test('GitHub Enterprise has GraphQL beside its REST API', () => {
    const text = 'query { viewer { login } }';
    const asked = { method: 'POST', path: '/graphql', body: JSON.stringify({ query: text }) };
    const enterprise = permitted('github', { base: 'https://git.example/api/v3' }, asked, [text]);
    expect(enterprise.url).toBe('https://git.example/api/graphql');
  });
});

describe('bodies', () => {
  const logs = (body?: string, type?: string): string =>
    why('datadog', 'POST', '/api/v2/logs/events/search', body, type);

  test('a search holds the fields of a search and nothing else', () => {
    expect(logs('{"filter":{"query":"*"},"page":{"limit":10},"sort":"-timestamp"}')).toMatch(/^sent/);
    for (const [body, said] of [
      [undefined, /needs a body/],
      ['[]', /no JSON object/],
      ['{"filter"', /no JSON object/],
      ['{"filter":{},"archive":true}', /holds "archive"/],
      [JSON.stringify({ filter: 'x'.repeat(70_000) }), /longer than/],
    ] as const) {
      expect(logs(body)).toMatch(said);
    }
    expect(logs('filter=1', 'application/x-www-form-urlencoded')).toMatch(/no JSON object/);
  });

  test('an envelope is looked into', () => {
    const dora = (body: object): string => why('datadog', 'POST', '/api/v2/dora/deployments', JSON.stringify(body));
    expect(dora({ data: { attributes: { limit: 5 }, type: 'dora_deployments_list_request' } })).toMatch(/^sent/);
    expect(dora({ data: { attributes: {}, relationships: {} } })).toMatch(/holds "data.relationships"/);
    expect(dora({ data: [] })).toMatch(/holds "data"/);
  });

  test('a long query of Prometheus is a form of its own parameters', () => {
    const form = 'application/x-www-form-urlencoded';
    expect(why('prometheus', 'POST', '/api/v1/query', 'query=up&time=1', form)).toMatch(/^sent/);
    expect(why('prometheus', 'POST', '/api/v1/query', 'query=up&delete=1', form)).toMatch(/holds "delete"/);
    expect(why('prometheus', 'POST', '/api/v1/query', '{"query":"up"}', 'application/json')).toMatch(/no form/);
  });

  const QUERY = `
    # of one repository: mutation is only a word here
    query Deploys($owner: String!) { repository(owner: $owner, name: "mutation {") { ...F } }
    fragment F on Repository { name }`;
  const graphql = (body: object, queries = [QUERY]): string =>
    why('github', 'POST', '/graphql', JSON.stringify(body), undefined, queries);

  test('GraphQL: the known text to the letter, and only queries', () => {
    expect(graphql({ query: QUERY, variables: { owner: 'acme' } })).toMatch(/^sent/);
    expect(graphql({ query: `${QUERY} ` })).toMatch(/none of the known/);
    expect(graphql({ query: QUERY }, [])).toMatch(/none of the known/);
    expect(graphql({ query: QUERY, extensions: {} })).toMatch(/holds "extensions"/);
    for (const text of [
      'mutation { deleteRef(input: {}) { clientMutationId } }',
      'query { a } mutation M { b }',
      'mutation($a: X = { b: 1 }) { c }',
      'subscription { a }',
      'query { a',
      '# query { a }',
      '',
    ]) {
      expect(graphql({ query: text }, [text])).toMatch(/no query/);
    }
  });
});

describe('addresses', () => {
  test('where machines keep credentials is blocked in every form; what is merely private is not', () => {
    const blocked = [
      '169.254.169.254',
      '169.254.0.1',
      '0.0.0.0',
      '100.100.100.200',
      '192.0.0.192',
      'fd00:ec2::254',
      'fe80::1%eth0',
      '::',
      '::ffff:169.254.169.254',
      '::a9fe:a9fe',
      '64:ff9b::a9fe:a9fe',
      '2002:a9fe:a9fe::',
    ];
    expect(blocked.filter((address) => !isBlocked(address))).toEqual([]);
    const open = ['127.0.0.1', '10.1.2.3', '192.168.1.1', '172.16.0.1', '::1', 'fd00::1', '8.8.8.8', '2001:db8::1'];
    expect(open.filter(isBlocked)).toEqual([]);
  });

  test('a name is checked by what it resolves to, when the connection is made', async () => {
    const found = (host: string): Promise<string> =>
      new Promise((done) =>
        lookupAllowed(host, { all: true }, (e, addresses) =>
          done(e ? String((e as { code?: string }).code) : JSON.stringify(addresses)),
        ),
      );
    // The system's own resolver reads numbers as addresses.
    expect(await found('2852039166')).toBe('EBLOCKED');
    expect(await found('0xa9fea9fe')).toBe('EBLOCKED');
    expect(await found('0')).toBe('EBLOCKED');
    expect(await found('localhost')).toMatch(/127\.0\.0\.1|::1/);
    for (const base of ['http://a.example', 'https://a.example']) {
      const agent = openAgent('x', { base }, {}, { concurrency: 1, timeoutMs: 1 });
      expect((agent as unknown as { options: { lookup: unknown } }).options.lookup).toBe(lookupAllowed);
      agent.destroy();
    }
    const refusal = networkRefusal('http://a.example', Object.assign(new Error(), { code: 'EBLOCKED' })).refusal;
    expect([refusal.status, refusal.retryable, refusal.what]).toEqual([
      'failed',
      false,
      'http://a.example leads to a link-local address, where machines keep their credentials (EBLOCKED)',
    ]);
  });

  const data = process.env.INQUEST_DATA;
  const file = join(data ?? '', 'corpora/ssrf/urls.jsonl.gz');
  const there = data !== undefined && existsSync(file);
  if (!there) process.stderr.write('SKIP collected addresses: INQUEST_DATA is not set\n');

  test.skipIf(!there)('collected addresses: none is a path, none hides an address, none leaves its origin', () => {
    const rows = gunzipSync(readFileSync(file))
      .toString()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { url: string; allowed: unknown });
    for (const { url, allowed } of rows) {
      expect([url, get('prometheus', url)]).toEqual([url, expect.stringMatching(/no permitted read/)]);
      const below = url.replace('https://prometheus.internal:9090', '');
      const good = below === '/api/v1/query';
      if (allowed === 'origin-ok-path-check' && !good) expect(get('prometheus', below)).toMatch(/no permitted read/);
      let host: string | undefined;
      try {
        host = new URL(parseOrigin('p', url).base).hostname;
      } catch {
        continue;
      }
      if (/^[\d.]+$/.test(host)) expect(url).toContain(host);
    }
    expect(rows.length).toBeGreaterThan(50);
  });
});
