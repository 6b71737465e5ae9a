import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canonical } from '../src/core/canonical.ts';
import type { Answers, Capability, Questions } from '../src/core/capabilities.ts';
import { UserError } from '../src/core/errors.ts';
import { count } from '../src/core/text.ts';
import type { Answer } from '../src/core/types.ts';
import { bundleAlertBytes, readBundleInfo } from '../src/sources/bundle/_info.ts';
import { source } from '../src/sources/bundle.ts';
import type { OpenSource, SourceEnv } from '../src/tools/tool.ts';

const env: SourceEnv = { cwd: '/', fetch, now: () => 0, services: { shop: { aliases: ['shop-v1'] } } };
const context = { signal: new AbortController().signal };
const T0 = Date.parse('2026-01-01T10:00:00Z');
const at = (minute: number): string => new Date(T0 + minute * 60_000).toISOString();
const hour = { from: at(0), to: at(60) };

const INFO = { schema: 'inquest.bundle/v1', name: 'case', now: at(60), window: hour };
const series = (labels: Record<string, string>, minutes: number[], more = {}) => ({
  metric: { __name__: 'latency', ...labels },
  timestamps: minutes.map((m) => T0 + m * 60_000),
  values: minutes.map((m) => m / 10),
  ...more,
});
const log = (minute: number, body: string, service = 'shop', more = {}) => ({
  timestamp: at(minute),
  body,
  resource: { 'service.name': service, 'k8s.pod.name': `${service}-1` },
  ...more,
});
const span = (minute: number, id: string, service: string, parent?: string, more = {}) => ({
  traceId: 't1',
  spanId: id,
  ...(parent && { parentSpanId: parent }),
  name: `op ${id}`,
  startTime: at(minute),
  durationMs: 5,
  status: 'ok',
  resource: { 'service.name': service },
  ...more,
});

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'inquest-bundle-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

function put(file: string, content: unknown): void {
  const text = Array.isArray(content)
    ? content.map((l) => `${typeof l === 'string' ? l : JSON.stringify(l)}\n`).join('')
    : JSON.stringify(content);
  writeFileSync(join(dir, file), file.endsWith('.gz') ? gzipSync(text) : text);
}

async function open(): Promise<OpenSource> {
  return source.open('bundle', { dir }, env);
}

async function ask<C extends Capability>(
  capability: C,
  question: Omit<Questions[C], 'from' | 'to'> & { from?: string; to?: string },
  from?: OpenSource,
): Promise<Answer<C>> {
  const opened = from ?? (await open());
  const tool = opened.tools.find((t) => t.capability === capability);
  if (!tool) throw new Error(`no tool for ${capability}`);
  return (await tool.run({ ...hour, ...question } as never, context)) as unknown as Answer<C>;
}

const dataOf = <C extends Capability>(a: Answer<C>): Answers[C] => a.data as Answers[C];

describe('what is there and what is not', () => {
  test('an absent file is no tool, an empty file is a complete answer with nothing in it', async () => {
    put('bundle.json', INFO);
    put('logs.jsonl', []);
    const tools = (await open()).tools.map((t) => t.name);
    expect(tools).toEqual(['bundle.logs.patterns', 'bundle.logs.search', 'bundle.topology.get']);
    const answer = await ask('logs.search', { limit: 10 });
    expect([answer.status, dataOf(answer).records]).toEqual(['empty', []]);
  });

  test('every file may be gzip, and the answers are the same', async () => {
    put('bundle.json', INFO);
    put('metrics.jsonl', [series({ service: 'shop' }, [1, 2])]);
    put('logs.jsonl', [log(3, 'hello')]);
    const plain = [await ask('metrics.range', { service: 'shop' }), await ask('logs.search', { limit: 9 })];
    for (const file of readdirSync(dir)) {
      const raw = readFileSync(join(dir, file));
      rmSync(join(dir, file));
      writeFileSync(join(dir, `${file}.gz`), gzipSync(raw));
    }
    expect([await ask('metrics.range', { service: 'shop' }), await ask('logs.search', { limit: 9 })]).toEqual(plain);
  });

  test('truth.json is never opened: nothing of it is in any answer, and a broken one disturbs nobody', async () => {
    put('bundle.json', INFO);
    put('events.jsonl', [{ time: at(1), source: 's', kind: 'k', title: 'x' }]);
    writeFileSync(join(dir, 'truth.json'), '{ SECRET-ANSWER');
    const opened = await open();
    const checks = await opened.check(context);
    expect(checks.every((c) => c.state === 'ok')).toBe(true);
    expect(canonical([checks, await ask('events.list', {}, opened)])).not.toContain('SECRET-ANSWER');
  });

  test('a folder without bundle.json, one with another schema and one without an alert are refused by name', async () => {
    await expect(open()).rejects.toThrow(/no bundle.json/);
    put('bundle.json', { ...INFO, schema: 'other/v9' });
    await expect(open()).rejects.toThrow(/schema "other\/v9"/);
    put('bundle.json', { ...INFO, now: 'yesterday' });
    await expect(open()).rejects.toThrow(/"now" is no ISO-8601 time/);
    put('bundle.json', INFO);
    await expect(bundleAlertBytes(dir)).rejects.toThrow(UserError);
  });

  test('coverage may be a list for all sources or an object keyed by source', async () => {
    const part = { from: at(0), to: at(30) };
    put('bundle.json', { ...INFO, coverage: [part] });
    expect((await readBundleInfo(dir)).coverage).toEqual([part]);
    put('bundle.json', { ...INFO, coverage: { logs: [part] }, baselineWindows: [{ ...part, sources: ['logs'] }] });
    const info = await readBundleInfo(dir);
    expect(info.coverage).toEqual([{ ...part, sources: ['logs'] }]);
    expect(info.baselineWindows).toEqual([{ ...part, sources: ['logs'] }]);
  });
});

describe('broken input', () => {
  test('a broken line is skipped, counted and named with its file and number; what the others say is there', async () => {
    put('bundle.json', INFO);
    put('logs.jsonl', [log(1, 'a'), '', '{"timestamp": "2026', log(2, 'b'), '{"timestamp": "never"}']);
    put('metrics.jsonl', [series({ service: 'shop' }, [1]), '{"metric": 1}']);
    const logs = await ask('logs.search', { limit: 5 });
    expect([logs.status, dataOf(logs).records.map((r) => r.body)]).toEqual(['partial', ['a', 'b']]);
    expect(logs.problem).toMatch(/^logs\.jsonl, line 3: no JSON: [^;()]*; 2 lines skipped, 2 read$/);
    const metrics = await ask('metrics.range', { service: 'shop' });
    expect([metrics.status, dataOf(metrics).series.length, metrics.problem]).toEqual([
      'partial',
      1,
      'metrics.jsonl, line 2: "metric" is no object of labels; 1 line skipped, 1 read',
    ]);
    expect((await ask('metrics.range', { service: 'nobody' })).status).toBe('partial');
    const checks = await (await open()).check(context);
    expect(checks.find((c) => c.what === 'logs')).toMatchObject({ state: 'warn', detail: logs.problem });
  });

  test('a file of which no line can be read fails alone: the other tools answer, topology from what is left', async () => {
    put('bundle.json', INFO);
    put('metrics.jsonl', ['{', '{']);
    put('logs.jsonl', [log(1, 'a')]);
    put('traces.jsonl', [span(1, 'a', 'shop'), span(1, 'b', 'bank', 'a')]);
    mkdirSync(join(dir, 'kubernetes'));
    put('kubernetes/pods.json', { items: [{ metadata: { name: 'shop-1' } }] });
    writeFileSync(join(dir, 'kubernetes/nodes.json'), '{');
    const opened = await open();
    const failed = await ask('metrics.range', { service: 'shop' }, opened);
    expect([failed.status, failed.data]).toEqual(['failed', undefined]);
    expect(failed.problem).toMatch(
      /^metrics\.jsonl, line 1: no JSON: .*; so are all 2 lines\. The other files of the bundle still answer\. Mend/,
    );
    expect((await ask('logs.search', { limit: 5 }, opened)).status).toBe('ok');
    expect((await ask('traces.summary', { baseline: [] }, opened)).status).toBe('ok');
    const topology = await ask('topology.get', {}, opened);
    expect([topology.status, dataOf(topology).calls]).toEqual(['partial', [['shop', 'bank']]]);
    expect(topology.problem).toMatch(/^metrics\.jsonl, line 1: .*\. nodes\.json, line 1: /);
    const state = await ask('state.list', {}, opened);
    expect([state.status, dataOf(state).objects.map((o) => o.kind)]).toEqual(['partial', ['pods']]);
    expect((await opened.check(context)).find((c) => c.what === 'metrics')).toMatchObject({ state: 'fail' });
  });

  test('where topology.json declares the calls, broken telemetry takes nothing from it', async () => {
    put('bundle.json', INFO);
    put('logs.jsonl', ['{']);
    put('topology.json', { services: [{ name: 'shop' }], calls: [['shop', 'bank']] });
    expect((await ask('topology.get', {})).status).toBe('ok');
  });

  test.each([
    [
      'metrics.jsonl',
      { metric: { __name__: 'x' }, timestamps: [1, 2], values: [1] },
      /line 1: 2 timestamps, but 1 val/,
    ],
    ['metrics.jsonl', { metric: 'x', timestamps: [], values: [] }, /"metric" is no object/],
    ['logs.jsonl', { body: 'x' }, /"timestamp" is no ISO-8601 time/],
    ['changes.jsonl', { id: 'a', time: at(1), kind: 'party', title: '' }, /"kind" is none of deploy, config/],
    ['traces.jsonl', [1, 2], /is no JSON object/],
  ] as const)('%s with a line that is not as the format has it', async (file, line, message) => {
    put('bundle.json', INFO);
    put(file, [JSON.stringify(line)]);
    const opened = await open();
    const tool = opened.tools.find((t) => t.capability !== 'topology.get');
    const answer = await tool?.run({ ...hour, limit: 1, baseline: [] } as never, context);
    expect(answer?.status).toBe('failed');
    expect(answer?.problem).toMatch(message);
  });

  test('a gzip file that was cut off gives what could be read, the same every time, and says where it ends', async () => {
    put('bundle.json', INFO);
    put('traces.jsonl', [span(1, 'a', 'shop')]);
    const records = Array.from({ length: 5000 }, (_, i) => log(i % 60, `n ${i * 7919}`));
    const whole = gzipSync(records.map((r) => JSON.stringify(r)).join('\n'));
    writeFileSync(join(dir, 'logs.jsonl.gz'), whole.subarray(0, whole.length / 2));
    const opened = await open();
    const answer = await ask('logs.search', { limit: 5 }, opened);
    const said = /^logs\.jsonl\.gz is cut off after line (\d+); what stands before is read$/.exec(answer.problem ?? '');
    expect([answer.status, answer.summary]).toEqual(['partial', `${count(Number(said?.[1]))} records`]);
    expect(Number(said?.[1])).toBeGreaterThan(1000);
    expect((await ask('logs.search', { limit: 5 })).problem).toBe(answer.problem);
    const traces = await ask('traces.summary', { baseline: [] }, opened);
    expect([traces.status, traces.summary]).toEqual([
      'ok',
      expect.stringMatching(/without logs, whose file is broken/),
    ]);
    expect((await ask('topology.get', {}, opened)).status).toBe('partial');
  });

  test('a file that is no gzip, and one cut off before its first line, fail', async () => {
    put('bundle.json', INFO);
    writeFileSync(join(dir, 'logs.jsonl.gz'), 'no gzip');
    writeFileSync(join(dir, 'events.jsonl.gz'), gzipSync('{"time": 1}').subarray(0, 12));
    const answers = [await ask('logs.search', { limit: 5 }), await ask('events.list', {})];
    expect(answers.map((a) => a.status)).toEqual(['failed', 'failed']);
    expect(answers[1]?.problem).toMatch(
      /^events\.jsonl\.gz is cut off, damaged or no gzip \(Z_BUF_ERROR\)\. The other/,
    );
  });
});

describe('what was searched, in words', () => {
  test('a window on one day has no date; one that begins the day before has both', async () => {
    put('bundle.json', INFO);
    put('events.jsonl', []);
    expect((await ask('events.list', {})).searched).toBe('events.jsonl of case, 10:00:00Z–11:00:00Z');
    const long = await ask('events.list', { from: at(-24 * 60 + 1) });
    expect(long.searched).toBe('events.jsonl of case, 2025-12-31 10:01:00Z–2026-01-01 11:00:00Z');
  });

  test('what was recorded is told with its date, for a question about another day', async () => {
    put('bundle.json', INFO);
    put('events.jsonl', []);
    const before = await ask('events.list', { from: at(-3000), to: at(-2900) });
    expect(before.problem).toBe('the bundle recorded 2026-01-01 10:00:00Z–11:00:00Z, the question lies outside');
  });
});

describe('the same answers whatever the order of the lines', () => {
  test('shuffled files give the same bytes for every tool', async () => {
    const metrics = [
      series({ service: 'shop', instance: 'a' }, [1, 2, 3]),
      series({ service: 'shop', instance: 'b' }, [1, 2]),
      series({ service: 'shop', instance: 'b' }, [3, 4]),
      series({ caller: 'shop', callee: 'bank' }, [1]),
    ];
    const logs = [log(1, 'b'), log(1, 'a'), log(2, 'c'), log(1, 'a', 'bank'), log(1, 'a', 'shop', { traceId: 't' })];
    const spans = [span(1, 'a', 'shop'), span(1, 'b', 'bank', 'a'), span(1, 'c', 'bank', 'a')];
    const changes = [1, 1, 2].map((m, i) => ({
      id: `c${i}`,
      time: at(m),
      kind: 'deploy',
      service: 'shop',
      title: 't',
    }));
    const events = [1, 1, 3].map((m, i) => ({ time: at(m), source: 's', kind: 'k', title: `e${i}` }));
    const all = async (turn: <T>(list: T[]) => T[]): Promise<string> => {
      put('bundle.json', INFO);
      put('metrics.jsonl', turn(metrics));
      put('logs.jsonl', turn(logs));
      put('traces.jsonl', turn(spans));
      put('changes.jsonl', turn(changes));
      put('events.jsonl', turn(events));
      const opened = await open();
      const question = { ...hour, limit: 50, baseline: [{ from: at(0), to: at(1) }] };
      const answers = [];
      for (const tool of opened.tools) answers.push(await tool.run(question as never, context));
      return JSON.stringify(answers);
    };
    const straight = await all((l) => l);
    expect(await all((l) => l.toReversed())).toBe(straight);
    expect(await all((l) => [...l.slice(2), ...l.slice(0, 2)])).toBe(straight);
  });

  test('a series that was exported in several lines is one series, samples by time', async () => {
    put('bundle.json', INFO);
    put('metrics.jsonl', [series({ service: 'shop' }, [5, 6]), series({ service: 'shop' }, [2, 1])]);
    const found = dataOf(await ask('metrics.range', { service: 'shop' })).series;
    expect(found.map((s) => s.values)).toEqual([[0.1, 0.2, 0.5, 0.6]]);
  });
});

describe('time', () => {
  test('from is inside, to is outside, and at the end of the recording what happened at `now` is inside', async () => {
    put('bundle.json', INFO);
    put('metrics.jsonl', [series({ service: 'shop' }, [0, 10, 20, 60, 61])]);
    const minutes = async (from: number, to: number) =>
      (await ask('metrics.range', { service: 'shop', from: at(from), to: at(to) })).data?.series.flatMap((s) =>
        s.times.map((t) => (t - T0) / 60_000),
      );
    expect(await minutes(0, 20)).toEqual([0, 10]);
    expect(await minutes(0, 60)).toEqual([0, 10, 20, 60]);
    expect(await minutes(0, 600)).toEqual([0, 10, 20, 60]);
  });

  test('minutes that were not recorded make the answer partial, and are named', async () => {
    put('bundle.json', { ...INFO, coverage: { logs: [{ from: at(10), to: at(20) }] } });
    put('logs.jsonl', [log(12, 'x')]);
    const whole = await ask('logs.search', { limit: 5 });
    expect([whole.status, whole.problem]).toEqual([
      'partial',
      'logs were not recorded for 50m of it: 10:00:00Z–10:10:00Z, 10:20:00Z–11:00:00Z',
    ]);
    expect(whole.data?.records).toHaveLength(1);
    expect((await ask('logs.search', { limit: 5, from: at(11), to: at(19) })).status).toBe('ok');
    expect((await ask('logs.search', { limit: 5, from: at(30), to: at(40) })).status).toBe('partial');
  });

  test('nothing found outside of what was recorded is not an absence', async () => {
    put('bundle.json', INFO);
    put('events.jsonl', []);
    expect((await ask('events.list', {})).status).toBe('empty');
    const before = await ask('events.list', { from: at(-300), to: at(-200) });
    expect([before.status, before.problem]).toEqual(['partial', expect.stringMatching(/lies outside/)]);
  });
});

test('cut off earlier, nothing later is visible, and the state of its end does not exist', async () => {
  put('bundle.json', INFO);
  put('logs.jsonl', [log(5, 'early'), log(40, 'late', 'newcomer')]);
  mkdirSync(join(dir, 'kubernetes'));
  put('kubernetes/pods.json', { items: [{ metadata: { name: 'shop' } }] });
  const opened = await source.open('bundle', { dir, until: at(30) }, env);
  expect(opened.tools.map((t) => t.capability)).not.toContain('state.list');
  expect((await ask('logs.search', { limit: 9 }, opened)).data?.records.map((r) => r.body)).toEqual(['early']);
  expect(JSON.stringify(await ask('topology.get', {}, opened))).not.toContain('newcomer');
});

describe('what is selected', () => {
  beforeEach(() => {
    put('bundle.json', INFO);
  });

  test('a service has its own series, those of its names elsewhere, and the calls it makes and serves', async () => {
    put('metrics.jsonl', [
      series({ service: 'shop' }, [1]),
      series({ service: 'shop-v1' }, [1]),
      series({ caller: 'web', callee: 'shop' }, [1]),
      series({ caller: 'web', callee: 'bank' }, [1]),
      series({ node: 'vm1' }, [1], { kind: 'cpu' }),
    ]);
    expect(dataOf(await ask('metrics.range', { service: 'shop' })).series).toHaveLength(3);
    expect(dataOf(await ask('metrics.range', { node: 'vm1', kinds: ['cpu'] })).series).toHaveLength(1);
    expect(dataOf(await ask('metrics.range', { node: 'vm1', kinds: ['memory'] })).series).toHaveLength(0);
    expect((await ask('metrics.range', { query: 'rate(latency[5m]) > 1' })).data?.series).toHaveLength(5);
    expect((await ask('metrics.range', { query: 'avg(latency{service="shop"}) > 1' })).data?.series).toHaveLength(4);
    expect((await ask('metrics.range', { query: 'up == 0' })).status).toBe('failed');
  });

  test('an answer that would be too large keeps the lowest and highest of each stretch and says so', async () => {
    const minutes = Array.from({ length: 60_000 }, (_, i) => i / 1000);
    const spike = { ...series({ service: 'shop' }, minutes), values: minutes.map((_, i) => (i === 31_234 ? 99 : 1)) };
    put('metrics.jsonl', [spike, series({ service: 'shop', instance: 'short' }, [1, 2])]);
    const answer = await ask('metrics.range', { service: 'shop' });
    expect(JSON.stringify(answer.data).length).toBeLessThanOrEqual(200 * 1024 + 100);
    expect(answer.truncated?.of).toBe(60_002);
    expect(answer.data?.series[1]?.values).toContain(99);
    expect(answer.data?.series[0]?.values).toEqual([0.1, 0.2]);
  });

  test('logs are found by text in any case, by this level or a worse one, by trace, the oldest first', async () => {
    put('logs.jsonl', [
      log(3, 'Timeout calling bank', 'shop', { severityText: 'ERROR', traceId: 't1' }),
      log(1, 'served', 'shop', { severityText: 'INFO' }),
      log(2, 'slow', 'shop', { severityText: 'warning' }),
      log(4, 'dead', 'bank', { severityText: 'CRITICAL' }),
    ]);
    const bodies = async (q: Omit<Questions['logs.search'], 'from' | 'to' | 'limit'>, limit = 10) =>
      dataOf(await ask('logs.search', { ...q, limit })).records.map((r) => r.body);
    expect(await bodies({ text: 'TIMEOUT' })).toEqual(['Timeout calling bank']);
    expect(await bodies({ level: 'warn' })).toEqual(['slow', 'Timeout calling bank', 'dead']);
    expect(await bodies({ service: 'bank' })).toEqual(['dead']);
    expect(await bodies({ traceId: 't1' })).toEqual(['Timeout calling bank']);
    const cut = await ask('logs.search', { limit: 1 });
    expect(cut.truncated).toMatchObject({ kept: 1, of: 4 });
  });

  test('log templates are counted in the window and in the baseline', async () => {
    put('logs.jsonl', [log(1, 'took 5 ms'), log(2, 'took 7 ms'), log(41, 'took 9 ms'), log(42, 'pool exhausted')]);
    const baseline = [{ from: at(0), to: at(40) }];
    const answer = await ask('logs.patterns', { from: at(40), to: at(60), baseline });
    expect(answer.data?.records).toEqual({ before: 2, after: 2 });
    expect(answer.data?.patterns.find((p) => p.exemplar.includes('pool'))).toMatchObject({ before: 0, after: 1 });
    expect(answer.trust).toBe('outsider-writable');
  });

  test('a deploy brings the commits that it put into production, with patches cut to size', async () => {
    put('changes.jsonl', [
      { id: 'abc', time: at(-500), kind: 'commit', title: 'old', files: [{ path: 'a', patch: '+'.repeat(9000) }] },
      { id: 'zzz', time: at(-400), kind: 'commit', title: 'not deployed' },
      { id: 'd1', time: at(30), kind: 'deploy', service: 'shop', title: 'v2', deployed: ['abc'] },
      { id: 'd2', time: at(31), kind: 'deploy', service: 'bank', title: 'v7' },
    ]);
    const answer = await ask('changes.list', { service: 'shop' });
    expect(answer.data?.changes.map((c) => c.id)).toEqual(['abc', 'd1']);
    expect(answer.data?.changes[0]?.files?.[0]?.patch?.length).toBe(4096);
    expect(answer.truncated).toMatchObject({ kept: 4096, of: 9000 });
    expect(answer.trust).toBe('clean');
  });

  test('the topology comes from its file, else from spans, else from labels, and knows every entity seen', async () => {
    put('metrics.jsonl', [series({ service: 'shop' }, [1]), series({ node: 'vm1' }, [1])]);
    expect(dataOf(await ask('topology.get', {}))).toEqual({
      services: [
        { name: 'shop', level: 'service' },
        { name: 'vm1', level: 'node' },
      ],
      calls: [],
      from: 'labels',
    });
    put('traces.jsonl', [span(1, 'a', 'web'), span(1, 'b', 'shop', 'a'), span(1, 'c', 'shop', 'b')]);
    expect(dataOf(await ask('topology.get', {}))).toMatchObject({ calls: [['web', 'shop']], from: 'spans' });
    put('topology.json', { services: [{ name: 'edge', kind: 'proxy' }], calls: [['edge', 'web']] });
    const declared = dataOf(await ask('topology.get', {}));
    expect(declared).toMatchObject({ calls: [['edge', 'web']], from: 'source' });
    expect(declared.services.map((s) => s.name)).toEqual(['edge', 'shop', 'vm1', 'web']);
  });

  test('kubernetes objects are listed by kind and by the service they belong to', async () => {
    mkdirSync(join(dir, 'kubernetes'));
    const pod = (name: string, app: string) => ({ metadata: { name, namespace: 'x', labels: { app } } });
    put('kubernetes/pods.json', { items: [pod('shop-7-b', 'shop'), pod('shop-7-a', 'shop'), pod('bank-1', 'bank')] });
    put('kubernetes/events.json.gz', {
      items: [{ metadata: { name: 'e' }, involvedObject: { name: 'shop-7-a' }, lastTimestamp: at(90) }],
    });
    const answer = await ask('state.list', { service: 'shop' });
    expect(answer.data?.objects.map((o) => [o.kind, o.items.length])).toEqual([['pods', 2]]);
    expect((await ask('state.list', { kind: 'Pod' })).data?.objects[0]?.items).toHaveLength(3);
    expect((await ask('state.list', { kind: 'gateways' })).status).toBe('failed');
  });

  test('spans are found by service, failure and length', async () => {
    put('traces.jsonl', [
      span(1, 'a', 'web', undefined, { durationMs: 900 }),
      span(2, 'b', 'shop', 'a', { status: 'error' }),
      span(3, 'c', 'shop'),
    ]);
    const ids = async (q: Omit<Questions['traces.search'], 'from' | 'to' | 'limit'>) =>
      dataOf(await ask('traces.search', { ...q, limit: 10 })).spans.map((s) => s.spanId);
    expect(await ids({ service: 'shop' })).toEqual(['b', 'c']);
    expect(await ids({ errorsOnly: true })).toEqual(['b']);
    expect(await ids({ minMs: 100 })).toEqual(['a']);
    expect(await ids({ traceId: 'other' })).toEqual([]);
    const summary = await ask('traces.summary', { from: at(2), to: at(60), baseline: [{ from: at(0), to: at(2) }] });
    expect(summary.data?.spans).toEqual({ before: 1, after: 2 });
  });
});
