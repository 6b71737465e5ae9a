/**
 * OTLP over HTTP with JSON (https://opentelemetry.io/docs/specs/otlp/#otlphttp): one request for the trace of a run, one a
 * minute for the metrics. The SDK would be about 40 packages for two POSTs. A collector that is away costs nothing but its data.
 */
import { PROGRAM } from '../core/program.ts';
import type { Metrics, Value } from './metrics.ts';
import type { OtlpSpan } from './otlp-trace.ts';

export type OtlpAttribute = {
  key: string;
  value: { stringValue: string } | { doubleValue: number } | { intValue: string };
};

export interface Otlp {
  endpoint: string;
  bearer?: string;
}

const TIMEOUT = 5000;

export const attributes = (said: Record<string, string | number | undefined>): OtlpAttribute[] =>
  Object.entries(said).flatMap(([key, v]) => (v === undefined ? [] : [{ key, value: typedValue(v) }]));

function typedValue(v: string | number): OtlpAttribute['value'] {
  if (typeof v === 'string') return { stringValue: v.slice(0, 300) };
  return Number.isInteger(v) ? { intValue: String(v) } : { doubleValue: v };
}

const [name = 'inquest', version = ''] = PROGRAM.split(' ');
const resource = { attributes: attributes({ 'service.name': name, 'service.version': version }) };
const scope = { name, version };

/** Sends the spans of a run. Throws where the collector does not take them. */
export const sendSpans = (to: Otlp, spans: OtlpSpan[], fetch: typeof globalThis.fetch): Promise<void> =>
  post(to, 'v1/traces', { resourceSpans: [{ resource, scopeSpans: [{ scope, spans }] }] }, fetch);

/** Sends all metrics, counted since `since` (ms). */
export function sendMetrics(
  to: Otlp,
  metrics: Metrics,
  times: { since: number; now: number },
  fetch: typeof globalThis.fetch,
): Promise<void> {
  const all = metricsOf(metrics, times);
  return post(to, 'v1/metrics', { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics: all }] }] }, fetch);
}

/** The metrics as OTLP writes them; sums and histograms are cumulative. */
export function metricsOf(metrics: Metrics, { since, now }: { since: number; now: number }): Record<string, unknown>[] {
  const times = { startTimeUnixNano: `${since}000000`, timeUnixNano: `${now}000000` };
  return [...metrics.families.values()].map(({ name, help, kind, bounds, values }) => {
    const all = [...values.values()];
    const point = (v: Value) => ({ attributes: attributes(v.labels), ...times, asDouble: v.value });
    const named = { name, description: help };
    if (kind === 'gauge') return { ...named, gauge: { dataPoints: all.map(point) } };
    if (kind === 'counter') {
      return { ...named, sum: { dataPoints: all.map(point), aggregationTemporality: 2, isMonotonic: true } };
    }
    const dataPoints = all.map(({ labels, value, counts = [], count = 0 }) => ({
      attributes: attributes(labels),
      ...times,
      count: String(count),
      sum: value,
      // Ours hold everything below a bound; these hold what lies between two.
      bucketCounts: [
        ...bounds.map((_, i) => String((counts[i] ?? 0) - (counts[i - 1] ?? 0))),
        String(count - (counts.at(-1) ?? 0)),
      ],
      explicitBounds: bounds,
    }));
    return { ...named, unit: 's', histogram: { dataPoints, aggregationTemporality: 2 } };
  });
}

async function post(
  { endpoint, bearer }: Otlp,
  path: string,
  body: unknown,
  fetch: typeof globalThis.fetch,
): Promise<void> {
  const answer = await fetch(`${endpoint.replace(/\/$/, '')}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(bearer ? { authorization: `Bearer ${bearer}` } : {}) },
    body: JSON.stringify(body),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT),
  });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`the collector answers ${answer.status}`);
}
