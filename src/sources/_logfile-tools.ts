/** `logs.search` and `logs.patterns` on log files. */
import { isBad, levelOf, minePatterns } from '../analysis/logs.ts';
import { byText } from '../core/canonical.ts';
import type { LogRecord } from '../core/telemetry.ts';
import { count, cut, oneLine, plural } from '../core/text.ts';
import { timeSpan, toIso } from '../core/time.ts';
import type { Answer } from '../core/types.ts';
import { answer, type Tool, tool } from '../tools/tool.ts';
import { fitItems } from './_fit.ts';
import { type Asked, ask, type LogSource } from './_logfile-ask.ts';
import { rankOf, severityOf } from './_logfile-severity.ts';
import { asking } from './_refused.ts';

const BODY_MAX = 4000;
/** Records that a search holds at most, whatever it was asked for: they are sorted and cut when twice as many are held. */
const LIMIT_MAX = 1000;

type Names = (service: string) => ReadonlySet<string>;
type Open = () => LogSource;

export const logTools = (name: string, open: Open, names: Names): Tool[] => [
  patterns(name, open, names),
  search(name, open, names),
];

function patterns(name: string, open: Open, names: Names): Tool {
  const about = 'Log templates of a service (or of all) with their counts in the window and in the baseline.';
  return tool(name, 'logs.patterns', about, (question, { signal }) => {
    const { service, baseline } = question;
    const searched = searchedIn(open(), question, { service, baseline: `of ${plural(baseline.length, 'range')}` });
    return asking<Answer<'logs.patterns'>>(searched, async () => {
      const source = open();
      const asked = await ask(source, [question, ...baseline], wanted(names, service), signal);
      const to = toIso(Math.min(Date.parse(question.to), source.now + 1));
      // Rates divide by the time that was really looked at, not by that before the logs begin.
      const window = asked.covered({ from: question.from, to });
      const before = baseline.map(asked.covered).filter((r) => r !== undefined);
      const mined = window && (await minePatterns(asked.records, { ...window, baseline: before }));
      const { patterns: all, records } = mined ?? { patterns: [], records: { before: 0, after: 0 } };
      const kept = fitItems(all, 'first');
      const bad = kept.filter((p) => isBad(p.level) && p.perMinuteAfter > p.perMinuteBefore).length;
      const none = records.before + records.after === 0;
      return told(asked, none, {
        searched,
        trust: 'outsider-writable',
        data: { patterns: kept, records },
        summary: none
          ? 'no log record'
          : `${plural(kept.length, 'template')} in ${count(records.after)} records (${count(records.before)} before), ${bad} of errors that rose`,
        sample: kept.slice(0, 5).map((p) => oneLine(`${p.before} → ${p.after} × [${p.level}] ${p.template}`)),
        ...(kept.length < all.length && { truncated: { kept: kept.length, of: all.length, what: 'templates' } }),
      });
    });
  });
}

function search(name: string, open: Open, names: Names): Tool {
  const about =
    'Log records, oldest first, by service, text (contained, any case), level (this one or worse) and trace id.';
  return tool(name, 'logs.search', about, (question, { signal }) => {
    const { service, text, level, traceId } = question;
    const searched = searchedIn(open(), question, { service, text, level, traceId });
    return asking<Answer<'logs.search'>>(searched, async () => {
      const asked = await ask(open(), [question], wanted(names, service), signal);
      const lower = text?.toLowerCase();
      const least = level === undefined ? -1 : rankOf(severityOf(level));
      const matches = (r: LogRecord): boolean =>
        (traceId === undefined || r.traceId === traceId || r.body.includes(traceId)) &&
        (lower === undefined || r.body.toLowerCase().includes(lower)) &&
        (least < 0 || rankOf(severityOf(levelOf(r))) >= least);
      const { oldest, of } = await oldestOf(asked.records, matches, Math.min(LIMIT_MAX, Math.max(0, question.limit)));
      const records = fitItems(oldest, 'first');
      return told(asked, of === 0, {
        searched,
        trust: 'outsider-writable',
        data: { records },
        summary: of === 0 ? 'no log record matches' : `${plural(of, 'record')} in ${plural(asked.files.read, 'file')}`,
        sample: records.slice(0, 5).map((r) => oneLine(`${r.timestamp} ${r.service ?? ''} ${levelOf(r)} ${r.body}`)),
        ...(records.length < of && { truncated: { kept: records.length, of, what: 'records (the oldest)' } }),
      });
    });
  });
}

/** The oldest `limit` of the records that match, and how many match. Order by time and text, not by file. */
async function oldestOf(
  records: AsyncIterable<LogRecord>,
  matches: (r: LogRecord) => boolean,
  limit: number,
): Promise<{ oldest: LogRecord[]; of: number }> {
  let held: LogRecord[] = [];
  let of = 0;
  const order = (a: LogRecord, b: LogRecord) =>
    byText(a.timestamp, b.timestamp) || byText(a.service ?? '', b.service ?? '') || byText(a.body, b.body);
  for await (const r of records) {
    if (!matches(r)) continue;
    of++;
    held.push({ ...r, body: cut(r.body, BODY_MAX) });
    if (held.length > 2 * limit + 100) held = held.sort(order).slice(0, limit);
  }
  return { oldest: held.sort(order).slice(0, limit), of };
}

/** The answer with the status that the way to it deserves: only a complete look may say that nothing is there. */
function told<C extends 'logs.search' | 'logs.patterns'>(
  asked: Asked,
  none: boolean,
  rest: Omit<Answer<C>, 'status'> & { data: NonNullable<Answer<C>['data']> },
): Answer<C> {
  const problem = asked.problem();
  if (problem !== undefined) return { status: 'partial', ...rest, problem };
  return none ? answer.empty<C>(rest.data, rest) : answer.ok<C>(rest.data, rest);
}

const wanted = (names: Names, service: string | undefined) =>
  service === undefined ? undefined : { asked: service, names: names(service) };

function searchedIn(
  source: LogSource,
  question: { from: string; to: string },
  filters: Record<string, string | undefined>,
): string {
  const said = Object.keys(filters)
    .filter((key) => filters[key] !== undefined)
    .map((key) => `, ${key} ${filters[key]}`);
  return `${source.paths.join(', ')}${said.join('')}, ${timeSpan(question)}`;
}
