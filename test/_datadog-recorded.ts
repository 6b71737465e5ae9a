/** For each recorded operation: how its request is told to our client, and how much its answer holds by its own JSON. */
import type { Operation, Operations, Page } from '../src/sources/datadog/_shapes.ts';
import type { Exchange } from './_datadog-replay.ts';

export interface Recorded {
  operation: Operation;
  method: 'GET' | 'POST';
  path: RegExp;
  input(e: Exchange): object;
  /** How many things the recorded answer holds, read from its JSON without any of our code. */
  holds(json: Json): number;
  /** How many our answer holds. */
  got(out: never): number;
}

// biome-ignore lint/suspicious/noExplicitAny: foreign JSON of forty shapes, looked at in one line each.
type Json = any;

const items = (out: Page<unknown>): number => out.items.length;
const data = (json: Json): number => json.data.length;
const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
const known = (o: object): object => Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined));

/** Recordings ask for `now-15m`: any window stands for it. */
const WINDOW = { from: Date.parse('2026-01-01T10:00:00Z'), to: Date.parse('2026-01-01T10:15:00Z') };

const search = ({ body }: Exchange): object => {
  const { filter = {}, sort, page } = (body as Json).data?.attributes ?? body;
  const asked = { ...WINDOW, query: filter.query ?? '*', sort, indexes: filter.indexes };
  return known({ ...asked, limit: page?.limit, cursor: page?.cursor });
};

const widthMs = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number.parseInt(text, 10) * 60_000;

const aggregate = ({ body }: Exchange): object => {
  const { filter, compute = [{ aggregation: 'count' }], group_by } = (body as Json).data?.attributes ?? body;
  return known({
    ...WINDOW,
    query: filter.query,
    indexes: filter.indexes,
    compute: compute.map(({ aggregation, metric, interval }: Json) =>
      known({ aggregation, metric, intervalMs: widthMs(interval) }),
    ),
    groupBy: group_by?.map(({ facet, limit, missing, sort }: Json) =>
      known({ facet, limit, missing, sort: sort && known({ aggregation: sort.aggregation, metric: sort.metric }) }),
    ),
  });
};

const EVENTS = ['logs', 'spans', 'events', 'rum', 'ci_pipelines', 'audit', 'dora'];

/** A recorded query of a kind that we ask; undefined for the others. */
function queryOf(q: Json): object | undefined {
  const { name, data_source: source } = q;
  if (source === 'metrics') return { source, name, query: q.query };
  if (source === 'slo') return { source, name, sloId: q.slo_id, measure: q.measure };
  if (source === 'apm_metrics' || source === 'apm_resource_stats') {
    const { stat, env, service, operation_name, resource_name, span_kind, query_filter, group_by } = q;
    const named = { operation: operation_name, resource: resource_name, spanKind: span_kind, filter: query_filter };
    return known({ source, name, stat, env, service, groupBy: group_by, ...named });
  }
  if (!EVENTS.includes(source)) return undefined;
  const { aggregation, metric, interval } = q.compute;
  const compute = known({ aggregation, metric, intervalMs: interval });
  return known({ source, name, search: q.search.query, indexes: q.indexes, groupBy: q.group_by, compute });
}

const question = ({ body }: Exchange): object => {
  const { from, to, interval, formulas, queries } = (body as Json).data.attributes;
  const ours = queries.map(queryOf);
  const [first] = queries;
  // What we never ask is answered all the same: the answer must be read, whatever was asked.
  const asked = ours.includes(undefined) ? [{ source: 'metrics', name: first.name, query: 'avg:x{*}' }] : ours;
  return known({
    from,
    to,
    intervalMs: interval,
    formulas: formulas?.map((f: Json) => f.formula),
    queries: asked,
    aggregator: first.aggregator,
  });
};

const last = (e: Exchange): string => decodeURIComponent(e.path.split('/').at(-1) ?? '');

const row = <K extends Operation>(
  operation: K,
  method: 'GET' | 'POST',
  path: RegExp,
  input: (e: Exchange) => object,
  holds: (json: Json) => number,
  got: (out: Operations[K]['out']) => number,
): Recorded => ({ operation, method, path, input, holds, got });

const sum = (ns: number[]): number => ns.reduce((a, b) => a + b, 0);
const real = (values: unknown[]): number => values.filter((v) => typeof v === 'number').length;

export const RECORDED: Recorded[] = [
  row(
    'v1.queryMetrics',
    'GET',
    /^\/api\/v1\/query$/,
    ({ query }) => ({ from: Number(query.from) * 1000, to: Number(query.to) * 1000, query: query.query }),
    (j) => sum(j.series.map((s: Json) => s.pointlist.length)),
    (o) => sum(o.series.map((s) => real(s.values))),
  ),
  row(
    'v2.queryTimeseriesData',
    'POST',
    /^\/api\/v2\/query\/timeseries$/,
    question,
    (j) => sum(j.data.attributes.values.map(real)),
    (o) => sum(o.series.map((s) => real(s.values))),
  ),
  row(
    'v2.queryScalarData',
    'POST',
    /^\/api\/v2\/query\/scalar$/,
    question,
    (j) => sum(j.data.attributes.columns.map((c: Json) => c.values.length)),
    (o) => sum(o.columns.map((c) => c.values.length)),
  ),
  row(
    'v2.listTagConfigurations',
    'GET',
    /^\/api\/v2\/metrics$/,
    ({ query }) =>
      known({
        tags: query['filter[tags]'],
        limit: number(query['page[size]']),
        configured: query['filter[configured]'] === undefined ? undefined : true,
      }),
    data,
    items,
  ),
  row(
    'v2.listTagsByMetricName',
    'GET',
    /^\/api\/v2\/metrics\/[^/]+\/all-tags$/,
    ({ path }) => ({ metric: decodeURIComponent(path.split('/')[4] ?? '') }),
    (j) => j.data.attributes.tags.length,
    (o) => o.tags.length,
  ),
  row('v2.listLogs', 'POST', /^\/api\/v2\/logs\/events\/search$/, search, data, items),
  row('v2.aggregateLogs', 'POST', /logs\/analytics\/aggregate$/, aggregate, (j) => j.data.buckets.length, items),
  row('v2.searchEvents', 'POST', /^\/api\/v2\/events\/search$/, search, data, items),
  row('v2.searchAuditLogs', 'POST', /^\/api\/v2\/audit\/events\/search$/, search, data, items),
  row('v2.searchCIAppPipelineEvents', 'POST', /^\/api\/v2\/ci\/pipelines\/events\/search$/, search, data, items),
  row('v2.listSpans', 'POST', /^\/api\/v2\/spans\/events\/search$/, search, data, items),
  row(
    'v2.aggregateSpans',
    'POST',
    /^\/api\/v2\/spans\/analytics\/aggregate$/,
    aggregate,
    (j) => sum(j.data.map((b: Json) => b.attributes.compute.c0.length)),
    (o) => sum(o.items.map((b) => (b.computes.c0 as unknown[]).length)),
  ),
  row(
    'v1.getMonitor',
    'GET',
    /^\/api\/v1\/monitor\/\d+$/,
    (e) => known({ id: Number(last(e)), withDowntimes: e.query.with_downtimes === 'true' || undefined }),
    (j) => 1 + (j.matching_downtimes?.length ?? 0),
    (o) => (o.query === '' ? 0 : 1) + o.downtimes.length,
  ),
  row(
    'v1.listMonitors',
    'GET',
    /^\/api\/v1\/monitor$/,
    ({ query }) => known({ limit: number(query.page_size), groupStates: query.group_states }),
    (j) => j.length,
    items,
  ),
  row(
    'v1.searchMonitors',
    'GET',
    /^\/api\/v1\/monitor\/search$/,
    (e) => known({ query: e.query.query }),
    (j) => j.monitors.length,
    items,
  ),
  row(
    'v1.searchMonitorGroups',
    'GET',
    /^\/api\/v1\/monitor\/groups\/search$/,
    ({ query }) => known({ query: query.query }),
    (j) => j.groups.length,
    items,
  ),
  row(
    'v2.searchIncidents',
    'GET',
    /^\/api\/v2\/incidents\/search$/,
    ({ query }) => known({ query: query.query, limit: number(query['page[size]']) }),
    (j) => j.data.attributes.incidents.length,
    items,
  ),
  row(
    'v2.getIncident',
    'GET',
    /^\/api\/v2\/incidents\/[0-9a-f-]{36}$/,
    (e) => ({ id: last(e) }),
    () => 1,
    () => 1,
  ),
  row(
    'v1.listSLOs',
    'GET',
    /^\/api\/v1\/slo$/,
    ({ query }) => known({ ids: query.ids?.split(','), limit: number(query.limit) }),
    data,
    items,
  ),
  row(
    'v1.searchSLO',
    'GET',
    /^\/api\/v1\/slo\/search$/,
    ({ query }) => known({ query: query.query, limit: number(query['page[size]']) }),
    (j) => j.data.attributes.slos.length,
    items,
  ),
  row(
    'v1.getSLOHistory',
    'GET',
    /^\/api\/v1\/slo\/[0-9a-f]+\/history$/,
    ({ path, query }) => ({
      id: path.split('/')[4],
      from: Number(query.from_ts) * 1000,
      to: Number(query.to_ts) * 1000,
    }),
    (j) => j.data.series.times.length + j.data.overall.errors.length,
    (o) => (o.series?.times.length ?? 0) + o.errors.length,
  ),
  row('v2.listCatalogRelation', 'GET', /^\/api\/v2\/catalog\/relation$/, relations, data, items),
  row('v2.listCatalogEntity', 'GET', /^\/api\/v2\/catalog\/entity$/, () => ({}), data, items),
  row(
    'v2.listServiceDefinitions',
    'GET',
    /^\/api\/v2\/services\/definitions$/,
    ({ query }) => known({ limit: number(query['page[size]']) }),
    data,
    items,
  ),
  row(
    'v2.getServiceDefinition',
    'GET',
    /^\/api\/v2\/services\/definitions\/[^/]+$/,
    (e) => ({ service: last(e) }),
    (j) => 1 + j.data.attributes.schema.links.length,
    (o) => 1 + o.links.length,
  ),
  row(
    'v2.searchIssues',
    'POST',
    /^\/api\/v2\/error-tracking\/issues\/search$/,
    ({ body }) => (body as Json).data.attributes,
    data,
    (o) => o.issues.length,
  ),
  row(
    'v2.getIssue',
    'GET',
    /error-tracking\/issues\/[0-9a-f]{8}-[^/]+$/,
    (e) => ({ id: last(e) }),
    () => 1,
    (o) => (o.firstSeen === undefined ? 0 : 1),
  ),
  row(
    'v2.listDORADeployments',
    'POST',
    /^\/api\/v2\/dora\/deployments$/,
    ({ body }) => {
      const { from, to, ...rest } = (body as Json).data.attributes;
      return known({
        ...rest,
        from: from === undefined ? WINDOW.from : Date.parse(from),
        to: to === undefined ? WINDOW.to : Date.parse(to),
      });
    },
    data,
    (o) => o.deployments.length,
  ),
  row(
    'v1.listHosts',
    'GET',
    /^\/api\/v1\/hosts$/,
    ({ query }) => known({ metadata: query.include_hosts_metadata === 'true' || undefined }),
    (j) => j.host_list.length,
    items,
  ),
  row(
    'v2.listContainers',
    'GET',
    /^\/api\/v2\/containers$/,
    ({ query }) => known({ limit: number(query['page[size]']) }),
    data,
    items,
  ),
];

function relations({ query }: Exchange): object {
  return known({
    fromRef: query['filter[from_ref]'],
    toRef: query['filter[to_ref]'],
    type: query['filter[type]'],
    limit: number(query['page[limit]']),
  });
}
