/** The metrics of the fake account, and how a query over them is answered. */
import type { Expression, MetricQuery } from './_datadog-metric-language.ts';
import type { Bundle, Metric, RawSeries, Row, Unit } from './_datadog-store.ts';

const unit = (family: string, name: string, short: string): Unit => ({
  family,
  name,
  plural: `${name}s`,
  short_name: short,
  scale_factor: 1,
});
const SECOND = unit('time', 'second', 's');
const UNITS: Record<string, [Unit, null] | undefined> = {
  s: [SECOND, null],
  By: [unit('bytes', 'byte', 'B'), null],
  '%': [{ ...unit('percentage', 'percent', '%'), plural: 'percent' }, null],
};
const HITS: [Unit, null] = [unit('network', 'request', 'req'), null];
/** Samples lie so far apart, seconds. */
const STEP = 5;

/** The operation under which a tracer would report a call to this service. */
const operationTo = (callee: string): string =>
  callee === 'postgres' ? 'postgresql.query' : callee === 'redis' ? 'redis.command' : 'http.client.request';

/** Version of each pod from a moment on, as its logs and spans say. */
export function versionsOf(bundle: Bundle): (pod: string, at: number) => string | undefined {
  const first = new Map<string, Map<string, number>>();
  const told = [
    ...bundle.records.map((r) => ({ ...r, at: Date.parse(r.timestamp) })),
    ...bundle.spans.map((s) => ({ ...s, at: Date.parse(s.startTime) })),
  ];
  for (const { resource, at } of told) {
    const [pod, version] = [resource['k8s.pod.name'], resource['service.version']];
    if (!pod || !version) continue;
    const known = first.get(pod) ?? new Map<string, number>();
    first.set(pod, known.set(version, Math.min(at, known.get(version) ?? at)));
  }
  const sorted = new Map([...first].map(([pod, v]) => [pod, [...v].sort((a, b) => a[1] - b[1])]));
  return (pod, at) => {
    const all = sorted.get(pod) ?? [];
    return (all.findLast(([, from]) => from <= at) ?? all[0])?.[0];
  };
}

/**
 * Request metrics of the recording become APM's trace metrics, which count all requests, not only those whose spans were
 * kept; what was measured of a node becomes the Agent's `system.*`; everything else is a custom metric with its own tags.
 */
export function metricsOf(bundle: Bundle, env: string): Map<string, Metric> {
  const metrics = new Map<string, Metric>();
  const versionOf = versionsOf(bundle);
  const add = (
    name: string,
    type: Metric['type'],
    u: Metric['unit'],
    view: number,
    stat: string,
    rows: Row[],
  ): void => {
    const m = metrics.get(name) ?? { type, views: {}, ...(u && { unit: u }) };
    const views = m.views[stat] ?? [];
    views[view] = [...(views[view] ?? []), ...rows.map((r) => ({ ...r, tags: { env, ...r.tags } }))];
    m.views[stat] = views;
    metrics.set(name, m);
  };
  const row = (s: RawSeries, tags: Record<string, string>, f = (v: number): number => v): Row => ({
    tags,
    times: s.timestamps,
    values: s.values.map((v) => (v === null ? null : f(v))),
  });
  const instances = new Set(bundle.series.flatMap((s) => (s.metric.instance ? [s.metric.service ?? ''] : [])));
  const named = bundle.series.filter((s) => s.metric.__name__ === 'http_instance_requests_per_second');
  const many = new Set(named.map((s) => s.metric.service));
  for (const s of bundle.series) {
    const { __name__: name = '', service = '', route, instance, caller, callee, node, ...rest } = s.metric;
    const own = { service, 'span.kind': 'server' };
    const served = /^http_(?:(route|instance)_)?(requests_per_second|errors_per_second|latency_(p\d\d)_seconds)$/.exec(
      name,
    );
    const called = /^dependency_(requests_per_second|errors_per_second|latency_(p\d\d)_seconds)$/.exec(name);
    const put = (operation: string, what: string, p: string | undefined, view: number, rows: Row[]): void => {
      if (p) add(`trace.${operation}`, 'distribution', [SECOND, null], view, p, rows);
      else add(`trace.${operation}.${what.startsWith('err') ? 'errors' : 'hits'}`, 'count', HITS, view, '', rows);
    };
    if (served) {
      const [, split, what = '', p] = served;
      const base = row(s, own);
      const put2 = (view: number, rows: Row[]): void => put('http.server.request', what, p, view, rows);
      if (split === 'route') put2(1, [{ ...base, tags: { ...own, resource_name: route ?? '' } }]);
      else if (split === 'instance') put2(2, byVersion(base, instance ?? '', versionOf));
      else {
        put2(0, [base]);
        if (!many.has(service) && instances.has(service)) put2(2, byVersion(base, `${service}-1`, versionOf));
      }
    } else if (called && caller && callee) {
      const tags = { service: caller, 'span.kind': 'client', 'peer.service': callee };
      put(operationTo(callee), called[1]!, called[2], 0, [row(s, tags)]);
    } else if (name === 'http_error_percent') {
      // Datadog holds the counts of which this is the ratio.
    } else if (node && name === 'node_cpu_busy_percent') {
      add('system.cpu.idle', 'gauge', UNITS['%'], 0, '', [row(s, { host: node }, (v) => 100 - v)]);
    } else if (node && name === 'node_memory_available_percent') {
      add('system.mem.pct_usable', 'gauge', undefined, 0, '', [row(s, { host: node }, (v) => v / 100)]);
    } else {
      const tags = {
        ...rest,
        ...(service && { service }),
        ...(instance && { pod_name: instance }),
        ...(node && { host: node }),
      };
      add(name, 'gauge', UNITS[s.unit ?? ''], 0, '', [row(s, tags)]);
    }
  }
  return metrics;
}

/** A pod's row in pieces, each with the version that it ran. */
function byVersion(r: Row, pod: string, versionOf: (pod: string, at: number) => string | undefined): Row[] {
  const parts = new Map<string, Row>();
  r.times.forEach((t, i) => {
    const version = versionOf(pod, t) ?? '';
    const part = parts.get(version) ?? {
      tags: { ...r.tags, pod_name: pod, ...(version && { version }) },
      times: [],
      values: [],
    };
    part.times.push(t);
    part.values.push(r.values[i] ?? null);
    parts.set(version, part);
  });
  return [...parts.values()];
}

export interface Answered {
  tags: string[];
  times: number[];
  values: (number | null)[];
  unit?: Metric['unit'];
  metric: string;
}

/** Buckets of `interval` seconds from `from` to `to` (ms); a series a group. */
export function evaluate(
  e: Expression,
  metrics: Map<string, Metric>,
  range: { from: number; to: number; interval: number },
  named: ReadonlyMap<string, Answered[]> = new Map(),
): Answered[] | number {
  if (e.type === 'number') return e.value;
  if (e.type === 'name') return named.get(e.name) ?? [];
  if (e.type === 'metric') return evaluateMetric(e, metrics, range);
  if (e.type === 'abs') {
    const of = evaluate(e.of, metrics, range, named);
    if (typeof of === 'number') return Math.abs(of);
    return of.map((s) => ({ ...s, values: s.values.map((v) => (v === null ? null : Math.abs(v))) }));
  }
  const left = evaluate(e.left, metrics, range, named);
  const right = evaluate(e.right, metrics, range, named);
  const apply = (a: number, b: number): number | null => {
    const v = e.op === '+' ? a + b : e.op === '-' ? a - b : e.op === '*' ? a * b : a / b;
    return Number.isFinite(v) ? v : null;
  };
  if (typeof left === 'number') {
    if (typeof right === 'number') return apply(left, right) ?? 0;
    return right.map((s) => ({ ...s, values: s.values.map((v) => (v === null ? null : apply(left, v))) }));
  }
  if (typeof right === 'number') {
    return left.map((s) => ({ ...s, values: s.values.map((v) => (v === null ? null : apply(v, right))) }));
  }
  return left.flatMap((s) => {
    const other = right.find((r) => r.tags.join() === s.tags.join());
    if (!other) return [];
    const at = new Map(other.times.map((t, i) => [t, other.values[i] ?? null]));
    const values = s.values.map((v, i) => {
      const w = at.get(s.times[i]!) ?? null;
      return v === null || w === null ? null : apply(v, w);
    });
    return [{ ...s, values }];
  });
}

function evaluateMetric(
  q: MetricQuery,
  metrics: Map<string, Metric>,
  range: { from: number; to: number; interval: number },
): Answered[] {
  const m = metrics.get(q.metric);
  if (!m) return [];
  const views = (m.views[q.space.startsWith('p') ? q.space : m.type === 'distribution' ? 'p50' : ''] ?? []).filter(
    Boolean,
  );
  const known = new Set(views.flat().flatMap((r) => Object.keys(r.tags)));
  const wanted = [...q.keys, ...q.by].filter((k) => known.has(k));
  const view = views.find((rows) => wanted.every((k) => rows.some((r) => r.tags[k] !== undefined))) ?? [];
  const step = (q.rollup?.seconds || range.interval) * 1000;
  const groups = new Map<string, { tags: string[]; buckets: Map<number, number[][]> }>();
  const begin = Math.floor(range.from / step) * step;
  view
    .filter((r) => q.filter(r.tags))
    .forEach((r) => {
      const tags = q.by.map((k) => `${k}:${r.tags[k] ?? 'N/A'}`);
      const g = groups.get(tags.join()) ?? { tags, buckets: new Map<number, number[][]>() };
      groups.set(tags.join(), g);
      const inTime = new Map<number, number[]>();
      r.times.forEach((t, i) => {
        const v = r.values[i];
        if (v === null || v === undefined || t < begin || t >= range.to) return;
        const at = Math.floor(t / step) * step;
        inTime.set(at, [...(inTime.get(at) ?? []), v]);
      });
      for (const [at, values] of inTime) g.buckets.set(at, [...(g.buckets.get(at) ?? []), values]);
    });
  // A count is recorded per second; of a bucket it is what its samples add up to.
  const overTime = (values: number[]): number => {
    if (m.type !== 'count') return fold(q.rollup?.how ?? 'avg', values);
    const total = values.reduce((a, b) => a + b, 0) * STEP;
    return q.as === 'rate' ? total / (step / 1000) : total;
  };
  const space = q.space.startsWith('p') ? 'avg' : q.space;
  return [...groups.values()].map(({ tags, buckets }) => {
    const times = [...buckets.keys()].sort((a, b) => a - b);
    const values = times.map((t) => fold(space, buckets.get(t)!.map(overTime)));
    return { tags, times, values, metric: q.metric, ...(m.unit && { unit: m.unit }) };
  });
}

function fold(how: string, values: number[]): number {
  if (how === 'sum') return values.reduce((a, b) => a + b, 0);
  if (how === 'min') return Math.min(...values);
  if (how === 'max') return Math.max(...values);
  return values.reduce((a, b) => a + b, 0) / values.length;
}
