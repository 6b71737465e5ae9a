/** The spans of a run: pages on both sides of the onset, the nearest to it first. */
import type { TimeRange } from '../../core/capabilities.ts';
import type { Span } from '../../core/telemetry.ts';
import { toIso, toMs } from '../../core/time.ts';
import type { ToolContext } from '../../tools/tool.ts';
import { type Account, readPages } from './_account.ts';
import { searchOf } from './_language.ts';
import { toSpan } from './_records.ts';

export const SPANS_PAGE = 1000;
/** Requests for spans before and since; Datadog rations them by the hour. */
const PAGES = { before: 2, after: 3 };

export interface ReadSpans {
  spans: Span[];
  /** The time that was read whole, oldest first. */
  covered: TimeRange[];
  more: boolean;
  query: string;
  incomplete?: string;
}

/** Spans from `since` on, and those before it back to `begin`. */
export function readSpans(
  account: Account,
  begin: string,
  since: string,
  to: string,
  ctx: ToolContext,
): Promise<ReadSpans> {
  return account.once(`spans ${begin} ${since} ${to}`, ctx, async (shared) => {
    const query = searchOf(account, undefined);
    const end = Math.min(toMs(to), account.now() + 1);
    const side = (pages: number, from: number, until: number, sort: 'timestamp' | '-timestamp') =>
      readPages(pages, shared, (cursor) =>
        account.client.call(
          'v2.listSpans',
          { from, to: until, query, sort, limit: SPANS_PAGE, ...(cursor !== undefined && { cursor }) },
          shared,
        ),
      );
    const [before, after] = await Promise.all([
      side(PAGES.before, toMs(begin), toMs(since), '-timestamp'),
      side(PAGES.after, toMs(since), end, 'timestamp'),
    ]);
    const spans = [...before.items, ...after.items].map((s) => toSpan(account, s));
    const first = before.more ? Math.min(...before.items.map((s) => s.start)) : toMs(begin);
    const last = after.more ? Math.max(...after.items.map((s) => s.start)) : end;
    const why = [before.incomplete, after.incomplete].filter((x) => x !== undefined);
    return {
      spans,
      covered: [{ from: toIso(Math.floor(first)), to: toIso(Math.floor(last)) }],
      more: before.more || after.more,
      query,
      ...(why.length > 0 && { incomplete: why.join('; ') }),
    };
  });
}
