/** The ranking: `none of these` is possible, a latest deploy is no reason, agreement makes sure, calm makes healthy. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { confidenceOf } from '../src/analysis/confidence.ts';
import { matchChanges } from '../src/analysis/diff.ts';
import type { ChangeData, FindingData, LogData, TraceData } from '../src/analysis/finding-data.ts';
import { finding } from '../src/analysis/findings.ts';
import { effectOf } from '../src/analysis/inert.ts';
import type { FleetData, MetricsData } from '../src/analysis/metrics-data.ts';
import { rankCandidates } from '../src/analysis/rank.ts';
import type { Change } from '../src/core/telemetry.ts';
import type { Alert, Finding, FindingKind } from '../src/core/types.ts';
import { DEFAULT_THRESHOLDS } from '../src/workflow/gate.ts';

const AT = '2026-01-01T02:00:00.000Z';
const alert: Alert = {
  title: 'front is slow',
  service: 'front',
  status: 'firing',
  startsAt: AT,
  labels: {},
  annotations: {},
  links: [],
  source: 'test',
  fingerprint: 'f',
};
const window = { from: AT, to: '2026-01-01T02:10:00.000Z', baseline: { from: '2026-01-01T01:00:00.000Z', to: AT } };

const say = (kind: FindingKind, name: string, data: FindingData, cites = ['E1.1']): Finding =>
  finding({ kind, entity: { name, level: 'service' }, severity: 0.5, title: `${kind} ${name}`, cites, data });

const moved = (name: string, kind: string, z: number) => ({
  labels: { __name__: name },
  name,
  kind,
  unit: 's',
  z,
  before: 1,
  after: 2,
  statistic: 'mean' as const,
  evidence: 'E1.1',
  baseline: { from: window.baseline.from, to: AT },
});
const metrics = (name: string, o: Partial<MetricsData> = {}): Finding =>
  say('change-point', name, {
    type: 'metrics',
    scope: 'all',
    name,
    level: 'service',
    self: [],
    symptoms: [],
    traffic: [],
    blame: 0,
    harm: {},
    network: 0,
    ownSeries: 3,
    ...o,
  });
const fleet = (o: Partial<FleetData> = {}, kind: FindingKind = 'change-point'): Finding =>
  say(kind, 'front', {
    type: 'fleet',
    scope: 'all',
    onset: { at: AT, from: AT, to: AT },
    alertKept: true,
    gain: 100,
    rootZ: 20,
    hasRates: true,
    hasCalls: true,
    series: 10,
    nowZ: 20,
    canaries: {},
    quiet: [],
    ...o,
  });
const change = (id: string, services: string[], o: Partial<ChangeData> = {}): Finding =>
  say('change-near-onset', services[0] ?? id, {
    type: 'change',
    id,
    time: '2026-01-01T01:58:00.000Z',
    kind: 'deploy',
    services,
    effective: '2026-01-01T01:58:00.000Z',
    late: false,
    did: null,
    dead: false,
    match: 0,
    words: [],
    effect: 'unseen',
    carries: 0,
    evidence: 'E2.1',
    ...o,
  });
const blamed = (name: string): Finding => metrics(name, { blame: 1, symptoms: [moved('latency', 'latency', 20)] });
const trace = (service: string, o: Partial<TraceData> = {}): Finding =>
  say('slow-span', service, {
    type: 'trace',
    service,
    traced: true,
    own: 0,
    gap: 0,
    out: 0,
    flow: 0,
    failing: 0,
    ...o,
  });
const traces = (n = 100): Finding =>
  say('normal', 'front', { type: 'traces', roots: { before: n, after: n }, calm: false, quiet: [] });
const log = (service: string, o: Partial<LogData> = {}): Finding =>
  say('new-log-pattern', service, {
    type: 'log',
    service,
    template: 'boom',
    level: 'ERROR',
    before: 0,
    after: 50,
    z: 50,
    isNew: true,
    exemplar: 'boom',
    ...o,
  });
const rank = (findings: Finding[], weights = {}) =>
  rankCandidates({ findings, alert, window, now: '2026-01-01T02:10:00.000Z', weights });

test('without findings there is no candidate, no confidence, and all belief stays unknown', () => {
  expect(rank([])).toMatchObject({ candidates: [], changes: [], confidence: 0, unknown: 1, healthy: { score: 0 } });
});

describe('changes', () => {
  test('the latest deploy is no reason: with the harm elsewhere, none of them is guilty', () => {
    const r = rank([fleet(), blamed('cart'), change('d1', ['search'])]);
    expect(r.candidates[0]).toMatchObject({ entity: { name: 'cart' } });
    expect(r.candidates[0]!.change).toBeUndefined();
    expect(r.changes[0]!.id).toBe('none');
  });

  test('a canary that is worse than the old instances accuses its release, and its kind is that of the change', () => {
    const r = rank([
      fleet(),
      blamed('cart'),
      change('d1', ['search']),
      change('d2', ['cart'], { did: 60, effect: 'alters' }),
    ]);
    expect(r.candidates[0]).toMatchObject({ entity: { name: 'cart' }, change: 'd2', category: 'code-change' });
    expect(r.changes[0]!.id).toBe('d2');
    expect(r.basis?.change).toBe('proven');
  });

  test('words of a diff accuse but never make sure', () => {
    const found = [fleet(), blamed('cart'), traces(), trace('cart', { own: 3 }), log('cart')];
    const sure = rank(found);
    const suspected = rank([...found, change('d1', ['cart'], { match: 0.9, effect: 'alters' })]);
    expect(suspected.candidates[0]!.change).toBe('d1');
    expect(suspected.confidence).toBeLessThan(DEFAULT_THRESHOLDS.confidence);
    expect(sure.confidence).toBeGreaterThan(suspected.confidence);
  });

  test('a change after the onset and one that only touches docs are not accused', () => {
    const late = change('d1', ['cart'], { match: 0.9, late: true, effect: 'alters' });
    const docs = change('d2', ['cart'], { match: 0.9, effect: 'inert' });
    expect(rank([fleet(), blamed('cart'), late, docs]).changes[0]!.id).toBe('none');
  });

  test('one that alone took effect as it began comes before one with more harm or better words', () => {
    const onset = { at: AT, from: AT, to: '2026-01-01T02:00:10.000Z' };
    const timed = change('timed', ['search'], { effective: AT, effect: 'alters' });
    const earlier = change('words', ['cart'], { match: 0.3, effect: 'alters' });
    const found = [fleet({ onset }), traces(), trace('cart', { failing: 0.05 }), timed, earlier];
    expect(rank(found).changes[0]!.id).toBe('timed');
    expect(rank(found).candidates[0]).toMatchObject({ entity: { name: 'search' }, change: 'timed' });
    expect(rank(found).confidence).toBeLessThan(0.8);
  });

  test('one without a service is laid where the flow changed most', () => {
    const onset = { at: AT, from: AT, to: '2026-01-01T02:00:10.000Z' };
    const flag = change('flag', [], { kind: 'flag', effective: AT });
    const r = rank([fleet({ onset }), traces(), trace('cart', { flow: 0.04 }), trace('search', { gap: 0.1 }), flag]);
    expect(r.candidates[0]).toMatchObject({ entity: { name: 'cart' }, change: 'flag', category: 'config-change' });
  });

  test('a surge of demand needs no change', () => {
    const surge = ['front', 'cart'].map((s) =>
      metrics(s, {
        blame: s === 'front' ? 1 : 0,
        traffic: [{ ...moved('requests', 'traffic', 40), before: 10, after: 60 }],
      }),
    );
    const r = rank([fleet(), ...surge, change('d1', ['front'], { match: 0.6, effect: 'alters' })]);
    expect(r.changes[0]!.id).toBe('none');
    expect(r.candidates[0]).toMatchObject({ entity: { name: 'front' }, category: 'traffic' });
  });
});

describe('confidence', () => {
  test('somebody of whom only others speak never passes the gate', () => {
    const unseen = metrics('bank', { blame: 1, ownSeries: 0, symptoms: [moved('latency', 'latency', 60)] });
    const r = rank([fleet(), unseen]);
    expect(r.basis?.seen).toBe(false);
    expect(r.confidence).toBeLessThan(DEFAULT_THRESHOLDS.confidence);
  });

  test('a kind of cause that is told no more clearly than another keeps the verdict below 0.8', () => {
    const basis = { strength: 1, lead: 1, by: 'self', agreeing: ['metrics'], seen: true };
    const { confidence, kind } = confidenceOf({ ...basis, change: 'none in question', category: 0.55 });
    expect(confidence * kind).toBeLessThan(0.8);
    expect(confidenceOf({ ...basis, change: 'none in question', category: 0 }).kind).toBeLessThan(kind);
  });

  test('kinds of evidence that agree, with a clear kind of cause, are surer', () => {
    const cpu = metrics('cart', {
      blame: 1,
      self: [moved('cpu', 'cpu', 60)],
      symptoms: [moved('latency', 'latency', 20)],
    });
    const r = rank([fleet(), cpu, log('cart'), traces(), trace('cart', { own: 3 })]);
    expect(r.basis?.agreeing).toEqual(['log', 'metrics', 'trace']);
    expect(r.confidence).toBeGreaterThan(0.8);
  });

  test('two entities alike leave it open', () => {
    const both = [metrics('a', { self: [moved('cpu', 'cpu', 60)] }), metrics('b', { self: [moved('cpu', 'cpu', 59)] })];
    expect(rank([fleet(), ...both]).confidence).toBeLessThan(DEFAULT_THRESHOLDS.confidence);
  });

  test('whom only log lines put first is not confirmed by them', () => {
    const shown = metrics('cart', { self: [moved('cpu', 'cpu', 30)] });
    const shouted = log('search');
    expect(rank([fleet(), shown, log('cart')]).textual).toBeUndefined();
    expect(rank([fleet(), metrics('search', { self: [moved('cpu', 'cpu', 1)] }), shouted]).textual).toBeUndefined();
    const fooled = rank([fleet(), metrics('cart', { self: [moved('cpu', 'cpu', 2)] }), shouted]);
    expect(fooled).toMatchObject({ candidates: [{ entity: { name: 'search' } }, {}], textual: true });
  });

  test('weak evidence stays weak however far ahead it is', () => {
    expect(rank([fleet(), metrics('a', { self: [moved('cpu', 'cpu', 2)] })]).confidence).toBeLessThan(0.5);
  });

  test('somebody whom only his callers see is never surely guilty', () => {
    const bank = metrics('bank', { blame: 1, symptoms: [moved('latency', 'latency', 50)], ownSeries: 0 });
    const r = rank([fleet(), bank, traces(), trace('bank', { traced: false, gap: 5 })]);
    expect(r.candidates[0]).toMatchObject({ entity: { name: 'bank' }, category: 'dependency' });
    expect(r.confidence).toBeLessThanOrEqual(0.7);
  });
});

describe('healthy', () => {
  const normal = (what: string): Finding => say('normal', 'front', { type: 'normal', what });
  const calm = [fleet({ nowZ: 0, rootZ: 0 }, 'normal'), normal('logs'), normal('events')];
  const over: Finding = say('alert-state', 'front', { type: 'alert-state', state: 'recovered', lastedMs: 20_000 });

  test('needs an alert that is over and enough complete looks', () => {
    const r = rank([...calm, over]);
    expect(r.healthy.score).toBeGreaterThan(0.75);
    expect(r.healthy.looks).toBeGreaterThanOrEqual(3);
    expect(rank([over]).healthy.looks).toBeLessThan(3);
  });
  test('is not said while the alert is still breached, or while somebody is ill', () => {
    expect(rank([...calm, say('alert-state', 'front', { type: 'alert-state', state: 'breached' })]).healthy.score).toBe(
      0,
    );
    expect(rank([...calm.slice(1), over, fleet(), blamed('cart')]).healthy.score).toBe(0);
  });
  test('is said of a rule that fires at anything, where nothing moved', () => {
    const breached: Finding = say('alert-state', 'front', { type: 'alert-state', state: 'breached' });
    const flaps: Finding = say('alert-state', 'front', { type: 'alert-state', state: 'flapping' });
    expect(rank([...calm, flaps, breached]).healthy.score).toBeGreaterThan(0.75);
    expect(rank([...calm.slice(1), fleet({ nowZ: 9, rootZ: 9 }), flaps, breached]).healthy.score).toBe(0);
  });
  test('is said of a blip whose every symptom is back, not of an hour that is over', () => {
    const was = [fleet({ nowZ: 0.5 }), blamed('cart'), normal('logs')];
    expect(rank([...was, over]).healthy.score).toBeGreaterThan(0.75);
    const hour: Finding = say('alert-state', 'front', { type: 'alert-state', state: 'recovered', lastedMs: 3_600_000 });
    expect(rank([...was, hour]).healthy.score).toBe(0);
  });
});

test('the order of findings changes nothing', () => {
  const all = [
    fleet(),
    blamed('cart'),
    metrics('search', { self: [moved('cpu', 'cpu', 8)] }),
    traces(),
    trace('cart', { own: 1 }),
    log('cart'),
    change('d1', ['cart'], { match: 0.4, effect: 'alters' }),
    change('d2', ['search']),
  ];
  const one = rank(all);
  fc.assert(
    fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (order) => {
      expect(rank(order)).toEqual(one);
    }),
    { numRuns: 50 },
  );
});

test('every reason cites its evidence and every weight of a playbook counts', () => {
  const found = [fleet(), blamed('cart'), log('search')];
  for (const c of rank(found).candidates) for (const w of c.for) expect(w.cites).not.toEqual([]);
  expect(rank(found, { dependencies: 0 }).candidates[0]!.entity.name).toBe('search');
});

describe('diffs', () => {
  const commit = (id: string, path: string, patch: string, title = 'change'): Change => ({
    id,
    time: AT,
    kind: 'commit',
    title,
    files: [{ path, patch }],
  });
  test('what a change does at most is read from its lines', () => {
    const effect = (path: string, patch: string) => effectOf(commit('c', path, patch));
    expect(effect('docs/a.md', '@@\n+pool: 1')).toBe('inert');
    expect(effect('src/a.ts', '@@\n-// old\n+// new')).toBe('inert');
    expect(effect('src/a.ts', '@@\n-  run();\n+    run();')).toBe('inert');
    expect(effect('src/a.ts', '@@\n+log.info("pool", n);')).toBe('talks');
    expect(effect('src/a.ts', '@@\n-await lock(id);')).toBe('removes');
    expect(effect('src/a.ts', '@@\n-const max = 10;\n+const max = 1;')).toBe('alters');
  });
  test('the change whose lines meet the failure comes before one that only mentions it', () => {
    const signature = new Map([
      ['pool', 1],
      ['connect', 1],
    ]);
    const guilty = commit('guilty', 'src/pool.ts', '@@\n-  pool.connect(10);\n+  pool.grow();');
    const decoy = commit('decoy', 'src/page.ts', '@@\n-  a();\n+  b();', 'tidy up near the pool');
    const m = matchChanges([guilty, decoy], signature);
    expect(m.get('guilty')!.match).toBeGreaterThan(2 * m.get('decoy')!.match);
  });
});
