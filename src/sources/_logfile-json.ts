/** One JSON log line, in the shapes that loggers and collectors write, as a log record. */
import { canonical } from '../core/canonical.ts';
import type { LogRecord } from '../core/telemetry.ts';
import { cut } from '../core/text.ts';
import { severityOf } from './_logfile-severity.ts';
import { findStamp, type Missing, TIME_FORMATS } from './_logfile-time.ts';

/** A record before it has its time as text; `wrapped` is a plain line that a container runtime put into JSON. */
export interface Parsed extends Omit<LogRecord, 'timestamp'> {
  at: number;
  wrapped?: boolean;
}

type Json = Record<string, unknown>;

interface Name {
  name: string;
  /** The first part of a dotted name. */
  root?: string;
}

const named = (names: string): Name[] =>
  names.split(' ').map((name) => (name.includes('.') ? { name, root: name.split('.')[0]! } : { name }));

/** By field, the names it has in: OTel, ECS, pino, bunyan, winston, zap, zerolog, logrus, log4j, serilog, GELF, journald, docker. */
const NAMES = {
  time: named(
    '@timestamp timestamp time ts t datetime date @t Timestamp timeUnixNano observedTimeUnixNano instant timeMillis eventTime asctime __REALTIME_TIMESTAMP',
  ),
  body: named('message msg body Body @m MESSAGE short_message event log text @mt'),
  severity: named(
    'severityText SeverityText severity level log.level levelname lvl loglevel log_level @l severityNumber SeverityNumber',
  ),
  service: named(
    'service.name service resource.attributes.service.name resource.service.name Resource.service.name serviceName service_name dd.service app application kubernetes.labels.app kubernetes.container_name container.name container_name SYSLOG_IDENTIFIER',
  ),
  instance: named(
    'k8s.pod.name resource.attributes.k8s.pod.name resource.k8s.pod.name kubernetes.pod_name pod host.name hostname host instance _HOSTNAME',
  ),
  trace: named('traceId trace_id trace.id traceID TraceId otelTraceID dd.trace_id trace'),
  span: named('spanId span_id span.id spanID SpanId otelSpanID dd.span_id'),
  stack: named(
    'err.stack error.stack_trace error.stack exception.stacktrace exception.stack attributes.exception.stacktrace stack_trace stacktrace stack exc_info thrown.extendedStackTrace exception @x',
  ),
};

/** A stack, and no `true` or name of an exception: some loggers write it on one line. */
const STACK = /\n|\bat \S+[ (:]|\bFile "/;

const ATTRIBUTES_MAX = 30;
const VALUE_MAX = 200;
/** Everything that is told by a field of the record already. */
const TOLD = new Set(Object.values(NAMES).flatMap((names) => names.map((n) => n.root ?? n.name)));

/**
 * The record of a JSON object, only its time where that is not `within`; undefined where it has no time. `around` is the
 * time that a container runtime gave it.
 */
export function fromJson(
  o: Json,
  missing: Missing,
  around?: number,
  within: (at: number) => boolean = () => true,
): Parsed | undefined {
  const at = timeOf(first(o, NAMES.time), missing) ?? around;
  if (at === undefined) return undefined;
  if (!within(at)) return { at, body: '' };
  const body = textOf(first(o, NAMES.body)) ?? '';
  const wrapped = typeof o.log === 'string' && typeof o.stream === 'string';
  if (wrapped) {
    const line = o.log as string;
    const inner = line.startsWith('{') ? parse(line) : undefined;
    return (inner && fromJson(inner, missing, at)) ?? { at, body: line.trimEnd(), wrapped };
  }
  const stack = textOf(first(o, NAMES.stack));
  const journald = o.__REALTIME_TIMESTAMP !== undefined;
  const severityText = journald ? severityOf(Number(o.PRIORITY), 'syslog') : severityOf(first(o, NAMES.severity));
  const unit = typeof o._SYSTEMD_UNIT === 'string' ? o._SYSTEMD_UNIT.replace(/\.service$/, '') : undefined;
  const service = nameOf(first(o, NAMES.service)) ?? unit ?? loggerName(o);
  const instance = nameOf(first(o, NAMES.instance));
  const traceId = idOf(first(o, NAMES.trace));
  const spanId = idOf(first(o, NAMES.span));
  const attributes = attributesOf(o, journald);
  return {
    at,
    body:
      stack !== undefined && STACK.test(stack) && !body.includes(stack)
        ? `${body}\n${stack}`
        : body || stack || canonical(attributes ?? {}),
    ...(severityText !== undefined && { severityText }),
    ...(service !== undefined && { service }),
    ...(instance !== undefined && { instance }),
    ...(traceId !== undefined && { traceId }),
    ...(spanId !== undefined && { spanId }),
    ...(attributes !== undefined && { attributes }),
  };
}

/** The JSON object of a line; undefined where it is none. */
export function parse(line: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

function first(o: Json, names: readonly Name[]): unknown {
  for (const { name, root } of names) {
    const value = o[name] ?? (root !== undefined && typeof o[root] === 'object' ? along(o, name) : undefined);
    if (value !== undefined && value !== null && value !== '') return value;
  }
  return undefined;
}

/** `a.b.c` as nested objects, any of which may have the rest as one dotted key. */
function along(o: Json, path: string): unknown {
  for (let dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
    const inner = o[path.slice(0, dot)];
    if (inner === null || typeof inner !== 'object') continue;
    const rest = path.slice(dot + 1);
    return (inner as Json)[rest] ?? along(inner as Json, rest);
  }
  return undefined;
}

/** Milliseconds, from ISO text, from seconds, ms, µs or ns since the epoch, or from log4j's `{epochSecond, nanoOfSecond}`. */
function timeOf(value: unknown, missing: Missing): number | undefined {
  if (typeof value === 'string' && !/^\d+(?:\.\d+)?$/.test(value)) {
    const exact = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(exact) ? findStamp(value, TIME_FORMATS, missing)?.at : exact;
  }
  if (value !== null && typeof value === 'object') {
    const { epochSecond, nanoOfSecond } = value as Json;
    return typeof epochSecond === 'number'
      ? epochSecond * 1000 + Math.floor(Number(nanoOfSecond ?? 0) / 1e6)
      : undefined;
  }
  const n = Number(value);
  if (!Number.isFinite(n) || n < 1e8) return undefined;
  const unit = n < 1e11 ? 1000 : n < 1e14 ? 1 : n < 1e17 ? 1e-3 : 1e-6;
  return Math.floor(n * unit);
}

/** A message: text, OTel's `{stringValue}`, journald's list of bytes, or any other value as JSON. */
function textOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.length > 0 && value.every((b) => typeof b === 'number' && b >= 0 && b < 256))
    return Buffer.from(value as number[]).toString('utf8');
  if (typeof value === 'object') {
    const o = value as Json;
    const inner = o.stringValue ?? o.stack ?? o.message;
    return typeof inner === 'string' ? inner : canonical(value);
  }
  return String(value);
}

function nameOf(value: unknown): string | undefined {
  const name = value !== null && typeof value === 'object' ? (value as Json).name : value;
  return typeof name === 'string' && name !== '' ? cut(name, 120) : undefined;
}

const idOf = (value: unknown): string | undefined => {
  const id = value !== null && typeof value === 'object' ? (value as Json).id : value;
  return typeof id === 'string' || typeof id === 'number' ? cut(String(id), 64) : undefined;
};

/** bunyan and pino call the program `name`; elsewhere that is the logger. */
const loggerName = (o: Json): string | undefined =>
  typeof o.pid === 'number' && o.hostname !== undefined ? nameOf(o.name) : undefined;

/** What else the line says: at most 30 fields, each cut. Journald's own bookkeeping is left out. */
function attributesOf(o: Json, journald: boolean): Json | undefined {
  const own = o.attributes ?? o.Attributes;
  const all: Json = own !== null && typeof own === 'object' && !Array.isArray(own) ? { ...o, ...(own as Json) } : o;
  const out: Json = {};
  let n = 0;
  for (const key of Object.keys(all).sort()) {
    const value = all[key];
    if (TOLD.has(key) || key === 'attributes' || key === 'Attributes' || key === 'resource' || value === null) continue;
    if (journald && /^_|^PRIORITY$|^SYSLOG_/.test(key)) continue;
    if (++n > ATTRIBUTES_MAX) break;
    out[key] =
      typeof value === 'number' || typeof value === 'boolean'
        ? value
        : cut(typeof value === 'string' ? value : canonical(value), VALUE_MAX);
  }
  return n === 0 ? undefined : out;
}
