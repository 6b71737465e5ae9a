/** The streams that are searched: logs, events, spans, pipelines, the audit trail; and what is counted in them. */
import { defined } from '../../core/defined.ts';
import { toIso } from '../../core/time.ts';
import { APMTraceApi, type Ask, AuditApi, CIVisibilityPipelinesApi, EventsApi, LogsApi, SpansApi } from './_package.ts';
import { at, list, number, object, one, page, text, texts, time, word } from './_read.ts';
import type { Aggregate, Bucket, Compute, DatadogEvent, DatadogSpan, Operations, Page, Search } from './_shapes.ts';

type Answers<K extends keyof Operations> = (input: Operations[K]['in'], ask: Ask) => Promise<Operations[K]['out']>;

const filterOf = ({ from, to, query }: { from: number; to: number; query: string }) => ({
  query,
  from: toIso(from),
  to: toIso(to),
});

/** What the searches have in common. */
const searchOf = (s: Search) => ({
  filter: filterOf(s),
  sort: s.sort ?? ('timestamp' as const),
  page: defined<{ cursor?: string; limit?: number }>({ cursor: s.cursor, limit: s.limit }),
});

const moreOf = (meta: unknown): { next?: string | undefined; meta: unknown } => ({
  next: text(at(meta, 'page', 'after')),
  meta,
});

export const listLogs: Answers<'v2.listLogs'> = async (input, { config }) => {
  const asked = searchOf(input);
  const filter = defined<typeof asked.filter>({
    ...asked.filter,
    indexes: input.indexes,
    storageTier: input.storageTier,
  });
  const answer = await new LogsApi(config).listLogs({ body: { ...asked, filter } });
  return page(
    answer.data,
    'data',
    ({ id, attributes: a }) => {
      const when = time(a?.timestamp);
      if (id === undefined || a === undefined || when === undefined) return undefined;
      return defined<Operations['v2.listLogs']['out']['items'][number]>({
        id,
        time: when,
        message: a.message ?? '',
        status: text(a.status),
        service: text(a.service),
        host: text(a.host),
        tags: texts(a.tags),
        attributes: object(a.attributes),
      });
    },
    moreOf(answer.meta),
  );
};

/** An event, and an entry of the audit trail, as JSON: both streams send the same. */
function eventOf(sent: unknown): DatadogEvent | undefined {
  const outer = object(at(sent, 'attributes'));
  const attributes = object(outer.attributes);
  const id = text(at(sent, 'id'));
  const when = time(outer.timestamp) ?? time(attributes.timestamp);
  if (id === undefined || when === undefined) return undefined;
  const monitor = object(attributes.monitor);
  return defined({
    id,
    time: when,
    title: text(attributes.title) ?? text(at(attributes, 'evt', 'name')),
    message: text(outer.message) ?? '',
    service: text(attributes.service) ?? text(outer.service),
    host: text(attributes.hostname),
    tags: texts(outer.tags),
    status: text(attributes.status),
    source: text(attributes.source_type_name) ?? text(at(attributes, 'evt', 'source')) ?? sourceTag(outer.tags),
    monitor:
      Object.keys(monitor).length === 0
        ? undefined
        : defined({
            id: number(monitor.id) ?? number(attributes.monitor_id),
            name: text(monitor.name),
            query: text(monitor.query),
            groups: texts(monitor.groups ?? attributes.monitor_groups),
          }),
    attributes,
  });
}

const sourceTag = (tags: unknown): string | undefined =>
  texts(tags)
    .find((t) => t.startsWith('source:'))
    ?.slice('source:'.length);

/** The events as Datadog sent them: the package renames what is known of their attributes, and keeps the rest. */
const eventsOf = (raw: unknown, meta: unknown): Page<DatadogEvent> =>
  page(at(raw, 'data') as unknown[] | undefined, 'data', eventOf, moreOf(meta));

export const searchEvents: Answers<'v2.searchEvents'> = async (input, { config, raw }) => {
  const answer = await new EventsApi(config).searchEvents({ body: searchOf(input) });
  return eventsOf(raw(), answer.meta);
};

export const searchAuditLogs: Answers<'v2.searchAuditLogs'> = async (input, { config, raw }) => {
  const answer = await new AuditApi(config).searchAuditLogs({ body: searchOf(input) });
  return eventsOf(raw(), answer.meta);
};

export const searchPipelines: Answers<'v2.searchCIAppPipelineEvents'> = async (input, { config }) => {
  const answer = await new CIVisibilityPipelinesApi(config).searchCIAppPipelineEvents({ body: searchOf(input) });
  return page(
    answer.data,
    'data',
    ({ id, attributes: sent }) => {
      const attributes = object(sent?.attributes);
      if (id === undefined || sent === undefined) return undefined;
      const nanos = (x: unknown): number | undefined => (typeof x === 'number' ? x / 1e6 : undefined);
      return defined<Operations['v2.searchCIAppPipelineEvents']['out']['items'][number]>({
        id,
        level: word(sent.ciLevel),
        name: text(at(attributes, 'ci', 'pipeline', 'name')),
        status: text(at(attributes, 'ci', 'status')),
        started: nanos(attributes.start),
        durationMs: nanos(attributes.duration),
        url: text(at(attributes, 'ci', 'pipeline', 'url')),
        commit: text(at(attributes, 'git', 'commit', 'sha')),
        commitMessage: text(at(attributes, 'git', 'commit', 'message')),
        author: text(at(attributes, 'git', 'commit', 'author', 'name')),
        branch: text(at(attributes, 'git', 'branch')),
        repository: text(at(attributes, 'git', 'repository_url')),
        tags: texts(sent.tags),
        attributes,
      });
    },
    moreOf(answer.meta),
  );
};

export const listSpans: Answers<'v2.listSpans'> = async (input, { config }) => {
  const answer = await new SpansApi(config).listSpans({
    body: { data: { type: 'search_request', attributes: searchOf(input) } },
  });
  return page(
    answer.data,
    'data',
    ({ attributes: a }) => {
      const custom = object(a?.custom);
      const [start, end] = [time(a?.startTimestamp), time(a?.endTimestamp)];
      if (!a?.traceId || !a.spanId || start === undefined) return undefined;
      const nanos = number(custom.duration);
      return spanOf({
        traceId: a.traceId,
        spanId: a.spanId,
        parentId: a.parentId,
        service: a.service ?? '',
        name: text(a.additionalProperties?.operation_name) ?? text(custom.operation_name),
        resource: text(a.resourceName),
        type: text(a.type),
        env: text(a.env),
        host: text(a.host),
        version: text(custom.version),
        start,
        durationMs: nanos === undefined ? (end ?? start) - start : nanos / 1e6,
        error: word(a.additionalProperties?.status) === 'error' || custom.error !== undefined,
        tags: texts(a.tags),
        attributes: { ...object(a.attributes), ...custom },
      });
    },
    moreOf(answer.meta),
  );
};

/** The root of a trace has the parent "0". */
const spanOf = ({ parentId, ...span }: { [K in keyof DatadogSpan]: DatadogSpan[K] | undefined }): DatadogSpan =>
  defined({ ...span, parentId: parentId === '0' || parentId === '' ? undefined : parentId });

/**
 * A whole trace. Ids are 64 bits and sent as JSON numbers, which lose their last digits in JavaScript: they are read from
 * the text, in which they are made strings first. A key cannot be mistaken: inside of a JSON string its quotes are escaped.
 */
export const getTraceByID: Answers<'v2.getTraceByID'> = async ({ traceId }, { config, raw }) => {
  const { data } = await new APMTraceApi(config).getTraceByID({ traceId });
  const quoted = raw((text) => text.replace(/(?<!\\)"(spanID|parentID|traceID)"\s*:\s*(\d+)/g, '"$1":"$2"'));
  const exact = at(quoted, 'data', 'attributes', 'spans') as unknown[];
  const { items } = page(list(data.attributes.spans, 'spans'), 'spans', (s, i) => {
    const [id, parent] = [text(at(exact[i], 'spanID')), text(at(exact[i], 'parentID'))];
    if (id === undefined) return undefined;
    return spanOf({
      traceId: s.traceIdFull,
      spanId: id,
      parentId: parent,
      service: s.service,
      name: text(s.name),
      resource: text(s.resource),
      type: text(s.type),
      env: text(s.meta.env),
      host: text(s.meta.hostname),
      version: text(s.meta.version),
      start: s.startTime / 1e6,
      durationMs: s.duration / 1e6,
      error: s.error === 1,
      tags: [],
      attributes: { ...s.metrics, ...s.meta },
    });
  });
  return { spans: items, truncated: data.attributes.isTruncated };
};

/** Width of a bucket in Datadog's words: `5m`, `30s`. */
const widthOf = (secs: number): string => (secs % 60 === 0 ? `${secs / 60}m` : `${secs}s`);

const computeOf = ({ aggregation, metric, intervalMs }: Compute) =>
  defined<{ aggregation: 'count' }>({
    aggregation,
    metric,
    interval: intervalMs === undefined ? undefined : widthOf(Math.max(1, Math.round(intervalMs / 1000))),
    type: intervalMs === undefined ? 'total' : 'timeseries',
  });

const groupsOf = (groups: Aggregate['groupBy']) =>
  groups?.map(({ facet, limit, sort, missing }) =>
    defined<{ facet: string }>({
      facet,
      limit,
      missing,
      sort: sort && { type: 'measure', order: 'desc', ...sort },
    }),
  );

const bucketOf = (by: unknown, computes: unknown): Bucket | undefined => ({
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

export const aggregateLogs: Answers<'v2.aggregateLogs'> = async (input, { config }) => {
  const { compute, groupBy, indexes, storageTier, cursor } = input;
  const answer = await new LogsApi(config).aggregateLogs({
    body: defined({
      compute: compute.map(computeOf),
      filter: defined<ReturnType<typeof filterOf>>({ ...filterOf(input), indexes, storageTier }),
      groupBy: groupsOf(groupBy),
      page: cursor === undefined ? undefined : { cursor },
    }),
  });
  const { buckets } = one(answer.data, 'data');
  return page(buckets, 'buckets', (b) => bucketOf(b.by, b.computes), moreOf(answer.meta));
};

export const aggregateSpans: Answers<'v2.aggregateSpans'> = async (input, { config }) => {
  const attributes = defined<object>({
    compute: input.compute.map(computeOf),
    filter: filterOf(input),
    groupBy: groupsOf(input.groupBy),
  });
  const answer = await new SpansApi(config).aggregateSpans({
    body: { data: { type: 'aggregate_request', attributes } },
  });
  // Its description says "computes", the real one sends "compute".
  const read = (b: { attributes?: { by?: unknown; computes?: unknown; compute?: unknown } }) =>
    bucketOf(b.attributes?.by, b.attributes?.computes ?? b.attributes?.compute);
  return page(answer.data, 'data', read, { meta: answer.meta });
};
