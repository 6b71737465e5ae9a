/** An evidence as numbered lines: what a model reads, pages through and cites (`E9.1#L3`). The same evidence, the same lines. */
import { canonical } from '../core/canonical.ts';
import type { Answers, OperationStats } from '../core/capabilities.ts';
import type { Change, LogPattern, LogRecord, Series, Span, TelemetryEvent } from '../core/telemetry.ts';
import { digits, quantity } from '../core/text.ts';
import { toIso, toMs } from '../core/time.ts';
import type { Evidence } from '../core/types.ts';
import { safeText } from '../safety/safe-text.ts';

/** A longer line goes on in the next ones, so that all of it can be reached. */
const LINE_MAX = 1900;

/** The lines of an evidence, without their numbers. What was asked and not answered has none. */
export function linesOf(e: Evidence): string[] {
  if (e.data === undefined) return [];
  return rawLines(e)
    .flatMap((record) => record.replaceAll('\r\n', '\n').split('\n'))
    .flatMap(pieces);
}

/** A line in pieces that are still short when everything invisible in them is shown. */
function pieces(line: string): string[] {
  const shown = line.length <= LINE_MAX ? safeText(line) : '';
  if (line === '' || (shown !== '' && shown.length <= LINE_MAX)) return [shown];
  const points = [...line];
  // Cut once into all its pieces, so that a line of megabytes takes no longer than its length.
  const size = points.length > LINE_MAX ? LINE_MAX : (points.length + 1) >> 1;
  const count = Math.ceil(points.length / size);
  return Array.from({ length: count }, (_, i) => points.slice(i * size, (i + 1) * size)).flatMap((part) =>
    pieces(part.join('')),
  );
}

function rawLines(e: Evidence): string[] {
  const data = e.data as unknown;
  switch (e.capability) {
    case 'logs.search':
      return (data as Answers['logs.search']).records.map(recordLine);
    case 'logs.patterns':
      return (data as Answers['logs.patterns']).patterns.map(patternLine);
    case 'metrics.range':
      return (data as Answers['metrics.range']).series.map((s) => seriesLine(s, e));
    case 'changes.list':
      return (data as Answers['changes.list']).changes.map(changeLines);
    case 'traces.search':
      return (data as Answers['traces.search']).spans.map(spanLine);
    case 'traces.summary':
      return summaryLines(data as Answers['traces.summary']);
    case 'events.list':
      return (data as Answers['events.list']).events.map(eventLine);
    case 'errors.list':
      return (data as Answers['errors.list']).errors.map((x) => JSON.stringify(x));
    case 'slo.get':
      return (data as Answers['slo.get']).objectives.map((x) => JSON.stringify(x));
    case 'topology.get':
      return (data as Answers['topology.get']).calls.map(([a, b]) => `${a} calls ${b}`);
    case 'state.list':
      return (data as Answers['state.list']).objects.flatMap((o) =>
        o.items.map((item) => `${o.kind} ${JSON.stringify(item, null, 1)}`),
      );
    case 'monitors.get':
      return (data as Answers['monitors.get']).monitors.map((m) => JSON.stringify(m));
    case 'incidents.similar':
      return (data as Answers['incidents.similar']).runs.map((r) => JSON.stringify(r));
  }
}

/** With sorted keys: as it can be quoted. */
const json = (v: unknown): string => (v === undefined || canonical(v) === '{}' ? '' : ` ${canonical(v)}`);
const words = (...parts: (string | undefined)[]): string => parts.filter(Boolean).join(' ');

const recordLine = (r: LogRecord): string =>
  `${words(r.timestamp, r.service, r.instance, r.severityText)}: ${r.body}${json(r.attributes)}${r.traceId ? ` trace ${r.traceId}` : ''}`;

const patternLine = (p: LogPattern): string =>
  `${p.before} before, ${p.after} since: [${words(p.service, p.level)}] ${p.template} first ${p.first} last ${p.last} e.g. ${p.exemplar}`;

const eventLine = (e: TelemetryEvent): string =>
  `${words(e.time, e.source, e.kind, e.service)}: ${e.title}${e.body ? `\n  ${e.body}` : ''}${json(e.attributes)}`;

const spanLine = (s: Span): string =>
  `${toIso(Math.floor(s.start))} ${words(s.service, s.instance, s.name)} ${digits(s.durationMs)} ms ${s.status} span ${s.spanId}${s.parentSpanId ? ` of ${s.parentSpanId}` : ''} trace ${s.traceId}${json(s.attributes)}`;

function changeLines(c: Change): string {
  const version = c.version ? ` ${c.previousVersion ? `${c.previousVersion} to ` : ''}${c.version}` : '';
  const head = `${words(c.time, c.kind, c.id, c.service && `of ${c.service}`)}${version}: ${c.title}`;
  const facts = words(c.author && `by ${c.author}`, c.ref && `ref ${c.ref}`, c.status);
  const files = (c.files ?? []).map((f) => `  file ${f.path}${f.patch ? `\n${f.patch}` : ''}`);
  return [head, facts && `  ${facts}`, c.body && `  ${c.body}`, ...files].filter(Boolean).join('\n');
}

const SAMPLES = 12;

/** Labels, then the level before and since the middle of the window, the extremes with their times, and a few samples. */
function seriesLine(s: Series, e: Evidence): string {
  const labels = Object.entries(s.labels).map(([k, v]) => `${k}=${v}`);
  const points = s.times.flatMap((t, i) => {
    const v = s.values[i];
    return v === null || v === undefined ? [] : [{ t, v }];
  });
  if (points.length === 0) return `${labels.join(' ')}: no samples`;
  const show = (v: number): string => quantity(v, s.unit);
  const low = points.reduce((a, p) => (p.v < a.v ? p : a));
  const high = points.reduce((a, p) => (p.v > a.v ? p : a));
  const every = Math.max(1, Math.ceil(points.length / SAMPLES));
  const some = points
    .filter((_, i) => i % every === 0 || i === points.length - 1)
    .map((p) => `${toIso(p.t).slice(11, 19)} ${show(p.v)}`);
  const span = `${e.input.from.slice(11, 19)} to ${toIso(Math.min(points.at(-1)!.t, toMs(e.input.to))).slice(11, 19)}`;
  return `${labels.join(' ')}: ${points.length} samples ${span}, lowest ${show(low.v)} at ${toIso(low.t).slice(11, 19)}, highest ${show(high.v)} at ${toIso(high.t).slice(11, 19)}; ${some.join(', ')}`;
}

function summaryLines(t: Answers['traces.summary']): string[] {
  const stats = (o: OperationStats): string => {
    const side = (x: OperationStats['before']): string =>
      `${x.count} spans, median ${digits(x.medianMs)} ms, p95 ${digits(x.p95Ms)} ms, ${x.errors} failed`;
    const calls = o.perParent
      ? `; calls a request ${digits(o.perParent.before)} before, ${digits(o.perParent.after)} since`
      : '';
    return `before ${side(o.before)}; since ${side(o.after)}${calls}${o.traceId ? `; e.g. trace ${o.traceId}` : ''}`;
  };
  const percent = (x: { share: number; of: number }): string => `${Math.round(x.share * 100)}% of ${x.of}`;
  return [
    ...t.operations.map((o) => `operation ${o.service} | ${o.name}: ${stats(o)}`),
    ...t.gaps.map((g) => `call ${g.caller} to ${g.service} | ${g.name}: ${stats(g)}`),
    ...t.flows.map(
      (f) =>
        `flow ${f.service} | ${f.operation}: "${f.b}" after "${f.a}" ${percent(f.before)} before, ${percent(f.after)} since`,
    ),
  ];
}
