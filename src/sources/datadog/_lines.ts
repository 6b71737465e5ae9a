/** The log lines of a run, read once: all of them where they are few, else pages spread over the window, warnings and errors first. */
import { byText } from '../../core/canonical.ts';
import type { TimeRange } from '../../core/capabilities.ts';
import type { LogRecord } from '../../core/telemetry.ts';
import { toMs } from '../../core/time.ts';
import type { ToolContext } from '../../tools/tool.ts';
import { type Account, readPages } from './_account.ts';
import { facet, searchOf } from './_language.ts';
import { toRecord } from './_records.ts';

/** Lines of one request: Datadog's own limit. */
const PAGE = 1000;
/** Requests for all lines of a run; the searches are rationed by the hour. */
const PAGES = 5;
/** Where there are more lines, so many pages of warnings and errors, and of others, which rise and fall with the traffic. */
const BAD_PAGES = 3;
const OTHER_PAGES = 1;
const BUCKETS = 100;
const BAD = ['warn', 'error', 'critical', 'alert', 'emergency'];

export interface Lines {
  records: LogRecord[];
  /** All lines of the window are among them. */
  complete: boolean;
  /** How many lines there are, of the warnings and errors and of the others; `count` may be of a part of the window. */
  count(range: TimeRange, bad: boolean): number;
  /** How many of them were read. */
  read(range: TimeRange, bad: boolean): number;
  query: string;
  incomplete?: string;
}

export const isBadStatus = (r: LogRecord): boolean => BAD.includes((r.severityText ?? '').toLowerCase());

/** The lines of all services from `from` to `to`. */
export const readLines = (account: Account, range: TimeRange, ctx: ToolContext): Promise<Lines> =>
  account.once(`lines ${range.from} ${range.to}`, ctx, (shared) => read(account, range, shared));

/** All lines of a time, oldest first, where they were read before; undefined where they have to be asked for. */
export const linesHeld = (account: Account, q: TimeRange): LogRecord[] | undefined =>
  account.held.find((h) => h.from <= toMs(q.from) && Math.min(toMs(q.to), account.now() + 1) <= h.to)?.records;

interface Bucket {
  at: number;
  bad: number;
  other: number;
}

async function read(account: Account, range: TimeRange, ctx: ToolContext): Promise<Lines> {
  const [from, to] = [toMs(range.from), Math.min(toMs(range.to), account.now() + 1)];
  const query = searchOf(account, undefined);
  const widthMs = Math.max(1000, Math.ceil((to - from) / BUCKETS / 1000) * 1000);
  const buckets = await countLines(account, { from, to, query, widthMs }, ctx);
  const total = (b: Bucket[], bad: boolean): number => b.reduce((n, x) => n + (bad ? x.bad : x.other), 0);
  const all = total(buckets, true) + total(buckets, false);
  const complete = all <= PAGES * PAGE;
  const found = complete
    ? [
        await readPages(PAGES, ctx, (cursor) =>
          pageOf(account, { from, to, query, ...(cursor !== undefined && { cursor }) }, ctx),
        ),
      ]
    : await Promise.all(
        [true, false].flatMap((bad) =>
          starts(buckets, bad, bad ? BAD_PAGES : OTHER_PAGES).map(async (start) => {
            const words = facet('status', BAD);
            const page = await pageOf(
              account,
              { from: Math.max(from, start), to, query: `${query} ${bad ? words : `-${words}`}` },
              ctx,
            );
            return {
              items: page.items,
              more: false,
              ...(page.incomplete !== undefined && { incomplete: page.incomplete }),
            };
          }),
        ),
      );
  // Two pages may overlap where lines are few.
  const byId = new Map(found.flatMap((f) => f.items).map((l) => [l.id, l]));
  const records = [...byId.values()].map((l) => toRecord(account, l));
  const why = found.flatMap((f) => f.incomplete ?? []);
  const parts = (r: TimeRange): Bucket[] => {
    const [a, b] = [toMs(r.from), toMs(r.to)];
    return buckets.flatMap((x) => {
      // Buckets lie on a grid; the first and the last reach no further than the question.
      const [begin, end] = [Math.max(from, x.at), Math.min(to, (Math.floor(x.at / widthMs) + 1) * widthMs)];
      const share = Math.max(0, Math.min(b, end) - Math.max(a, begin)) / Math.max(1, end - begin);
      return share <= 0 ? [] : [{ at: x.at, bad: x.bad * share, other: x.other * share }];
    });
  };
  const whole = complete && found.every((f) => !f.more) && why.length === 0;
  if (whole) account.held.push({ from, to, records: [...records].sort((a, b) => byText(a.timestamp, b.timestamp)) });
  return {
    records,
    complete: whole,
    count: (r, bad) => total(parts(r), bad),
    read: (r, bad) => {
      const [a, b] = [toMs(r.from), toMs(r.to)];
      return records.filter((x) => isBadStatus(x) === bad && toMs(x.timestamp) >= a && toMs(x.timestamp) < b).length;
    },
    query,
    ...(why.length > 0 && { incomplete: [...new Set(why)].join('; ') }),
  };
}

type Window = { from: number; to: number; query: string };

async function pageOf(account: Account, search: Window & { cursor?: string }, ctx: ToolContext) {
  return account.client.call('v2.listLogs', { ...search, limit: PAGE, sort: 'timestamp' }, ctx);
}

/** How many lines there are in each bucket of time. */
async function countLines(account: Account, w: Window & { widthMs: number }, ctx: ToolContext): Promise<Bucket[]> {
  const { from, to, query, widthMs } = w;
  const { items } = await account.client.call(
    'v2.aggregateLogs',
    {
      from,
      to,
      query,
      compute: [{ aggregation: 'count', intervalMs: widthMs }],
      groupBy: [{ facet: 'status', limit: 20 }],
    },
    ctx,
  );
  const buckets = new Map<number, Bucket>();
  for (const { by, computes } of items) {
    const points = Array.isArray(computes.c0) ? computes.c0 : [];
    for (const { time, value } of points) {
      const b = buckets.get(time) ?? { at: time, bad: 0, other: 0 };
      if (BAD.includes((by.status ?? '').toLowerCase())) b.bad += value;
      else b.other += value;
      buckets.set(time, b);
    }
  }
  return [...buckets.values()].sort((a, b) => a.at - b.at);
}

/** Where to begin pages so that each has the same number of lines before the next: a sample that no moment is left out of. */
function starts(buckets: Bucket[], bad: boolean, pages: number): number[] {
  const of = (b: Bucket): number => (bad ? b.bad : b.other);
  const all = buckets.reduce((n, b) => n + of(b), 0);
  if (all === 0) return [];
  const out: number[] = [];
  let seen = 0;
  for (const b of buckets) {
    while (out.length < pages && seen + of(b) > (out.length * all) / pages) out.push(b.at);
    seen += of(b);
  }
  return [...new Set(out)];
}
