/** `logs.search` and `logs.patterns` of a bundle. */

import { isBad, levelOf, openMiner, type PatternWindow } from '../../analysis/logs.ts';
import type { TimeRange } from '../../core/capabilities.ts';
import type { LogRecord } from '../../core/telemetry.ts';
import { count, cut, plural } from '../../core/text.ts';
import { exactMs } from '../../core/time.ts';
import { answer, type Tool, tool } from '../../tools/tool.ts';
import { fitItems } from '../_fit.ts';
import { patternLines, recordLines } from '../_record-text.ts';
import type { BundleData } from './_data.ts';
import { reading, recorded, recordedParts } from './_recorded.ts';
import { type Names, searchedIn } from './_service.ts';
import type { Stock } from './_stock.ts';
import { oldest } from './_timed.ts';

/** Longest body of a record in an answer: a stack trace and its cause. */
const BODY_MAX = 4000;
const RANKS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

export function logTools(name: string, data: BundleData, all: Stock<LogRecord>, names: Names): Tool[] {
  return [patternsTool(name, data, all, names), searchTool(name, data, all, names)];
}

function patternsTool(name: string, data: BundleData, all: Stock<LogRecord>, names: Names): Tool {
  const about = 'Log templates of a service (or of all) with their counts in the window and in the baseline.';
  return tool(name, 'logs.patterns', about, (question, ctx) => {
    ctx.signal.throwIfAborted();
    const { service, baseline } = question;
    const searched = searchedIn('logs.jsonl', data.info.name, question, {
      service,
      baseline: `of ${plural(baseline.length, 'window')}`,
    });
    const mine = async (window: PatternWindow, recordedRanges: TimeRange[]) => {
      const miner = openMiner(window);
      const isAsked = ofService(names, service);
      for await (const records of all.during(recordedRanges)) {
        ctx.signal.throwIfAborted();
        for (const r of records) if (isAsked(r)) miner.take(r);
      }
      return miner.patterns();
    };
    return reading(searched, async () => {
      // Only recorded minutes are counted, so that a rate divides by the time that was really looked at.
      const after = recordedParts(data.info, 'logs', [question]);
      const before = recordedParts(data.info, 'logs', baseline);
      const asked = [question, ...baseline];
      const none = { patterns: [], records: { before: 0, after: 0 } };
      const from = after[0]?.from;
      const to = after.at(-1)?.to;
      const found = from && to ? await mine({ from, to, baseline: before }, [...after, ...before]) : none;
      const { records } = found;
      const patterns = fitItems(found.patterns, 'first');
      const rest = { searched, trust: 'outsider-writable' as const };
      if (records.before + records.after === 0) {
        return recorded(
          data,
          'logs',
          asked,
          answer.empty<'logs.patterns'>(none, { ...rest, summary: 'no log record' }),
        );
      }
      const bad = patterns.filter((p) => isBad(p.level) && p.perMinuteAfter > p.perMinuteBefore).length;
      const complete = answer.ok<'logs.patterns'>(
        { patterns, records },
        {
          ...rest,
          summary: `${plural(patterns.length, 'template')} in ${count(records.after)} records (${count(records.before)} before), ${bad} of errors that rose`,
          sample: patternLines(patterns),
          ...(patterns.length < found.patterns.length && {
            truncated: { kept: patterns.length, of: found.patterns.length, what: 'templates' },
          }),
        },
      );
      return recorded(data, 'logs', asked, complete);
    });
  });
}

function searchTool(name: string, data: BundleData, all: Stock<LogRecord>, names: Names): Tool {
  const about =
    'Log records, oldest first, by service, text (contained, any case), level (this one or worse) and trace id.';
  return tool(name, 'logs.search', about, (question, ctx) => {
    ctx.signal.throwIfAborted();
    const { service, text, level, traceId, limit } = question;
    const searched = searchedIn('logs.jsonl', data.info.name, question, { service, text, level, traceId });
    return reading(searched, async () => {
      const lower = text?.toLowerCase();
      const least = level === undefined ? -1 : rank(level);
      const isAsked = ofService(names, service);
      const matches = (r: LogRecord): boolean =>
        isAsked(r) &&
        (traceId === undefined || r.traceId === traceId) &&
        (lower === undefined || r.body.toLowerCase().includes(lower)) &&
        (least < 0 || rank(levelOf(r)) >= least);
      const first = oldest<LogRecord>(limit, (r) => exactMs(r.timestamp));
      for await (const some of all.during([question])) {
        ctx.signal.throwIfAborted();
        for (const r of some) if (matches(r)) first.take(r);
      }
      const found = first.found();
      const short = found.oldest.map((r) => ({ ...r, body: cut(r.body, BODY_MAX) }));
      const records = fitItems(short, 'first');
      const rest = { searched, trust: 'outsider-writable' as const };
      if (found.of === 0) {
        const none = answer.empty<'logs.search'>({ records: [] }, { ...rest, summary: 'no log record matches' });
        return recorded(data, 'logs', [question], none);
      }
      const complete = answer.ok<'logs.search'>(
        { records },
        {
          ...rest,
          summary: `${plural(found.of, 'record')}`,
          sample: recordLines(records),
          ...(records.length < found.of && {
            truncated: { kept: records.length, of: found.of, what: 'records (the oldest)' },
          }),
        },
      );
      return recorded(data, 'logs', [question], complete);
    });
  });
}

function ofService(names: Names, service: string | undefined): (r: LogRecord) => boolean {
  if (service === undefined) return () => true;
  const wanted = names(service);
  return (r) => r.service !== undefined && wanted.has(r.service);
}

/** Position of a level from TRACE to FATAL; -1 where it is none, which only an unset filter lets pass. */
const rank = (level: string): number => RANKS.indexOf(levelOf({ timestamp: '', body: '', severityText: level }));
