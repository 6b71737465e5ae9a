/** A recorded incident (BUNDLE.md) as a Datadog account would hold it: metrics with tags, logs, spans, events, deployments. */
import { type Json, type RawChange, type RawEvent, readBundle } from './_datadog-bundle.ts';
import { metricsOf } from './_datadog-metrics.ts';

/** Samples lie so far apart in the recordings, seconds. */
export const STEP = 5;

/** Samples of one set of tags; a rate is recorded per second. */
export interface Row {
  tags: Record<string, string>;
  times: number[];
  values: (number | null)[];
}
/** A metric: rows by the tags they tell apart. A query is answered from the first view that has all of its tags. */
export interface Metric {
  type: 'gauge' | 'rate' | 'count' | 'distribution';
  unit?: [Unit | null, Unit | null];
  /** `p95` … of a distribution, else one entry under ''. */
  views: Record<string, Row[][]>;
}
export interface Unit {
  family: string;
  name: string;
  plural: string;
  short_name: string;
  scale_factor: number;
}

export interface Store {
  env: string;
  /** When the recording begins. */
  from: number;
  now: number;
  metrics: Map<string, Metric>;
  logs: { time: number; service: string; status: string; item: Json; text: string; tags: string[] }[];
  spans: { time: number; service: string; item: Json; tags: string[]; error: boolean; text: string }[];
  changes: RawChange[];
  events: RawEvent[];
  alert: {
    title: string;
    summary: string;
    service: string;
    startsAt: string;
    expression: string;
    labels: Record<string, string>;
  };
  calls: [string, string][];
  services: { name: string; kind?: string }[];
  hosts: string[];
}
const STATUSES = new Set([
  'emergency',
  'alert',
  'critical',
  'error',
  'warn',
  'warning',
  'notice',
  'info',
  'debug',
  'ok',
]);

/** Everything that an account would hold of the incident in this folder; nothing later than its `now`. */
export function openStore(dir: string): Store {
  const bundle = readBundle(dir);
  const alert = alertOf(bundle.alert);
  const env = alert.labels.env ?? 'prod';
  const host = bundle.series.find((s) => s.metric.node)?.metric.node;
  const tagsOf = (resource: Record<string, string>): string[] =>
    [
      ['env', env],
      ['service', resource['service.name']],
      ['pod_name', resource['k8s.pod.name']],
      ['version', resource['service.version']],
    ].flatMap(([k, v]) => (v ? [`${k}:${v}`] : []));
  const logs = bundle.records.map((r, i) => {
    const said = (r.severityText ?? 'info').toLowerCase();
    const status = said === 'fatal' ? 'critical' : STATUSES.has(said) ? said : 'info';
    const service = r.resource['service.name'] ?? '';
    const tags = tagsOf(r.resource);
    const attributes = {
      ...r.attributes,
      ...(r.traceId && { trace_id: r.traceId }),
      ...(r.spanId && { span_id: r.spanId }),
    };
    const time = Date.parse(r.timestamp);
    const item = {
      id: `log-${i}`,
      type: 'log',
      attributes: {
        timestamp: new Date(time).toISOString(),
        service,
        status,
        message: r.body,
        tags,
        attributes,
        ...(host && { host }),
      },
    };
    return { time, service, status, item, text: r.body, tags };
  });
  const spans = bundle.spans.map((s) => {
    const service = s.resource['service.name'] ?? '';
    const tags = tagsOf(s.resource);
    const start = Date.parse(s.startTime);
    const { 'error.message': message, ...attributes } = (s.attributes ?? {}) as Record<string, unknown>;
    const error = s.status === 'error';
    const item = {
      id: `span-${s.spanId}`,
      type: 'spans',
      attributes: {
        trace_id: s.traceId,
        span_id: s.spanId,
        parent_id: s.parentSpanId ?? '0',
        service,
        resource_name: s.name,
        operation_name: attributes['span.kind'] === 'server' ? 'http.server.request' : 'http.client.request',
        start_timestamp: new Date(start).toISOString(),
        end_timestamp: new Date(start + Math.round(s.durationMs)).toISOString(),
        env,
        ...(host && { host }),
        type: attributes['span.kind'] === 'server' ? 'web' : 'http',
        single_span: false,
        tags,
        custom: {
          ...attributes,
          duration: Math.round(s.durationMs * 1e6),
          ...(s.resource['service.version'] && { version: s.resource['service.version'] }),
          ...(error && { error: { ...(message !== undefined && { message }) } }),
        },
        ...(error && { status: 'error' }),
      },
    };
    return { time: start, service, item, tags, error, text: s.name };
  });
  const by = <T extends { time: number }>(all: T[]): T[] =>
    all.filter((x) => x.time <= bundle.now).sort((a, b) => a.time - b.time);
  return {
    env,
    from: bundle.from,
    now: bundle.now,
    metrics: metricsOf(bundle, env),
    logs: by(logs),
    spans: by(spans),
    changes: bundle.changes,
    events: bundle.events,
    alert,
    calls: bundle.topology.calls ?? [],
    services: bundle.topology.services ?? [],
    hosts: [...new Set(bundle.series.flatMap((s) => s.metric.node ?? []))],
  };
}

/** The first alert of an Alertmanager payload. */
function alertOf(payload: Json): Store['alert'] {
  const [alert] = payload.alerts as {
    labels: Record<string, string>;
    annotations: Record<string, string>;
    startsAt: string;
    generatorURL: string;
  }[];
  const { labels, annotations, startsAt, generatorURL } = alert!;
  return {
    title: labels.alertname ?? 'alert',
    summary: annotations.summary ?? '',
    service: labels.service ?? '',
    startsAt,
    expression: new URL(generatorURL).searchParams.get('g0.expr') ?? '',
    labels,
  };
}
