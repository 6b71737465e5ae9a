/** `inquest eval --perturb` and `--without`: the same case, recorded a little differently or judged by a part less. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findingsWithout, PARTS } from '../src/analysis/ablation.ts';
import { runBundle } from '../src/app/run-bundle.ts';
import type { EvalFlags } from '../src/commands/_eval-flags.ts';
import { stressOf, withoutOf } from '../src/commands/_eval-options.ts';
import type { Finding } from '../src/core/types.ts';
import type { Verdict } from '../src/core/verdict.ts';
import type { CaseAnswer } from '../src/eval/answer.ts';
import { dropped } from '../src/eval/perturb/drop.ts';
import { withoutGuilty } from '../src/eval/perturb/hide-change.ts';
import { withDecoys } from '../src/eval/perturb/mix-decoys.ts';
import type { Perturbation } from '../src/eval/perturb/perturb.ts';
import { type RawBundle, readRaw } from '../src/eval/perturb/raw.ts';
import { renamed } from '../src/eval/perturb/rename.ts';
import { judgeHidden, runPerturbed } from '../src/eval/perturb/run.ts';
import { halved } from '../src/eval/perturb/window.ts';
import { stress } from '../src/eval/stress.ts';
import { stressLines } from '../src/eval/stress-table.ts';
import { ALERT_AT, iso, MINUTE, makeBundle } from './_bundles.ts';
import { ROOT } from './_program.ts';
import { tempFolder } from './_temp.ts';

const SHA = '4074a93cbf3be1458094e636f38d7f2fa8d4d29b';
const shop = (): RawBundle => ({
  answers: false,
  json: {
    bundle: {
      name: 'shop',
      now: iso(ALERT_AT + MINUTE),
      window: { from: iso(ALERT_AT - 60 * MINUTE), to: iso(ALERT_AT) },
    },
    alert: { title: 'front: Cart-API is slow', service: 'front', startsAt: iso(ALERT_AT) },
    topology: { services: [{ name: 'front' }, { name: 'cart' }, { name: 'cart-db' }], calls: [['front', 'cart']] },
    truth: { verdict: 'cause', level: 'service', entity: 'cart', change: SHA, category: 'code-change' },
  },
  lines: {
    metrics: [
      {
        metric: { __name__: 'cart_errors', service: 'cart', instance: 'cart-5f6585d649-fnmft', node: 'vm2' },
        kind: 'errors',
      },
      {
        metric: { __name__: 'cpu', service: 'cart-db' },
        timestamps: [ALERT_AT - 50 * MINUTE, ALERT_AT],
        values: [1, 2],
      },
    ],
    logs: [
      { timestamp: iso(ALERT_AT), severityText: 'ERROR', body: 'Cart on vm2: cart-db refused, carton ok' },
      { timestamp: iso(ALERT_AT - 40 * MINUTE), body: 'CART_DB_URL is set', resource: { 'service.name': 'cart' } },
    ],
    traces: [
      { traceId: 'cart', spanId: '1', name: 'GET /cart', startTime: iso(ALERT_AT), durationMs: 5, status: 'ok' },
    ],
    changes: [
      {
        id: SHA,
        time: iso(ALERT_AT - MINUTE),
        kind: 'commit',
        ref: SHA,
        title: 'cart: less',
        files: [{ path: 'cart/a.js' }],
      },
      {
        id: 'deploy/cart/2',
        time: iso(ALERT_AT),
        kind: 'deploy',
        service: 'cart',
        ref: SHA,
        deployed: [SHA],
        title: SHA.slice(0, 8),
      },
      { id: 'deploy/cart-db/1', time: iso(ALERT_AT), kind: 'config', service: 'cart-db', title: 'pool' },
    ],
  },
  kubernetes: {
    pods: {
      kind: 'List',
      items: [{ kind: 'Pod', metadata: { name: 'cart-5f6585d649-fnmft', labels: { hash: '5f6585d649' } } }],
    },
  },
});

describe('rename', () => {
  const other = renamed(shop(), '7');
  const told = JSON.stringify(other);

  test('gives every name another one, the same everywhere, in the truth too', () => {
    for (const name of ['cart', 'Cart', 'front', 'vm2', 'fnmft', '5f6585d649', SHA.slice(0, 7)]) {
      expect(told.replaceAll('carton', '').replaceAll('"traceId":"cart"', '')).not.toMatch(
        new RegExp(`(?<![a-z])${name}(?![a-z])`),
      );
    }
    const { topology, truth } = other.json as Record<string, Record<string, unknown>>;
    const [, cart, db] = (topology!.services as { name: string }[]).map((s) => s.name);
    expect(truth).toMatchObject({ entity: cart, change: other.lines.changes?.[0]?.id, category: 'code-change' });
    expect(other.lines.metrics?.[0]?.metric).toMatchObject({ __name__: `${cart}_errors`, service: cart });
    const pod = (other.lines.metrics![0]!.metric as { instance: string }).instance;
    expect(pod).toMatch(new RegExp(`^${cart}-[a-z0-9]{10}-[a-z]{5}$`));
    expect(other.kubernetes.pods).toMatchObject({
      items: [{ metadata: { name: pod, labels: { hash: pod.split('-')[1] } } }],
    });
    expect(other.lines.logs?.[0]?.body).toContain(`: ${db} refused, carton ok`);
    expect(other.lines.logs?.[1]?.body).toBe(`${db?.toUpperCase()}_URL is set`);
    expect(other.lines.changes?.[1]).toMatchObject({
      id: `deploy/${cart}/2`,
      deployed: [truth?.change],
      kind: 'deploy',
    });
    expect(String(truth?.change).startsWith(String(other.lines.changes?.[1]?.title))).toBe(true);
  });

  test('is the same for the same seed, and leaves what is no name', () => {
    expect(JSON.stringify(renamed(shop(), '7'))).toBe(told);
    expect(JSON.stringify(renamed(shop(), '8'))).not.toBe(told);
    expect(other.lines.traces?.[0]).toMatchObject({ traceId: 'cart', status: 'ok' });
    expect(other.lines.logs?.[0]).toMatchObject({ timestamp: iso(ALERT_AT), severityText: 'ERROR' });
  });
});

test('drop leaves out about a tenth, whatever the order of the lines', () => {
  const logs = Array.from({ length: 2000 }, (_, i) => ({ body: `line ${i}` }));
  const bundle = { ...shop(), lines: { logs } };
  const kept = dropped(bundle, '1').lines.logs ?? [];
  expect(kept.length).toBeGreaterThan(1740);
  expect(kept.length).toBeLessThan(1860);
  const reversed = dropped({ ...bundle, lines: { logs: logs.toReversed() } }, '1').lines.logs ?? [];
  expect(reversed.toReversed()).toEqual(kept);
});

describe('hide-change', () => {
  test('takes the guilty change, what shipped it and what ships the same commit', () => {
    const hidden = withoutGuilty(shop()) as RawBundle;
    expect(hidden.lines.changes?.map((c) => c.id)).toEqual(['deploy/cart-db/1']);
    expect(hidden.json.truth).toEqual({ verdict: 'cause', level: 'service', entity: 'cart', change: 'none' });
  });

  test('where the truth only says that it was one, all such changes of the true entity go; else it does not apply', () => {
    const raw = shop();
    const truth = { verdict: 'cause', level: 'service', entity: 'cart-db', category: 'config-change' };
    const hidden = withoutGuilty({ ...raw, json: { ...raw.json, truth } }) as RawBundle;
    expect(hidden.lines.changes?.map((c) => c.id)).toEqual([SHA, 'deploy/cart/2']);
    const none = { ...raw, json: { ...raw.json, truth: { ...truth, change: 'none' } } };
    expect(withoutGuilty(none)).toBe('no change is guilty');
  });

  test('none and a low confidence are right; a decoy that is accused is not', () => {
    const truth = {
      schema: 'inquest.truth/v1',
      verdict: 'cause',
      level: 'service',
      entity: 'cart',
      change: 'none',
    } as const;
    const answer = (confidence: number, changes: string[], outcome: CaseAnswer['outcome'] = 'cause'): CaseAnswer => ({
      ...{ outcome, confidence, changes, category: null, reportHash: '' },
      ranking: [{ name: 'cart', level: 'service' }],
    });
    expect(judgeHidden(answer(0.9, ['none']), truth)).toMatchObject({ right: true, changeRank: 1 });
    expect(judgeHidden(answer(0.7, ['decoy', 'none'], 'inconclusive'), truth)).toMatchObject({ right: true });
    expect(judgeHidden(answer(0.8, ['decoy', 'none']), truth)).toMatchObject({ right: false, wrong: ['change'] });
    expect(judgeHidden(answer(0.8, ['none'], 'healthy'), truth).wrong).toEqual(['outcome']);
  });
});

describe('mix-decoys', () => {
  const own = { raw: shop(), startsAt: ALERT_AT };
  const later = 1000 * MINUTE;
  const donor = {
    startsAt: ALERT_AT + later,
    raw: {
      ...shop(),
      json: {},
      lines: {
        changes: [
          {
            id: 'deploy/cart/3',
            time: iso(ALERT_AT + later - 5 * MINUTE),
            service: 'cart',
            title: 'cart 2',
            instances: ['x'],
          },
          { id: 'deploy/cart-db/1', time: iso(ALERT_AT + later), service: 'cart-db', title: 'the same release' },
          { id: 'deploy/bank/1', time: iso(ALERT_AT + later + 5 * MINUTE), service: 'bank', title: 'too late' },
        ],
        logs: [
          {
            timestamp: iso(ALERT_AT + later).replace('Z', '123Z'),
            body: 'cart is down',
            resource: { 'service.name': 'cart' },
          },
          { timestamp: iso(ALERT_AT + later - 90 * MINUTE), body: 'before anything was recorded' },
        ],
      },
      kubernetes: {},
    },
  };

  test('lie as far from the alert as they did, and never at the true service', () => {
    const { changes = [], logs = [] } = (withDecoys(own, donor, '1') as RawBundle).lines;
    expect(changes).toHaveLength(4);
    expect(changes[3]).toMatchObject({ time: iso(ALERT_AT - 5 * MINUTE) });
    expect(['front', 'cart-db']).toContain(changes[3]?.service);
    expect(changes[3]?.title).toBe(`${changes[3]?.service} 2`);
    expect(changes[3]).not.toHaveProperty('instances');
    expect(logs).toHaveLength(3);
    expect(logs[2]).toEqual({
      timestamp: iso(ALERT_AT).replace('Z', '123Z'),
      body: `${changes[3]?.service} is down`,
      resource: { 'service.name': changes[3]?.service },
    });
  });

  test('a case without log lines gets none, and without anything to add it does not apply', () => {
    const { logs: _, ...lines } = shop().lines;
    const silent = { ...own, raw: { ...own.raw, lines } };
    expect((withDecoys(silent, donor, '1') as RawBundle).lines.logs).toBeUndefined();
    expect(withDecoys(own, { ...donor, raw: { ...donor.raw, lines: {} } }, '1')).toContain(
      'neither changes nor log lines',
    );
  });
});

test('window-half takes away the first half of the time before the alert, but no history of changes', () => {
  const raw = shop();
  const bundle = {
    ...(raw.json.bundle as object),
    baselineWindows: [
      { from: iso(ALERT_AT - 200 * MINUTE), to: iso(ALERT_AT - 150 * MINUTE) },
      { from: iso(ALERT_AT - 55 * MINUTE), to: iso(ALERT_AT - 10 * MINUTE) },
    ],
    coverage: { logs: [{ from: iso(ALERT_AT - 50 * MINUTE), to: iso(ALERT_AT - 40 * MINUTE) }] },
  };
  const half = halved({ ...raw, json: { ...raw.json, bundle } }, ALERT_AT) as RawBundle;
  expect(half.json.bundle).toMatchObject({
    window: { from: iso(ALERT_AT - 30 * MINUTE) },
    baselineWindows: [
      { from: iso(ALERT_AT - 200 * MINUTE), to: iso(ALERT_AT - 150 * MINUTE) },
      { from: iso(ALERT_AT - 30 * MINUTE), to: iso(ALERT_AT - 10 * MINUTE) },
    ],
    coverage: { logs: [] },
  });
  expect(half.lines.metrics?.[1]).toMatchObject({ timestamps: [ALERT_AT], values: [2] });
  expect(half.lines.logs).toHaveLength(1);
  expect(half.lines.changes).toEqual(raw.lines.changes);
});

describe('a perturbed case', () => {
  const verdict = {
    outcome: 'cause',
    confidence: 0.9,
    category: 'unknown',
    candidates: [],
    changes: [],
    gate: {},
  } as unknown as Verdict;

  test('is investigated in a copy that is gone afterwards; the bundle itself stays as it is', async () => {
    const dir = makeBundle(tempFolder(), 'case', {
      truth: { verdict: 'cause', level: 'service', entity: 'cart' },
      series: [{ labels: { __name__: 'cpu', service: 'cart' }, values: [1, 2, 3] }],
    });
    const before = readFileSync(join(dir, 'metrics.jsonl'), 'utf8');
    const scratch = tempFolder();
    const asked: [RawBundle, number | undefined][] = [];
    const deps = {
      root: join(import.meta.dirname, '../src'),
      now: () => 0,
      investigate: async (copy: string, { lookback }: { lookback?: number }) => {
        asked.push([await readRaw(copy), lookback]);
        return { verdict };
      },
    };
    const run = (name: Perturbation) =>
      runPerturbed({ dir, shiftMs: 0, twins: false }, { name, seed: '1', others: [], scratch }, deps);
    expect(await run('rename')).toMatchObject({
      truth: { entity: (asked[0]![0].json.truth as { entity: string }).entity },
    });
    expect(asked[0]?.[0].lines.metrics?.[0]?.metric).not.toMatchObject({ service: 'cart' });
    expect(await run('hide-change')).toEqual({ skipped: 'no changes, or no truth' });
    await run('window-double');
    expect(asked[1]?.[1]).toBe(2);
    expect(readdirSync(scratch)).toEqual([]);
    expect(readFileSync(join(dir, 'metrics.jsonl'), 'utf8')).toBe(before);
  });

  test('is set beside the plain run: what it cost, what flipped, what it does not apply to', async () => {
    const top = tempFolder();
    const file = join(top, 'worker.mjs');
    writeFileSync(
      file,
      `process.on('message', ({ dir, perturb, shiftMs }) => {
        if (perturb && dir.endsWith('c')) return process.send({ skipped: 'no', rssMb: 1 });
        const wrong = (perturb || shiftMs) && dir.endsWith('b');
        const answer = { outcome: wrong ? 'inconclusive' : 'cause', confidence: 0.9, category: null, ranking: [], changes: null, reportHash: '' };
        const truth = { verdict: 'cause', level: 'service', entity: 'cart' };
        const judgement = { entityRank: wrong ? 2 : 1, outcomeRight: !wrong, wrong: wrong ? ['entity'] : [], right: !wrong };
        process.send({ result: { answer, ranking: [], truth, judgement, ms: 1 }, rssMb: 1 });
      });`,
    );
    const { evaluate } = await import('../src/eval/evaluate.ts');
    const found = ['a', 'b', 'c'].map((name) => ({ name, set: 'shop', dir: join(top, name) }));
    mkdirSync(join(top, 'a'));
    const options = {
      ...{ shiftMs: 0, jobs: 1, timeoutMs: 20_000, timings: false, signal: new AbortController().signal },
      worker: { file, execArgv: [] },
    };
    const plain = await evaluate(found, { ...options, twins: false });
    const { variants } = stressOf({ seed: '1', shift: ['-60s', '60s'], perturb: 'drop' } as EvalFlags);
    const perturbed = await stress(found, found, plain, variants, options);
    expect(Object.keys(perturbed)).toEqual(['shift -60s', 'shift 60s', 'drop']);
    expect(perturbed.drop?.total).toMatchObject({
      cases: 2,
      skipped: 1,
      ac1: 0.5,
      lossAc1: 0.5,
      flipped: 0.5,
      confidentWrong: 0.5,
    });
    expect(perturbed['shift 60s']?.sets.shop).toMatchObject({ cases: 3, skipped: 0, lossAc1: 0.333333 });
    const lines = stressLines(perturbed);
    expect(lines[3]).toMatch(/^drop +2 +1 +\.500 +\.500/);
    expect(lines.slice(4)).toEqual([
      '--shift: mean loss of AC@1 .333, confident-wrong .333',
      '--perturb: mean loss of AC@1 .500, confident-wrong .500',
    ]);
  });
});

describe('what is asked for', () => {
  const flags = (more: Partial<EvalFlags>): EvalFlags => ({ timings: true, caseTimeout: '5m', seed: '1', ...more });

  test('one --shift moves the run itself, several are set beside it; window is two runs', () => {
    expect(stressOf(flags({ shift: ['60s'] }))).toEqual({ shiftMs: 60_000, variants: [] });
    const { shiftMs, variants } = stressOf(flags({ shift: ['60s', '-60s'], perturb: 'window,rename' }));
    expect(shiftMs).toBe(0);
    expect(variants.map((v) => v.name)).toEqual(['shift 60s', 'shift -60s', 'window-half', 'window-double', 'rename']);
  });

  test('a name that does not exist is refused with the one that is meant', () => {
    expect(() => stressOf(flags({ perturb: 'renam' }))).toThrow('--perturb: there is no "renam"');
    expect(() => stressOf(flags({ perturb: ',' }))).toThrow('nothing is named');
    expect(() => stressOf(flags({ seed: 'x' }))).toThrow('--seed: "x" is no whole number');
    expect(() => withoutOf(flags({ without: ['log'] }))).toThrow('--without: the analysis has no part "log"');
    expect(() => withoutOf(flags({ without: ['logs'], method: 'baro' }))).toThrow(
      '--without belongs to the investigation',
    );
    expect(withoutOf(flags({ without: Object.keys(PARTS) }))).toEqual(Object.keys(PARTS));
  });
});

test('a part that is left out tells nothing, and the rest of a finding stays', () => {
  const finding = (data: Record<string, unknown>): Finding => ({
    ...{ kind: 'topology', entity: { name: 'front', level: 'service' }, severity: 0, title: '', cites: [], data },
  });
  const calls = finding({ type: 'topology', calls: [['front', 'cart']], services: [], from: 'source' });
  const change = finding({
    type: 'change',
    id: 'x',
    did: 5,
    dead: true,
    match: 0.7,
    words: ['pool'],
    effect: 'alters',
  });
  expect(findingsWithout([calls, change], new Set())).toEqual([calls, change]);
  const left = findingsWithout([calls, change], new Set(['topology', 'diff']));
  expect(left.map((f) => f.data)).toEqual([
    { type: 'topology', calls: [], services: [], from: 'source' },
    { type: 'change', id: 'x', did: 5, dead: true, match: 0, words: [], effect: 'unseen' },
  ]);
});

test('without logs nothing of them is left in the summary of spans; without timing nothing of when something fills up', async () => {
  const whole = join(ROOT, 'fixtures/incidents/cedar-heron');
  const bare = join(tempFolder(), 'bare');
  cpSync(whole, bare, { recursive: true, filter: (file) => !/logs\.jsonl/.test(file) });
  const flowsOf = async (dir: string, without: string[]): Promise<unknown> => {
    const { state, load } = await runBundle(dir, { root: join(ROOT, 'src'), now: () => ALERT_AT, without });
    const summary = state.evidence.find((e) => e.capability === 'traces.summary')!;
    return ((await load(summary.result!)) as { flows: unknown }).flows;
  };
  const [joined, left, none] = [await flowsOf(whole, []), await flowsOf(whole, ['logs']), await flowsOf(bare, [])];
  expect(left).toEqual(none);
  expect(left).not.toEqual(joined);
  const filling = { from: iso(0), to: iso(1) };
  const moved = { name: 'disk', filling };
  const data = { type: 'metrics', self: [moved], saturated: moved };
  const found: Finding = {
    kind: 'saturation',
    entity: { name: 'db', level: 'service' },
    severity: 1,
    title: '',
    cites: [],
    data,
  } as never;
  expect(findingsWithout([found], new Set(['timing']))[0]!.data).toEqual({
    type: 'metrics',
    self: [{ name: 'disk' }],
    saturated: { name: 'disk' },
  });
  expect(findingsWithout([found], new Set(['logs']))[0]!.data).toEqual(data);
});
