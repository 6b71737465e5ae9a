/** The metrics of the fake account. */
import type { Bundle, RawSeries } from './_datadog-bundle.ts';
import type { Metric, Row, Unit } from './_datadog-store.ts';

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
