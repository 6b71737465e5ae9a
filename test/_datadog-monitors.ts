/** Monitors and SLOs of the fake account, and what a monitor posts. */
import { createHash } from 'node:crypto';
import type { Json } from './_datadog-bundle.ts';
import { evaluate } from './_datadog-evaluate.ts';
import { parseMetrics } from './_datadog-metric-language.ts';
import type { Store } from './_datadog-store.ts';

export const idOf = (name: string): number =>
  Number.parseInt(createHash('sha256').update(name).digest('hex').slice(0, 8), 16);

/** A rule of the recording in Datadog's words; undefined for one that has none. */
function translate(expression: string): string | undefined {
  const m = /^(abs\()?(\w+)(?:\{(.*?)\})?(?: - (\d+)\))? ([<>]) ([\d.e+]+)$/.exec(expression);
  if (!m) return undefined;
  const [, abs, metric = '', matchers = '', minus, sign, limit] = m;
  const scope = [...matchers.matchAll(/(\w+)(=~|!=|=)"([^"]*)"/g)].map(([, k, op, v]) => {
    const key = k === 'route' ? 'resource_name' : k;
    const value = op === '=~' ? v!.replace('.*', '*') : v!;
    return { key, not: op === '!=' ? '!' : '', value };
  });
  const spaced = scope.some((s) => s.value.includes(' '));
  const where = scope.map((s) => `${s.not}${s.key}:${s.value.replaceAll(' ', '?')}`).join(',') || '*';
  const of = 'trace.http.server.request';
  const by = scope.some((s) => s.key === 'service' && s.not === '') ? '' : ' by {service}';
  const own: Record<string, string> = {
    http_error_percent: `100 * sum:${of}.errors{${where}}${by}.as_count() / sum:${of}.hits{${where}}${by}.as_count()`,
    http_latency_p95_seconds: `p95:${of}{${where}}${by}`,
    http_route_latency_p95_seconds: `p95:${of}{${where}}${by}`,
    http_route_requests_per_second: `sum:${of}.hits{${where}}${by}.as_rate()`,
  };
  if (spaced && metric.startsWith('http_route')) return undefined;
  const value = own[metric] ?? `avg:${metric}{${where}}${by === '' ? '' : ' by {service,pod_name}'}`;
  const whole = abs ? `abs(${value} - ${minus})` : value;
  return `avg(last_1m):${whole} ${sign} ${Number(limit)}`;
}

interface FakeMonitor extends Json {
  id: number;
  name: string;
  query: string;
}

/** One monitor a rule of the recording that fired or ended, the alert's own among them. */
export function monitorsOf(store: Store): FakeMonitor[] {
  const names = new Map<string, string | undefined>([[store.alert.title, store.alert.expression]]);
  for (const e of store.events) {
    const name = e.attributes?.alertname;
    if (name && !names.has(name)) names.set(name, undefined);
  }
  return [...names].map(([name, expression]) => {
    const query = (expression && translate(expression)) ?? 'avg(last_1m):avg:unknown.metric{*} > 1';
    const critical = Number(query.split(' ').at(-1));
    const alerting = name === store.alert.title;
    return {
      id: idOf(name),
      name,
      type: 'query alert',
      query,
      message: alerting ? store.alert.summary : '',
      tags: [`env:${store.env}`],
      multi: false,
      created: '2026-01-01T00:00:00.000000+00:00',
      modified: '2026-01-01T00:00:00.000000+00:00',
      options: { thresholds: { critical } },
      overall_state: alerting ? 'Alert' : 'OK',
      state: {
        groups: {
          [`service:${store.alert.service}`]: {
            name: `service:${store.alert.service}`,
            status: alerting ? 'Alert' : 'OK',
            last_triggered_ts: Math.floor(Date.parse(store.alert.startsAt) / 1000),
          },
        },
      },
      matching_downtimes: [],
    };
  });
}

/** What Datadog posts to a webhook when the alert of the recording fires. */
export function webhookOf(store: Store): Json {
  const { title, summary, service, startsAt, labels } = store.alert;
  return {
    id: `${idOf(`${title} ${startsAt}`)}`,
    title: `[Triggered on {service:${service}}] ${title}`,
    body: summary,
    alert_transition: 'Triggered',
    alert_type: 'error',
    alert_id: String(idOf(title)),
    alert_query: (store.alert.expression && translate(store.alert.expression)) ?? '',
    alert_scope: `service:${service}`,
    aggreg_key: createHash('sha256').update(`${title} ${service}`).digest('hex').slice(0, 32),
    priority: 'normal',
    date: String(Date.parse(startsAt)),
    tags: Object.entries(labels)
      .filter(([k]) => k === 'env' || k === 'service')
      .map(([k, v]) => `${k}:${v}`)
      .join(','),
    org: { id: '1', name: 'lab' },
  };
}

/** Good requests of all of a service, as an SLO search tells them. */
export function slosOf(store: Store): Json[] {
  const { service } = store.alert;
  const total = (what: string): number => {
    const range = { from: 0, to: store.now, interval: 60 };
    const got = evaluate(
      parseMetrics(`sum:trace.http.server.request.${what}{service:${service}}.as_count()`),
      store.metrics,
      range,
    );
    return typeof got === 'number' ? got : got.flatMap((s) => s.values).reduce<number>((a, v) => a + (v ?? 0), 0);
  };
  const hits = total('hits');
  if (hits === 0) return [];
  const sli = 100 * (1 - total('errors') / hits);
  const target = 99.5;
  const left = 100 * (1 - (100 - sli) / (100 - target));
  const status = {
    error_budget_remaining: left,
    indexed_at: Math.floor(store.now / 1000),
    span_precision: 2,
    state: sli < target ? 'breached' : 'ok',
  };
  return [
    {
      data: {
        type: 'slo',
        id: createHash('md5').update(service).digest('hex'),
        attributes: {
          name: `${service} answers`,
          all_tags: [`service:${service}`, `env:${store.env}`],
          service_tags: [service],
          env_tags: [store.env],
          team_tags: [],
          slo_type: 'metric',
          monitor_ids: [],
          thresholds: [{ timeframe: '7d', target, target_display: '99.5', warning: 99.7, warning_display: '99.7' }],
          query: {
            numerator: `sum:trace.http.server.request.hits{service:${service}}.as_count()`,
            denominator: `sum:trace.http.server.request.hits{service:${service}}.as_count()`,
            metrics: [],
          },
          overall_status: [{ ...status, status: sli, target, timeframe: '7d' }],
          status: { ...status, sli },
          created_at: 1_700_000_000,
          modified_at: 1_700_000_000,
        },
      },
    },
  ];
}
