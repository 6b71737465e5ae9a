/** One plain text line as a log record: its time, level, and the program where the format names one. */
import { cut } from '../core/text.ts';
import type { Parsed } from './_logfile-json.ts';
import { fromJson, parse } from './_logfile-json.ts';
import { severityIn, severityOf } from './_logfile-severity.ts';
import { findStamp, type Missing, type TimeFormat } from './_logfile-time.ts';

/** What the container runtime writes before a line: the stream, and whether the line is whole (`F`) or a part (`P`). */
const CRI = /^\s?(?:stdout|stderr) ([FP]) /;
const SYSLOG = /^\s?(?<host>[\w.:-]{1,255}) (?<program>[\w.@/-]{1,64})(?:\[\d+\])?: /;
/** RFC 5424 after its time: host, program, process, message id, structured data. */
const SYSLOG_5424 = /^ (?<host>\S{1,255}) (?<program>\S{1,48}) \S{1,128} \S{1,32} (?:-|(?:\[[^\]]{0,2000}\])+) ?/;
const TRACE_ID = /\btrace[_-]?id["']?[=:]\s?["']?([0-9a-f]{16,32})\b/i;
const LOGFMT = /(?:^|\s)(?<key>[\w.@-]{1,60})=(?:"(?<quoted>(?:[^"\\]|\\.){0,8000})"|(?<bare>[^\s"]{0,2000}))/g;
/** The status in an access log: after the quoted request. */
const ACCESS_STATUS = /" (\d{3}) (?:\d+|-)/;

/** The record that this line begins, only its time where that is not `within`; undefined: it continues the one before. */
export function fromText(
  line: string,
  formats: readonly TimeFormat[],
  missing: Missing,
  within: (at: number) => boolean,
): Parsed | undefined {
  const stamp = findStamp(line, formats, missing);
  if (stamp === undefined) return undefined;
  if (!within(stamp.at)) return { at: stamp.at, body: '' };
  const before = line.slice(0, stamp.from);
  const after = line.slice(stamp.to);
  const { at } = stamp;
  const cri = CRI.exec(after);
  if (cri && stamp.from === 0) return fromRuntime(after.slice(cri[0].length), at, missing);
  if (/^[IWEFD]\d{4} /.test(line)) return { at, body: after.trim(), ...level(severityOf(line[0]!)) };
  if (/^<\d{1,3}>1 $/.test(before)) return syslog(SYSLOG_5424.exec(after), after, at, priority(before));
  if (/^(?:<\d{1,3}>)?$/.test(before)) {
    const program = SYSLOG.exec(after);
    if (program && /^(?:<\d{1,3}>)?[A-Z][a-z]{2} |^<\d/.test(line)) return syslog(program, after, at, priority(line));
  }
  const fields = /\b(?:msg|message)=/.test(after) ? logfmt(line) : undefined;
  if (fields) return fromFields(fields, at);
  const status = ACCESS_STATUS.exec(line)?.[1];
  const severity =
    status === undefined ? severityIn(after) : status >= '500' ? 'ERROR' : status >= '400' ? 'WARN' : 'INFO';
  const rest = before.endsWith('"') ? after.replace(/^"/, '') : after;
  const body = `${before.replace(/[\s[(|"]+$/, '')} ${rest.replace(/^[\s\])|,:-]+/, '')}`.trim();
  return { at, body, ...level(severity), ...trace(line) };
}

const level = (severityText: string | undefined): { severityText?: string } =>
  severityText === undefined ? {} : { severityText };

function trace(line: string): { traceId?: string } {
  const id = TRACE_ID.exec(line.slice(0, 4000))?.[1];
  return id === undefined ? {} : { traceId: id };
}

function fromRuntime(text: string, at: number, missing: Missing): Parsed {
  const inner = text.startsWith('{') ? parse(text) : undefined;
  const record = inner && fromJson(inner, missing, at);
  return record ?? { at, body: text, wrapped: true, ...level(severityIn(text)), ...trace(text) };
}

/** `<27>` → ERROR. */
function priority(text: string): string | undefined {
  const n = /^<(\d{1,3})>/.exec(text)?.[1];
  return n === undefined ? undefined : severityOf(Number(n) % 8, 'syslog');
}

function syslog(m: RegExpExecArray | null, after: string, at: number, said: string | undefined): Parsed {
  const body = m === null ? after.trim() : after.slice(m[0].length).trim();
  const { host, program } = m?.groups ?? {};
  return {
    at,
    body,
    ...level(said ?? severityIn(body)),
    ...(program !== undefined && program !== '-' && { service: program }),
    ...(host !== undefined && host !== '-' && { instance: host }),
    ...trace(body),
  };
}

function logfmt(line: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const m of line.slice(0, 16_000).matchAll(LOGFMT)) {
    const { key, quoted, bare } = m.groups as { key: string; quoted?: string; bare?: string };
    fields[key] ??= quoted === undefined ? (bare ?? '') : quoted.replace(/\\(["\\])/g, '$1');
  }
  return fields;
}

const LOGFMT_TOLD = /^(?:time|ts|t|timestamp|level|lvl|severity|msg|message|service|app|trace_?id|traceID|span_?id)$/;

function fromFields(f: Record<string, string>, at: number): Parsed {
  const service = f.service ?? f.app;
  const id = f.traceID ?? f.trace_id ?? f.traceid;
  const rest = Object.keys(f)
    .sort()
    .filter((key) => !LOGFMT_TOLD.test(key));
  return {
    at,
    body: [f.msg ?? f.message ?? '', f.err ?? f.error ?? ''].filter((part) => part !== '').join(': '),
    ...level(severityOf(f.level ?? f.lvl ?? f.severity)),
    ...(service !== undefined && { service }),
    ...(id !== undefined && { traceId: id }),
    ...(rest.length > 0 && {
      attributes: Object.fromEntries(rest.slice(0, 30).map((key) => [key, cut(f[key]!, 200)])),
    }),
  };
}
