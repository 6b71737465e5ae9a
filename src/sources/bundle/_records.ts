/** One line of a bundle → one telemetry noun. Throws `Fault` saying which field is not as BUNDLE.md has it. */
import {
  type Change,
  type ChangeKind,
  type LogRecord,
  SERIES_KINDS,
  type Series,
  type SeriesKind,
  type Span,
  type TelemetryEvent,
} from '../../core/telemetry.ts';
import { exactMs } from '../../core/time.ts';
import { Fault } from './_files.ts';
import { isObject } from './_info.ts';

type Line = Record<string, unknown>;

const KINDS: readonly string[] = SERIES_KINDS;
const CHANGE_KINDS: readonly string[] = ['deploy', 'config', 'flag', 'scale', 'infra', 'commit'] satisfies ChangeKind[];

export function toSeries(value: unknown): Series {
  const line = asLine(value);
  if (!isObject(line.metric)) throw new Fault('"metric" is no object of labels');
  const { timestamps, values, kind, unit } = line;
  if (!Array.isArray(timestamps) || !Array.isArray(values)) throw new Fault('"timestamps" or "values" is no list');
  if (timestamps.length !== values.length) {
    throw new Fault(`${timestamps.length} timestamps, but ${values.length} values`);
  }
  const times = timestamps.map((t) => {
    if (typeof t !== 'number' || !Number.isFinite(t)) throw new Fault('a timestamp is no number of milliseconds');
    return t;
  });
  return {
    labels: Object.fromEntries(Object.entries(line.metric).map(([k, v]) => [k, String(v)])),
    ...(typeof kind === 'string' && KINDS.includes(kind) && { kind: kind as SeriesKind }),
    ...(typeof unit === 'string' && { unit }),
    times,
    values: values.map(toValue),
  };
}

/** VictoriaMetrics writes what JSON cannot hold as text. */
function toValue(v: unknown): number | null {
  if (v === null || typeof v === 'number') return v;
  if (v === 'NaN' || v === 'Infinity' || v === '-Infinity') return null;
  throw new Fault(`a value is neither number nor null: ${JSON.stringify(v)?.slice(0, 40)}`);
}

export function toLogRecord(value: unknown): LogRecord {
  const line = asLine(value);
  const resource = isObject(line.resource) ? line.resource : {};
  toTime(line, 'timestamp');
  const { severityText, traceId, spanId, attributes } = line;
  const timestamp = line.timestamp as string;
  const body = typeof line.body === 'string' ? line.body : JSON.stringify(line.body ?? '');
  // Field by field: there are millions of them.
  const record: LogRecord = isText(severityText) ? { timestamp, severityText, body } : { timestamp, body };
  const service = resource['service.name'];
  const instance = instanceOf(resource);
  if (isText(service)) record.service = service;
  if (isText(instance)) record.instance = instance;
  if (isObject(attributes)) record.attributes = attributes;
  if (isText(traceId)) record.traceId = traceId;
  if (isText(spanId)) record.spanId = spanId;
  return record;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

export function toSpan(value: unknown): Span {
  const line = asLine(value);
  const { traceId, spanId, name, durationMs, status } = line;
  const resource = isObject(line.resource) ? line.resource : {};
  if (typeof traceId !== 'string' || typeof spanId !== 'string') throw new Fault('"traceId" or "spanId" is no text');
  if (typeof durationMs !== 'number') throw new Fault('"durationMs" is no number');
  const service = resource['service.name'];
  return {
    traceId,
    spanId,
    ...optional('parentSpanId', line.parentSpanId),
    name: typeof name === 'string' ? name : '',
    start: toTime(line, 'startTime'),
    durationMs,
    status: status === 'ok' || status === 'error' ? status : 'unset',
    service: typeof service === 'string' ? service : 'unknown_service',
    ...optional('instance', instanceOf(resource)),
    ...(isObject(line.attributes) && { attributes: line.attributes }),
  };
}

export function toChange(value: unknown): Change {
  const line = asLine(value);
  toTime(line, 'time');
  if (line.startedAt !== undefined) toTime(line, 'startedAt');
  if (typeof line.id !== 'string') throw new Fault('"id" is no text');
  if (!CHANGE_KINDS.includes(String(line.kind))) throw new Fault(`"kind" is none of ${CHANGE_KINDS.join(', ')}`);
  const files = Array.isArray(line.files) ? line.files : undefined;
  return {
    ...(line as unknown as Change),
    title: typeof line.title === 'string' ? line.title : '',
    ...(files && { files: files.filter(isObject).filter((f) => typeof f.path === 'string') as { path: string }[] }),
  };
}

export function toEvent(value: unknown): TelemetryEvent {
  const line = asLine(value);
  toTime(line, 'time');
  return {
    time: line.time as string,
    source: typeof line.source === 'string' ? line.source : 'unknown',
    kind: typeof line.kind === 'string' ? line.kind : 'event',
    ...optional('service', line.service),
    title: typeof line.title === 'string' ? line.title : '',
    ...optional('body', line.body),
    ...(isObject(line.attributes) && { attributes: line.attributes }),
  };
}

function asLine(value: unknown): Line {
  if (!isObject(value)) throw new Fault('is no JSON object');
  return value;
}

function toTime(line: Line, field: string): number {
  const text = line[field];
  const ms = typeof text === 'string' ? exactMs(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new Fault(`"${field}" is no ISO-8601 time`);
  return ms;
}

const instanceOf = (resource: Line): unknown =>
  resource['k8s.pod.name'] ?? resource['service.instance.id'] ?? resource['host.name'];

function optional<K extends string>(key: K, value: unknown): { [key in K]?: string } {
  return (isText(value) ? { [key]: value } : {}) as { [key in K]?: string };
}
