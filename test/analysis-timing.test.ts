/** Changes against the time in which it began: alone in it, near it, nowhere near it, or at the start of a slow filling. */
import { describe, expect, test } from 'vitest';
import { openCase } from '../src/analysis/case-file.ts';
import { changeQuestion } from '../src/analysis/change-question.ts';
import type { Measure } from '../src/analysis/entity-view.ts';
import { fillingSince } from '../src/analysis/filling.ts';
import type { ChangeData } from '../src/analysis/finding-data.ts';
import { finding } from '../src/analysis/findings.ts';
import type { MetricsData } from '../src/analysis/metrics-data.ts';
import { coinciding, noneNear } from '../src/analysis/timing.ts';
import { range } from '../src/core/time.ts';
import type { Finding } from '../src/core/types.ts';

const T0 = Date.parse('2026-01-01T02:00:00Z');
const SECOND = 1000;
const at = (seconds: number): string => new Date(T0 + seconds * SECOND).toISOString();
/** The onset lies in these ten seconds. */
const onset = { at: at(5), from: at(0), to: at(10) };

const change = (id: string, seconds: number, more: Partial<ChangeData> = {}): ChangeData => ({
  type: 'change',
  id,
  time: at(seconds),
  kind: 'deploy',
  service: id,
  services: [id],
  effective: at(seconds),
  late: false,
  did: null,
  dead: false,
  match: 0,
  words: [],
  effect: 'alters',
  carries: 0,
  evidence: 'E1.1',
  ...more,
});

describe('a change coincides with the onset', () => {
  test('when it alone took effect in the interval in which it began', () => {
    const guilty = change('guilty', 2);
    expect(coinciding([guilty, change('minutes-before', -120)], onset)).toBe(guilty);
    expect(coinciding([change('just-before', -8)], onset)).toBeUndefined();
    expect(coinciding([change('after', 11)], onset)).toBeUndefined();
  });
  test('but not where another one is near, unless that one can do nothing', () => {
    expect(coinciding([change('a', 2), change('b', -15)], onset)).toBeUndefined();
    expect(coinciding([change('a', 2), change('b', -15, { effect: 'talks' })], onset)?.id).toBe('a');
  });
  test('and not where nobody can tell when it began', () => {
    expect(coinciding([change('a', 2)], { from: at(-200), to: at(10) })).toBeUndefined();
    expect(coinciding([change('a', 2)], undefined)).toBeUndefined();
    expect(noneNear([], undefined)).toBe(false);
  });
  test('a commit and the deploy that carried it are one', () => {
    const commit = change('c', -4000, { kind: 'commit', effective: at(2) });
    expect(coinciding([commit, change('d', 2, { carries: 1 })], onset)).toBe(commit);
  });
});

const metrics = (name: string, more: Partial<MetricsData> = {}): Finding =>
  finding({
    kind: 'change-point',
    entity: { name, level: 'service' },
    severity: 1,
    title: name,
    cites: ['E1.1'],
    data: {
      type: 'metrics',
      scope: 'all',
      name,
      level: 'service',
      self: [],
      symptoms: [],
      traffic: [],
      blame: 1,
      harm: {},
      network: 0,
      ownSeries: 1,
      ...more,
    },
  });
const fleet: Finding = finding({
  kind: 'change-point',
  entity: { name: 'front', level: 'service' },
  severity: 0,
  title: 'onset',
  cites: [],
  data: {
    type: 'fleet',
    scope: 'all',
    onset,
    alertKept: false,
    gain: 100,
    rootZ: 20,
    hasRates: true,
    hasCalls: true,
    series: 9,
    nowZ: 20,
    canaries: {},
    quiet: [],
  },
});
const told = (data: ChangeData): Finding =>
  finding({
    kind: 'change-near-onset',
    entity: { name: data.id, level: 'service' },
    severity: 0.1,
    title: data.id,
    cites: ['E1.1'],
    data,
  });

function question(
  lead: Finding,
  changes: ChangeData[],
  more: Partial<Parameters<typeof changeQuestion>[1]> = {},
  found = fleet,
): string {
  const file = openCase([found, lead, ...changes.map(told)]);
  return changeQuestion(file, {
    lead: file.dossiers.find((d) => d.entity.name === 'cart'),
    category: 'resource-exhaustion',
    accused: undefined,
    changes: [{ id: 'none', score: 0.3 }],
    ...more,
  });
}

describe('the question of the guilty change', () => {
  test('is closed where it began at a known time, no change was near, and none touched who leads', () => {
    expect(question(metrics('cart'), [change('mail', -60)])).toBe('none in question');
    expect(question(metrics('cart'), [change('mail', -15)])).toBe('open');
    expect(question(metrics('cart'), [change('cart', -60)])).toBe('open');
  });
  test('stays open where a change of who leads came after an onset that nobody but the alert tells', () => {
    const late = change('cart', 30, { late: true });
    const kept = { ...fleet, data: { ...fleet.data, alertKept: true } } as Finding;
    expect(question(metrics('cart'), [late])).toBe('none in question');
    expect(question(metrics('cart'), [late], {}, kept)).toBe('open');
    expect(question(metrics('cart'), [change('mail', 30, { late: true })], {}, kept)).toBe('none in question');
  });
  test('stays open where what the alert complains about hardly moved: quiet times have change points too', () => {
    const quiet = { ...fleet, data: { ...fleet.data, rootZ: 9 } } as Finding;
    expect(question(metrics('cart'), [change('mail', -60)], {}, quiet)).toBe('open');
    const accused = change('cart', 2);
    const more = { accused, changes: [{ id: 'cart', score: 1, data: accused }] };
    expect(question(metrics('cart'), [accused], more)).toBe('coincides');
    expect(question(metrics('cart'), [accused], more, quiet)).toBe('suspected');
  });
  test('stays open where the trouble looks like changed code: then somebody changed what nobody listed', () => {
    expect(question(metrics('cart'), [change('mail', -60)], { category: 'code-change' })).toBe('open');
  });
  test('a slow filling that began with the change counts as its time', () => {
    const guilty = change('cart', -60);
    const accused = { accused: guilty, changes: [{ id: 'cart', score: 1, data: guilty }] };
    const all = [guilty, change('mail', -20)];
    expect(question(metrics('cart'), all, accused)).toBe('suspected');
    const self = [{ ...disk, filling: { from: at(-61), to: at(-51) } }];
    expect(question(metrics('cart', { self }), all, accused)).toBe('coincides');
  });
});

const disk = {
  labels: { __name__: 'disk_used_percent' },
  name: 'disk_used_percent',
  kind: 'disk',
  unit: '%',
  z: 90,
  before: 1,
  after: 100,
  statistic: 'median' as const,
  evidence: 'E1.1',
};

describe('filling', () => {
  const measure = (values: number[], more: Partial<Measure['signal']> = {}): Measure => ({
    signal: {
      id: 's',
      labels: {},
      name: 's',
      kind: 'disk',
      unit: '%',
      direction: 1,
      statistic: '',
      owner: 'cart',
      level: 'service',
      times: values.map((_, i) => T0 + i * 5 * SECOND),
      values,
      isRate: false,
      evidence: 'E1.1',
      ...more,
    },
    z: 50,
    before: 1,
    after: 90,
    scale: 1,
    change: 89,
    samples: { before: 5, after: 5 },
    baseline: { from: 0, to: T0, borrowed: false },
  });
  const now = T0 + 60 * SECOND;
  test('begins a sample or two before it is beyond normal and stays there', () => {
    expect(fillingSince(measure([1, 1, 9, 1, 1, 8, 30, 60, 90]), now)).toEqual(
      range(T0 + 15 * SECOND, T0 + 25 * SECOND),
    );
  });
  test('is not told of what is normal now, of what does not fill up, and of what always was full', () => {
    expect(fillingSince(measure([1, 1, 30, 60, 1]), now)).toBeUndefined();
    expect(fillingSince(measure([1, 1, 30, 60], { kind: 'cpu' }), now)).toBeUndefined();
    expect(fillingSince(measure([30, 60, 90]), now)).toBeUndefined();
  });
});
