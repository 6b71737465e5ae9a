/** A whole made-up run as events: 9 steps, 20 questions, 3 rankings, a verdict. Words of outsiders can be swapped in. */
import type { Capability } from '../src/core/capabilities.ts';
import type { CheckedClaim, Claim } from '../src/core/claims.ts';
import type { Chart, Event, EventBody, PlanStep } from '../src/core/events.ts';
import { emptyState, type State } from '../src/core/run-state.ts';
import { reduce } from '../src/core/state.ts';
import type { Finding, Hypothesis, Status, Weight } from '../src/core/types.ts';
import type { GateReason, Verdict } from '../src/core/verdict.ts';

export const RUN = '01jd4k8w3vq2m5x7y9zbt7f3kq';
/** When the made-up run began, ms. */
export const BEGAN = Date.parse('2026-11-20T02:56:10.000Z');

export interface RunOptions {
  outcome?: Verdict['outcome'];
  /** Stands in wherever somebody outside writes: titles, services, log lines, queries. */
  words?: (text: string) => string;
  /** How long the run takes, ms; the events are spread over it. */
  spanMs?: number;
}

const STEPS: [name: string, title: string, after: string[]][] = [
  ['signals', 'Golden signals of the alerting service', []],
  ['dependencies', 'The same for what it calls', []],
  ['onset', 'When it began', ['signals', 'dependencies']],
  ['logs', 'Log templates new or risen', ['onset']],
  ['traces', 'Slow or failing spans', ['onset']],
  ['changes', 'What changed near the onset', ['onset']],
  ['related', 'Other alerts and events', []],
  ['monitor', 'The rule behind the alert', []],
  ['history', 'Similar runs of ours', []],
];

interface Ask {
  step: number;
  capability: Capability;
  source: string;
  why: string;
  summary: string;
  status?: Status;
  problem?: string;
  searched: string;
  chart?: Chart;
  sample?: string[];
}

const WINDOW = { from: '2026-11-20T02:30:00.000Z', to: '2026-11-20T02:56:00.000Z' };
const BASELINE = { from: '2026-11-20T01:30:00.000Z', to: '2026-11-20T02:30:00.000Z' };
const CHART: Chart = {
  label: 'p95',
  unit: 's',
  ...WINDOW,
  values: [
    ...Array.from({ length: 20 }, (_, i) => 0.118 + (i % 3) * 0.004),
    null,
    null,
    0.3,
    0.46,
    0.486,
    0.48,
    0.47,
    0.49,
  ],
};

const ASKS: Ask[] = [
  ask(
    1,
    'metrics.range',
    'prometheus',
    'p95 of checkout',
    'p95 118 → 486 ms (4.1x) since 02:51Z',
    'histogram_quantile(0.95, sum by (le) (rate(http_server_request_duration_seconds_bucket{service="checkout"}[1m])))',
    { chart: CHART },
  ),
  ask(
    1,
    'metrics.range',
    'prometheus',
    'traffic of checkout',
    'requests 41.8 → 42.6/s (flat)',
    'sum(rate(http_server_request_duration_seconds_count{service="checkout"}[1m]))',
  ),
  ask(
    1,
    'metrics.range',
    'prometheus',
    'errors of checkout',
    'errors 0.1 → 0.3%',
    'sum(rate(http_server_request_duration_seconds_count{service="checkout",status=~"5.."}[1m]))',
  ),
  ask(2, 'topology.get', 'traces', 'who calls whom', '6 services, 7 calls', 'edges of 4,120 spans'),
  ask(2, 'metrics.range', 'prometheus', 'p95 of catalog', 'p95 22 → 23 ms (flat)', 'p95{service="catalog"}'),
  ask(2, 'metrics.range', 'prometheus', 'p95 of payments', 'p95 88 → 91 ms (flat)', 'p95{service="payments"}'),
  ask(
    2,
    'metrics.range',
    'prometheus',
    'connections of the database',
    'pool in use 6 → 38 of 40',
    'db_client_connections_usage{state="used"}',
    { chart: { ...CHART, unit: '1' } },
  ),
  ask(
    3,
    'metrics.range',
    'prometheus',
    'when the latency rose',
    'one change point at 02:51Z (02:50:30Z to 02:51:30Z)',
    'p95{service="checkout"} at 15s',
  ),
  ask(
    4,
    'logs.patterns',
    'logfile',
    'new log lines of checkout',
    '1 new template: "pool timeout after <*> ms" ×1,204',
    'checkout.jsonl*',
    { sample: ['pool timeout after 3000ms conn=40/40 route=/cart'] },
  ),
  ask(
    4,
    'logs.search',
    'logfile',
    'one of them with its trace',
    '12 records of 1,204',
    'checkout.jsonl "pool timeout"',
    { status: 'partial', problem: 'first 12 records kept' },
  ),
  ask(4, 'logs.patterns', 'logfile', 'new log lines of payments', 'nothing new in 8,410 records', 'payments.jsonl*', {
    status: 'empty',
  }),
  ask(
    5,
    'traces.summary',
    'traces',
    'slow spans of checkout',
    'PriceCart: 3 → 28 SQL calls a request',
    'service=checkout root=/cart',
  ),
  ask(5, 'traces.search', 'traces', 'one slow trace', '1 trace of 612 ms, 31 spans', 'traceId=7f3ab2'),
  ask(
    6,
    'changes.list',
    'git',
    'deploys and commits',
    '2 deploys: catalog 02:31Z, checkout 4f2c1a9 02:45Z',
    'tags deploy/* in shop.git',
  ),
  ask(6, 'changes.list', 'git', 'flags and configuration', 'no flag or configuration change', 'config/ in shop.git', {
    status: 'empty',
  }),
  ask(
    7,
    'events.list',
    'alertmanager',
    'other alerts',
    '1 other alert: DatabasePoolSaturated 02:53Z',
    '/api/v2/alerts',
  ),
  ask(7, 'events.list', 'kubernetes', 'restarts and evictions', '', '/api/v1/events', {
    status: 'timeout',
    problem: 'no answer from kubernetes within 5s',
  }),
  ask(
    8,
    'monitors.get',
    'prometheus',
    'the rule of the alert',
    'rule HighLatency: p95 > 300 ms for 2m',
    '/api/v1/rules',
  ),
  ask(
    9,
    'incidents.similar',
    'journal',
    'runs like this one',
    '1 similar run, 3 weeks ago: pool exhausted by a loop',
    'fingerprint or service=checkout',
  ),
  ask(9, 'incidents.similar', 'pagerduty', 'incidents like this one', '', '/incidents', {
    status: 'denied',
    problem: 'PAGERDUTY_TOKEN may not read incidents',
  }),
];

function ask(
  step: number,
  capability: Capability,
  source: string,
  why: string,
  summary: string,
  searched: string,
  more: Partial<Ask> = {},
): Ask {
  return { step, capability, source, why, summary, searched, ...more };
}

interface Found {
  step: number;
  after: number;
  finding: Finding;
}

function finds(
  step: number,
  kind: Finding['kind'],
  entity: string,
  severity: number,
  title: string,
  cites: string[],
  at?: string,
): Found {
  return {
    step,
    after: 0,
    finding: {
      kind,
      entity: { name: entity, level: 'service' },
      severity,
      title,
      cites,
      data: {},
      ...(at ? { at } : {}),
    },
  };
}

const FOUND: Found[] = [
  finds(
    1,
    'change-point',
    'checkout',
    0.9,
    'p95 of checkout 118 → 486 ms (4.1x)',
    ['E1.1'],
    '2026-11-20T02:51:00.000Z',
  ),
  finds(1, 'normal', 'checkout', 0, 'traffic of checkout flat (+2%)', ['E1.2']),
  finds(
    2,
    'change-point',
    'postgres',
    0.7,
    'database pool 6 → 38 of 40 connections',
    ['E2.4'],
    '2026-11-20T02:52:10.000Z',
  ),
  finds(
    3,
    'change-point',
    'checkout',
    0.9,
    'began at 02:51Z (02:50:30Z to 02:51:30Z)',
    ['E3.1'],
    '2026-11-20T02:51:00.000Z',
  ),
  finds(
    4,
    'new-log-pattern',
    'checkout',
    0.6,
    'new: "pool timeout after <*> ms" ×1,204',
    ['E4.1'],
    '2026-11-20T02:52:11.000Z',
  ),
  finds(5, 'flow-change', 'checkout', 0.8, 'PriceCart makes 28 SQL calls a request, was 3', ['E5.1', 'E5.2']),
  finds(
    6,
    'change-near-onset',
    'checkout',
    0.8,
    'deploy 4f2c1a9 of checkout, 6 min before',
    ['E6.1'],
    '2026-11-20T02:45:00.000Z',
  ),
  finds(
    7,
    'related-alert',
    'postgres',
    0.3,
    'DatabasePoolSaturated fired 2 min later',
    ['E7.1'],
    '2026-11-20T02:53:00.000Z',
  ),
  finds(8, 'normal', 'checkout', 0, 'rule HighLatency: p95 > 300 ms for 2m', ['E8.1']),
  finds(9, 'similar-run', 'checkout', 0.2, 'like 8w2c0d, 3 weeks ago: pool exhausted by a loop', ['E9.1']),
];

const changed = (evidence: string): Claim => ({
  type: 'changed',
  series: { evidence, labels: { service: 'checkout' } },
  statistic: 'median',
  from: BASELINE,
  to: WINDOW,
  direction: 'up',
});
const deployed: Claim = {
  type: 'deployed',
  evidence: 'E6.1',
  change: '4f2c1a9',
  service: 'checkout',
  time: '2026-11-20T02:45:00.000Z',
};
const counted: Claim = { type: 'count', evidence: 'E4.1', what: 'patterns', match: 'pool timeout', atLeast: 1 };
const quoted: Claim = { type: 'mentions', evidence: 'E5.1', quote: 'PriceCart' };

const weights = (n: number, cites: string[]): Weight[] =>
  Array.from({ length: n }, (_, i) => ({ reason: `reason ${i + 1}`, weight: 0.2, cites: [cites[i % cites.length]!] }));

function hypothesis(
  id: string,
  claim: string,
  score: number,
  state: Hypothesis['state'],
  plus: number,
  minus: number,
  more: Partial<Hypothesis> = {},
): Hypothesis {
  return {
    id,
    claim,
    category: 'code-change',
    score,
    for: weights(plus, ['E1.1', 'E5.1', 'E6.1']),
    against: weights(minus, ['E1.2', 'E2.3']),
    state,
    claims: [],
    ...more,
  };
}

function ranking(scores: [number, number, number, number, number], final: boolean): Hypothesis[] {
  const [a, b, c, d, u] = scores;
  return [
    hypothesis('H1', 'deploy 4f2c1a9 of checkout', a, 'lead', final ? 5 : 2, 0, {
      change: '4f2c1a9',
      entity: { name: 'checkout', level: 'service' },
      claims: [deployed, quoted],
    }),
    hypothesis('H2', 'database pool saturation', b, final ? 'effect' : 'possible', 1, final ? 1 : 0, {
      category: 'resource-exhaustion',
    }),
    hypothesis('H3', 'payments is slow', c, 'possible', 0, 1, { category: 'dependency' }),
    hypothesis('H4', 'traffic surge', d, 'ruled-out', 0, 2, { category: 'traffic' }),
    hypothesis('H5', 'unknown', u, 'unknown', 0, 0, { category: 'unknown' }),
  ];
}

const claim = (c: Claim, sentence: string, cites: string[], ok = true): CheckedClaim => ({
  claim: c,
  ok,
  sentence,
  cites,
  trust: 'clean',
});

const NOT_CHECKED = [
  { what: 'restarts and evictions (kubernetes)', why: 'no answer within 5s' },
  { what: 'incidents (pagerduty)', why: 'PAGERDUTY_TOKEN may not read incidents' },
];

function verdictOf(outcome: Verdict['outcome']): Verdict {
  const thresholds = { confidence: 0.75, margin: 0.15, coverage: 0.6 };
  const sure = outcome !== 'inconclusive';
  const gate: GateReason = {
    decision: sure ? 'verdict' : 'escalate',
    outcome,
    confidence: sure ? 0.91 : 0.46,
    margin: sure ? 0.85 : 0.07,
    coverage: 0.9,
    thresholds,
    reason: sure
      ? 'verdict: confidence 0.91 >= 0.75, margin 0.85 >= 0.15, coverage 0.90 >= 0.60'
      : 'escalated: margin 0.07 < 0.15',
  };
  const common = {
    gate,
    confidence: gate.confidence,
    notChecked: NOT_CHECKED,
    changes: [{ id: '4f2c1a9', score: gate.confidence }],
  };
  const known = claim(changed('E1.1'), 'p95 of checkout rose from 118 to 486 ms (4.1x) at 02:51Z, traffic is flat', [
    'E1.1',
    'E1.2',
  ]);
  if (outcome === 'healthy')
    return {
      ...common,
      outcome,
      headline: 'Nothing abnormal in 18 looks at checkout and what it calls',
      category: 'none',
      confirmed: true,
      candidates: [],
      changes: [],
      claims: [claim(changed('E1.1'), 'p95 of checkout stayed at 118 ms', ['E1.1'])],
      next: ['look again if it fires again'],
    };
  if (outcome === 'inconclusive')
    return {
      ...common,
      outcome,
      headline: 'Two hypotheses explain the same evidence',
      category: 'unknown',
      confirmed: false,
      candidates: [
        { name: 'checkout', level: 'service', score: 0.46 },
        { name: 'postgres', level: 'service', score: 0.39 },
      ],
      claims: [known],
      next: [
        'pool wait time on the database: no source shows it',
        'ask the owners of checkout whether anything changed at 02:50Z',
      ],
    };
  return {
    ...common,
    outcome,
    hypothesis: 'H1',
    headline: 'Deploy 4f2c1a9 of checkout at 02:45Z',
    category: 'code-change',
    entity: { name: 'checkout', level: 'service' },
    change: '4f2c1a9',
    onset: { at: '2026-11-20T02:51:00.000Z', from: '2026-11-20T02:50:30.000Z', to: '2026-11-20T02:51:30.000Z' },
    confirmed: true,
    candidates: [
      { name: 'checkout', level: 'service', score: 0.91 },
      { name: 'postgres', level: 'service', score: 0.05 },
    ],
    claims: [
      known,
      claim(deployed, 'Deploy 4f2c1a9 of checkout went out at 02:45Z, 6 min before the onset', ['E6.1']),
      claim(quoted, 'PriceCart makes 28 SQL calls a request, it made 3 before', ['E5.1']),
      claim(counted, 'The log line "pool timeout" has no count in the baseline', ['E4.1'], false),
    ],
    next: [
      'roll back 4f2c1a9 of checkout (not done by us)',
      'watch p95 of checkout for 5 min',
      'if it stays high, look at the database pool (H2)',
    ],
  };
}

/** The events of a whole run, in order, with times from `BEGAN` on. */
export function runEvents({ outcome = 'cause', words = (x) => x, spanMs = 4000 }: RunOptions = {}): Event[] {
  const sure = outcome !== 'inconclusive';
  const plan: PlanStep[] = STEPS.map(([name, title, after], i) => ({ n: i + 1, name, title, after }));
  const bodies: EventBody[] = [
    {
      type: 'journal.opened',
      schema: 'inquest.journal/v1',
      run: RUN,
      program: 'inquest 0.1.0',
      epoch: 1,
      host: 'laptop',
      pid: 4711,
    },
    {
      type: 'run.started',
      alert: {
        title: words('checkout p95 latency above 300 ms'),
        service: words('checkout'),
        env: 'prod',
        severity: 'critical',
        status: 'firing',
        startsAt: '2026-11-20T02:54:10.000Z',
        labels: { alertname: 'HighLatency', service: words('checkout') },
        annotations: { summary: words('p95 above 300 ms for 2m') },
        links: [],
        source: 'alertmanager',
        fingerprint: '5ef77f1f8a3ecfb8',
      },
      window: { ...WINDOW, baseline: BASELINE },
      now: '2026-11-20T02:56:10.000Z',
      playbook: { name: 'latency', hash: 'c0ffee', why: 'the title says latency' },
      plan,
      tools: [...new Set(ASKS.map((a) => `${a.source} ${a.capability}`))].map((x) => {
        const [source, capability] = x.split(' ') as [string, Capability];
        return { name: `${source}.${capability}`, source, capability, description: '', version: 1 };
      }),
      unavailable: [{ source: 'datadog', why: words('no DD_API_KEY') }],
      origin: 'stdin, 1.2 kB',
      settings: {},
    },
  ];
  const answers = (n: number): EventBody[] => {
    const mine = ASKS.filter((a) => a.step === n);
    const started = mine.map((a, i) => startOf(a, `E${n}.${i + 1}`, words));
    return [...started, ...mine.map((a, i) => finishOf(a, `E${n}.${i + 1}`, words))];
  };
  const found = (n: number): EventBody[] =>
    FOUND.filter((f) => f.step === n).map((f, i) => ({
      type: 'finding',
      step: STEPS[n - 1]![0],
      n: i + 1,
      finding: { ...f.finding, title: words(f.finding.title) },
    }));
  const finished = (n: number): EventBody => ({
    type: 'step.finished',
    step: STEPS[n - 1]![0],
    findings: found(n).length,
    evidence: ASKS.filter((a) => a.step === n).map((_, i) => `E${n}.${i + 1}`),
    ms: 300 + n * 110,
  });
  const begin = (n: number): EventBody => ({ type: 'step.started', step: STEPS[n - 1]![0] });
  const rank = (after: string[], scores: [number, number, number, number, number], final: boolean): EventBody => ({
    type: 'hypotheses.ranked',
    after,
    final,
    hypotheses: ranking(scores, final).map((h) => ({ ...h, claim: words(h.claim) })),
  });
  for (const n of [1, 2, 7, 8, 9]) bodies.push(begin(n));
  for (const n of [8, 1, 2]) bodies.push(...answers(n), ...found(n), finished(n));
  bodies.push(rank(['signals', 'dependencies'], [0.3, 0.24, 0.12, 0.04, 0.3], false));
  for (const n of [7, 9]) bodies.push(...answers(n), ...found(n), finished(n));
  bodies.push(begin(3), ...answers(3), ...found(3), finished(3));
  bodies.push(rank(['onset'], [0.52, 0.14, 0.12, 0.04, 0.18], false));
  for (const n of [4, 5, 6]) bodies.push(begin(n));
  for (const n of [4, 5, 6]) bodies.push(...answers(n), ...found(n), finished(n));
  bodies.push(rank(['all'], sure ? [0.905, 0.049, 0.009, 0.004, 0.033] : [0.46, 0.39, 0.05, 0.02, 0.08], true));
  const verdict = verdictOf(outcome);
  bodies.push({ type: 'gate.decided', gate: verdict.gate });
  for (const [i, c] of verdict.claims.entries()) bodies.push({ type: 'claim.checked', n: i + 1, claim: c });
  bodies.push({
    type: 'run.finished',
    verdict: {
      ...verdict,
      headline: words(verdict.headline),
      claims: verdict.claims.map((c) => ({ ...c, sentence: words(c.sentence) })),
    },
    exit: sure ? 0 : 10,
    ms: spanMs,
    calls: ASKS.length,
  });
  return bodies.map((body, i) => ({
    seq: i + 1,
    at: new Date(BEGAN + Math.round((i / (bodies.length - 1)) * spanMs)).toISOString(),
    ...body,
  })) as Event[];
}

function startOf(a: Ask, key: string, words: (x: string) => string): EventBody {
  return {
    type: 'call.started',
    key,
    step: STEPS[a.step - 1]![0],
    activity: `${a.source}.${a.capability}`,
    capability: a.capability,
    version: 1,
    input: { ...WINDOW, query: words(a.searched) },
    inputHash: 'ab'.repeat(16),
    why: words(a.why),
  };
}

function finishOf(a: Ask, key: string, words: (x: string) => string): EventBody {
  return {
    type: 'call.finished',
    key,
    step: STEPS[a.step - 1]![0],
    activity: `${a.source}.${a.capability}`,
    capability: a.capability,
    version: 1,
    inputHash: 'ab'.repeat(16),
    status: a.status ?? 'ok',
    summary: words(a.summary),
    searched: words(a.searched),
    trust: a.capability.startsWith('logs') ? 'outsider-writable' : 'clean',
    attempts: 1,
    ms: 120,
    ...(a.chart ? { chart: a.chart } : {}),
    ...(a.sample ? { sample: a.sample.map(words) } : {}),
    ...(a.problem ? { problem: words(a.problem) } : {}),
  };
}

/** The fold of the first events, up to and with the first that `last` says yes to; all of them without it. */
export function stateAt(events: Event[], last?: (e: Event, state: State) => boolean): State {
  let state = emptyState();
  for (const e of events) {
    state = reduce(state, e);
    if (last?.(e, state)) break;
  }
  return state;
}
