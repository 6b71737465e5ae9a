/** Log records → templates with counts on both sides of the onset. Streaming, bounded, and blind to the records' order. */

import { byText } from '../core/canonical.ts';
import type { Answers, TimeRange } from '../core/capabilities.ts';
import type { LogPattern, LogRecord } from '../core/telemetry.ts';
import { oneLine } from '../core/text.ts';
import { MINUTE, toIso, toMs } from '../core/time.ts';
import { coarser, groupTemplates, locationOf, maskLine } from './log-template.ts';
import { isContinuation, parseTrace } from './stack-trace.ts';

/** Distinct masked lines kept for a service before coarser ones take over: about 2 MB at most. */
const SHAPES_MAX = 4000;
/** Characters of a record that are kept as its exemplar: a stack trace's head and first frames. */
const EXEMPLAR_MAX = 4000;
/** Templates returned for a service: what a person or a model can still read. */
const PATTERNS_MAX = 40;

/** Marks a key that is a code location: exact already, never grouped with others. */
const AT = '@ ';

interface Shape {
  level: string;
  before: number;
  after: number;
  first: number;
  last: number;
  /** The earliest record after the onset, else the earliest; of equal times the first by text. */
  exemplar: { at: number; body: string; after: boolean };
}

interface Service {
  name: string;
  /** Coarseness of the keys, see `coarser`. */
  coarse: number;
  shapes: Map<string, Shape>;
}

interface Window {
  from: string;
  to: string;
  baseline: TimeRange[];
}

const LEVEL_IN_TEXT =
  /\b(FATAL|PANIC|CRITICAL|ERROR|SEVERE|WARN(?:ING)?|INFO|DEBUG|TRACE)\b|"level"\s*:\s*"(\w+)"|\blevel=(\w+)/i;
const LEVELS: Record<string, string> = {
  WARNING: 'WARN',
  SEVERE: 'ERROR',
  CRITICAL: 'FATAL',
  PANIC: 'FATAL',
  ERR: 'ERROR',
};

/** `ERROR`, `WARN`, `INFO` …, from the record's own level, else from the start of its text; empty where neither says. */
export function levelOf(record: LogRecord): string {
  const said = record.severityText ?? '';
  const found = said === '' ? LEVEL_IN_TEXT.exec(record.body.slice(0, 120)) : null;
  const level = (found ? (found[1] ?? found[2] ?? found[3] ?? '') : said).toUpperCase();
  return LEVELS[level] ?? level;
}

/** Whether a level says that something went wrong. */
export const isBad = (level: string): boolean => level === 'ERROR' || level === 'FATAL';

/** What makes two records instances of one statement: the code location where shown, else the masked text. */
function shapeKey(body: string): string {
  const end = body.indexOf('\n');
  const head = end < 0 ? body : body.slice(0, end);
  const location = locationOf(head);
  let key = location === undefined ? maskLine(head) : AT + location;
  if (end >= 0) {
    const thrown = parseTrace(body);
    if (thrown) key += ` ⏎ ${thrown.type} ${maskLine(thrown.frame ?? '')}`;
  }
  return key;
}

function earlier(a: Shape['exemplar'], b: Shape['exemplar']): Shape['exemplar'] {
  if (a.after !== b.after) return a.after ? a : b;
  return (a.at - b.at || byText(a.body, b.body)) <= 0 ? a : b;
}

function merge(into: Map<string, Shape>, key: string, s: Shape): void {
  const have = into.get(key);
  if (!have) {
    into.set(key, s);
    return;
  }
  have.before += s.before;
  have.after += s.after;
  have.first = Math.min(have.first, s.first);
  have.last = Math.max(have.last, s.last);
  have.exemplar = earlier(have.exemplar, s.exemplar);
}

/** Keeps the number of shapes bounded. The level reached depends on the set of lines only, so order changes nothing. */
function widen(service: Service): void {
  while (service.shapes.size > SHAPES_MAX) {
    service.coarse++;
    const coarse = new Map<string, Shape>();
    for (const [key, s] of service.shapes) {
      const at = key.indexOf('\t');
      merge(coarse, `${key.slice(0, at)}\t${coarser(key.slice(at + 1), service.coarse)}`, s);
    }
    service.shapes = coarse;
  }
}

function inAny(t: number, ranges: [number, number][]): boolean {
  for (const [from, to] of ranges) if (t >= from && t < to) return true;
  return false;
}

/**
 * Templates of the records of a window against a baseline. `before` counts records in the baseline ranges, `after` those
 * in [from, to); the rates divide by the lengths of both. Records outside of both, and lines that only continue another
 * record's stack trace, are left out. Of each service at most 40 templates are kept, the most telling first; `records`
 * counts all that were read.
 */
export async function minePatterns(
  records: Iterable<LogRecord> | AsyncIterable<LogRecord>,
  window: Window,
): Promise<Answers['logs.patterns']> {
  const from = toMs(window.from);
  const to = toMs(window.to);
  const baseline = window.baseline.map((r): [number, number] => [toMs(r.from), toMs(r.to)]);
  const services = new Map<string, Service>();
  const total = { before: 0, after: 0 };

  const take = (record: LogRecord): void => {
    const at = toMs(record.timestamp);
    const after = at >= from && at < to;
    if (!after && !inAny(at, baseline)) return;
    if (isContinuation(record.body)) return;
    total[after ? 'after' : 'before']++;
    const name = record.service ?? '';
    let service = services.get(name);
    if (!service) {
      service = { name, coarse: 0, shapes: new Map() };
      services.set(name, service);
    }
    const level = levelOf(record);
    const key = `${level}\t${coarser(shapeKey(record.body), service.coarse)}`;
    const have = service.shapes.get(key);
    if (have) {
      have[after ? 'after' : 'before']++;
      if (at < have.first) have.first = at;
      if (at > have.last) have.last = at;
      const e = have.exemplar;
      if ((after && !e.after) || (after === e.after && at <= e.at)) {
        have.exemplar = earlier(e, { at, body: record.body.slice(0, EXEMPLAR_MAX), after });
      }
      return;
    }
    const exemplar = { at, body: record.body.slice(0, EXEMPLAR_MAX), after };
    service.shapes.set(key, { level, before: after ? 0 : 1, after: after ? 1 : 0, first: at, last: at, exemplar });
    if (service.shapes.size > SHAPES_MAX) widen(service);
  };

  if (Symbol.asyncIterator in records) for await (const r of records) take(r);
  else for (const r of records) take(r);

  const minutes = { before: baseline.reduce((s, [a, b]) => s + b - a, 0) / MINUTE, after: (to - from) / MINUTE };
  const patterns: LogPattern[] = [];
  for (const name of [...services.keys()].sort(byText)) patterns.push(...telling(services.get(name)!, minutes));
  return { patterns, records: total };
}

const textOf = (key: string): string => key.slice(key.indexOf('\t') + 1);

/** The service's templates, most telling first, ties by text. */
function telling(service: Service, minutes: { before: number; after: number }): LogPattern[] {
  const byLevel = new Map<string, Map<string, number>>();
  for (const [key, s] of service.shapes) {
    if (textOf(key).startsWith(AT)) continue;
    const counts = byLevel.get(s.level) ?? new Map<string, number>();
    if (counts.size === 0) byLevel.set(s.level, counts);
    counts.set(textOf(key), s.before + s.after);
  }
  const templates = new Map<string, Map<string, string>>();
  for (const [level, counts] of byLevel) templates.set(level, groupTemplates(counts));
  const grouped = new Map<string, Shape>();
  for (const key of [...service.shapes.keys()].sort(byText)) {
    const s = service.shapes.get(key)!;
    merge(grouped, `${s.level}\t${templates.get(s.level)?.get(textOf(key)) ?? textOf(key)}`, s);
  }
  return [...grouped]
    .map(([key, s]) => ({ pattern: toPattern(service.name, textOf(key), s, minutes), surprise: surprise(s, minutes) }))
    .sort((a, b) => b.surprise - a.surprise || byText(a.pattern.template, b.pattern.template))
    .slice(0, PATTERNS_MAX)
    .map((x) => x.pattern);
}

const perMinute = (n: number, minutes: number): number => (minutes > 0 ? Number((n / minutes).toPrecision(6)) : 0);

function toPattern(service: string, text: string, s: Shape, minutes: { before: number; after: number }): LogPattern {
  const thrown = parseTrace(s.exemplar.body);
  return {
    service,
    // A location alone tells a person little: its exemplar's text stands for it.
    template: text.startsWith(AT) ? maskLine(s.exemplar.body.split('\n', 1)[0]!) : text,
    level: s.level,
    before: s.before,
    after: s.after,
    perMinuteBefore: perMinute(s.before, minutes.before),
    perMinuteAfter: perMinute(s.after, minutes.after),
    first: toIso(s.first),
    last: toIso(s.last),
    exemplar: oneLine(s.exemplar.body, 400),
    ...(thrown ? { exception: thrown } : {}),
  };
}

/**
 * How far the count after the onset is from what the baseline's rate foretells, in standard deviations of a Poisson
 * count (with 1 added, so that one new line is no sensation). Lines of bad level come before all others.
 */
function surprise(s: Shape, minutes: { before: number; after: number }): number {
  const expected = minutes.before > 0 ? (s.before / minutes.before) * minutes.after : 0;
  const z = Math.abs(s.after - expected) / Math.sqrt(expected + 1);
  return z * (isBad(s.level) ? 10 : s.level === 'WARN' ? 3 : 1);
}
