/** What the fake answers to each question about its account, in the shape that Datadog's description gives. */

import type { Json } from './_datadog-bundle.ts';
import { BadQuery, parseSearch, type Searched } from './_datadog-language.ts';
import type { Store } from './_datadog-store.ts';

export interface Asked {
  path: string;
  params: URLSearchParams;
  body: Json;
}
/** No such object: Datadog's 404. */
export class NotFound extends Error {}

export const at = (o: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((x, k) => (typeof x === 'object' && x !== null ? (x as Json)[k] : undefined), o);
const PAGE_MAX = 1000;

/** `now`, `now-15m`, ISO, or ms. */
function timeOf(v: unknown, now: number): number {
  if (typeof v === 'number') return v;
  const back = /^now(?:-(\d+)([smhd]))?$/.exec(String(v));
  if (back) return now - Number(back[1] ?? 0) * { s: 1e3, m: 6e4, h: 36e5, d: 864e5 }[back[2] ?? 's']!;
  const ms = /^\d+$/.test(String(v)) ? Number(v) : Date.parse(String(v));
  if (Number.isNaN(ms)) throw new BadQuery(`Invalid time ${String(v)}`);
  return ms;
}

/** The items of a stream that a search means, a page of them, and the cursor of the next. */
export function search<T extends { time: number }>(
  all: T[],
  asked: Json,
  now: number,
  searched: (x: T) => Searched,
): { items: T[]; of: number; after?: string } {
  const filter = (asked.filter ?? {}) as Json;
  const [from, to] = [timeOf(filter.from ?? 'now-15m', now), timeOf(filter.to ?? 'now', now)];
  const matches = parseSearch(String(filter.query ?? '*'));
  const found = all.filter((x) => x.time >= from && x.time < to && matches(searched(x)));
  const sorted = asked.sort === '-timestamp' ? found.toReversed() : found;
  const limit = Number(at(asked, 'page', 'limit') ?? 10);
  if (limit > PAGE_MAX || limit < 1) throw new BadQuery(`limit must be between 1 and ${PAGE_MAX}`);
  const cursor = at(asked, 'page', 'cursor');
  const start = cursor === undefined ? 0 : Number(Buffer.from(String(cursor), 'base64url').toString());
  if (!Number.isInteger(start)) throw new BadQuery('invalid cursor');
  const more = start + limit < sorted.length;
  return {
    items: sorted.slice(start, start + limit),
    of: sorted.length,
    ...(more && { after: Buffer.from(String(start + limit)).toString('base64url') }),
  };
}

export const page = (data: unknown[], after?: string): Json => ({
  data,
  meta: { elapsed: 5, request_id: 'fake', status: 'done', ...(after && { page: { after } }) },
});

export const tagged = (tags: readonly string[], key: string): string[] =>
  tags.flatMap((t) => (t.startsWith(`${key}:`) ? [t.slice(key.length + 1)] : []));
/** Values of a facet: a reserved one, a tag, or `@` and the path of an attribute. */
export function facetOf(
  facet: string,
  own: Record<string, unknown>,
  tags: readonly string[],
  attributes: Json,
): string[] {
  if (facet.startsWith('@')) {
    const name = facet.slice(1);
    const v = attributes[name] ?? at(attributes, ...name.split('.'));
    return v === undefined ? [] : [String(v)];
  }
  const v = own[facet];
  return v === undefined ? tagged(tags, facet) : [String(v)];
}

export const logSearched = (x: Store['logs'][number]): Searched => {
  const a = x.item.attributes as Json;
  const own = { service: x.service, status: x.status, host: a.host, trace_id: at(a, 'attributes', 'trace_id') };
  return { text: x.text, get: (f) => facetOf(f, own, x.tags, a.attributes as Json) };
};
const spanSearched = (x: Store['spans'][number]): Searched => {
  const a = x.item.attributes as Json;
  const own = {
    service: x.service,
    status: x.error ? 'error' : 'ok',
    trace_id: a.trace_id,
    span_id: a.span_id,
    resource_name: a.resource_name,
    operation_name: a.operation_name,
  };
  return { text: x.text, get: (f) => facetOf(f, own, x.tags, a.custom as Json) };
};

export function logs(store: Store, { body }: Asked): Json {
  const found = search(store.logs, body, store.now, logSearched);
  return page(
    found.items.map((x) => x.item),
    found.after,
  );
}
export function spans(store: Store, { body }: Asked): Json {
  const asked = (at(body, 'data', 'attributes') ?? {}) as Json;
  const found = search(store.spans, asked, store.now, spanSearched);
  return page(
    found.items.map((x) => x.item),
    found.after,
  );
}

/** Counts by facets, whole or in buckets of time. */
function counts<T extends { time: number }>(
  all: T[],
  asked: Json,
  now: number,
  searched: (x: T) => Searched,
): { by: Json; computes: Json }[] {
  const found = search(all, { ...asked, page: { limit: PAGE_MAX } }, now, searched);
  const filter = asked.filter as Json;
  const [from, to] = [timeOf(filter.from, now), timeOf(filter.to, now)];
  const matches = parseSearch(String(filter.query ?? '*'));
  const items =
    found.of <= PAGE_MAX ? found.items : all.filter((x) => x.time >= from && x.time < to && matches(searched(x)));
  const groups = new Map<string, { by: Json; items: T[] }>();
  const facets = ((asked.group_by ?? []) as { facet: string; limit?: number }[]).map((g) => g.facet);
  for (const x of items) {
    const values = facets.map((f) => searched(x).get(f)[0]);
    if (values.some((v) => v === undefined)) continue;
    const g = groups.get(values.join('\0')) ?? {
      by: Object.fromEntries(facets.map((f, i) => [f, values[i]])),
      items: [],
    };
    g.items.push(x);
    groups.set(values.join('\0'), g);
  }
  if (facets.length === 0 && groups.size === 0) groups.set('', { by: {}, items: [] });
  const limit = Number(((asked.group_by ?? []) as { limit?: number }[])[0]?.limit ?? 10);
  return [...groups.values()]
    .sort((a, b) => b.items.length - a.items.length)
    .slice(0, facets.length === 0 ? 1 : limit ** facets.length)
    .map((g) => ({
      by: g.by,
      computes: Object.fromEntries(
        ((asked.compute ?? []) as Json[]).map((c, i) => [`c${i}`, compute(c, g.items, from)]),
      ),
    }));
}
function compute(c: Json, items: { time: number }[], from: number): unknown {
  if (c.aggregation !== 'count') throw new BadQuery(`the fake counts only, not ${String(c.aggregation)}`);
  if (c.type !== 'timeseries') return items.length;
  const width = /^(\d+)(ms|s|m)$/.exec(String(c.interval));
  if (!width) throw new BadQuery('invalid interval');
  const ms = Number(width[1]) * { ms: 1, s: 1000, m: 60_000 }[width[2]!]!;
  const buckets = new Map<number, number>();
  for (const { time } of items) {
    const t = Math.max(from, Math.floor(time / ms) * ms);
    buckets.set(t, (buckets.get(t) ?? 0) + 1);
  }
  return [...buckets].sort((a, b) => a[0] - b[0]).map(([t, value]) => ({ time: new Date(t).toISOString(), value }));
}
export const logCounts = (store: Store, { body }: Asked): Json => ({
  data: { buckets: counts(store.logs, body, store.now, logSearched) },
  meta: { elapsed: 5, request_id: 'fake', status: 'done' },
});
export const spanCounts = (store: Store, { body }: Asked): Json => {
  const asked = (at(body, 'data', 'attributes') ?? {}) as Json;
  const data = counts(store.spans, asked, store.now, spanSearched).map(({ by, computes }, i) => ({
    id: `b${i}`,
    type: 'bucket',
    attributes: { by, computes },
  }));
  return { data, meta: { elapsed: 5, request_id: 'fake', status: 'done' } };
};

/** A number of 64 bits: JSON can hold it, JavaScript cannot. The server writes it without the marks. */
const exact = (hex: string): string => `@@${BigInt(`0x${hex.slice(-16)}`)}@@`;
export const writeExact = (json: string): string => json.replaceAll(/"@@(\d+)@@"/g, '$1');

export function trace(store: Store, { path }: Asked): Json {
  const id = path.split('/').at(-1) ?? '';
  const found = store.spans.filter((s) => at(s.item, 'attributes', 'trace_id') === id);
  if (found.length === 0) throw new NotFound('trace not found');
  const spans = found.map(({ item, error }) => {
    const a = item.attributes as Record<string, string>;
    const [startTime, duration] = [Date.parse(a.start_timestamp!) * 1e6, Number(at(a, 'custom', 'duration'))];
    return {
      traceID: exact(id),
      traceIDFull: id,
      spanID: exact(a.span_id!),
      parentID: a.parent_id === '0' ? 0 : exact(a.parent_id!),
      service: a.service,
      name: a.operation_name,
      resource: a.resource_name,
      startTime,
      endTime: startTime + duration,
      duration,
      error: error ? 1 : 0,
      type: a.type,
      meta: { env: store.env },
      metrics: {},
    };
  });
  return { data: { id, type: 'trace', attributes: { is_truncated: false, spans } } };
}
