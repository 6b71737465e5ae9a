/** The streams that are searched: logs, events, pipelines, the audit trail; and what is counted in logs. */
import { defined } from '../../core/defined.ts';
import { type Answers, AuditApi, CIVisibilityPipelinesApi, EventsApi, LogsApi } from './_package.ts';
import { at, number, object, one, page, text, texts, time, word } from './_read.ts';
import { bucketOf, computeOf, filterOf, groupsOf, moreOf, searchOf } from './_searching.ts';
import type { DatadogEvent, Operations, Page } from './_shapes.ts';

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
