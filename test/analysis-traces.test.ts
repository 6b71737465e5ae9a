/** Spans: where requests lose time, go another way, or begin to fail; the same in any order. */
import { describe, expect, test } from 'vitest';
import { summariseSpans } from '../src/analysis/spans.ts';
import { traceScore, traceShares } from '../src/analysis/trace-shares.ts';
import type { LogRecord, Span } from '../src/core/telemetry.ts';

const FROM = Date.parse('2026-01-01T01:00:00Z');
const iso = (ms: number): string => new Date(ms).toISOString();
const WINDOW = { from: iso(FROM), to: iso(FROM + 600_000), baseline: [{ from: iso(FROM - 3_600_000), to: iso(FROM) }] };

/** A request: gateway calls orders, which calls its peers one after the other. */
function request(
  n: number,
  start: number,
  o: { own?: number; gap?: number; peers?: { name: string; ms: number; error?: boolean }[]; error?: boolean } = {},
): Span[] {
  const { own = 5, gap = 2, peers = [], error = false } = o;
  const waits = peers.reduce((s, p) => s + p.ms, 0);
  const traceId = `t${String(n).padStart(5, '0')}`;
  const span = (spanId: string, service: string, name: string, from: number, ms: number, parent?: string): Span => ({
    traceId,
    spanId,
    name,
    start: from,
    durationMs: ms,
    status: error ? 'error' : 'ok',
    service,
    ...(parent === undefined ? {} : { parentSpanId: parent }),
  });
  const inner = own + waits;
  const out = [
    span('a', 'gateway', 'GET /buy', start, inner + gap + 2),
    span('b', 'gateway', 'call orders', start + 1, inner + gap, 'a'),
    span('c', 'orders', 'POST /orders', start + 1 + gap / 2, inner, 'b'),
  ];
  let t = start + 1 + gap / 2;
  peers.forEach((p, i) => {
    const client = {
      ...span(`p${i}`, 'orders', `call ${p.name}`, t, p.ms, 'c'),
      attributes: { 'peer.service': p.name },
    };
    out.push({ ...client, status: p.error ? 'error' : client.status });
    t += p.ms;
  });
  return out;
}

const many = (n: number, start: number, o: Parameters<typeof request>[2], first = 0): Span[] =>
  Array.from({ length: n }, (_, i) => request(first + i, start + i * 1000, o)).flat();

const first = (spans: Span[], logs?: LogRecord[]): string => {
  const shares = traceShares(summariseSpans(spans, { ...WINDOW, ...(logs ? { logs } : {}) }));
  return shares[0]!.service;
};

const BEFORE = FROM - 1_800_000;

test('added own time is laid to the service that spends it', () => {
  expect(first([...many(50, BEFORE, {}), ...many(50, FROM + 1000, { own: 80 }, 100)])).toBe('orders');
});

test('added time between two services belongs to the callee, half of it to the caller', () => {
  const t = summariseSpans([...many(50, BEFORE, {}), ...many(50, FROM + 1000, { gap: 60 }, 100)], WINDOW);
  const shares = new Map(traceShares(t).map((s) => [s.service, traceScore(s)]));
  expect(shares.get('orders')! / shares.get('gateway')!).toBeCloseTo(2, 1);
});

describe('a peer without spans of its own', () => {
  const db = (ms: number): { name: string; ms: number }[] => [{ name: 'db', ms }];
  const other = (n: number, start: number, ms: number): Span[] =>
    Array.from({ length: n }, (_, i): Span[] => {
      const root = { traceId: `u${start}-${i}`, start: start + i * 1000, status: 'ok' as const, service: 'stock' };
      return [
        { ...root, spanId: 'a', name: 'GET /stock', durationMs: ms + 4 },
        {
          ...root,
          spanId: 'b',
          parentSpanId: 'a',
          name: 'call db',
          durationMs: ms,
          attributes: { 'peer.service': 'db' },
        },
      ];
    }).flat();

  test('is to blame when all its callers wait for it', () => {
    const before = [...many(50, BEFORE, { peers: db(3) }), ...other(50, BEFORE, 3)];
    const after = [...many(50, FROM + 1000, { peers: db(90) }, 100), ...other(50, FROM + 1000, 90)];
    expect(first([...before, ...after])).toBe('db');
  });

  test('is not when only one of them does: that one waits for something of its own', () => {
    const before = [...many(50, BEFORE, { peers: db(3) }), ...other(50, BEFORE, 3)];
    const after = [...many(50, FROM + 1000, { peers: db(90) }, 100), ...other(50, FROM + 1000, 3)];
    expect(first([...before, ...after])).toBe('orders');
  });
});

test('failures are laid to the service where they begin', () => {
  const failing = many(50, FROM + 1000, { error: true }, 100);
  expect(first([...many(50, BEFORE, {}), ...failing])).toBe('orders');
});

describe('another way through the code', () => {
  const lines = (spans: Span[], texts: string[]): LogRecord[] =>
    spans
      .filter((s) => s.spanId === 'c')
      .flatMap((s) =>
        texts.map((body, i) => ({
          timestamp: iso(s.start + i),
          body,
          service: 'orders',
          traceId: s.traceId,
          spanId: s.spanId,
        })),
      );
  const before = many(50, BEFORE, {});
  const after = many(50, FROM + 1000, {}, 100);

  test('shows in the events of a request, though nothing is slower', () => {
    const logs = [
      ...lines(before, ['read cart', 'write order', 'done']),
      ...lines(after, ['read cart', 'no rate, give up']),
    ];
    const { flows } = summariseSpans([...before, ...after], { ...WINDOW, logs });
    expect(flows[0]).toMatchObject({
      service: 'orders',
      a: 'read cart',
      b: 'no rate, give up',
      before: { share: 0 },
      after: { share: 1 },
    });
  });

  test('is in the order of the times of its records, however these are written', () => {
    // As text "…01Z" comes after "…01.500Z".
    const whole = (r: LogRecord): LogRecord => ({ ...r, timestamp: r.timestamp.replace(/\.000Z$/, 'Z') });
    const first = (spans: Span[]): LogRecord[] =>
      lines(spans, ['read cart'])
        .map((r) => ({ ...r, timestamp: iso(Math.floor(Date.parse(r.timestamp) / 1000) * 1000 + 1000) }))
        .map(whole);
    const then = (spans: Span[], body: string): LogRecord[] =>
      lines(spans, [body]).map((r) => ({
        ...r,
        timestamp: iso(Math.floor(Date.parse(r.timestamp) / 1000) * 1000 + 1500),
      }));
    const logs = [
      ...first(before),
      ...then(before, 'write order'),
      ...first(after),
      ...then(after, 'no rate, give up'),
    ];
    const { flows } = summariseSpans([...before, ...after], { ...WINDOW, logs });
    expect(flows[0]).toMatchObject({ a: 'read cart', b: 'no rate, give up', after: { share: 1 } });
  });

  test('is not seen where logs do not cover the time', () => {
    const logs = lines(before, ['read cart', 'write order', 'done']);
    const coverage = { logs: [{ from: iso(BEFORE), to: iso(FROM - 600_000) }] };
    expect(summariseSpans([...before, ...after], { ...WINDOW, logs, coverage }).flows).toEqual([]);
  });

  test('is seen by a part of the traces, when only their logs are joined', () => {
    const joined = (traceId: string): boolean => ids.indexOf(traceId) % 2 === 0;
    const ids = [...new Set([...before, ...after].map((s) => s.traceId))];
    const logs = [
      ...lines(before, ['read cart', 'write order', 'done']),
      ...lines(after, ['read cart', 'no rate, give up']),
    ].filter((r) => joined(r.traceId!));
    const { flows } = summariseSpans([...before, ...after], { ...WINDOW, logs, joined });
    const halves = { before: { share: 0, of: 25 }, after: { share: 1, of: 25 } };
    expect(flows[0]).toMatchObject({ service: 'orders', a: 'read cart', b: 'no rate, give up', ...halves });
  });

  test('another mix of requests is no change of flow', () => {
    const mixed = (n: number, start: number, share: number, k: number): Span[] =>
      Array.from({ length: n }, (_, i) =>
        request(k + i, start + i * 1000, i < n * share ? {} : { peers: [{ name: 'db', ms: 3 }] }),
      ).flat();
    const names = (spans: Span[]): Span[] => {
      const withDb = new Set(spans.filter((s) => s.spanId === 'p0').map((s) => s.traceId));
      return spans.map((s) => (s.spanId === 'c' && withDb.has(s.traceId) ? { ...s, name: 'GET /list' } : s));
    };
    const spans = names([...mixed(60, BEFORE, 0.5, 0), ...mixed(60, FROM + 1000, 0.9, 100)]);
    expect(summariseSpans(spans, WINDOW).flows.filter((f) => f.service === 'orders')).toEqual([]);
  });
});

test('the summary is the same whatever the order of the spans', () => {
  const spans = [...many(45, BEFORE, {}), ...many(45, FROM + 1000, { own: 30, gap: 9 }, 100)];
  const one = JSON.stringify(summariseSpans(spans, WINDOW));
  expect(JSON.stringify(summariseSpans(spans.toReversed(), WINDOW))).toBe(one);
  const mixed = spans.map((s, i) => ({ s, k: (i * 7919) % 101 })).sort((a, b) => a.k - b.k);
  expect(
    JSON.stringify(
      summariseSpans(
        mixed.map((x) => x.s),
        WINDOW,
      ),
    ),
  ).toBe(one);
});

test('a loop of parents in broken data ends', () => {
  const loop: Span[] = ['a', 'b'].map((id, i) => ({
    traceId: 't',
    spanId: id,
    parentSpanId: i === 0 ? 'b' : 'a',
    name: 'x',
    start: FROM + 10,
    durationMs: 1,
    status: 'ok',
    service: 's',
  }));
  expect(summariseSpans(loop, WINDOW).spans.after).toBe(2);
});
