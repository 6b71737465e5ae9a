/** When a sequence of observations shifted: the truth lies in the stated interval, and quiet sequences have none. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seeded } from '../fixtures/lab/world/random.ts';
import { openCase } from '../src/analysis/case-file.ts';
import { finding } from '../src/analysis/findings.ts';
import { shiftTime } from '../src/analysis/shift-time.ts';
import { range } from '../src/core/time.ts';

const T0 = Date.parse('2026-01-01T02:00:00Z');

/** Normal noise (Box and Muller 1958). */
const normal = (rnd: () => number): number => Math.sqrt(-2 * Math.log(1 - rnd())) * Math.cos(2 * Math.PI * rnd());

function sequence(seed: number, n: number, shiftAt: number, size: number): { at: number; x: number }[] {
  const rnd = seeded(seed);
  return Array.from({ length: n }, (_, i) => ({ at: T0 + i * 1000, x: normal(rnd) + (i >= shiftAt ? size : 0) }));
}

describe('the time of a shift', () => {
  test('lies in the stated interval, in at least 95 of 100 noisy sequences', () => {
    const seeds = Array.from({ length: 1000 }, (_, i) => i);
    const held = seeds.filter((seed) => {
      const shiftAt = 20 + (seed % 60);
      const found = shiftTime(sequence(seed, 100, shiftAt, 3));
      return found && found.from < T0 + shiftAt * 1000 && found.to >= T0 + shiftAt * 1000;
    });
    expect(held.length).toBeGreaterThanOrEqual(950);
  });
  test('is told for hardly any sequence without a shift, and never for a fall', () => {
    const seeds = Array.from({ length: 1000 }, (_, i) => i);
    expect(seeds.filter((seed) => shiftTime(sequence(seed, 100, 100, 0))).length).toBeLessThanOrEqual(20);
    expect(seeds.filter((seed) => shiftTime(sequence(seed, 100, 50, -4)))).toEqual([]);
  });
  test('is between two neighbours where nothing is in doubt', () => {
    const exact = Array.from({ length: 40 }, (_, i) => ({ at: T0 + i * 1000, x: i < 25 ? 0 : 1 }));
    expect(shiftTime(exact)).toEqual({ from: T0 + 24_000, to: T0 + 25_000 });
  });
  test('does not depend on the order of the observations', () => {
    const all = sequence(7, 60, 30, 4);
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        expect(shiftTime(shuffled)).toEqual(shiftTime(all));
      }),
    );
  });
});

describe('the onset of the case', () => {
  const onset = { at: new Date(T0 + 30_000).toISOString(), ...range(T0, T0 + 45_000) };
  const fleet = finding({
    kind: 'change-point',
    entity: { name: 'web', level: 'service' },
    severity: 1,
    title: '',
    cites: ['E1.1'],
    data: {
      type: 'fleet',
      scope: 'all',
      onset,
      alertKept: false,
      gain: 1,
      rootZ: 50,
      hasRates: true,
      hasCalls: true,
      series: 1,
      nowZ: 50,
      canaries: {},
      quiet: [],
    },
  });
  const trace = (service: string, own: number, since: { from: string; to: string }) =>
    finding({
      kind: 'slow-span',
      entity: { name: service, level: 'service' },
      severity: 1,
      title: '',
      cites: ['E2.1'],
      data: { type: 'trace', service, traced: true, own, gap: 0, out: 0, flow: 0, failing: 0, since },
    });
  test('is that of the spans which show most, where they know it more exactly', () => {
    const since = range(T0 + 8000, T0 + 9000);
    const file = openCase([fleet, trace('orders', 0.5, since), trace('bank', 0.1, range(T0, T0 + 100))], 'web');
    expect(file.began).toEqual({ at: since.to, ...since });
  });
  test('stays that of the metrics where the spans speak of another time', () => {
    const file = openCase([fleet, trace('orders', 0.5, range(T0 + 400_000, T0 + 401_000))], 'web');
    expect(file.began).toEqual(onset);
  });
});
