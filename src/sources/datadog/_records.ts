/** Log lines and spans of Datadog as our nouns. */
import type { LogRecord, Span } from '../../core/telemetry.ts';
import { toIso } from '../../core/time.ts';
import type { Account } from './_account.ts';
import { INSTANCE_TAGS, tagOf } from './_language.ts';
import type { DatadogLog, DatadogSpan } from './_shapes.ts';

type Json = Record<string, unknown>;
const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v);
const text = (v: unknown): string | undefined => (typeof v === 'string' && v !== '' ? v : undefined);

const DEPTH = 4;

/** `{ http: { status_code: 500 } }` → `{ 'http.status_code': 500 }`: the names that people search by. */
export function flat(value: Json, prefix = '', depth = 0, out: Json = {}): Json {
  for (const [k, v] of Object.entries(value)) {
    const name = prefix === '' ? k : `${prefix}.${k}`;
    if (isObject(v) && depth < DEPTH) flat(v, name, depth + 1, out);
    else out[name] = v;
  }
  return out;
}

/**
 * One name for an id that tracers write in two ways: 64 bits as a decimal number, or 128 bits of which the lower half is the
 * same number in hexadecimal.
 */
export function idKey(id: string): string {
  const decimal = /^\d{1,20}$/.test(id) && id.length !== 16;
  const hex = decimal ? BigInt(id).toString(16) : id.toLowerCase();
  return hex.padStart(16, '0').slice(-16);
}

const instanceOf = (tags: readonly string[], host: string | undefined): string | undefined =>
  tagOf(tags, ...INSTANCE_TAGS) ?? host;

export function toRecord(account: Account, log: DatadogLog): LogRecord {
  const attributes = flat(log.attributes);
  const traceId = text(attributes.trace_id) ?? text(attributes['otel.trace_id']) ?? text(attributes['dd.trace_id']);
  const spanId = text(attributes.span_id) ?? text(attributes['otel.span_id']) ?? text(attributes['dd.span_id']);
  const instance = instanceOf(log.tags, log.host);
  const stack = text(attributes['error.stack']);
  // Datadog takes the stack trace out of a line; in it stands which frame of our own code failed.
  const body = stack === undefined || log.message.includes(stack) ? log.message : `${log.message}\n${stack}`;
  const rest = Object.fromEntries(Object.entries(attributes).filter(([k]) => !TAKEN.has(k)));
  return {
    timestamp: toIso(log.time),
    ...(log.status !== undefined && { severityText: log.status.toUpperCase() }),
    body,
    ...(log.service !== undefined && { service: account.ours(log.service) }),
    ...(instance !== undefined && { instance }),
    ...(Object.keys(rest).length > 0 && { attributes: rest }),
    ...(traceId !== undefined && { traceId }),
    ...(spanId !== undefined && { spanId }),
  };
}
const TAKEN = new Set([
  'trace_id',
  'span_id',
  'otel.trace_id',
  'dd.trace_id',
  'otel.span_id',
  'dd.span_id',
  'error.stack',
]);

export function toSpan(account: Account, span: DatadogSpan): Span {
  const instance = instanceOf(span.tags, span.host);
  const attributes = flat(span.attributes);
  if (attributes['error.message'] === undefined) attributes['error.message'] = attributes['error.msg'];
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentId !== undefined && { parentSpanId: span.parentId }),
    name: span.resource ?? span.name ?? '',
    start: span.start,
    durationMs: span.durationMs,
    status: span.error ? 'error' : 'ok',
    service: account.ours(span.service),
    ...(instance !== undefined && { instance }),
    attributes,
  };
}
