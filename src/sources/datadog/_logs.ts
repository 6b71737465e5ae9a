/** `logs.patterns` and `logs.search`. */
import { isBad, levelOf, openMiner } from '../../analysis/logs.ts';
import type { Answers, Questions, TimeRange } from '../../core/capabilities.ts';
import type { LogPattern, LogRecord } from '../../core/telemetry.ts';
import { count, cut, plural } from '../../core/text.ts';
import { lengthMs, timeSpan, toMs } from '../../core/time.ts';
import type { Answer } from '../../core/types.ts';
import { answer, type Tool, type ToolContext, tool } from '../../tools/tool.ts';
import { fitItems } from '../_fit.ts';
import { patternLines, recordLines } from '../_record-text.ts';
import { asking } from '../_refused.ts';
import type { Account } from './_account.ts';
import { facet, quoted, searchOf } from './_language.ts';
import { type Lines, linesHeld, readLines } from './_lines.ts';
import { linkTo } from './_link.ts';
import { toRecord } from './_records.ts';

const BODY_MAX = 4000;
const MINUTE = 60_000;
/** Datadog's statuses from a level on. */
const FROM_LEVEL: Record<string, string[]> = {
  TRACE: [],
  DEBUG: [],
  INFO: ['info', 'notice', 'ok', 'warn', 'error', 'critical', 'alert', 'emergency'],
  WARN: ['warn', 'error', 'critical', 'alert', 'emergency'],
  ERROR: ['error', 'critical', 'alert', 'emergency'],
  FATAL: ['critical', 'alert', 'emergency'],
};

export const logTools = (account: Account): Tool[] => [patternsTool(account), searchTool(account)];

function patternsTool(account: Account): Tool {
  const about =
    'Log templates of a service (or of all) with their counts in the window and in the baseline; of many lines a sample, with the counts that it stands for.';
  return tool(account.name, 'logs.patterns', about, (question, ctx) => {
    const { service, baseline } = question;
    const whole = { from: [question.from, ...baseline.map((b) => b.from)].sort()[0]!, to: question.to };
    const query = searchOf(account, service);
    const searched = `logs ${query}, ${timeSpan(whole)}`;
    return asking(searched, async () => {
      const lines = await readLines(account, whole, ctx);
      const names = service === undefined ? undefined : new Set(account.names(service));
      const miner = openMiner({ from: question.from, to: question.to, baseline });
      for (const r of lines.records) if (!names || names.has(r.service ?? '')) miner.take(r);
      const mined = miner.patterns();
      const { patterns: all, records } = lines.complete ? mined : scaled(mined, lines, question);
      const patterns = fitItems(all, 'first');
      const rest = { searched, trust: 'outsider-writable' as const, link: linkTo(account, 'logs', question, query) };
      const held = lines.records.length;
      const of = Math.round([true, false].reduce((n, bad) => n + lines.count(whole, bad), 0));
      const truncated = lines.complete
        ? patterns.length < all.length
          ? { kept: patterns.length, of: all.length, what: 'templates' }
          : undefined
        : { kept: held, of: Math.max(of, held), what: 'log lines (a sample over the whole time; counts are scaled)' };
      if (records.before + records.after === 0 && lines.complete)
        return answer.empty<'logs.patterns'>({ patterns: [], records }, { ...rest, summary: 'no log record' });
      const bad = patterns.filter((p) => isBad(p.level) && p.perMinuteAfter > p.perMinuteBefore).length;
      const told: Answer<'logs.patterns'> = answer.ok<'logs.patterns'>(
        { patterns, records },
        {
          ...rest,
          summary: `${plural(patterns.length, 'template')} in ${count(records.after)} records (${count(records.before)} before), ${bad} of errors that rose`,
          sample: patternLines(patterns),
          ...(truncated && { truncated }),
        },
      );
      return lines.incomplete === undefined ? told : { ...told, status: 'partial', problem: lines.incomplete };
    });
  });
}

/** Counts of a sample as those of what it stands for, each side and each of warnings and others by its own share. */
function scaled(
  mined: Answers['logs.patterns'],
  lines: Lines,
  q: Questions['logs.patterns'],
): Answers['logs.patterns'] {
  const factor = (ranges: readonly TimeRange[], bad: boolean): number => {
    const [of, read] = [sum(ranges.map((r) => lines.count(r, bad))), sum(ranges.map((r) => lines.read(r, bad)))];
    return read > 0 ? Math.max(1, of / read) : 1;
  };
  const factors = {
    after: { bad: factor([q], true), other: factor([q], false) },
    before: { bad: factor(q.baseline, true), other: factor(q.baseline, false) },
  };
  const minutes = { after: lengthMs(q) / MINUTE, before: sum(q.baseline.map(lengthMs)) / MINUTE };
  const rate = (n: number, length: number): number => (length > 0 ? Number((n / length).toFixed(2)) : 0);
  const patterns = mined.patterns.map((p): LogPattern => {
    const kind = isBad(p.level) || p.level === 'WARN' ? 'bad' : 'other';
    const [before, after] = [Math.round(p.before * factors.before[kind]), Math.round(p.after * factors.after[kind])];
    return {
      ...p,
      before,
      after,
      perMinuteBefore: rate(before, minutes.before),
      perMinuteAfter: rate(after, minutes.after),
    };
  });
  const total = (ranges: readonly TimeRange[]): number =>
    Math.round(sum(ranges.flatMap((r) => [lines.count(r, true), lines.count(r, false)])));
  return { patterns, records: { before: total(q.baseline), after: total([q]) } };
}

const sum = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0);

function searchTool(account: Account): Tool {
  const about = 'Log records, oldest first, by service, words, level (this one or worse) and trace id.';
  return tool(account.name, 'logs.search', about, (question, ctx) => {
    const { service, text, level, traceId } = question;
    const statuses =
      level === undefined ? [] : (FROM_LEVEL[levelOf({ timestamp: '', body: '', severityText: level })] ?? []);
    const query = searchOf(
      account,
      service,
      text === undefined ? undefined : quoted(text),
      statuses.length === 0 ? undefined : facet('status', statuses),
      traceId === undefined ? undefined : `(${facet('trace_id', [traceId])} OR ${facet('@trace_id', [traceId])})`,
    );
    const searched = `logs ${query}, ${timeSpan(question)}, oldest first`;
    return asking(searched, async () => {
      const known = text === undefined && traceId === undefined ? linesHeld(account, question) : undefined;
      const page = known ? wanted(account, known, question, statuses) : await search(account, question, query, ctx);
      const found = page.items.map((r) => ({ ...r, body: cut(r.body, BODY_MAX) }));
      const records = fitItems(found, 'first');
      const rest = { searched, trust: 'outsider-writable' as const, link: linkTo(account, 'logs', question, query) };
      if (found.length === 0 && page.incomplete === undefined)
        return answer.empty<'logs.search'>({ records }, { ...rest, summary: 'no log record matches' });
      const more = page.more || records.length < found.length;
      const told: Answer<'logs.search'> = answer.ok<'logs.search'>(
        { records },
        {
          ...rest,
          summary: `${plural(records.length, 'record')}${more ? ', and more' : ''}`,
          sample: recordLines(records),
          ...(more && {
            truncated: {
              kept: records.length,
              of: Math.max(found.length, records.length + 1),
              what: 'records (the oldest; there are more)',
            },
          }),
        },
      );
      return page.incomplete === undefined ? told : { ...told, status: 'partial', problem: page.incomplete };
    });
  });
}

interface Searched {
  items: LogRecord[];
  more: boolean;
  incomplete?: string;
}

async function search(
  account: Account,
  q: Questions['logs.search'],
  query: string,
  ctx: ToolContext,
): Promise<Searched> {
  const { items, next, incomplete } = await account.client.call(
    'v2.listLogs',
    { from: toMs(q.from), to: toMs(q.to), query, limit: Math.min(q.limit, 1000), sort: 'timestamp' },
    ctx,
  );
  return {
    items: items.map((l) => toRecord(account, l)),
    more: next !== undefined,
    ...(incomplete !== undefined && { incomplete }),
  };
}

/** The same out of lines that the run has read already. */
function wanted(
  account: Account,
  lines: readonly LogRecord[],
  q: Questions['logs.search'],
  statuses: string[],
): Searched {
  const names = q.service === undefined ? undefined : account.names(q.service);
  const [from, to] = [toMs(q.from), toMs(q.to)];
  const found = lines.filter(
    (r) =>
      toMs(r.timestamp) >= from &&
      toMs(r.timestamp) < to &&
      (names === undefined || names.includes(r.service ?? '')) &&
      (statuses.length === 0 || statuses.includes((r.severityText ?? '').toLowerCase())),
  );
  return { items: found.slice(0, q.limit), more: found.length > q.limit };
}
