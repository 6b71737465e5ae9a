/** A claim holds only when the evidence says so; its sentence comes from code. */
import { expect, test } from 'vitest';
import { checkClaim } from '../src/claims/check.ts';
import type { Claim } from '../src/core/claims.ts';
import { range } from '../src/core/time.ts';
import type { Evidence } from '../src/core/types.ts';

const T0 = Date.parse('2026-11-20T02:00:00Z');
const MIN = 60_000;
const labels = { __name__: 'http_server_request_duration_seconds', service: 'checkout', statistic: 'p95' };
const values = [...Array(30).fill(0.118), ...Array(30).fill(0.486)];
const before = range(T0, T0 + 30 * MIN);
const after = range(T0 + 30 * MIN, T0 + 60 * MIN);

const evidence = (id: string, more: Partial<Evidence>): Evidence => ({
  id,
  step: 's',
  capability: 'metrics.range',
  tool: 'prometheus.metrics.range',
  input: range(T0, T0 + 60 * MIN),
  why: '',
  fetchedAt: '',
  ms: 1,
  status: 'ok',
  summary: '',
  searched: '',
  trust: 'clean',
  ...more,
});

const run = new Map<string, Evidence>(
  [
    evidence('E1.1', { data: { series: [{ labels, unit: 's', times: values.map((_, i) => T0 + i * MIN), values }] } }),
    evidence('E2.1', {
      capability: 'changes.list',
      tool: 'git.changes.list',
      data: {
        changes: [
          {
            id: 'deploy/checkout/v2',
            time: '2026-11-20T02:29:00Z',
            kind: 'deploy',
            service: 'checkout',
            version: 'v2',
            previousVersion: 'v1',
            title: 'reduce pool',
          },
        ],
      },
    }),
    evidence('E3.1', {
      capability: 'logs.patterns',
      tool: 'logs.logs.patterns',
      trust: 'outsider-writable',
      data: {
        patterns: [
          {
            service: 'checkout',
            template: 'pool timeout after <*>ms',
            level: 'ERROR',
            before: 0,
            after: 1204,
            perMinuteBefore: 0,
            perMinuteAfter: 40,
            first: '2026-11-20T02:30:00Z',
            last: '',
            exemplar: 'pool timeout after 3000ms',
          },
        ],
        records: { before: 10, after: 1300 },
      },
    }),
    evidence('E7.1', {
      capability: 'traces.summary',
      tool: 'traces.traces.summary',
      data: {
        roots: { before: 60, after: 90, meanMsBefore: 100 },
        operations: [
          {
            service: 'checkout',
            name: 'GET /cart',
            before: { count: 60, medianMs: 12, p95Ms: 20, errors: 0 },
            after: { count: 90, medianMs: 310, p95Ms: 500, errors: 22 },
          },
        ],
        gaps: [
          {
            caller: 'checkout',
            service: 'postgres',
            name: 'query',
            before: { count: 60, medianMs: 3, p95Ms: 5, errors: 0 },
            after: { count: 900, medianMs: 3, p95Ms: 5, errors: 0 },
            perParent: { before: 1, after: 10 },
          },
        ],
        flows: [
          {
            service: 'checkout',
            operation: 'GET /cart',
            a: 'load cart',
            b: 'fallback',
            before: { share: 0, of: 60 },
            after: { share: 0.87, of: 90 },
            mass: 0.8,
          },
        ],
        spans: { before: 200, after: 300 },
      },
    }),
    evidence('E4.1', { capability: 'events.list', status: 'empty', data: { events: [] } }),
    evidence('E5.1', { capability: 'events.list', status: 'denied' }),
    evidence('E6.1', { capability: 'events.list', status: 'partial', data: { events: [] } }),
  ].map((e) => [e.id, e]),
);
const check = (claim: Claim) => checkClaim(claim, (id) => run.get(id));
const changed = (more: Partial<Extract<Claim, { type: 'changed' }>> = {}): Claim => ({
  type: 'changed',
  series: { evidence: 'E1.1', labels },
  statistic: 'median',
  from: before,
  to: after,
  direction: 'up',
  ...more,
});

test('true claims are accepted, and code says them with numbers, units and times', () => {
  const spoken = [
    changed(),
    {
      type: 'deployed',
      evidence: 'E2.1',
      change: 'deploy/checkout/v2',
      service: 'checkout',
      time: '2026-11-20T02:29:00Z',
    },
    { type: 'count', evidence: 'E3.1', what: 'patterns', match: 'pool timeout after <*>ms', atLeast: 1000 },
    { type: 'mentions', evidence: 'E3.1', quote: 'pool timeout after 3000ms' },
    {
      type: 'precedes',
      a: { evidence: 'E2.1', what: 'deploy/checkout/v2 of checkout', at: '2026-11-20T02:29:00Z' },
      b: { evidence: 'E3.1', what: 'the first "pool timeout after <*>ms" of checkout', at: '2026-11-20T02:30:00Z' },
    },
    { type: 'absent', evidence: 'E4.1', what: 'related alert' },
    { type: 'slower', evidence: 'E7.1', service: 'checkout', operation: 'GET /cart' },
    { type: 'failing', evidence: 'E7.1', service: 'checkout', operation: 'GET /cart' },
    { type: 'repeated', evidence: 'E7.1', service: 'postgres', operation: 'query', caller: 'checkout' },
    { type: 'rerouted', evidence: 'E7.1', service: 'checkout', operation: 'GET /cart', a: 'load cart', b: 'fallback' },
  ] satisfies Claim[];
  const checked = spoken.map((c) => check(c));
  expect(checked.map((c) => c.ok)).toEqual(spoken.map(() => true));
  expect(checked.map((c) => c.sentence)).toMatchInlineSnapshot(`
    [
      "checkout http_server_request_duration_seconds p95 rose from 118 ms to 486 ms (4.12x) after 02:30:00Z",
      "deploy/checkout/v2 of checkout v1 to v2 at 02:29:00Z: "reduce pool"",
      "1,204 log records of "pool timeout after <*>ms" after the onset",
      "logs says "pool timeout after 3000ms"",
      "deploy/checkout/v2 of checkout at 02:29:00Z, 60s before the first "pool timeout after <*>ms" of checkout at 02:30:00Z",
      "no related alert from 02:00Z to 03:00Z",
      "checkout GET /cart took 12 ms before and 310 ms since, at the median of 60 and 90 spans",
      "checkout GET /cart: 22 of 90 spans failed, 0 of 60 before",
      "checkout to postgres, query: 1 calls a request before, 10 since",
      ""fallback" after "load cart" in checkout GET /cart: 87% of 90 spans, before 0% of 60 spans",
    ]
  `);
});

test('false claims are rejected, each with its reason', () => {
  const lies: Claim[] = [
    changed({ direction: 'down' }),
    changed({ from: after, to: before }),
    changed({ to: range(T0 + 10 * MIN, T0 + 20 * MIN) }),
    changed({ series: { evidence: 'E1.1', labels: { ...labels, service: 'payments' } } }),
    changed({ series: { evidence: 'E9.9', labels } }),
    { type: 'deployed', evidence: 'E2.1', change: 'deploy/checkout/v3', time: '2026-11-20T02:29:00Z' },
    { type: 'deployed', evidence: 'E2.1', change: 'deploy/checkout/v2', time: '2026-11-20T02:19:00Z' },
    {
      type: 'deployed',
      evidence: 'E2.1',
      change: 'deploy/checkout/v2',
      service: 'payments',
      time: '2026-11-20T02:29:00Z',
    },
    { type: 'count', evidence: 'E3.1', what: 'patterns', match: 'pool timeout after <*>ms', atLeast: 1205 },
    { type: 'mentions', evidence: 'E3.1', quote: 'pool timeout after 4000ms' },
    { type: 'mentions', evidence: 'E3.1', quote: 'pool' },
    {
      type: 'precedes',
      a: { evidence: 'E3.1', what: 'the first "pool timeout after <*>ms" of checkout', at: '2026-11-20T02:30:00Z' },
      b: { evidence: 'E2.1', what: 'deploy/checkout/v2 of checkout', at: '2026-11-20T02:29:00Z' },
    },
    {
      type: 'precedes',
      a: { evidence: 'E2.1', what: 'another change', at: '2026-11-20T02:29:00Z' },
      b: { evidence: 'E3.1', what: 'the first "pool timeout after <*>ms" of checkout', at: '2026-11-20T02:30:00Z' },
    },
    {
      type: 'precedes',
      a: { evidence: 'E2.1', what: 'deploy/checkout/v2 of checkout', at: '2026-11-20T02:28:00Z' },
      b: { evidence: 'E3.1', what: 'the first "pool timeout after <*>ms" of checkout', at: '2026-11-20T02:30:00Z' },
    },
  ];
  lies.push(
    { type: 'slower', evidence: 'E7.1', service: 'postgres', operation: 'query', caller: 'checkout' },
    { type: 'slower', evidence: 'E7.1', service: 'payments', operation: 'GET /cart' },
    { type: 'failing', evidence: 'E7.1', service: 'postgres', operation: 'query', caller: 'checkout' },
    { type: 'repeated', evidence: 'E7.1', service: 'checkout', operation: 'GET /cart' },
    { type: 'rerouted', evidence: 'E7.1', service: 'checkout', operation: 'GET /cart', a: 'fallback', b: 'load cart' },
  );
  const checked = lies.map((c) => check(c));
  expect(checked.map((c) => c.ok)).toEqual(lies.map(() => false));
  for (const c of checked) expect(c.sentence).toMatch(/^dropped: /);
});

test('only "asked, complete, nothing there" proves an absence', () => {
  for (const id of ['E1.1', 'E5.1', 'E6.1', 'E9.9'])
    expect(check({ type: 'absent', evidence: id, what: 'alert' }).ok).toBe(false);
});

test('what an outsider can write is marked, whatever it is cited for', () => {
  expect(check(changed()).trust).toBe('clean');
  expect(
    check({ type: 'count', evidence: 'E3.1', what: 'patterns', match: 'pool timeout after <*>ms', atLeast: 1 }).trust,
  ).toBe('outsider-writable');
  expect(check({ type: 'mentions', evidence: 'E2.1', quote: 'reduce pool' }).trust).toBe('outsider-writable');
});
