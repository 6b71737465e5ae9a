import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answers, Capability } from '../src/core/capabilities.ts';
import type { Series } from '../src/core/telemetry.ts';
import type { Answer } from '../src/core/types.ts';
import { source } from '../src/sources/prometheus.ts';
import type { OpenSource, ServiceConfig } from '../src/tools/tool.ts';
import { freePort, type Peer, peer, start } from './_peers.ts';
import { counter, gauge, histogram, prometheusWith, type Sample, servePrometheus } from './_prometheus.ts';

const T0 = Date.parse('2026-01-01T10:00:00Z');
const HOUR = 3_600_000;
const FAULT = T0 + 40 * 60_000;
const instants = Array.from({ length: 241 }, (_, i) => T0 + i * 15_000);
const range = { from: new Date(T0).toISOString(), to: new Date(T0 + HOUR).toISOString() };
const context = { signal: new AbortController().signal };
const bad = (t: number): boolean => t > FAULT;

async function open(url: string, services: Record<string, ServiceConfig> = {}, config = {}): Promise<OpenSource> {
  const env = { cwd: '/', fetch, now: () => T0 + HOUR, services };
  return source.open('prometheus', { url, ...config }, env);
}

async function ask<C extends Capability>(from: OpenSource, capability: C, question = {}): Promise<Answer<C>> {
  const tool = from.tools.find((t) => t.capability === capability);
  return (await tool?.run({ ...range, ...question } as never, context)) as unknown as Answer<C>;
}

const dataOf = <C extends Capability>(a: Answer<C>): Answers[C] => a.data as Answers[C];

/** The series with these labels, and the mean of their values before and after the fault. */
function find(series: Series[], labels: Record<string, string>): { before: number; after: number; s: Series } {
  const found = series.filter((s) => Object.entries(labels).every(([k, v]) => s.labels[k] === v));
  if (found.length !== 1) throw new Error(`${found.length} series are ${JSON.stringify(labels)}`);
  const s = found[0] as Series;
  const mean = (side: (t: number) => boolean): number => {
    const values = s.values.filter((v, i) => v !== null && side(s.times[i] as number)) as number[];
    return values.reduce((a, b) => a + b, 0) / values.length;
  };
  return { before: mean((t) => t <= FAULT), after: mean((t) => t > FAULT + 90_000), s };
}

const whole = (s: Series): boolean => s.labels.instance === undefined && s.labels.version === undefined;

describe.skipIf(!peer('prometheus') || !peer('promtool'))('OpenTelemetry names', () => {
  let server: Peer;
  let opened: OpenSource;
  beforeAll(async () => {
    const pods = ['checkout-7d9f8b6c5-abcde', 'checkout-7d9f8b6c5-fghij'];
    const samples: Sample[] = pods.flatMap((pod, i) => {
      const own = {
        service_name: 'checkout',
        service_version: i === 0 ? '1.4' : '1.5',
        k8s_pod_name: pod,
        job: 'otel/checkout',
      };
      const served = { ...own, http_request_method: 'POST', http_route: '/pay' };
      const slow = (t: number): number => (bad(t) && i === 1 ? 0.4 : 0.03);
      return [
        ...histogram(
          'http_server_request_duration_seconds',
          { ...served, http_response_status_code: '200' },
          instants,
          (t) => ({
            rate: bad(t) && i === 1 ? 8 : 10,
            seconds: slow(t),
          }),
        ),
        ...histogram(
          'http_server_request_duration_seconds',
          { ...served, http_response_status_code: '503' },
          instants,
          (t) => ({
            rate: bad(t) && i === 1 ? 2 : 0,
            seconds: 0.4,
          }),
        ),
        ...histogram(
          'http_client_request_duration_seconds',
          { ...own, server_address: 'bank.shop.svc.cluster.local', server_port: '80' },
          instants,
          (t) => ({
            rate: 5,
            seconds: slow(t),
          }),
        ),
        ...gauge('db_client_connection_count', { ...own, state: 'idle' }, instants, (t) => (bad(t) ? 0 : 8)),
        ...gauge('db_client_connection_count', { ...own, state: 'used' }, instants, (t) => (bad(t) ? 10 : 2)),
        ...gauge('process_memory_usage_bytes', own, instants, () => 2e8),
        ...counter('process_cpu_time_seconds_total', own, instants, () => 0.5),
      ];
    });
    samples.push(
      ...histogram(
        'http_server_request_duration_seconds',
        { service_name: 'bank', job: 'otel/bank', http_response_status_code: '200' },
        instants,
        () => ({ rate: 10, seconds: 0.02 }),
      ),
    );
    samples.push(
      ...gauge(
        'ALERTS',
        { alertname: 'Slow', alertstate: 'firing', service: 'checkout', severity: 'page' },
        instants.filter(bad),
        () => 1,
      ),
    );
    server = await prometheusWith(samples);
    opened = await open(server.url);
  }, 60_000);
  afterAll(async () => {
    await opened?.close?.();
    await server?.stop();
  });

  test('latency, traffic and errors of a service are found, in seconds, per second and percent', async () => {
    const answer = await ask(opened, 'metrics.range', { service: 'checkout' });
    expect([answer.status, answer.problem]).toEqual(['ok', undefined]);
    const series = dataOf(answer).series.filter(whole);
    const p95 = find(series, { __name__: 'request_latency', statistic: 'p95' });
    expect([p95.s.kind, p95.s.unit, p95.s.labels.service]).toEqual(['latency', 's', 'checkout']);
    expect(p95.before).toBeCloseTo(0.048, 2);
    expect(p95.after).toBeGreaterThan(0.4);
    const rate = find(series, { __name__: 'request_rate' });
    expect([rate.s.kind, rate.s.unit]).toEqual(['traffic', '1/s']);
    expect([rate.before, rate.after].map(Math.round)).toEqual([20, 20]);
    const errors = find(series, { __name__: 'request_error_ratio' });
    expect([errors.s.kind, errors.s.unit]).toEqual(['errors', '%']);
    expect([errors.before, errors.after].map(Math.round)).toEqual([0, 10]);
  });

  test('each instance and each version is told apart', async () => {
    const { series } = dataOf(await ask(opened, 'metrics.range', { service: 'checkout', kinds: ['latency'] }));
    const healthy = find(series, { __name__: 'request_latency', instance: 'checkout-7d9f8b6c5-abcde' });
    const sick = find(series, { __name__: 'request_latency', instance: 'checkout-7d9f8b6c5-fghij' });
    expect(healthy.after).toBeCloseTo(healthy.before, 3);
    expect(sick.after).toBeGreaterThan(5 * sick.before);
    expect(find(series, { __name__: 'request_latency', version: '1.5' }).after).toBeGreaterThan(0.4);
  });

  test('calls to another service are edges with its bare name, and it sees the same from its side', async () => {
    const { series } = dataOf(await ask(opened, 'metrics.range', { service: 'checkout' }));
    const call = find(series, { __name__: 'call_latency', caller: 'checkout', callee: 'bank' });
    expect(call.after).toBeGreaterThan(call.before * 3);
    const other = dataOf(await ask(opened, 'metrics.range', { service: 'bank' })).series;
    expect(find(other, { __name__: 'call_rate', caller: 'checkout', callee: 'bank' }).before).toBeCloseTo(10, 0);
    const { calls, services } = dataOf(await ask(opened, 'topology.get'));
    expect(calls).toEqual([['checkout', 'bank']]);
    expect(services.map((s) => s.name)).toEqual(['bank', 'checkout']);
  });

  test('resources are found: cpu, memory, and the connections of the pool by their state', async () => {
    const { series } = dataOf(await ask(opened, 'metrics.range', { service: 'checkout' }));
    const pod = { instance: 'checkout-7d9f8b6c5-abcde' };
    expect(find(series, { __name__: 'process_cpu_cores', ...pod }).before).toBeCloseTo(0.5, 2);
    expect(find(series, { __name__: 'process_memory_usage_bytes', ...pod }).before).toBe(2e8);
    const idle = find(series, { __name__: 'db_client_connection_count', state: 'idle', ...pod });
    expect([idle.s.kind, idle.before, Math.round(idle.after)]).toEqual(['saturation', 8, 0]);
  });

  test("a rule's own expression is asked without its comparison, and the threshold is kept", async () => {
    const query =
      'sum(rate(http_server_request_duration_seconds_count{service_name="checkout",http_response_status_code=~"5.."}[1m])) / sum(rate(http_server_request_duration_seconds_count{service_name="checkout"}[1m])) > 0.05';
    const answer = await ask(opened, 'metrics.range', { query, service: 'checkout' });
    const { s, before, after } = find(dataOf(answer).series, { service: 'checkout' });
    expect(s.labels).toMatchObject({ __name__: 'error_ratio', threshold: '0.05', comparison: '>' });
    expect(before).toBe(0);
    expect(after).toBeCloseTo(0.1, 2);
  });

  test('what fired in the window is an event with the time at which it began', async () => {
    const { events } = dataOf(await ask(opened, 'events.list'));
    expect(events).toMatchObject([
      { kind: 'alert', service: 'checkout', title: 'Slow', time: '2026-01-01T10:40:15.000Z' },
    ]);
  });

  test('nothing later than the moment of the investigation comes back', async () => {
    const until = T0 + 20 * 60_000;
    const early = await source.open(
      'prometheus',
      { url: server.url },
      { cwd: '/', fetch, now: () => until, services: {} },
    );
    const { series } = dataOf(await ask(early, 'metrics.range', { service: 'checkout' }));
    expect(Math.max(...series.flatMap((s) => s.times))).toBeLessThanOrEqual(until);
    await early.close?.();
  });

  test('the config may write down queries, labels and other names', async () => {
    const services = {
      till: { labels: { job: 'otel/checkout' }, queries: { latency: 'vector(7)' } },
      pay: { aliases: ['checkout'] },
    };
    const configured = await open(server.url, services);
    const till = dataOf(await ask(configured, 'metrics.range', { service: 'till' })).series;
    expect(till.filter((s) => s.kind === 'latency' && s.labels.service === 'till').map((s) => s.values[0])).toEqual([
      7,
    ]);
    expect(find(till.filter(whole), { __name__: 'request_rate' }).before).toBeCloseTo(20, 0);
    const pay = dataOf(await ask(configured, 'metrics.range', { service: 'pay', kinds: ['traffic'] })).series;
    expect(find(pay.filter(whole), { __name__: 'request_rate', service: 'pay' }).before).toBeCloseTo(20, 0);
    await configured.close?.();
  });

  test('an unknown service is an empty answer that says how to name it', async () => {
    const answer = await ask(opened, 'metrics.range', { service: 'nobody' });
    expect([answer.status, answer.summary]).toEqual([
      'empty',
      expect.stringMatching(/nothing known of service nobody.*"services"/),
    ]);
  });

  test('doctor says what it found for a service and how', async () => {
    const checks = await opened.check(context);
    expect(checks.find((c) => c.what === 'services')?.detail).toBe('2 services: bank, checkout');
    expect(checks.find((c) => c.what === 'checkout')?.detail).toMatch(
      /http_server_request_duration_seconds \(histogram\) \{service_name="checkout"\}, errors by http_response_status_code/,
    );
  });

  test('the same question gives the same bytes', async () => {
    const twice = [
      await ask(opened, 'metrics.range', { service: 'checkout' }),
      await ask(opened, 'metrics.range', { service: 'checkout' }),
    ];
    expect(JSON.stringify(twice[0])).toBe(JSON.stringify(twice[1]));
  });
});

describe.skipIf(!peer('prometheus') || !peer('promtool'))('Istio, Kubernetes and node exporter names', () => {
  let server: Peer;
  let opened: OpenSource;
  beforeAll(async () => {
    const samples: Sample[] = [];
    const call = (
      from: string,
      to: string,
      code: string,
      rate: (t: number) => number,
      seconds: (t: number) => number,
    ): void => {
      for (const reporter of ['source', 'destination']) {
        const labels = {
          reporter,
          source_workload: from,
          destination_workload: to,
          response_code: code,
          destination_version: 'v1',
        };
        samples.push(...counter('istio_requests_total', labels, instants, rate));
        const at = (t: number) => ({ rate: rate(t), seconds: seconds(t) });
        samples.push(...histogram('istio_request_duration_milliseconds', labels, instants, at, 'ms'));
      }
    };
    const slow = (t: number): number => (bad(t) ? 0.7 : 0.03);
    call('web', 'orders', '200', (t) => (bad(t) ? 15 : 20), slow);
    call('web', 'orders', '500', (t) => (bad(t) ? 5 : 0), slow);
    call(
      'orders',
      'stock',
      '200',
      () => 20,
      () => 0.02,
    );
    for (const pod of ['orders-6b7c8d9f5-x2x4z', 'orders-6b7c8d9f5-k8k9m']) {
      const own = { namespace: 'shop', pod, container: 'orders', node: 'worker-1' };
      samples.push(...counter('container_cpu_usage_seconds_total', own, instants, (t) => (bad(t) ? 0.9 : 0.2)));
      samples.push(...gauge('container_memory_working_set_bytes', own, instants, () => 1e8));
      samples.push(...gauge('kube_pod_container_resource_limits', { ...own, resource: 'memory' }, instants, () => 2e8));
      samples.push(...counter('kube_pod_container_status_restarts_total', own, instants, () => 0));
    }
    const host = { instance: '10.0.0.7:9100', job: 'node-exporter' };
    samples.push(...gauge('node_uname_info', { ...host, nodename: 'worker-1' }, instants, () => 1));
    samples.push(...gauge('node_load1', host, instants, () => 3));
    samples.push(...counter('node_cpu_seconds_total', { ...host, cpu: '0', mode: 'idle' }, instants, () => 0.25));
    samples.push(...gauge('kube_node_info', { node: 'worker-1' }, instants, () => 1));
    server = await prometheusWith(samples, ['--web.enable-admin-api']);
    opened = await open(server.url);
  }, 60_000);
  afterAll(async () => {
    await opened?.close?.();
    await server?.stop();
  });

  test('the golden signals come from the side that serves, milliseconds turned into seconds', async () => {
    const answer = await ask(opened, 'metrics.range', { service: 'orders' });
    expect([answer.status, answer.problem]).toEqual(['ok', undefined]);
    const { series } = dataOf(answer);
    const p95 = find(series, { __name__: 'request_latency', statistic: 'p95', service: 'orders' });
    expect(p95.before).toBeLessThan(0.05);
    expect(p95.after).toBeGreaterThan(0.9);
    expect(Math.round(find(series, { __name__: 'request_rate' }).before)).toBe(20);
    expect(find(series, { __name__: 'request_error_ratio' }).after).toBeCloseTo(25, 0);
  });

  test('who calls and who is called are edges, each counted once', async () => {
    const { series } = dataOf(await ask(opened, 'metrics.range', { service: 'orders' }));
    expect(find(series, { __name__: 'call_rate', caller: 'web', callee: 'orders' }).before).toBeCloseTo(20, 0);
    expect(find(series, { __name__: 'call_rate', caller: 'orders', callee: 'stock' }).before).toBeCloseTo(20, 0);
    expect(dataOf(await ask(opened, 'topology.get')).calls).toEqual([
      ['orders', 'stock'],
      ['web', 'orders'],
    ]);
  });

  test('containers are found by the name of the container, with their share of the limit', async () => {
    const { series } = dataOf(await ask(opened, 'metrics.range', { service: 'orders' }));
    const pod = { instance: 'orders-6b7c8d9f5-x2x4z' };
    expect(find(series, { __name__: 'container_cpu_cores', ...pod }).after).toBeCloseTo(0.9, 1);
    expect(find(series, { __name__: 'container_memory_of_limit', ...pod }).before).toBe(50);
    expect(find(series, { __name__: 'container_restarts', ...pod }).s.kind).toBe('other');
  });

  test('a node is asked by its name, though its exporter knows it by its address only', async () => {
    const { series } = dataOf(await ask(opened, 'metrics.range', { node: 'worker-1' }));
    expect(find(series, { __name__: 'node_cpu', node: 'worker-1' }).before).toBeCloseTo(75, 0);
    expect(find(series, { __name__: 'node_load1' }).before).toBe(3);
    const { services } = dataOf(await ask(opened, 'topology.get'));
    expect(services).toContainEqual({ name: 'worker-1', level: 'node' });
  });

  test('doctor warns of an admin API that can delete', async () => {
    const checks = await opened.check(context);
    expect(checks.find((c) => c.what === 'read-only')).toMatchObject({
      state: 'warn',
      detail: expect.stringMatching(/admin API/),
    });
  });
});

describe.skipIf(!peer('victoria-metrics'))('VictoriaMetrics speaks the same', () => {
  test('golden signals of a service with the usual client-library names', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'inquest-victoria-'));
    const address = `127.0.0.1:${await freePort()}`;
    const args = [
      `-storageDataPath=${dir}`,
      `-httpListenAddr=${address}`,
      '-retentionPeriod=50y',
      '-search.latencyOffset=0s',
    ];
    const server = await start('victoria-metrics', args, `http://${address}`, '/health');
    try {
      const own = { service: 'shop', instance: 'a:80' };
      const samples = [
        ...histogram('http_request_duration_seconds', { ...own, code: '200' }, instants, (t) => ({
          rate: 10,
          seconds: bad(t) ? 0.4 : 0.03,
        })),
        ...histogram('http_request_duration_seconds', { ...own, code: '500' }, instants, (t) => ({
          rate: bad(t) ? 10 : 0,
          seconds: 0.4,
        })),
        ...counter('process_cpu_seconds_total', own, instants, () => 0.5),
      ];
      const lines = new Map<string, { metric: object; values: number[]; timestamps: number[] }>();
      for (const s of samples) {
        const metric = { __name__: s.name, ...s.labels };
        const line = lines.get(JSON.stringify(metric)) ?? { metric, values: [], timestamps: [] };
        line.values.push(s.value);
        line.timestamps.push(s.at);
        lines.set(JSON.stringify(metric), line);
      }
      const body = [...lines.values()].map((l) => JSON.stringify(l)).join('\n');
      await fetch(`${server.url}/api/v1/import`, { method: 'POST', body });
      await fetch(`${server.url}/internal/force_flush`);
      const opened = await open(server.url);
      const answer = await ask(opened, 'metrics.range', { service: 'shop' });
      expect([answer.status, answer.problem]).toEqual(['ok', undefined]);
      const { series } = dataOf(answer);
      expect(find(series, { __name__: 'request_latency', statistic: 'p95' }).after).toBeGreaterThan(0.3);
      expect(find(series, { __name__: 'request_error_ratio' }).after).toBeCloseTo(50, 0);
      expect(find(series, { __name__: 'process_cpu_cores' }).before).toBeCloseTo(0.5, 1);
      expect((await opened.check(context)).find((c) => c.what === 'shop')?.state).toBe('ok');
      await opened.close?.();
    } finally {
      await server.stop();
      rmSync(dir, { recursive: true });
    }
  }, 30_000);
});

const recorded = join(process.env.INQUEST_DATA ?? '', 'captures/lab-2service-tsdb-snapshot.tgz');
const hasRecording = process.env.INQUEST_DATA !== undefined && existsSync(recorded);
if (!hasRecording) process.stderr.write('SKIP recorded TSDB: INQUEST_DATA is not set\n');

describe.skipIf(!hasRecording || !peer('prometheus'))('a recorded TSDB of a real incident', () => {
  test('the fault shows second by second, though four hours are asked for and four minutes are there', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'inquest-recorded-'));
    execFileSync('tar', ['xzf', recorded, '-C', dir]);
    const server = await servePrometheus(join(dir, 'snap'));
    try {
      const from = '2026-11-20T00:46:54Z';
      const to = '2026-11-20T04:50:56Z';
      const env = { cwd: '/', fetch, now: () => Date.parse(to), services: {} };
      const opened = await source.open('prometheus', { url: server.url }, env);
      const { series } = dataOf(await ask(opened, 'metrics.range', { from, to, service: 'orders' }));
      const steps = find(series, { __name__: 'request_rate', version: 'v1' }).s.times;
      expect((steps[1] as number) - (steps[0] as number)).toBe(1000);
      const pick = (labels: Record<string, string>): number[] =>
        find(series, labels).s.values.filter((v) => v !== null);
      const p99 = pick({ __name__: 'request_latency', statistic: 'p99' });
      expect(Math.max(...p99) / (p99[0] as number)).toBeGreaterThan(5);
      expect(new Set(pick({ __name__: 'db_pool_total' })).has(1)).toBe(true);
      expect(Math.max(...pick({ __name__: 'db_pool_waiting' }))).toBeGreaterThan(50);
      expect(dataOf(await ask(opened, 'topology.get', { from, to })).calls).toEqual([
        ['gateway', 'orders'],
        ['orders', 'postgres'],
      ]);
      await opened.close?.();
    } finally {
      await server.stop();
      rmSync(dir, { recursive: true });
    }
  }, 30_000);
});
