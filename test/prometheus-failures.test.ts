import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { Answer } from '../src/core/types.ts';
import { fillPath, parseOrigin, permitted, READS } from '../src/safety/allow.ts';
import { metricNames, withoutComparison } from '../src/sources/prometheus/_promql.ts';
import { source } from '../src/sources/prometheus.ts';
import type { OpenSource } from '../src/tools/tool.ts';
import { freePort, peer } from './_peers.ts';
import { gauge, prometheusWith } from './_prometheus.ts';

const NOW = Date.parse('2026-01-01T11:00:00Z');
const env = { cwd: '/', fetch, now: () => NOW, services: {} };
const range = { from: '2026-01-01T10:00:00Z', to: '2026-01-01T11:00:00Z' };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function listen(server: Server, scheme = 'http'): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(() => new Promise((done) => server.close(done)));
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = (handler: RequestListener): Promise<string> => listen(createServer(handler));

const reply =
  (status: number, type: string, body: string, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': type, ...headers }).end(body);
  };

async function open(url: string, config = {}): Promise<OpenSource> {
  const opened = await source.open('prom', { url, timeoutMs: 1500, ...config }, env);
  closing.push(() => opened.close?.());
  return opened;
}

async function ask(url: string, config = {}, question = {}, signal = new AbortController().signal): Promise<Answer> {
  const tool = (await open(url, config)).tools.find((t) => t.capability === 'metrics.range');
  return (await tool?.run({ ...range, query: 'up', ...question } as never, { signal })) as Answer;
}

const json = (body: unknown): string => JSON.stringify(body);
const success = (result: unknown[]): string => json({ status: 'success', data: { resultType: 'matrix', result } });

describe('a server that cannot answer ends in the right status, in words that help', () => {
  test('nobody listens', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const answer = await ask(url);
    expect([answer.status, answer.retryable]).toEqual(['failed', true]);
    expect(answer.problem).toMatch(/refused the connection \(ECONNREFUSED\)\. Is it running/);
    const checks = await (await open(url)).check({ signal: new AbortController().signal });
    expect(checks).toEqual([
      {
        what: 'answers',
        state: 'fail',
        detail: `${url} refused the connection (ECONNREFUSED)`,
        fix: 'Is it running? Start it, or mend the host and port of the URL.',
        status: 'failed',
      },
    ]);
  });

  test.each([
    ['it wants credentials', reply(401, 'text/plain', 'no'), /\(401\): no$/, /^Set "bearer" or "basic".* or INQUEST_/],
    ['it forbids the read', reply(403, 'text/plain', 'no'), /\(403\): no$/, /credentials allow/],
    ['another service answers', reply(200, 'text/html', '<b>Hi</b>'), /not JSON: "Hi"$/, /^Another service answers/],
    ['it is no Prometheus', reply(404, 'text/plain', 'what?'), /\(404\): what\?$/, /another service.*prefix/],
  ])('doctor names the mend that fits: %s', async (_case, handler, detail, fix) => {
    const checks = await (await open(await serve(handler))).check({ signal: new AbortController().signal });
    expect(checks).toMatchObject([
      { state: 'fail', detail: expect.stringMatching(detail), fix: expect.stringMatching(fix) },
    ]);
  });

  test('the host name does not exist', async () => {
    const answer = await ask('http://prometheus.invalid:9090');
    expect([answer.status, answer.problem]).toEqual([
      'failed',
      expect.stringMatching(/host name that cannot be resolved/),
    ]);
  });

  test('it answers a page', async () => {
    const page = '<!doctype html><html><head><style>b{}</style></head><body><h1>Sign in</h1> to continue</body></html>';
    const answer = await ask(await serve(reply(200, 'text/html; charset=utf-8', page)));
    expect([answer.status, answer.problem]).toEqual([
      'failed',
      expect.stringMatching(/text\/html, not JSON: "Sign in to continue"/),
    ]);
  });

  test('it answers JSON of another kind', async () => {
    const answer = await ask(await serve(reply(200, 'application/json', '{"hello":1}')));
    expect([answer.status, answer.problem]).toEqual([
      'failed',
      expect.stringMatching(/does not answer as Prometheus does/),
    ]);
  });

  test.each([
    [401, 'denied', /wants credentials \(401\)/],
    [403, 'denied', /forbids this read \(403\)/],
    [404, 'failed', /no such path \(404\).*prefix/],
    [400, 'failed', /refused the question \(400\): exceeded maximum resolution of 11,000 points/],
    [502, 'failed', /failed \(502\)/],
    [504, 'timeout', /gave up \(504\)/],
  ] as const)('status %i', async (status, ends, message) => {
    const body = json({
      status: 'error',
      errorType: 'bad_data',
      error: 'exceeded maximum resolution of 11,000 points',
    });
    const answer = await ask(await serve(reply(status, 'application/json', body)));
    expect([answer.status, answer.problem]).toEqual([ends, expect.stringMatching(message)]);
  });

  test('503 with its own timeout is a timeout, any other 503 is a failure that may pass', async () => {
    const timeout = json({ status: 'error', errorType: 'timeout', error: 'query timed out in expression evaluation' });
    expect(await ask(await serve(reply(503, 'application/json', timeout)))).toMatchObject({ status: 'timeout' });
    const down = await ask(await serve(reply(503, 'text/plain', 'no healthy upstream')));
    expect(down).toMatchObject({
      status: 'failed',
      retryable: true,
      problem: expect.stringMatching(/no healthy upstream/),
    });
  });

  test('too many requests: a short pause is kept and the question asked again, a long one is told', async () => {
    let asked = 0;
    const url = await serve((request, response) => {
      if (asked++ === 0) reply(429, 'text/plain', 'slow down', { 'retry-after': '0' })(request, response as never);
      else reply(200, 'application/json', success([]))(request, response as never);
    });
    expect([(await ask(url)).status, asked]).toEqual(['empty', 2]);
    const long = await ask(await serve(reply(429, 'text/plain', 'no', { 'retry-after': '3600' })));
    expect(long).toMatchObject({ status: 'rate-limited', problem: expect.stringMatching(/pause of 1h/) });
  });

  test('it never answers, or stops in the middle of its answer: a timeout, in time', async () => {
    const begun = performance.now();
    const silent = await ask(await serve(() => {}), { timeoutMs: 300 });
    expect([silent.status, silent.problem]).toEqual(['timeout', expect.stringMatching(/no answer within 300ms/)]);
    const stuck = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"status":');
    });
    expect((await ask(stuck, { timeoutMs: 300 }, { query: undefined, service: 'shop' })).status).toBe('timeout');
    expect(performance.now() - begun).toBeLessThan(3000);
  });

  test('how often it is tried again is what the config says', async () => {
    for (const [retries, asked] of [
      [0, 1],
      [1, 2],
    ] as const) {
      let n = 0;
      const url = await serve((request, response) => {
        n++;
        reply(502, 'text/plain', 'no')(request, response as never);
      });
      const opened = await source.open('prom', { url }, { ...env, retries });
      closing.push(() => opened.close?.());
      const metrics = opened.tools.find((t) => t.capability === 'metrics.range');
      await metrics?.run({ ...range, query: 'up' } as never, { signal: new AbortController().signal });
      expect(n).toBe(asked);
    }
  });

  test('it breaks off', async () => {
    const url = await serve((request) => {
      request.socket.destroy();
    });
    expect(await ask(url)).toMatchObject({
      status: 'failed',
      retryable: true,
      problem: expect.stringMatching(/broke the conn/),
    });
  });

  test('it sends without end: stopped at the limit', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(gzipSync(Buffer.alloc(40 * 1024 * 1024, 32)));
    });
    expect((await ask(url, { timeoutMs: 10_000 })).problem).toMatch(/more than 32 MiB/);
  });

  test('a redirect is not followed, and says where it wanted to go', async () => {
    const answer = await ask(
      await serve(reply(302, 'text/html', '', { location: 'https://sso.example/login?token=x' })),
    );
    expect(answer.problem).toMatch(/redirects to https:\/\/sso\.example\/login \(302\)/);
  });

  test('a stop from outside is no answer: it flies', async () => {
    const stop = new AbortController();
    const url = await serve(() => stop.abort(new Error('stopped')));
    await expect(ask(url, {}, {}, stop.signal)).rejects.toThrow('stopped');
  });
});

describe('what leaves the program', () => {
  const seen: IncomingMessage[] = [];
  const recording: RequestListener = (request, response) => {
    seen.push(request);
    reply(200, 'application/json', success([]))(request, response as never);
  };

  test('credentials go into headers, never into an answer; those in the URL too', async () => {
    seen.length = 0;
    const url = await serve(recording);
    const answers = [
      await ask(url, { bearer: 'tok-SECRET', orgId: 'team-a' }),
      await ask(url, { basic: { user: 'u', password: 'pw-SECRET' } }),
      await ask(url.replace('http://', 'http://me:url-SECRET@')),
    ];
    expect(seen.map((r) => r.headers.authorization)).toEqual([
      'Bearer tok-SECRET',
      `Basic ${Buffer.from('u:pw-SECRET').toString('base64')}`,
      `Basic ${Buffer.from('me:url-SECRET').toString('base64')}`,
    ]);
    expect(seen[0]?.headers['x-scope-orgid']).toBe('team-a');
    expect(json(answers)).not.toMatch(/SECRET/);
  });

  test('a path prefix stays in front; a long query goes as a form', async () => {
    seen.length = 0;
    const url = await serve(recording);
    await ask(`${url}/prometheus/`);
    await ask(url, {}, { query: `sum(${'a'.repeat(3000)})` });
    expect(seen.map((r) => [r.method, r.url?.split('?')[0]])).toEqual([
      ['GET', '/prometheus/api/v1/query_range'],
      ['POST', '/api/v1/query_range'],
    ]);
  });

  test('only the reads of the table can be asked, and no path leaves its place', () => {
    const origin = parseOrigin('p', 'http://u:p@host:9090/prefix/');
    expect(origin).toEqual({ base: 'http://host:9090/prefix', basic: { user: 'u', password: 'p' } });
    const admin = { method: 'POST', path: '/api/v1/admin/tsdb/delete_series' } as const;
    expect(() => permitted('prometheus', origin, admin)).toThrow(/no permitted read/);
    expect(() => permitted('prometheus', origin, { method: 'POST', path: '/-/quit' })).toThrow(/no permitted read/);
    const values = '/api/v1/label/:name/values';
    const path = fillPath(values, { name: 'a?b c' });
    expect(permitted('prometheus', origin, { method: 'GET', path })).toMatchObject({
      read: { path: values },
      url: 'http://host:9090/prefix/api/v1/label/a%3Fb%20c/values',
    });
    for (const name of ['a/../b', '..', '.', '']) {
      const outside = { method: 'GET', path: fillPath(values, { name }) };
      expect(() => permitted('prometheus', origin, outside)).toThrow(/leaves its place/);
    }
    expect(
      Object.values(READS)
        .flat()
        .filter((r) => /admin|reload|quit|federate|write/.test(r.path)),
    ).toEqual([]);
  });

  test.each([
    [undefined, /needs "url"/],
    ['prometheus:9090', /of prometheus: not http/],
    ['not a url', /is no URL/],
    ['file:///etc/passwd', /of file: not http/],
    ['http://host/?x=1', /with "\?"/],
  ])('the url %s is refused when the source is opened', async (url, message) => {
    await expect(source.open('prom', { url: url as string }, env)).rejects.toThrow(message);
  });
});

describe.skipIf(!peer('openssl'))('an own certificate authority', () => {
  test('an untrusted certificate is refused with the way to trust it; named as "ca" it is trusted', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'inquest-ca-'));
    closing.push(() => rmSync(dir, { recursive: true }));
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
    const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync('openssl', [...make, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
    const tls = createTlsServer(
      { key: readFileSync(key), cert: readFileSync(cert) },
      reply(200, 'application/json', success([])),
    );
    const url = await listen(tls, 'https');
    const refused = await ask(url);
    expect([refused.status, refused.problem]).toEqual([
      'failed',
      expect.stringMatching(/not trusted.*"ca": "path\/to\/ca\.pem"/),
    ]);
    expect((await ask(url, { ca: cert })).status).toBe('empty');
    await expect(source.open('prom', { url, ca: '/nowhere.pem' }, env)).rejects.toThrow(/"ca" that cannot be read/);
  });
});

describe.skipIf(!peer('prometheus') || !peer('promtool'))('a real Prometheus', () => {
  test('an expression that it cannot parse is its own message; a very long window asks few points', async () => {
    const instants = Array.from({ length: 60 }, (_, i) => NOW - i * 60_000).reverse();
    const server = await prometheusWith(gauge('up', { service: 'shop' }, instants, () => 1));
    closing.push(() => server.stop());
    const broken = await ask(server.url, {}, { query: 'sum((up' });
    expect([broken.status, broken.problem]).toEqual([
      'failed',
      expect.stringMatching(/\(400\).*parse error: unclosed left paren/),
    ]);
    const years = await ask(server.url, {}, { from: '2016-01-01T00:00:00Z' });
    expect(years.status).toBe('empty');
    expect(await ask(server.url)).toMatchObject({ status: 'ok', summary: expect.stringMatching(/^1 series/) });
  }, 30_000);
});

describe('the value behind a rule', () => {
  test.each([
    ['sum(rate(a[5m])) / sum(rate(b[5m])) > 0.05', 'sum(rate(a[5m])) / sum(rate(b[5m]))', '>', 0.05],
    ['(up == 0)', 'up', '==', 0],
    ['0.9 >= avg(ok)', 'avg(ok)', '<=', 0.9],
    ['a{x=">1"} > bool 5 * 60', 'a{x=">1"}', '>', 300],
    ['(a > 1) and on (job) (b > 2)', 'a', '>', 1],
    ['x > 1 unless y', 'x', '>', 1],
    ['rate(a[1m] offset 5m) <= -1e-3', 'rate(a[1m] offset 5m)', '<=', -0.001],
    ['a > 1 or b < 2', 'a or b', '>', 1],
    ['absent(up{job="x"})', 'absent(up{job="x"})', undefined, undefined],
    ['a > b', 'a', '>', undefined],
    ['android_total > 3 # and why', 'android_total', '>', 3],
    ['a{x="#"} # note\n> 3', 'a{x="#"}', '>', 3],
  ])('%s', (text, expression, comparison, threshold) => {
    expect(withoutComparison(text)).toMatchObject({ expression });
    expect([withoutComparison(text).comparison, withoutComparison(text).threshold]).toEqual([comparison, threshold]);
  });

  test('names of metrics are found among functions, labels and keywords', () => {
    const text =
      'histogram_quantile(0.9, sum by (le, job) (rate(http_x_bucket{code=~"5.."}[5m]))) > on (job) {__name__="up.time"}';
    expect(metricNames(text)).toEqual(['http_x_bucket', 'up.time']);
  });
});

describe.skipIf(!peer('prometheus') || !peer('promtool'))('doctor on a server with nothing in the last hour', () => {
  const services = async (url: string, now: number) => {
    const opened = await source.open('prom', { url }, { ...env, now: () => now });
    const checks = await opened.check({ signal: new AbortController().signal });
    await opened.close?.();
    return checks.find((c) => c.what === 'services');
  };

  test('says when the newest sample is, to the minute, however old it is', async () => {
    const newest = NOW - 90_000;
    const instants = [newest - 120_000, newest - 60_000, newest];
    const server = await prometheusWith(gauge('anything', { service: 'shop' }, instants, () => 1));
    closing.push(() => server.stop());
    for (const later of [6, 24 * 400]) {
      const check = await services(server.url, NOW + later * 3_600_000);
      expect(check).toMatchObject({
        state: 'warn',
        detail: 'no sample in the last hour; the newest is of 2026-01-01T10:58:30.000Z',
        fix: expect.stringMatching(/^Ask about that time: --now 2026-01-01T10:58:30\.000Z\./),
      });
    }
    expect(await services(server.url, NOW)).toMatchObject({ state: 'ok' });
  });

  test('asks for the label where there are samples without one', async () => {
    const server = await prometheusWith(gauge('anything', { colour: 'red' }, [NOW - 60_000, NOW], () => 1));
    closing.push(() => server.stop());
    expect((await services(server.url, NOW))?.detail).toBe('no service label in the last hour');
  });
});
