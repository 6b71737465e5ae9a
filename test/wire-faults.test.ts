/** The wire under faults: each ends in the right status within its time, tells what is wrong, and shows no key. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parseOrigin, type ReadKind } from '../src/safety/allow.ts';
import type { Refusal, Refused } from '../src/sources/_refused.ts';
import { openWire, type WireCall, type WireReply } from '../src/sources/_wire.ts';
import { type Fault, faultProxy, faults, says } from './_fault-proxy.ts';
import { freePort } from './_peers.ts';
import { CANARY, closing, opened, READ, refusalOf, through, upstream } from './_wire.ts';

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
    // Only who is slow on purpose has little time.
    const slow = fault === faults.silence || fault === faults.drip;
    const refusal = await refusalOf(fault, slow ? { timeoutMs: 400 } : {});
    expect([refusal.status, refusal.problem]).toEqual([status, expect.stringMatching(sentence)]);
  });

  test('50 MB, told or not, a gzip bomb, gzip of nothing: stopped at the limit', async () => {
    for (const fault of [faults.huge, faults.hugeTold, faults.bomb, faults.hollow]) {
      const refusal = await refusalOf(fault, { maxBytes: 1_000_000 });
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
    const { ask } = await through(faults.silence, { concurrency: 1 });
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
      const { ask, seen } = await through(fault, fault === faults.silence ? { timeoutMs: 400 } : {});
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
