/** What the searches and the counts in Datadog's streams have in common: window, page, groups, buckets. */
import { defined } from '../../core/defined.ts';
import { toIso } from '../../core/time.ts';
import { at, number, object, text, time } from './_read.ts';
import type { Aggregate, Bucket, Compute, Search } from './_shapes.ts';

export const filterOf = ({ from, to, query }: { from: number; to: number; query: string }) => ({
  query,
  from: toIso(from),
  to: toIso(to),
});

/** What the searches have in common. */
export const searchOf = (s: Search) => ({
  filter: filterOf(s),
  sort: s.sort ?? ('timestamp' as const),
  page: defined<{ cursor?: string; limit?: number }>({ cursor: s.cursor, limit: s.limit }),
});

export const moreOf = (meta: unknown): { next?: string | undefined; meta: unknown } => ({
  next: text(at(meta, 'page', 'after')),
  meta,
});

/** Width of a bucket in Datadog's words: `5m`, `30s`. */
const widthOf = (secs: number): string => (secs % 60 === 0 ? `${secs / 60}m` : `${secs}s`);

export const computeOf = ({ aggregation, metric, intervalMs }: Compute) =>
  defined<{ aggregation: 'count' }>({
    aggregation,
    metric,
    interval: intervalMs === undefined ? undefined : widthOf(Math.max(1, Math.round(intervalMs / 1000))),
    type: intervalMs === undefined ? 'total' : 'timeseries',
  });

export const groupsOf = (groups: Aggregate['groupBy']) =>
  groups?.map(({ facet, limit, sort, missing }) =>
    defined<{ facet: string }>({
      facet,
      limit,
      missing,
      sort: sort && { type: 'measure', order: 'desc', ...sort },
    }),
  );

export const bucketOf = (by: unknown, computes: unknown): Bucket | undefined => ({
  by: Object.fromEntries(Object.entries(object(by)).map(([facet, value]) => [facet, text(value) ?? ''])),
  computes: Object.fromEntries(
    Object.entries(object(computes)).flatMap(([name, value]): [string, Bucket['computes'][string]][] => {
      if (Array.isArray(value)) return [[name, value.flatMap(pointOf)]];
      return typeof value === 'number' || typeof value === 'string' ? [[name, value]] : [];
    }),
  ),
});

function pointOf(x: unknown): { time: number; value: number }[] {
  const [when, value] = [time(at(x, 'time')), number(at(x, 'value'))];
  return when === undefined || value === undefined ? [] : [{ time: when, value }];
}
