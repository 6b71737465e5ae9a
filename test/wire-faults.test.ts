/** The wire under faults: each ends in the right status within its time, tells what is wrong, and shows no key. */
import { createServer as createTlsServer } from 'node:https';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { SentRequest } from '../src/core/types.ts';
import { parseOrigin, type ReadKind } from '../src/safety/allow.ts';
import { pages } from '../src/sources/_pages.ts';
import { type Refusal, Refused } from '../src/sources/_refused.ts';
import { openWire, type Wire, type WireCall, type WireLimits, type WireReply } from '../src/sources/_wire.ts';
import { openGovernor } from '../src/sources/_wire-governor.ts';
import { certificate } from './_certificates.ts';
import { type Fault, faultProxy, faults, listen, says, serve, tunnel } from './_fault-proxy.ts';
import { freePort, peer } from './_peers.ts';

const CANARY = 'cAnAry-9b1d7e55f0/of+wire=test';
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const READ: Record<ReadKind, string> = {
  prometheus: '/api/v1/query?query=up',
  alertmanager: '/api/v2/alerts',
  datadog: '/api/v1/query?from=1&to=2&query=avg%3Aup%7B%2A%7D',
  github: '/repos/acme/shop/commits?per_page=100',
};

/** A real server behind the proxy: it answers what it was asked. */
const upstream = async (): Promise<string> => {
  const { url, stop } = await serve((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', date: new Date().toUTCString() });
    response.end(JSON.stringify({ asked: request.url, filler: 'x'.repeat(2000) }));
  });
  closing.push(stop);
  return url;
};

interface Opened {
  wire: Wire;
  seen: { method: string; url: string; headers: Record<string, unknown> }[];
  told: SentRequest[];
  ask(call?: Partial<WireCall>): Promise<Refusal | WireReply>;
}

/** A wire to the upstream through the fault proxy. `fault` for all requests, or one for each in turn. */
async function through(
  fault: Fault | undefined | (Fault | undefined)[],
  { kind = 'prometheus', ...limits }: Partial<WireLimits> & { kind?: ReadKind } = {},
): Promise<Opened> {
  const turns = Array.isArray(fault) ? fault : undefined;
  const proxy = await faultProxy(await upstream(), (_request, n) => (turns ? turns[n] : (fault as Fault | undefined)));
  closing.push(proxy.stop);
  return opened(proxy.url, kind, limits, proxy.seen);
}

function opened(
  url: string,
  kind: ReadKind,
  limits: Partial<WireLimits>,
  seen: Opened['seen'] = [],
  more: { ca?: string; proxy?: string; queries?: string[] } = {},
): Opened {
  const wire = openWire('x', {
    kind,
    origin: parseOrigin('x', url),
    headers: () => ({ authorization: `Bearer ${CANARY}`, 'dd-api-key': CANARY }),
    limits: { timeoutMs: 400, ...limits },
    ...more,
  });
  closing.push(() => wire.close());
  const told: SentRequest[] = [];
  const { signal } = new AbortController();
  return {
    wire,
    seen,
    told,
    async ask(call) {
      const asked: WireCall = { method: 'GET', path: READ[kind], signal, tell: (s) => told.push(s), ...call };
      const end = await wire.send(asked).catch((e: unknown) => e);
      // Whatever happens to an error or a reply, the key is not in it.
      const forms = [CANARY, CANARY.replaceAll('/', '\\/'), Buffer.from(CANARY).toString('base64')];
      const printed = inspect(end, { depth: 20, showHidden: true }) + JSON.stringify(end) + String(end);
      expect(forms.filter((form) => printed.includes(form))).toEqual([]);
      if (end instanceof Refused) return end.refusal;
      if (end instanceof Error) throw end;
      return end as WireReply;
    },
  };
}

const refusalOf = async (fault: Fault, more?: Parameters<typeof through>[1]): Promise<Refusal> =>
  (await (await through(fault, more)).ask()) as Refusal;

test('without a fault the answer passes whole, and the request is told without its values', async () => {
  const { ask, told, seen } = await through(undefined);
  const reply = (await ask()) as WireReply;
  expect([reply.status, JSON.parse(reply.text).asked]).toEqual([200, READ.prometheus]);
  expect(told).toEqual([{ method: 'GET', path: '/api/v1/query', status: 200, ms: expect.any(Number), tries: 1 }]);
  expect(seen[0]?.headers).toMatchObject({ authorization: `Bearer ${CANARY}`, 'accept-encoding': 'gzip' });
});

describe('each fault ends in its status, with a sentence that helps', () => {
  test.each<[string, Fault, Refusal['status'], RegExp]>([
    [
      'a page instead of JSON',
      faults.page,
      'failed',
      /text\/html, not JSON: "x Sign in to continue"\. Another service/,
    ],
    ['a redirect', faults.redirect, 'failed', /redirects to https:\/\/sso\.example\/login \(302\).*not followed/],
    ['silence', faults.silence, 'timeout', /gave no answer within 400ms: \/api\/v1\/query\. Is it overloaded/],
    ['a slow drip', faults.drip, 'timeout', /gave no answer within 400ms/],
    ['a connection that is closed', faults.hangUp, 'failed', /broke the connection \(ECONNRESET\)/],
    ['a body that is cut off', faults.cut, 'failed', /broke the connection \(ECONNRESET\)/],
    ['a body that is cut off, which nothing tells', faults.cutUntold, 'failed', /broken, or was cut off on the way/],
    ['a reset in the middle of a body', faults.reset, 'failed', /broke the connection \(ECONNRESET\)/],
    ['no gzip where it says so', faults.notGzip, 'failed', /body that cannot be unpacked \(Z_DATA_ERROR\)/],
    ['an echo of our headers', faults.echo, 'failed', /refused the question \(400\): bad headers .*\[secret\]/],
    ['no credentials', says(401, { errors: ['Unauthorized'] }), 'denied', /wants credentials \(401\): Unauthorized/],
    ['an internal error', says(500, 'oops'), 'failed', /failed \(500\): oops/],
    ['a gateway without a server', says(503, 'no healthy upstream'), 'failed', /failed \(503\): no healthy upstream/],
    ['a gateway that gave up', says(504, ''), 'timeout', /gave up \(504\)/],
    ['a path that is not there', says(404, { message: 'Not Found' }), 'failed', /no such path \(404\): Not Found/],
  ])('%s', async (_case, fault, status, sentence) => {
    const refusal = await refusalOf(fault);
    expect([refusal.status, refusal.problem]).toEqual([status, expect.stringMatching(sentence)]);
  });

  test('50 MB, told or not, a gzip bomb, gzip of nothing: stopped at the limit', async () => {
    for (const fault of [faults.huge, faults.hugeTold, faults.bomb, faults.hollow]) {
      const refusal = await refusalOf(fault, { timeoutMs: 8_000, maxBytes: 1_000_000 });
      expect([refusal.status, refusal.what]).toEqual(['failed', expect.stringMatching(/sent more than 977 KiB/)]);
    }
  });

  test('a server that is not there, a name that does not exist', async () => {
    const gone = (await opened(`http://127.0.0.1:${await freePort()}`, 'datadog', {}).ask()) as Refusal;
    expect([gone.status, gone.what]).toEqual(['failed', expect.stringMatching(/refused the connection/)]);
    const nameless = (await opened('http://datadog.invalid', 'datadog', {}).ask()) as Refusal;
    expect([nameless.status, nameless.what]).toEqual(['failed', expect.stringMatching(/cannot be resolved/)]);
  });

  test('a stop from outside flies as it is, while asking, while waiting, while queued', async () => {
    const stop = new AbortController();
    const { ask } = await through(faults.silence, { timeoutMs: 5_000, concurrency: 1 });
    const asking = [ask({ signal: stop.signal }), ask({ signal: stop.signal })];
    const paced = (await through(says(429, '', { 'retry-after': '4' }))).ask({ signal: stop.signal });
    setTimeout(() => stop.abort(new Error('enough')), 100);
    for (const running of [...asking, paced]) await expect(running).rejects.toThrow('enough');
  });
});

describe('what may pass is tried again, within a budget', () => {
  test('a failure that passes is an answer; the tries are told', async () => {
    const { ask, told } = await through([faults.hangUp, says(503, 'busy'), undefined]);
    expect(((await ask()) as WireReply).status).toBe(200);
    expect(told).toMatchObject([{ status: 200, tries: 3 }]);
  });

  test('what will not pass is asked once', async () => {
    for (const fault of [
      says(400, 'no'),
      says(401, 'no'),
      says(403, 'no'),
      says(404, 'no'),
      faults.page,
      faults.silence,
    ]) {
      const { ask, seen } = await through(fault);
      await ask();
      expect(seen).toHaveLength(1);
    }
  });

  test('all requests together have one budget', async () => {
    const { ask, seen } = await through(says(500, 'oops'), { retries: 5, retryBudget: 3 });
    await Promise.all([ask(), ask(), ask(), ask()]);
    expect(seen).toHaveLength(4 + 3);
  });
});

describe('limits of the rate', () => {
  test('a short pause is kept, in seconds or as a date', async () => {
    const soon = (): string => new Date(Date.now() + 900).toUTCString();
    const now = (): string => new Date().toUTCString();
    const waits = [says(429, '', { 'retry-after': '0' }), says(429, '', { 'retry-after': soon(), date: now() })];
    const { ask, told } = await through([...waits, undefined]);
    expect(((await ask()) as WireReply).status).toBe(200);
    expect(told[0]?.tries).toBe(3);
  });

  test('without a word of when, it is tried again a little later', async () => {
    const { ask, told } = await through([says(429), undefined]);
    expect([((await ask()) as WireReply).status, told[0]?.tries]).toEqual([200, 2]);
  });

  test('a long pause ends the question, with the time; until then nothing more is sent', async () => {
    const headers = { 'retry-after': '3600', date: 'Fri, 20 Nov 2026 12:00:00 GMT' };
    const { ask, seen } = await through(says(429, 'slow down', headers));
    expect((await ask()) as Refusal).toMatchObject({
      status: 'rate-limited',
      code: 429,
      what: expect.stringMatching(/limits our rate \(429\); it asks for a pause of 1h, until 2026-11-20T13:00:00/),
    });
    expect((await ask()) as Refusal).toMatchObject({
      status: 'rate-limited',
      what: expect.stringMatching(/was not asked: the rate that it allows is spent; .* pause of (1h|59m59s|60m)/),
    });
    expect(seen).toHaveLength(1);
  });

  test('Datadog: one budget for each name of a limit', async () => {
    const spent = {
      'x-ratelimit-limit': '300',
      'x-ratelimit-period': '3600',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': '1800',
      'x-ratelimit-name': 'spans_search',
    };
    const { wire, ask, seen } = await through([says(429, { errors: ['Too many requests'] }, spent)], {
      kind: 'datadog',
    });
    const spans: Partial<WireCall> = { method: 'POST', path: '/api/v2/spans/events/search', body: '{"data":{}}' };
    for (let i = 0; i < 2; i++) {
      expect((await ask(spans)) as Refusal).toMatchObject({
        status: 'rate-limited',
        what: expect.stringMatching(/by its limit "spans_search".*pause of 30m/),
      });
    }
    expect(((await ask()) as WireReply).status).toBe(200);
    expect(seen.map((r) => r.url.split('?')[0])).toEqual(['/api/v2/spans/events/search', '/api/v1/query']);
    expect(wire.base).toMatch(/^http/);
  });

  test('GitHub: 403 with nothing left, or of a burst, is a limit; a plain 403 is not', async () => {
    const reset = String(Math.floor(Date.now() / 1000) + 1200);
    const spent = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset, 'x-ratelimit-resource': 'core' };
    const primary = await refusalOf(says(403, { message: 'API rate limit exceeded' }, spent), { kind: 'github' });
    expect(primary).toMatchObject({
      status: 'rate-limited',
      what: expect.stringMatching(/"core".*pause of (20m|19m)/),
    });
    const burst = { message: 'You have exceeded a secondary rate limit. Please wait a few minutes.' };
    const secondary = await refusalOf(says(403, burst), { kind: 'github' });
    expect(secondary).toMatchObject({ status: 'rate-limited', what: expect.stringMatching(/pause of 60s/) });
    expect((await refusalOf(says(403, { message: 'no' }), { kind: 'github' })).status).toBe('denied');
  });

  test('near the end of a budget requests are spread, so that none is refused', async () => {
    // A server that refuses whatever comes when its window of 1.2 s holds 6 requests already.
    let [left, ends] = [6, Date.now() + 1200];
    const limited: Fault = ({ response }) => {
      if (Date.now() >= ends) [left, ends] = [6, Date.now() + 1200];
      const good = left-- > 0;
      response.writeHead(good ? 200 : 429, {
        'content-type': 'application/json',
        'x-ratelimit-limit': '6',
        'x-ratelimit-remaining': String(Math.max(0, left)),
        'x-ratelimit-reset': String((ends - Date.now()) / 1000),
        'x-ratelimit-name': 'queries',
      });
      response.end('{}');
    };
    const { ask, told } = await through(limited, { kind: 'datadog', concurrency: 1 });
    for (let i = 0; i < 12; i++) expect(((await ask()) as WireReply).status).toBe(200);
    expect(told.map((t) => t.tries)).toEqual(Array(12).fill(1));
  });

  test('whatever a server says of its limits, it is read or left alone', () => {
    const value = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.constantFrom(
        '0',
        '-1',
        '1e300',
        'Infinity',
        '99999999999999999999',
        'Fri, 31 Dec 9999 23:59:59 GMT',
        '-5',
        '',
      ),
    );
    const names = [
      'retry-after',
      'date',
      'x-ratelimit-limit',
      'x-ratelimit-remaining',
      'x-ratelimit-reset',
      'x-ratelimit-name',
    ];
    const headers = fc.record(Object.fromEntries(names.map((n) => [n, value])), { requiredKeys: [] });
    const limits = { concurrency: 2, maxPauseMs: 5_000 };
    fc.assert(
      fc.property(
        headers,
        fc.constantFrom(200, 403, 429, 503),
        fc.constantFrom('datadog', 'github'),
        (h, status, kind) => {
          const governor = openGovernor(kind as ReadKind, 'https://x', limits);
          const asks = governor.learn('/a', { status, headers: h as Record<string, string>, text: '' });
          const { ms = 0, until = '2026-01-01T00:00:00.000Z' } = asks ?? {};
          return ms >= 0 && !Number.isNaN(ms) && !Number.isNaN(Date.parse(until)) && (status !== 200 || !asks);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('no more requests at once than are allowed', async () => {
    let [now, most] = [0, 0];
    const counted: Fault = ({ response }) => {
      most = Math.max(most, ++now);
      setTimeout(() => {
        now--;
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      }, 20);
    };
    const { ask } = await through(counted, { concurrency: 3 });
    await Promise.all(Array.from({ length: 12 }, () => ask()));
    expect(most).toBe(3);
  });
});

describe('a missing permission is named', () => {
  test.each<[string, ReadKind, Fault, string]>([
    [
      'GitHub, by its header',
      'github',
      says(403, { message: 'Resource not accessible' }, { 'x-accepted-github-permissions': 'contents=read' }),
      'contents: read',
    ],
    ['GitHub, by the table', 'github', says(403, { message: 'Resource not accessible' }), 'Contents: read'],
    ['Datadog, by the table', 'datadog', says(403, { errors: ['Forbidden'] }), 'timeseries_query'],
    [
      'Datadog, by its text',
      'datadog',
      says(403, { errors: [{ title: 'Forbidden', detail: 'requires the logs_read_data permission' }] }),
      'logs_read_data',
    ],
  ])('%s', async (_case, kind, fault, permission) => {
    expect(await refusalOf(fault, { kind })).toMatchObject({
      status: 'denied',
      code: 403,
      permission,
      problem: expect.stringContaining(`It needs the permission ${permission}.`),
    });
  });

  test('Prometheus knows none', async () => {
    expect((await refusalOf(says(403, 'no'))).problem).toMatch(/forbids this read \(403\): no\. Do its credentials/);
  });
});

describe('keys stay at home', () => {
  test('an answer that repeats them is cleaned', async () => {
    const { ask } = await through(faults.echoOk);
    expect(((await ask()) as WireReply).text).toContain('"authorization":"[secret]"');
  });

  test('a caller can set no header that matters', async () => {
    const { ask, seen } = await through(undefined);
    const headers = { Authorization: 'Bearer other', Cookie: 'a=b', Host: 'elsewhere', 'X-Forwarded-For': '1.2.3.4' };
    await ask({ headers: { ...headers, Accept: 'application/vnd.github+json' } });
    expect(seen[0]?.headers).toMatchObject({
      authorization: `Bearer ${CANARY}`,
      accept: 'application/vnd.github+json',
    });
    expect(Object.keys(seen[0]?.headers ?? {})).not.toEqual(expect.arrayContaining(['cookie']));
    expect(seen[0]?.headers['x-forwarded-for']).toBeUndefined();
  });

  test('one that cannot be sent is told without being shown', async () => {
    const proxy = await faultProxy(await upstream(), () => undefined);
    closing.push(proxy.stop);
    const headers = () => ({ 'dd-api-key': `${CANARY}\n` });
    const wire = openWire('x', { kind: 'datadog', origin: parseOrigin('x', proxy.url), headers });
    closing.push(() => wire.close());
    const e = await wire
      .send({ method: 'GET', path: READ.datadog, signal: new AbortController().signal })
      .catch((x: unknown) => x);
    expect((e as Refused).refusal).toMatchObject({ status: 'denied', what: expect.stringMatching(/cannot be sent$/) });
    expect(inspect([e, wire], { depth: 20, showHidden: true })).not.toContain(CANARY);
    expect(proxy.seen).toEqual([]);
  });

  test('what is not in the table is not sent, whatever it looks like', async () => {
    const { ask, seen, told } = await through(undefined, { kind: 'datadog' });
    const calls: Partial<WireCall>[] = [
      { path: '/api/v1/application_key' },
      { path: '/api/v1/monitor/../application_key' },
      { method: 'POST', path: '/api/v1/monitor', body: '{}' },
      { method: 'DELETE' as 'GET', path: '/api/v1/monitor/12' },
      { method: 'POST', path: '/api/v2/logs/events/search', body: '{"query":"*"}' },
    ];
    for (const call of calls) {
      expect((await ask(call)) as Refusal).toMatchObject({
        status: 'denied',
        what: expect.stringMatching(/was not asked: .* is no permitted read of datadog/),
      });
    }
    expect([seen, told]).toEqual([[], []]);
  });
});

describe('through a CONNECT proxy', () => {
  test('with its password, without, and where the server behind it is gone', async () => {
    const server = await upstream();
    const proxy = await tunnel(`me:${CANARY}`);
    closing.push(proxy.stop);
    const named = proxy.url.replace('http://', `http://me:${encodeURIComponent(CANARY)}@`);
    const good = opened(server, 'prometheus', {}, [], { proxy: named });
    const replies = (await Promise.all([good.ask(), good.ask(), good.ask()])) as WireReply[];
    expect(replies.map((r) => r.status)).toEqual([200, 200, 200]);
    expect(new Set(proxy.through)).toEqual(new Set([server.slice('http://'.length)]));

    const stranger = opened(server, 'prometheus', {}, [], { proxy: proxy.url });
    expect((await stranger.ask()) as Refusal).toMatchObject({
      status: 'denied',
      what: expect.stringMatching(/behind a proxy that wants credentials \(407\)/),
    });
    const gone = opened(`http://127.0.0.1:${await freePort()}`, 'prometheus', {}, [], { proxy: named });
    const refusal = (await gone.ask()) as Refusal;
    expect([refusal.status, refusal.what]).toEqual([
      'failed',
      expect.stringMatching(/through its proxy .* answered 502/),
    ]);
  });

  test('a proxy that is not there, that is silent, that is no proxy', async () => {
    const server = await upstream();
    const silent = await listen((await import('node:net')).createServer(() => {}));
    closing.push(silent.stop);
    for (const [proxy, status, said] of [
      [`http://127.0.0.1:${await freePort()}`, 'failed', /through its proxy .*ECONNREFUSED/],
      [silent.url, 'timeout', /gave no answer within/],
      [server, 'failed', /through its proxy/],
    ] as const) {
      const refusal = (await opened(server, 'prometheus', { retries: 0 }, [], { proxy }).ask()) as Refusal;
      expect([refusal.status, refusal.what]).toEqual([status, expect.stringMatching(said)]);
    }
    expect(() => opened(server, 'prometheus', {}, [], { proxy: 'socks5://x' })).toThrow(/"proxy" of socks5: not http/);
  });
});

describe.skipIf(!peer('openssl'))('TLS', () => {
  async function secure(made: { key: string; cert: string }): Promise<string> {
    const server = createTlsServer(made, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
    const { url, stop } = await listen(server);
    closing.push(stop);
    return url.replace('http:', 'https:');
  }

  test('a certificate that holds is trusted by its authority alone, also through a proxy', async () => {
    const good = certificate({ hosts: 'IP:127.0.0.1' });
    const url = await secure(good);
    const proxy = await tunnel();
    closing.push(proxy.stop);
    const ca = good.cert;
    for (const more of [{ ca }, { ca, proxy: proxy.url }]) {
      expect(((await opened(url, 'github', {}, [], more).ask()) as WireReply).status).toBe(200);
    }
    expect(proxy.through).toHaveLength(1);
    for (const [more, said] of [
      [{}, /not trusted.*own authority/],
      [{ proxy: proxy.url }, /not trusted.*own authority/],
      [{ ca: certificate().cert }, /of another authority than the one in "ca"/],
    ] as const) {
      const refusal = (await opened(url, 'github', {}, [], more).ask()) as Refusal;
      expect([refusal.status, refusal.problem]).toEqual(['failed', expect.stringMatching(said)]);
    }
  });

  test('one that has expired, one of another host, and no TLS at all', async () => {
    const old = certificate({ to: '20200201000000Z' });
    const expired = (await opened(await secure(old), 'github', {}, [], { ca: old.cert }).ask()) as Refusal;
    expect(expired.problem).toMatch(/certificate that has expired \(CERT_HAS_EXPIRED\)\. Let it be renewed/);
    const other = certificate({ hosts: 'DNS:elsewhere.example' });
    const wrong = (await opened(await secure(other), 'github', {}, [], { ca: other.cert }).ask()) as Refusal;
    expect(wrong.problem).toMatch(/certificate of another host \(ERR_TLS_CERT_ALTNAME_INVALID\)/);
    const plain = (await upstream()).replace('http:', 'https:');
    expect(((await opened(plain, 'github', {}).ask()) as Refusal).problem).toMatch(/does not speak TLS as we do/);
  });
});

describe('pages', () => {
  const server = (next: (n: number) => string | undefined, size = 10) => {
    let n = 0;
    return () => Promise.resolve({ items: Array.from({ length: size }, (_, i) => n * size + i), next: next(++n) });
  };
  const limits = { pages: 5, items: 100 };

  test('all are read where there is an end', async () => {
    const all = await pages(
      server((n) => (n < 3 ? String(n) : undefined)),
      limits,
    );
    expect([all.items.length, all.pages, all.left]).toEqual([30, 3, undefined]);
  });

  test.each<[string, ReturnType<typeof server>, number, number, RegExp | undefined]>([
    ['an endless cursor', server((n) => `c${n}`), 50, 5, /only 5 pages were read/],
    ['a cursor that comes again', server(() => 'same'), 20, 2, /named a page again/],
    ['an empty page with a cursor', server((n) => `c${n}`, 0), 0, 1, undefined],
    ['more items than wanted', server((n) => `c${n}`, 60), 100, 2, /only the first 100 items were kept/],
  ])('%s is stopped', async (_case, read, items, read_, left) => {
    const found = await pages(read, limits);
    expect([found.items.length, found.pages]).toEqual([items, read_]);
    if (left === undefined) expect(found.left).toBeUndefined();
    else expect(found.left).toMatch(left);
  });
});
