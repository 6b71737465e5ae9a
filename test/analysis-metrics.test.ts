/** Series: kinds and directions, scales that cannot vanish, onset, harm that flows along calls, canaries. */
import { describe, expect, test } from 'vitest';
import { readBreach, thresholdOf } from '../src/analysis/breach.ts';
import { judgeCanary } from '../src/analysis/canary.ts';
import { strength } from '../src/analysis/entity-view.ts';
import { readFleet } from '../src/analysis/fleet.ts';
import { directionOf, isCounter, kindOf, toRate } from '../src/analysis/kinds.ts';
import { toSignals } from '../src/analysis/signals.ts';
import type { Change, Series, SeriesKind } from '../src/core/telemetry.ts';

const ALERT = Date.parse('2026-01-01T02:00:00Z');
const NOW = ALERT + 600_000;
const STEP = 30_000;
/** Deterministic noise of about ±1. */
const noise = (i: number): number => Math.sin(i * 12.9898) * 0.9;

function series(
  labels: Record<string, string>,
  kind: SeriesKind,
  unit: string,
  value: (t: number, i: number) => number,
): Series {
  const times: number[] = [];
  for (let t = ALERT - 3_600_000; t <= NOW; t += STEP) times.push(t);
  return { labels, kind, unit, times, values: times.map((t, i) => value(t, i)) };
}

const step = (at: number, before: number, after: number, wobble: number) => (t: number, i: number) =>
  (t < at ? before : after) + wobble * noise(i);

const fleet = (all: Series[], o: Partial<Parameters<typeof readFleet>[0]> = {}) =>
  readFleet({
    signals: toSignals([{ evidence: 'E1.1', series: all }]),
    calls: [],
    alert: { service: 'front', at: ALERT },
    now: NOW,
    changes: [],
    ...o,
  });
const of = (f: ReturnType<typeof readFleet>, name: string) => f.entities.find((e) => e.name === name)!;

test('kind and bad direction come from the series, else from its name', () => {
  const kind = (name: string): string => kindOf({ labels: { __name__: name }, times: [], values: [] });
  expect(
    ['http_request_duration_seconds', 'http_5xx_ratio', 'node_load5', 'FreeStorageSpace', 'requests_per_second'].map(
      kind,
    ),
  ).toEqual(['latency', 'errors', 'cpu', 'disk', 'traffic']);
  expect([
    directionOf('disk', 'FreeStorageSpace'),
    directionOf('availability', 'success'),
    directionOf('network', 'rx'),
  ]).toEqual([-1, -1, 0]);
  expect(directionOf('other', 'process_uptime_seconds')).toBe(-1);
});

test('a counter becomes its rate, resets included; a gauge with a counter-like name stays', () => {
  expect(isCounter('errors_total', [1, 4, 9, 2, 5])).toBe(true);
  expect(isCounter('errors_total', [5, 4, 6, 5, 7])).toBe(false);
  expect(isCounter('queue_depth', [1, 2, 3])).toBe(false);
  expect(toRate([0, 10_000, 20_000], [10, 30, 5]).values).toEqual([2, 0.5]);
});

test('a constant series that moves a little is no sensation', () => {
  const flat = series({ __name__: 'memory_bytes', service: 'a' }, 'memory', 'By', (t) => (t < ALERT ? 1000 : 1001));
  const real = series({ __name__: 'memory_bytes', service: 'b' }, 'memory', 'By', step(ALERT, 1000, 3000, 20));
  const f = fleet([flat, real]);
  expect(strength(of(f, 'a').self)).toBeLessThan(1);
  expect(strength(of(f, 'b').self)).toBeGreaterThan(5);
});

test('a peak of one sample after the onset does not make a resource guilty', () => {
  const peak = series(
    { __name__: 'cpu', service: 'a' },
    'cpu',
    '%',
    (t, i) => 20 + noise(i) + (t === ALERT + 4 * STEP ? 70 : 0),
  );
  expect(strength(of(fleet([peak]), 'a').self)).toBeLessThan(1);
});

describe('the onset', () => {
  const cpu = (at: number): Series[] =>
    ['a', 'b', 'c'].map((s) =>
      series({ __name__: 'cpu', service: s }, 'cpu', '%', step(at, 20, s === 'c' ? 20 : 80, 1)),
    );
  test('is found before a late alert', () => {
    const { onset } = fleet(cpu(ALERT - 300_000));
    expect(onset.at).toBe(ALERT - 300_000);
    expect(onset.from).toBeLessThanOrEqual(onset.at);
    expect(onset.to).toBeGreaterThanOrEqual(onset.at);
  });
  test('is the time of the alert where that explains as much', () => {
    expect(fleet(cpu(ALERT)).onset).toMatchObject({ at: ALERT, alertKept: true });
  });
  test('is not put before a time that is known to be well', () => {
    const f = fleet(cpu(ALERT - 300_000), { wellUntil: ALERT - 60_000 });
    expect(f.onset.at).toBeGreaterThanOrEqual(ALERT - 60_000);
  });
});

describe('blame', () => {
  const latency = (service: string, before: number, after: number): Series =>
    series({ __name__: 'latency', service }, 'latency', 's', step(ALERT, before, after, before / 50));
  const traffic = (service: string, rate: number): Series =>
    series({ __name__: 'requests', service }, 'traffic', '1/s', (_, i) => rate + noise(i) * 0.01);
  const calls: [string, string][] = [
    ['front', 'cart'],
    ['front', 'search'],
    ['cart', 'db'],
  ];
  const rates = [traffic('front', 10), traffic('cart', 10), traffic('search', 10), traffic('db', 10)];

  test('flows down to the callee that accounts for the harm, not to the most unusual one', () => {
    const all = [
      latency('front', 0.2, 0.6),
      latency('cart', 0.1, 0.5),
      latency('search', 0.05, 0.05),
      latency('db', 0.0001, 0.0015),
    ];
    const f = fleet([...all, ...rates], { calls });
    // The database is 15 times slower, but 1.4 ms do not explain 400.
    expect(of(f, 'cart').blame).toBeGreaterThan(0.9);
    expect(of(f, 'db').blame).toBeLessThan(0.05);
  });

  test('goes through a callee that has no data to the one behind it', () => {
    const f = fleet([latency('front', 0.2, 0.6), latency('db', 0.01, 0.41), ...rates], { calls });
    expect(of(f, 'db').blame).toBeGreaterThan(0.9);
  });

  test('adds up to one', () => {
    const f = fleet([latency('front', 0.2, 0.6), latency('cart', 0.1, 0.3), latency('search', 0.05, 0.25), ...rates], {
      calls,
    });
    expect(f.entities.reduce((s, e) => s + e.blame, 0)).toBeCloseTo(1, 2);
  });
});

describe('a canary', () => {
  const change: Change = {
    id: 'r2',
    time: new Date(ALERT - 120_000).toISOString(),
    kind: 'deploy',
    service: 'cart',
    title: 'v2',
    instances: ['cart-new'],
  };
  const pod = (instance: string, value: (t: number, i: number) => number): Series =>
    series({ __name__: 'success', service: 'cart', instance }, 'availability', '%', value);
  const judge = (all: Series[], c = change, others: Change[] = []) =>
    judgeCanary(c, [c, ...others], toSignals([{ evidence: 'E1.1', series: all }]), NOW);

  test('that fares worse than the old instances at the same time is told', () => {
    const { did } = judge([pod('cart-old', () => 99.9), pod('cart-new', step(ALERT - 120_000, 99.9, 70, 0))]);
    expect(did).toBeGreaterThan(20);
  });
  test('that fails together with the old ones is not', () => {
    const both = step(ALERT - 120_000, 99.9, 70, 0.1);
    expect(judge([pod('cart-old', both), pod('cart-new', both)]).did).toBeLessThan(1);
  });
  test('that never gave a sign of life is dead', () => {
    expect(judge([pod('cart-old', () => 99.9)]).dead).toBe(true);
    const { instances: _, ...unlisted } = change;
    expect(judge([pod('cart-old', () => 99.9)], unlisted).dead).toBe(false);
    expect(judge([pod('cart-old', () => 99.9)], unlisted, [{ ...change, id: 'r3', service: 'other' }]).dead).toBe(true);
  });
});

test('the reading is the same whatever the order of the series', () => {
  const all = ['a', 'b', 'c'].flatMap((s) => [
    series({ __name__: 'cpu', service: s }, 'cpu', '%', step(ALERT, 20, 60, 1)),
    series({ __name__: 'latency', service: s }, 'latency', 's', step(ALERT, 0.1, 0.4, 0.01)),
  ]);
  expect(JSON.stringify(fleet(all.toReversed()).entities)).toBe(JSON.stringify(fleet(all).entities));
});

describe("the alert's own signal", () => {
  const run = (value: (t: number) => number, threshold = thresholdOf('latency{service="a"} > 0.5')!) =>
    readBreach(series({ __name__: 'latency' }, 'latency', 's', value), { alert: ALERT, now: NOW, threshold });
  test('is breached, back to normal, or flaps', () => {
    expect(run((t) => (t < ALERT ? 0.1 : 0.9))?.state).toBe('breached');
    expect(run((t) => (t >= ALERT && t < ALERT + 120_000 ? 0.9 : 0.1))).toMatchObject({
      state: 'recovered',
      lastedMs: 90_000,
    });
    expect(run((t) => (t >= ALERT && (t / STEP) % 2 === 0 ? 0.9 : 0.1))?.state).toBe('flapping');
  });
  test('says nothing where it never was out of range', () => {
    expect(run(() => 0.1)).toBeUndefined();
  });
});
