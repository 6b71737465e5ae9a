/** Which metrics of a service are asked for, in which words, and what their series are called among us. */
import { byText } from '../../core/canonical.ts';
import type { SeriesKind } from '../../core/telemetry.ts';

/** One metric query; its series get these names. */
export interface Signal {
  query: string;
  name: string;
  kind?: SeriesKind;
  /** Where Datadog's own word on the unit is not needed. */
  unit?: string;
  statistic?: string;
  /** How its values become those of the name. */
  as?: (value: number) => number;
  /** What it counts: failures are set against the requests of the same parts. */
  counts?: 'hits' | 'errors';
  /** Part of an operation: of the whole, by instance, by resource. */
  split?: 'whole' | 'instance' | 'resource';
  operation?: string;
}

/** Spans inside of a service tell nothing of its requests. */
const INTERNAL = /middleware|template|render|router|view|filter|interceptor|guard|pipe|resolver|orm|cursor|connect$/;
/** Operations that serve requests or take messages; of these the parts are asked for as well. */
const SERVING =
  /(?:^|\.)server\.|^(?:web|http|express|koa|fastify|hapi|next|rack|rails|sinatra|grape|django|flask|fastapi|starlette|aiohttp|tornado|bottle|pyramid|servlet|spring|jetty|tomcat|netty|play|akka_http|vertx|undertow|aspnet|aspnet_core|owin|laravel|symfony|gin|echo|chi|mux|fiber|grpc|graphql)\.(?:request|handle|handler|server|execute|query)$|(?:^|\.)(?:consume|process|receive|job|task|perform|handler|lambda)$/;
const OPERATIONS_MAX = 5;
const SERVING_MAX = 2;
/** Custom metrics of all services of a question; beyond these the first by name. */
const CUSTOM_MAX = 60;
/** Metrics of agents and of tracing's own bookkeeping. */
const OWN_BUSINESS = /^(?:datadog|trace|system|apm|ntp|runtime\.\w+\.(?:gc\.(?:eden|old)|classes))\b/;
/** Labels with few values that tell parts of one thing apart. */
const PARTS = ['state', 'status', 'reason', 'table', 'queue', 'topic', 'pool', 'job'];
const INSTANCE = ['pod_name', 'container_name', 'host'];

const by = (keys: readonly string[]): string => ` by {${keys.join(',')}}`;

/**
 * The queries for these services, by the metrics that carry their tag.
 * @param metrics names of the metrics
 * @param scope of all queries
 */
export function serviceSignals(metrics: readonly string[], scope: string): { signals: Signal[]; left: number } {
  const names = new Set(metrics);
  const operations = [...names]
    .flatMap((m) => /^trace\.(.+)\.hits$/.exec(m)?.[1] ?? [])
    .filter((o) => !INTERNAL.test(o))
    .sort((a, b) => Number(SERVING.test(b)) - Number(SERVING.test(a)) || byText(a, b))
    .slice(0, OPERATIONS_MAX);
  const serving = new Set(operations.filter((o) => SERVING.test(o)).slice(0, SERVING_MAX));
  const custom = [...names].filter((m) => !OWN_BUSINESS.test(m)).sort(byText);
  return {
    signals: [
      ...operations.flatMap((o) => operationSignals(o, scope, names, serving.has(o))),
      ...custom.slice(0, CUSTOM_MAX).map((m) => customSignal(m, scope)),
    ],
    left: Math.max(0, custom.length - CUSTOM_MAX),
  };
}

/** Requests, failures and durations: of each side, by instance, by resource. */
function operationSignals(operation: string, scope: string, names: ReadonlySet<string>, parts: boolean): Signal[] {
  const splits: [NonNullable<Signal['split']>, string[], string[]][] = [
    ['whole', ['service', 'peer.service'], ['p50', 'p95', 'p99']],
    ['instance', ['service', ...INSTANCE], ['p95']],
    ['resource', ['service', 'resource_name'], ['p95']],
  ];
  const metric = `trace.${operation}`;
  return (parts ? splits : splits.slice(0, 1)).flatMap(([split, keys, quantiles]) => {
    const of = { split, operation };
    const count = (counts: 'hits' | 'errors'): Signal => ({
      ...of,
      counts,
      query: `sum:${metric}.${counts}{${scope}}${by(keys)}.as_rate()`,
      name: counts === 'hits' ? 'rate' : 'errors',
      kind: counts === 'hits' ? 'traffic' : 'errors',
      unit: '1/s',
    });
    const latency = { ...of, name: 'latency', kind: 'latency' as const };
    const durations = names.has(metric)
      ? quantiles.map((q): Signal => ({ ...latency, statistic: q, query: `${q}:${metric}{${scope}}${by(keys)}` }))
      : names.has(`${metric}.duration`)
        ? [{ ...latency, statistic: 'avg', query: `avg:${metric}.duration{${scope}}${by(keys)}` }]
        : [];
    return [count('hits'), ...(names.has(`${metric}.errors`) ? [count('errors')] : []), ...durations];
  });
}

const customSignal = (metric: string, scope: string): Signal => ({
  query: `avg:${metric}{${scope}}${by(['service', ...INSTANCE, ...PARTS])}`,
  name: metric,
});

/** What the Agent measures of a host, each so that more of it is worse. */
export function hostSignals(scope: string): Signal[] {
  const agent = (query: string, name: string, kind: SeriesKind, as?: (v: number) => number, unit = '%'): Signal => ({
    query: `${query}{${scope}} by {host}`,
    name,
    kind,
    unit,
    ...(as && { as }),
  });
  return [
    agent('avg:system.cpu.idle', 'system.cpu.busy', 'cpu', (v) => 100 - v),
    agent('avg:system.cpu.iowait', 'system.cpu.iowait', 'disk'),
    agent('avg:system.load.norm.1', 'system.load.norm.1', 'cpu', undefined, '1'),
    agent('avg:system.mem.pct_usable', 'system.mem.used', 'memory', (v) => 100 * (1 - v)),
    agent('max:system.disk.in_use', 'system.disk.in_use', 'disk', (v) => 100 * v),
    agent('sum:system.net.packets_in.error', 'system.net.packets_in.error', 'network', undefined, '1/s'),
  ];
}
