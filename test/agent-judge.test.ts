/** What a conclusion of a model needs: harm of a size, answers about the accused, and a kind of cause that something speaks for. */
import { describe, expect, test } from 'vitest';
import type { Conclusion, ModelClaim } from '../src/agent/conclusion.ts';
import { type Court, judge } from '../src/agent/judge.ts';
import { tellsHarm } from '../src/claims/harm.ts';
import type { Claim } from '../src/core/claims.ts';
import type { Change } from '../src/core/telemetry.ts';
import type { Category, Evidence, Hypothesis } from '../src/core/types.ts';

const FROM = '2026-11-20T08:00:00.000Z';
const ONSET = '2026-11-20T08:10:00.000Z';
const NOW = '2026-11-20T08:20:00.000Z';
const evidence = (id: string, capability: string, data: unknown, input: object = {}): Evidence =>
  ({
    id,
    capability,
    tool: `t.${capability}`,
    status: 'ok',
    trust: 'clean',
    searched: capability,
    summary: '',
    input: { from: FROM, to: NOW, ...input },
    data,
  }) as unknown as Evidence;

const side = (count: number, errors: number, medianMs: number) => ({ count, errors, medianMs, p95Ms: medianMs });
const operation = (name: string, before: object, after: object, more: object = {}) => ({
  service: 'orders',
  name,
  before,
  after,
  ...more,
});
const SPANS = {
  operations: [
    operation('a little slower', side(900, 0, 100), side(900, 0, 104)),
    operation('twice as slow', side(900, 0, 100), side(900, 0, 200)),
    operation('slow once', side(900, 0, 100), side(1, 0, 900)),
    operation('one more failure', side(900, 2, 100), side(900, 3, 100)),
    operation('fails often', side(900, 2, 100), side(900, 90, 100)),
    operation('once more in a thousand', side(900, 0, 1), side(900, 0, 1), { perParent: { before: 1, after: 1.01 } }),
    operation('three times as often', side(900, 0, 1), side(2700, 0, 1), { perParent: { before: 1, after: 3 } }),
  ],
  gaps: [],
};
const pod = (name: string, status: object) => ({
  metadata: { name, namespace: 'shop', labels: { app: name } },
  spec: { containers: [{ name: 'main', image: 'x:1' }] },
  status,
});
const PODS = {
  objects: [
    {
      kind: 'pods',
      items: [
        pod('well', { phase: 'Running', containerStatuses: [{ name: 'main', ready: true, restartCount: 0 }] }),
        pod('ill', {
          phase: 'Running',
          containerStatuses: [
            {
              name: 'main',
              ready: false,
              restartCount: 7,
              state: { waiting: { reason: 'CrashLoopBackOff' } },
              lastState: { terminated: { exitCode: 3, reason: 'Error' } },
            },
          ],
        }),
      ],
    },
  ],
};

describe('harm', () => {
  const all = new Map([
    ['E1.1', evidence('E1.1', 'traces.summary', SPANS)],
    ['E2.1', evidence('E2.1', 'state.list', PODS)],
  ]);
  test.each<['slower' | 'failing' | 'repeated', string, boolean]>([
    ['slower', 'a little slower', false],
    ['slower', 'twice as slow', true],
    ['slower', 'slow once', false],
    ['failing', 'one more failure', false],
    ['failing', 'fails often', true],
    ['repeated', 'once more in a thousand', false],
    ['repeated', 'three times as often', true],
  ])('of spans has a size: %s, %s', (type, name, harm) => {
    const claim: Claim = { type, evidence: 'E1.1', service: 'orders', operation: name };
    expect(tellsHarm(claim, (id) => all.get(id))).toBe(harm);
  });

  const container = ['status', 'containerStatuses', 'main'];
  test.each<[string, string[], string, boolean]>([
    ['well', ['status', 'phase'], 'Running', false],
    ['ill', ['status', 'phase'], 'Running', false],
    ['ill', ['metadata', 'name'], 'ill', false],
    ['ill', [...container, 'lastState', 'terminated', 'exitCode'], '3', true],
    ['ill', [...container, 'state', 'waiting', 'reason'], 'CrashLoopBackOff', true],
    ['well', [...container, 'restartCount'], '0', false],
  ])('of an object is what a rule finds wrong with it: %s %j %s', (object, field, is, harm) => {
    const claim: Claim = { type: 'observed', evidence: 'E2.1', kind: 'pods', object, field, is };
    expect(tellsHarm(claim, (id) => all.get(id))).toBe(harm);
  });

  test('of an object may be told by the workflow, which has seen more than one answer', () => {
    const claim: Claim = {
      type: 'observed',
      evidence: 'E2.1',
      kind: 'pods',
      object: 'well',
      field: ['spec', 'x'],
      is: '1',
    };
    expect([tellsHarm(claim, (id) => all.get(id)), tellsHarm(claim, (id) => all.get(id), [claim])]).toEqual([
      false,
      true,
    ]);
  });
});

const series = (name: string, labels: object, kind: string, after: number) => ({
  labels: { __name__: name, ...labels },
  kind,
  times: [Date.parse(FROM), Date.parse(FROM) + 60_000, Date.parse(ONSET), Date.parse(ONSET) + 60_000],
  values: [1, 1, after, after],
});
const METRICS = {
  series: [
    series('errors_per_second', { service: 'orders' }, 'errors', 9),
    series('memory_bytes', { service: 'orders' }, 'memory', 9),
  ],
};
const DEPLOY: Change = {
  id: 'deploy/orders/2',
  time: '2026-11-20T08:09:00.000Z',
  kind: 'deploy',
  service: 'orders',
  title: 'orders 2',
};
const FLAG: Change = {
  id: 'flag/new-cart',
  time: '2026-11-20T08:09:00.000Z',
  kind: 'flag',
  service: 'orders',
  title: 'on',
};
const TEXT = { records: [{ timestamp: ONSET, body: 'configuration reloaded from /etc/orders.yaml' }] };
const MINE = [
  evidence('E9.1', 'metrics.range', METRICS, { service: 'orders' }),
  evidence('E9.2', 'changes.list', { changes: [DEPLOY, FLAG] }),
  evidence('E9.3', 'logs.search', TEXT, { service: 'orders' }),
  evidence('E9.4', 'logs.search', { records: [{ timestamp: ONSET, body: 'heartbeat of the scheduler' }] }),
];
const THEIRS = evidence('E1.1', 'metrics.range', METRICS);
const court = (lead?: Partial<Hypothesis>): Court => ({
  evidence: new Map([THEIRS, ...MINE].map((e) => [e.id, e])),
  facts: new Map(),
  onset: ONSET,
  onsetTo: ONSET,
  normal: FROM,
  now: NOW,
  services: ['orders', 'payments'],
  own: (id) => id.startsWith('E9.'),
  lead: lead && ({ for: [], entity: { name: 'orders', level: 'service' }, ...lead } as unknown as Hypothesis),
});
const worse = (id: string): ModelClaim => ({ type: 'changed', evidence: id, line: 1, direction: 'up' });
const memory = (id: string): ModelClaim => ({ type: 'changed', evidence: id, line: 2, direction: 'up' });
const says = (category: Category, claims: ModelClaim[], change: string | null = null): Conclusion => ({
  outcome: 'cause',
  entity: 'orders',
  category: category as Conclusion['category'],
  change,
  claims,
  note: '',
});

describe('an answer to a question of its own', () => {
  test('that was asked of nobody bears on the accused only where the claim names it', () => {
    const heartbeat: ModelClaim = { type: 'mentions', evidence: 'E9.4', quote: 'heartbeat of the scheduler' };
    const far = judge(says('code-change', [worse('E1.1'), heartbeat]), court());
    expect([far.settled, far.problems.join()]).toEqual([false, expect.stringContaining('about the accused')]);
    const deployed: ModelClaim = { type: 'deployed', evidence: 'E9.2', change: DEPLOY.id };
    expect(judge(says('code-change', [worse('E1.1'), deployed]), court()).settled).toBe(true);
    const near: ModelClaim = { type: 'mentions', evidence: 'E9.3', quote: 'configuration reloaded' };
    expect(judge(says('config-change', [worse('E1.1'), near]), court()).settled).toBe(true);
  });
});

describe('the kind of a cause', () => {
  const reload: ModelClaim = { type: 'mentions', evidence: 'E9.3', quote: 'configuration reloaded' };
  const deployed: ModelClaim = { type: 'deployed', evidence: 'E9.2', change: DEPLOY.id };
  const flagged: ModelClaim = { type: 'deployed', evidence: 'E9.2', change: FLAG.id };
  test.each<[string, Conclusion, Partial<Hypothesis> | undefined, Category, boolean]>([
    [
      'that a claim speaks for is the model’s',
      says('config-change', [worse('E9.1'), reload]),
      undefined,
      'config-change',
      true,
    ],
    [
      'that a metric speaks for is the model’s',
      says('resource-exhaustion', [memory('E9.1')]),
      undefined,
      'resource-exhaustion',
      true,
    ],
    ['that nothing speaks for is unknown', says('traffic', [worse('E9.1'), reload]), undefined, 'unknown', false],
    [
      'that nothing speaks for is code’s own of the same lead',
      says('traffic', [worse('E9.1'), reload]),
      { category: 'dependency' },
      'dependency',
      false,
    ],
    [
      'that is code’s own needs no more',
      says('dependency', [worse('E9.1')]),
      { category: 'dependency' },
      'dependency',
      true,
    ],
    [
      'of a lead about somebody else counts for nobody',
      says('dependency', [worse('E9.1')]),
      { category: 'dependency', entity: { name: 'payments', level: 'service' } },
      'unknown',
      false,
    ],
    [
      'that a deploy cannot have is the deploy’s',
      says('traffic', [worse('E9.1'), deployed], DEPLOY.id),
      undefined,
      'code-change',
      false,
    ],
    [
      'of a release may be a setting that it brought',
      says('config-change', [worse('E9.1'), deployed], DEPLOY.id),
      undefined,
      'config-change',
      true,
    ],
    ['of a flag is no code', says('code-change', [worse('E9.1'), flagged], FLAG.id), undefined, 'config-change', false],
  ])('%s', (_name, conclusion, lead, category, fine) => {
    const judged = judge(conclusion, court(lead));
    expect(judged.category).toBe(category);
    expect(judged.problems.filter((p) => p.startsWith('category: ')).length).toBe(fine ? 0 : 1);
  });

  test('named otherwise does not make the workflow’s own lead anything new', () => {
    const lead = { category: 'dependency' as const, for: [{ reason: '', weight: 1, cites: ['E1.1'] }] };
    const same = judge(says('traffic', [worse('E9.1')]), court(lead));
    expect([same.settled, same.problems.join()]).toEqual([
      false,
      expect.stringContaining('the workflow’s own lead'.replace('’', "'")),
    ]);
  });
});
