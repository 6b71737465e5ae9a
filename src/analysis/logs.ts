/** Log records → templates with counts on both sides of the onset. Streaming, bounded, and blind to the records' order. */

import { byText } from '../core/canonical.ts';
import type { Answers, TimeRange } from '../core/capabilities.ts';
import type { LogPattern, LogRecord } from '../core/telemetry.ts';
import { oneLine } from '../core/text.ts';
import { isoReader, MINUTE, toIso, toMs } from '../core/time.ts';
import { groupTemplates } from './log-groups.ts';
import { isBad, levelOf } from './log-levels.ts';
import { AT, countRecord, merge, newService, type Service, type Shape } from './log-shapes.ts';
import { maskLine } from './log-template.ts';
import { isContinuation, parseTrace } from './stack-trace.ts';

/** Templates returned for a service: what a person or a model can still read. */
const PATTERNS_MAX = 40;

export { isBad, levelOf };

export interface PatternWindow {
  from: string;
  to: string;
  baseline: TimeRange[];
}

/** Takes one record after the other, in any order. */
export interface Miner {
  take(record: LogRecord): void;
  patterns(): Answers['logs.patterns'];
}

/**
 * Templates of the records of a window against a baseline. `before` counts records in the baseline ranges, `after` those
 * in [from, to); the rates divide by the lengths of both. Records outside of both, and lines that only continue another
 * record's stack trace, are left out. Of each service at most 40 templates are kept, the most telling first; `records`
 * counts all that were read.
 */
export function openMiner(window: PatternWindow): Miner {
  const from = toMs(window.from);
  const to = toMs(window.to);
  const baseline = window.baseline.map((r): [number, number] => [toMs(r.from), toMs(r.to)]);
  const services = new Map<string, Service>();
  const total = { before: 0, after: 0 };
  const msOf = isoReader();
  return {
    take(record) {
      const at = msOf(record.timestamp);
      const after = at >= from && at < to;
      if (!after && !inAny(at, baseline)) return;
      if (isContinuation(record.body)) return;
      total[after ? 'after' : 'before']++;
      const name = record.service ?? '';
      let service = services.get(name);
      if (!service) {
        service = newService(name);
        services.set(name, service);
      }
      countRecord(service, levelOf(record), record.body, at, after);
    },
    patterns() {
      const minutes = { before: baseline.reduce((s, [a, b]) => s + b - a, 0) / MINUTE, after: (to - from) / MINUTE };
      const patterns: LogPattern[] = [];
      for (const name of [...services.keys()].sort(byText)) patterns.push(...telling(services.get(name)!, minutes));
      return { patterns, records: total };
    },
  };
}

/** The same of records that come from somewhere. */
export async function minePatterns(
  records: Iterable<LogRecord> | AsyncIterable<LogRecord>,
  window: PatternWindow,
): Promise<Answers['logs.patterns']> {
  const miner = openMiner(window);
  if (Symbol.asyncIterator in records) for await (const r of records) miner.take(r);
  else for (const r of records) miner.take(r);
  return miner.patterns();
}

function inAny(t: number, ranges: [number, number][]): boolean {
  for (const [from, to] of ranges) if (t >= from && t < to) return true;
  return false;
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
