/** Limits of the rate: kept where they are short, told where they are long, and not run into where they are known. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReadKind } from '../src/safety/allow.ts';
import type { Refusal } from '../src/sources/_refused.ts';
import type { WireCall, WireReply } from '../src/sources/_wire.ts';
import { openGovernor } from '../src/sources/_wire-governor.ts';
import { type Fault, says } from './_fault-proxy.ts';
import { refusalOf, through } from './_wire.ts';

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
