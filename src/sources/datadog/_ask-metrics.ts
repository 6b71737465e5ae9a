/** Metrics: series, scalars, names, tags, meanings. */
import { defined } from '../../core/defined.ts';
import { type Answers, MetricsV1Api, MetricsV2Api } from './_package.ts';
import { at, list, number, object, one, page, text, texts, Unreadable, word } from './_read.ts';
import type { Operations, Query, ScalarColumn, Unit } from './_shapes.ts';

const unitOf = (x: unknown): Unit | undefined => {
  const name = text(at(x, 'name'));
  if (name === undefined) return undefined;
  return defined({
    name,
    family: text(at(x, 'family')),
    scale: number(at(x, 'scaleFactor')),
    shortName: text(at(x, 'shortName')),
  });
};

const unitsOf = (x: unknown): { unit?: Unit; perUnit?: Unit } =>
  Array.isArray(x) ? defined({ unit: unitOf(x[0]), perUnit: unitOf(x[1]) }) : {};

const numbers = (x: unknown): (number | null)[] => (Array.isArray(x) ? x.map((v) => number(v) ?? null) : []);

/** Datadog answers some mistakes with 200 and the mistake in the body. */
function refuseErrors(...told: unknown[]): void {
  const error = told.map(text).find((t) => t !== undefined);
  if (error !== undefined) throw new Unreadable(`Datadog says: ${error}`);
}

export const queryMetrics: Answers<'v1.queryMetrics'> = async ({ from, to, query }, { config }) => {
  const answer = await new MetricsV1Api(config).queryMetrics({
    from: Math.floor(from / 1000),
    to: Math.ceil(to / 1000),
    query,
  });
  refuseErrors(answer.error);
  if (answer.status !== 'ok') throw new Unreadable(`its status is ${answer.status}`);
  const { items } = page(answer.series, 'series', (s) => {
    const points = list(s.pointlist, 'pointlist') as unknown as [unknown, unknown][];
    return defined<Operations['v1.queryMetrics']['out']['series'][number]>({
      metric: s.metric ?? s.expression ?? query,
      expression: text(s.expression),
      scope: s.scope ?? '*',
      tags: texts(s.tagSet),
      queryIndex: s.queryIndex ?? 0,
      intervalMs: (s.interval ?? 0) * 1000,
      ...unitsOf(s.unit),
      times: points.map(([t]) => Number(t)),
      values: points.map(([, v]) => number(v) ?? null),
    });
  });
  return { series: items };
};

/** A query in the package's words. `shape` says what only one of the two questions takes. */
function queryOf(q: Query, aggregator?: string): Record<string, unknown> {
  const { name } = q;
  switch (q.source) {
    case 'metrics':
      return defined({ dataSource: 'metrics', name, query: q.query, aggregator });
    case 'apm_metrics': {
      const { stat, service, operation, resource, spanKind, filter, groupBy } = q;
      return defined({
        ...{ dataSource: 'apm_metrics', name, stat, service, spanKind, groupBy },
        ...{ operationName: operation, resourceName: resource, queryFilter: filter },
      });
    }
    case 'apm_resource_stats': {
      const { stat, env, service, operation, resource, groupBy } = q;
      return defined({
        ...{ dataSource: 'apm_resource_stats', name, stat, env, service, groupBy },
        ...{ operationName: operation, resourceName: resource },
      });
    }
    case 'slo':
      return { dataSource: 'slo', name, sloId: q.sloId, measure: q.measure };
    default: {
      const { aggregation, metric, intervalMs } = q.compute;
      return defined({
        ...{ dataSource: q.source, name, groupBy: q.groupBy, indexes: q.indexes },
        compute: defined({ aggregation, metric, interval: intervalMs }),
        search: { query: q.search },
      });
    }
  }
}

const formulasOf = (queries: Query[], formulas?: string[]): { formula: string }[] =>
  (formulas ?? queries.map((q) => q.name)).map((formula) => ({ formula }));

export const queryTimeseriesData: Answers<'v2.queryTimeseriesData'> = async (input, { config }) => {
  const { from, to, intervalMs, queries, formulas } = input;
  const attributes = defined({
    ...{ from, to, interval: intervalMs, formulas: formulasOf(queries, formulas) },
    queries: queries.map((q) => queryOf(q)),
  });
  const answer = await new MetricsV2Api(config).queryTimeseriesData({
    body: { data: { type: 'timeseries_request', attributes: attributes as never } },
  });
  refuseErrors(answer.errors);
  const { times, series, values } = one(one(answer.data, 'data').attributes, 'attributes');
  const rows = list(values, 'values');
  return {
    times: list(times, 'times'),
    series: list(series, 'series').map((s, i) => ({
      tags: texts(s.groupTags),
      queryIndex: s.queryIndex ?? 0,
      ...unitsOf(s.unit),
      values: numbers(rows[i]),
    })),
  };
};

export const queryScalarData: Answers<'v2.queryScalarData'> = async (input, { config }) => {
  const { from, to, queries, formulas, aggregator = 'avg' } = input;
  const attributes = {
    from,
    to,
    formulas: formulasOf(queries, formulas),
    queries: queries.map((q) => queryOf(q, aggregator)),
  };
  const answer = await new MetricsV2Api(config).queryScalarData({
    body: { data: { type: 'scalar_request', attributes: attributes as never } },
  });
  refuseErrors(answer.errors);
  const columns = list(one(one(answer.data, 'data').attributes, 'attributes').columns, 'columns');
  return {
    columns: columns.map((column): ScalarColumn => {
      // A column that is neither of the two known types comes as it was sent.
      const { type, name, values, meta } = object(one(column, 'columns')) as { [key: string]: unknown };
      const called = text(name) ?? '';
      if (word(type) === 'group') return { type: 'group', name: called, values: (values as unknown[]).map(texts) };
      return { type: 'number', name: called, ...unitsOf(at(meta, 'unit')), values: numbers(values) };
    }),
  };
};

export const listActiveMetrics: Answers<'v1.listActiveMetrics'> = async ({ from, host, tags }, { config }) => {
  const asked = defined<{ from: number }>({ from: Math.floor(from / 1000), host, tagFilter: tags });
  return { metrics: texts(list((await new MetricsV1Api(config).listActiveMetrics(asked)).metrics, 'metrics')) };
};

export const listTagConfigurations: Answers<'v2.listTagConfigurations'> = async (input, { config }) => {
  const { tags, windowMs, configured, cursor, limit } = input;
  const answer = await new MetricsV2Api(config).listTagConfigurations(
    defined({
      filterTags: tags,
      windowSeconds: windowMs === undefined ? undefined : Math.round(windowMs / 1000),
      filterConfigured: configured,
      pageCursor: cursor,
      pageSize: limit,
    }),
  );
  return page(
    answer.data,
    'data',
    (m) => {
      const name = text(at(m, 'id'));
      const told = at(m, 'attributes', 'tags');
      if (name === undefined) return undefined;
      return defined<{ name: string }>({
        name,
        type: word(at(m, 'attributes', 'metricType')),
        tags: told === undefined ? undefined : texts(told),
      });
    },
    { next: text(answer.meta?.pagination?.nextCursor) },
  );
};

export const getMetricMetadata: Answers<'v1.getMetricMetadata'> = async ({ metric }, { config }) => {
  const m = await new MetricsV1Api(config).getMetricMetadata({ metricName: metric });
  return defined({
    type: text(m.type),
    unit: text(m.unit),
    perUnit: text(m.perUnit),
    description: text(m.description),
    intervalS: number(m.statsdInterval),
  });
};

export const listTagsByMetricName: Answers<'v2.listTagsByMetricName'> = async (
  { metric, windowMs, limit },
  { config },
) => {
  const windowSeconds = windowMs === undefined ? undefined : Math.round(windowMs / 1000);
  const answer = await new MetricsV2Api(config).listTagsByMetricName(
    defined<{ metricName: string }>({ metricName: metric, windowSeconds, pageLimit: limit }),
  );
  return { tags: texts(one(one(answer.data, 'data').attributes, 'attributes').tags) };
};
