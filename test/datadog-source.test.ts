import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answers, Capability, Questions } from '../src/core/capabilities.ts';
import { toIso } from '../src/core/time.ts';
import type { Answer } from '../src/core/types.ts';
import { metricScope, quoted, tagValue } from '../src/sources/datadog/_language.ts';
import type { OpenSource, SourcePlugin } from '../src/tools/tool.ts';
import { API_KEY, APP_KEY, type FakeDatadog, fakeDatadog } from './_datadog-fake.ts';
import { parseSearch } from './_datadog-language.ts';
import { parseMetrics } from './_datadog-metric-language.ts';
import { incident } from './_datadog-runs.ts';
import { serve } from './_fault-proxy.ts';
import { ROOT } from './_program.ts';

// What ships: the client's worker is one file there, and starts in a fraction of the time.
const { source } = (await import(pathToFileURL(join(ROOT, 'dist/sources/datadog.js')).href)) as {
  source: SourcePlugin;
};

interface Opened {
  fake: FakeDatadog;
  opened: OpenSource;
  ask<C extends Capability>(
    capability: C,
    question: Omit<Questions[C], 'from' | 'to'> & { from?: string; to?: string },
  ): Promise<Answer<C> & { data: Answers[C] }>;
}
const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});

async function open(
  name: string,
  config: Record<string, unknown> = {},
  services: Record<string, { aliases?: string[] }> = {},
): Promise<Opened> {
  const fake = await fakeDatadog(incident(name));
  const env = { cwd: '/', fetch, now: () => fake.store.now, services };
  const opened = await source.open(
    'datadog',
    { url: fake.url, apiKey: API_KEY, appKey: APP_KEY, env: 'lab', ...config },
    env,
  );
  closing.push(async () => opened.close?.(), fake.close);
  const whole = { from: toIso(fake.store.from), to: toIso(fake.store.now) };
  return {
    fake,
    opened,
    async ask(capability, question) {
      const tool = opened.tools.find((t) => t.capability === capability)!;
      const { signal } = new AbortController();
      return (await tool.run({ ...whole, ...question } as never, { signal })) as never;
    },
  };
}

let kelp: Opened;
beforeAll(async () => {
  kelp = await open('kelp-raven');
}, 60_000);

describe('words of others become values and nothing else', () => {
  const hostile = [
    'a} by {host',
    'a,b',
    'x) OR env:prod',
    '*',
    'a"b',
    'a AND b',
    'service:x',
    '\\',
    "';--",
    'ä b',
    '\u0000\n',
    '-x',
    '!y',
    'a OR (b',
  ];
  const account = { client: { env: 'lab' } } as never;

  test('in the scope of a metric query', () => {
    for (const value of hostile) {
      const read = parseMetrics(`avg:m{${metricScope(account, { service: [value, 'b'] })}}`);
      if (read.type !== 'metric') throw new Error('no metric');
      expect(read.keys.sort()).toEqual(['env', 'service']);
      expect(read.filter({ env: 'lab', service: 'another' })).toBe(false);
      expect(read.filter({ env: 'lab', service: tagValue(value) })).toBe(true);
    }
  });

  test('in a search', () => {
    for (const value of hostile) {
      const matches = parseSearch(`service:${quoted(value)}`);
      const of = (service: string) => ({ text: '', get: (f: string) => (f === 'service' ? [service] : []) });
      expect(matches(of('another'))).toBe(false);
      expect(matches(of(value.replaceAll(/\s+/g, ' ')))).toBe(true);
    }
  });
});

describe('metrics', () => {
  test('of a service are its golden signals, by instance and resource, its calls, and its other metrics, in base units', async () => {
    const { data, searched, link } = await kelp.ask('metrics.range', { service: 'orders' });
    const named = (name: string) => data.series.filter((s) => s.labels.__name__ === name);
    expect(new Set(data.series.map((s) => s.kind ?? 'by name'))).toEqual(
      new Set(['errors', 'latency', 'availability', 'traffic', 'saturation', 'other', 'by name']),
    );
    expect(
      named('request_latency')
        .filter((s) => !s.labels.instance)
        .map((s) => s.labels.statistic),
    ).toEqual(['p50', 'p95', 'p99']);
    expect(named('request_latency')[0]).toMatchObject({ kind: 'latency', unit: 's' });
    expect(
      named('request_rate')
        .flatMap((s) => s.labels.instance ?? [])
        .sort(),
    ).toEqual(['orders-1', 'orders-2', 'orders-3']);
    expect(
      named('resource_rate')
        .map((s) => s.labels.resource)
        .sort(),
    ).toEqual(['GET /orders', 'POST /orders']);
    const callees = named('call_rate')
      .filter((s) => s.labels.caller === 'orders')
      .map((s) => s.labels.callee);
    expect(callees.sort()).toEqual(['inventory', 'payments', 'postgres']);
    expect(named('process_memory_bytes')[0]).toMatchObject({ unit: 'By' });
    expect(searched).toContain('sum:trace.http.server.request.hits{env:lab AND service IN (');
    expect(new URL(link as string).searchParams.get('start')).toBe(String(kelp.fake.store.from));
  });

  test('rates are those that were recorded', async () => {
    const { data } = await kelp.ask('metrics.range', { service: 'gateway', kinds: ['traffic'] });
    const rate = data.series.find((s) => s.labels.__name__ === 'request_rate' && !s.labels.instance)!;
    const values = rate.values.filter((v) => v !== null);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    // 60 requests a second, as the lab drives it.
    expect(mean).toBeGreaterThan(57);
    expect(mean).toBeLessThan(63);
  });

  test('a service that never failed has failures of zero, and a count that is not over yet is left out', async () => {
    const { data } = await kelp.ask('metrics.range', { service: 'catalog', kinds: ['errors'] });
    const errors = data.series.find((s) => s.labels.__name__ === 'request_errors' && !s.labels.instance)!;
    expect(errors.values.length).toBeGreaterThan(10);
    expect(errors.values.every((v) => v === 0)).toBe(true);
    expect(errors.times.at(-1)).toBeLessThanOrEqual(kelp.fake.store.now);
  });

  test('of all services come with the first question: the others cost no request', async () => {
    const { fake, ask } = await open('amber-finch');
    await ask('metrics.range', { service: 'gateway' });
    const before = fake.requests.length;
    for (const service of ['orders', 'payments', 'postgres', 'bank']) {
      expect((await ask('metrics.range', { service })).status).toBe('ok');
    }
    expect((await ask('metrics.range', { node: 'lab-host' })).data.series.map((s) => s.labels.__name__)).toContain(
      'system.cpu.busy',
    );
    expect(fake.requests.length).toBe(before);
  });

  test("a monitor's own query is asked as Datadog evaluates it; a monitor of logs is refused with what to do", async () => {
    const query = String(kelp.fake.webhook.alert_query);
    const { data } = await kelp.ask('metrics.range', { query });
    expect(data.series).toHaveLength(1);
    expect(data.series[0]!.labels.service).toBe('gateway');
    expect(Math.max(...data.series[0]!.values.map((v) => v ?? 0))).toBeGreaterThan(5);
    const logs = await kelp.ask('metrics.range', {
      query: 'logs("status:error").index("*").rollup("count").last("5m") > 10',
    });
    expect(logs.status).toBe('failed');
    expect(logs.problem).toContain('ask for its service instead');
  });

  test('of forty services with long names are asked in as many requests as the allow table takes', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `shop-of-many-services-number-${i}`);
    const ref = (name: string) => ({ kind: 'service', name, namespace: 'default' });
    const relations = names.slice(1).map((name, i) => ({
      id: `r${i}`,
      type: 'relation',
      attributes: { type: 'RelationTypeDependsOn', from: ref(names[0]!), to: ref(name) },
    }));
    const metrics = [
      ...['web', 'http.server', 'kafka.consume'].flatMap((o) =>
        ['', '.hits', '.errors'].map((x) => `trace.${o}.request${x}`),
      ),
      ...Array.from({ length: 60 }, (_, i) => `shop.custom.metric_${i}`),
    ].map((id) => ({ type: 'metrics', id }));
    const answers: Record<string, object> = {
      '/api/v2/catalog/relation': { data: relations, meta: { count: relations.length }, links: {} },
      '/api/v1/hosts': { host_list: [], total_matching: 0, total_returned: 0 },
      '/api/v2/metrics': { data: metrics },
    };
    const asked: string[][] = [];
    const server = await serve(async (request, response) => {
      let body = '';
      for await (const part of request) body += String(part);
      const found = answers[new URL(request.url!, 'http://x').pathname];
      response.setHeader('content-type', 'application/json');
      if (found) return void response.end(JSON.stringify(found));
      const { data } = JSON.parse(body) as { data: { attributes: { queries: { query: string }[] } } };
      asked.push(data.attributes.queries.map((q) => q.query));
      const [series, values] = [[{ group_tags: [`service:${names[0]}`], query_index: 0 }], [[1, 2]]];
      const times = [Date.parse('2026-11-20T00:10:00Z'), Date.parse('2026-11-20T00:20:00Z')];
      response.end(JSON.stringify({ data: { type: 'timeseries_response', attributes: { times, series, values } } }));
    });
    const env = { cwd: '/', fetch, now: () => Date.parse('2026-11-20T01:00:00Z'), services: {} };
    const opened = await source.open('datadog', { url: server.url, apiKey: API_KEY, appKey: APP_KEY }, env);
    closing.push(async () => opened.close?.(), server.stop);
    const tool = opened.tools.find((t) => t.capability === 'metrics.range')!;
    const question = { from: '2026-11-20T00:00:00Z', to: '2026-11-20T01:00:00Z', service: names[0] };
    const told = await tool.run(question as never, { signal: new AbortController().signal });
    expect([told.status, told.problem]).toEqual(['ok', undefined]);
    expect(asked.length).toBeGreaterThan(1);
    expect(new Set(asked.flat()).size).toBe(asked.flat().length);
    expect(asked.flat().length).toBeGreaterThan(80);
  });

  test('an unknown service is empty', async () => {
    expect((await kelp.ask('metrics.range', { service: 'nobody' })).status).toBe('empty');
  });

  test('a service with another name in Datadog is known by ours', async () => {
    const { ask } = await open('kelp-raven', {}, { shop: { aliases: ['orders'] } });
    const { data } = await ask('metrics.range', { service: 'shop', kinds: ['traffic'] });
    expect(new Set(data.series.flatMap((s) => s.labels.service ?? []))).toEqual(new Set(['shop']));
  });
});

describe('logs', () => {
  const sides = ({ fake }: Opened) => {
    const onset = Date.parse('2026-11-20T07:52:49.000Z');
    return { from: toIso(onset), baseline: [{ from: toIso(fake.store.from), to: toIso(onset) }] };
  };

  test('few lines are all read: templates with their exact counts', async () => {
    const { data, status, truncated } = await kelp.ask('logs.patterns', sides(kelp));
    expect(status).toBe('ok');
    expect(truncated).toBeUndefined();
    const all = kelp.fake.store.logs.filter((l) => l.time >= Date.parse('2026-11-20T07:52:49.000Z'));
    expect(data.records.after).toBe(all.length);
    const found = data.patterns.find((p) => p.service === 'orders' && p.exemplar.includes("reading 'quantity'"))!;
    expect(found.before).toBe(0);
    expect(found.after).toBe(all.filter((l) => l.service === 'orders' && l.text.includes("reading 'quantity'")).length);
  });

  test('of many lines a sample is read, its counts stand for all, and the answer says so', async () => {
    const many = await open('lunar-mole');
    const onset = Date.parse('2026-11-20T07:44:24.620Z');
    const question = { from: toIso(onset), baseline: [{ from: toIso(many.fake.store.from), to: toIso(onset) }] };
    const { data, truncated } = await many.ask('logs.patterns', question);
    expect(many.fake.store.logs.length).toBeGreaterThan(9000);
    expect(truncated).toMatchObject({ kept: expect.any(Number), of: many.fake.store.logs.length });
    expect(truncated!.kept).toBeLessThan(4100);
    const bad = many.fake.store.logs.filter(
      (l) => l.time >= onset && (l.status === 'error' || l.status === 'warn'),
    ).length;
    const counted = data.patterns.filter((p) => /ERROR|WARN/.test(p.level)).reduce((n, p) => n + p.after, 0);
    process.stdout.write(
      `sampled ${truncated!.kept} of ${truncated!.of} lines: ${counted} warnings and errors of ${bad}\n`,
    );
    expect(counted / bad).toBeGreaterThan(0.8);
    expect(counted / bad).toBeLessThan(1.2);
  });

  test('are outsiders’ text, found by words, level and service, with a link that asks the same', async () => {
    const answer = await kelp.ask('logs.search', {
      service: 'orders',
      text: "reading 'quantity'",
      level: 'error',
      limit: 5,
    });
    expect(answer.trust).toBe('outsider-writable');
    expect(answer.data.records).toHaveLength(5);
    expect(answer.truncated?.what).toContain('there are more');
    expect(
      answer.data.records.every(
        (r) => r.service === 'orders' && r.severityText === 'ERROR' && r.instance === 'orders-3',
      ),
    ).toBe(true);
    const url = new URL(answer.link as string);
    expect(url.searchParams.get('query')).toContain('service:orders');
    expect(url.searchParams.get('from_ts')).toBe(String(kelp.fake.store.from));
  });
});

describe('traces', () => {
  test('are reduced before and after with the same numbers as the recording', async () => {
    const onset = '2026-11-20T07:52:49.000Z';
    const { data } = await kelp.ask('traces.summary', {
      from: onset,
      baseline: [{ from: toIso(kelp.fake.store.from), to: onset }],
    });
    const { length } = kelp.fake.store.spans.filter((s) => s.time >= Date.parse(onset));
    expect(data.spans.after).toBe(length);
    expect(
      data.operations.find((o) => o.service === 'orders' && o.name === 'POST /orders')!.after.errors,
    ).toBeGreaterThan(10);
  });

  test('a trace is read whole by its id; one that does not exist is empty', async () => {
    const [first] = kelp.fake.store.spans;
    const id = String((first!.item.attributes as { trace_id: string }).trace_id);
    const { data } = await kelp.ask('traces.search', { traceId: id, limit: 50 });
    expect(data.spans.length).toBeGreaterThan(1);
    expect(new Set(data.spans.map((s) => s.traceId))).toEqual(new Set([id]));
    expect((await kelp.ask('traces.search', { traceId: 'abcdef0123456789', limit: 50 })).status).toBe('empty');
  });
});

describe('changes, errors, monitors, objectives', () => {
  test('a deployment names its version and the instances that run it, by their spans', async () => {
    const { data } = await kelp.ask('changes.list', { from: toIso(kelp.fake.store.now - 86_400_000) });
    const deploy = data.changes.find((c) => c.id === 'deploy/orders/2.9.0')!;
    expect(deploy).toMatchObject({ kind: 'deploy', service: 'orders', version: '2.9.0', instances: ['orders-3'] });
  });

  test('a flag and a configuration carry what was and what is', async () => {
    const { ask, fake } = await open('cedar-heron');
    const { data } = await ask('changes.list', { from: toIso(fake.store.now - 86_400_000) });
    const flag = data.changes.find((c) => c.kind === 'flag')!;
    expect(flag.body).toContain('was: {"fraud-check":false}');
    expect(flag.body).toContain('is: {"fraud-check":true}');
    expect(flag.author).toBe('Jon Barre');
  });

  test('a new group of errors is told with the version it is first seen in', async () => {
    const { data, trust } = await kelp.ask('errors.list', {});
    expect(trust).toBe('outsider-writable');
    const group = data.errors.find((e) => e.service === 'orders')!;
    expect(group).toMatchObject({
      firstSeenVersion: '2.9.0',
      message: "Cannot read properties of undefined (reading 'quantity')",
    });
  });

  test('the monitor of an alert is found by its id, one that is gone is empty', async () => {
    const labels = { monitor_id: String(kelp.fake.webhook.alert_id) };
    const { data } = await kelp.ask('monitors.get', { name: 'whatever', labels });
    expect(data.monitors[0]).toMatchObject({ name: 'GatewayErrors', service: 'gateway', labels: { critical: '5' } });
    expect((await kelp.ask('monitors.get', { name: 'x', labels: { monitor_id: '7' } })).status).toBe('empty');
    const named = await kelp.ask('monitors.get', { name: 'gatewayerrors', labels: {} });
    expect(named.data.monitors.map((m) => m.name)).toEqual(['GatewayErrors']);
  });

  test('an objective says what it costs', async () => {
    const { data } = await kelp.ask('slo.get', { service: 'gateway' });
    expect(data.objectives[0]).toMatchObject({ service: 'gateway', target: 99.5, timeframe: '7d', state: 'breached' });
    expect(data.objectives[0]!.value).toBeLessThan(99.5);
    const { ask } = await open('kelp-raven', {}, { edge: { aliases: ['gateway'] } });
    expect((await ask('slo.get', { service: 'edge' })).data.objectives[0]).toMatchObject({ service: 'edge' });
  });
});

test('a server that fails is asked again as often as the config says', async () => {
  for (const retries of [0, 1]) {
    let asked = 0;
    const server = await serve((_request, response) => {
      asked++;
      response.writeHead(500).end();
    });
    const env = { cwd: '/', fetch, now: () => Date.now(), services: {}, retries };
    const opened = await source.open('datadog', { url: server.url, apiKey: API_KEY, appKey: APP_KEY }, env);
    closing.push(async () => opened.close?.(), server.stop);
    const slo = opened.tools.find((t) => t.capability === 'slo.get')!;
    const range = { from: '2026-11-20T00:00:00Z', to: '2026-11-20T01:00:00Z' };
    const { status } = await slo.run({ ...range } as never, { signal: new AbortController().signal });
    expect([status, asked]).toEqual(['failed', 1 + retries]);
  }
});

test('doctor warns of keys that are sent in plain text to another machine', async () => {
  const url = kelp.fake.url.replace('127.0.0.1', '0.0.0.0');
  const { opened } = await open('kelp-raven', { url });
  const of = async (source: OpenSource) =>
    (await source.check({ signal: new AbortController().signal })).filter((c) => c.what === 'transport');
  expect(await of(opened)).toMatchObject([{ state: 'warn', detail: 'plain http' }]);
  expect(await of(kelp.opened)).toEqual([]);
});

test('with wrong keys every answer is denied, and doctor says which key and how to mend it', async () => {
  const { ask, opened } = await open('kelp-raven', { appKey: 'dd-app-wrong' });
  expect((await ask('topology.get', {})).status).toBe('denied');
  expect((await ask('changes.list', {})).status).toBe('denied');
  const checks = await opened.check({ signal: new AbortController().signal });
  const wrong = checks.filter((c) => c.status === 'denied');
  expect(wrong.map((c) => c.state)).toContain('fail');
  expect(wrong[0]!.what).toMatch(/application key/i);
  expect(JSON.stringify(checks)).not.toContain('dd-app-wrong');
});
