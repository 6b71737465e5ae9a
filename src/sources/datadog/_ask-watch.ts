/** What else watches: objectives, and the incidents that people opened. */
import { defined } from '../../core/defined.ts';
import { type Answers, IncidentsApi, ServiceLevelObjectivesApi } from './_package.ts';
import { at, counted, following, list, number, object, one, page, seconds, text, texts, time, word } from './_read.ts';
import type { DatadogIncident, Slo, SloHistory } from './_shapes.ts';

/** How many items a page holds where nobody says: what Datadog itself takes. */
const SLOS_A_PAGE = 100;

/** An incident as JSON: its fields are a union that the package takes apart, and drops what it does not know. */
function incidentOf(sent: unknown): DatadogIncident | undefined {
  const a = object(at(sent, 'attributes'));
  const id = text(at(sent, 'id'));
  if (id === undefined) return undefined;
  const scope = text(a.customer_impact_scope);
  const [start, end] = [time(a.customer_impact_start), time(a.customer_impact_end)];
  const hit = scope !== undefined || start !== undefined;
  const fields = Object.entries(object(a.fields)).flatMap(([name, field]) => {
    const value = at(field, 'value');
    const values = Array.isArray(value) ? texts(value) : texts([value]);
    return values.length > 0 ? [[name, values] as const] : [];
  });
  return defined({
    id,
    publicId: number(a.public_id),
    title: text(a.title) ?? '',
    state: text(a.state) ?? text(at(a, 'fields', 'state', 'value')),
    severity: text(a.severity) ?? text(at(a, 'fields', 'severity', 'value')),
    created: time(a.created),
    detected: time(a.detected),
    resolved: time(a.resolved),
    modified: time(a.modified),
    customerImpact: hit ? defined({ scope, start, end }) : undefined,
    fields: Object.fromEntries(fields),
    attributes: a,
  });
}

export const searchIncidents: Answers<'v2.searchIncidents'> = async (
  { query, sort, cursor, limit },
  { config, raw },
) => {
  const answer = await new IncidentsApi(config).searchIncidents(
    defined<{ query: string }>({
      query,
      sort,
      pageSize: limit,
      pageOffset: cursor === undefined ? undefined : counted(cursor),
    }),
  );
  const { total } = one(answer.data.attributes, 'attributes');
  const found = at(raw(), 'data', 'attributes', 'incidents') as unknown[] | undefined;
  const next = answer.meta?.pagination?.nextOffset;
  const here = counted(cursor) + (found?.length ?? 0);
  const more = found !== undefined && found.length > 0 && here < total && next !== undefined;
  return page(found, 'incidents', (i) => incidentOf(at(i, 'data')), {
    next: more ? String(next) : undefined,
    of: total,
  });
};

export const getIncident: Answers<'v2.getIncident'> = async ({ id }, { config, raw }) => {
  await new IncidentsApi(config).getIncident({ incidentId: id });
  return one(incidentOf(at(raw(), 'data')), 'data');
};

const thresholdsOf = (found: unknown): Slo['thresholds'] =>
  (Array.isArray(found) ? found : []).flatMap((t) => {
    const target = number(at(t, 'target'));
    if (target === undefined) return [];
    const warning = number(at(t, 'warning'));
    return [defined<Slo['thresholds'][number]>({ timeframe: word(at(t, 'timeframe')) ?? '', target, warning })];
  });

export const listSLOs: Answers<'v1.listSLOs'> = async (
  { ids, query, tags, cursor, limit = SLOS_A_PAGE },
  { config },
) => {
  const offset = counted(cursor);
  const answer = await new ServiceLevelObjectivesApi(config).listSLOs(
    defined({ ids: ids?.join(','), query, tagsQuery: tags, limit, offset }),
  );
  const got = answer.data?.length ?? 0;
  return page(
    answer.data,
    'data',
    (s) =>
      s.id === undefined
        ? undefined
        : defined<Slo>({
            id: s.id,
            name: s.name,
            type: word(s.type),
            description: text(s.description),
            tags: texts(s.tags),
            thresholds: thresholdsOf(s.thresholds),
            query: s.query && { numerator: s.query.numerator, denominator: s.query.denominator },
            monitorIds: s.monitorIds ?? [],
          }),
    { next: following(got, limit, offset + got), of: answer.metadata?.page?.totalFilteredCount },
  );
};

export const searchSLO: Answers<'v1.searchSLO'> = async ({ query, cursor, limit }, { config }) => {
  const now = counted(cursor);
  const answer = await new ServiceLevelObjectivesApi(config).searchSLO(
    defined({ query, pageNumber: now, pageSize: limit }),
  );
  const { pagination } = answer.meta ?? {};
  const last = pagination?.lastNumber ?? now;
  return page(
    one(one(answer.data, 'data').attributes, 'attributes').slos,
    'slos',
    ({ data }) => {
      const a = data?.attributes;
      if (!data?.id || !a) return undefined;
      const { numerator, denominator } = a.query ?? {};
      const { state, sli, errorBudgetRemaining, indexedAt } = a.status ?? {};
      return defined<Slo>({
        id: data.id,
        name: a.name ?? '',
        type: word(a.sloType),
        description: text(a.description),
        tags: texts(a.allTags),
        thresholds: thresholdsOf(a.thresholds),
        query: a.query && defined({ numerator: text(numerator), denominator: text(denominator) }),
        monitorIds: a.monitorIds ?? [],
        status:
          a.status &&
          defined({
            state: word(state),
            sli: number(sli),
            budgetRemaining: number(errorBudgetRemaining),
            at: seconds(indexedAt),
          }),
      });
    },
    { next: now < last ? String(now + 1) : undefined, of: pagination?.total },
  );
};

export const getSLOHistory: Answers<'v1.getSLOHistory'> = async ({ id, from, to, target }, { config }) => {
  const answer = await new ServiceLevelObjectivesApi(config).getSLOHistory(
    defined<{ sloId: string; fromTs: number; toTs: number }>({
      sloId: id,
      fromTs: Math.floor(from / 1000),
      toTs: Math.ceil(to / 1000),
      target,
    }),
  );
  const { overall, series, fromTs, toTs, type } = one(answer.data, 'data');
  const told = [
    ...(answer.errors ?? []).map((e) => text(e.error)),
    ...(overall?.errors ?? []).map((e) => text(e.errorMessage)),
  ];
  const budgets = Object.entries(object(overall?.errorBudgetRemaining)).filter(
    ([, left]) => number(left) !== undefined,
  );
  return defined<SloHistory>({
    from: seconds(fromTs),
    to: seconds(toTs),
    type: word(type),
    sli: number(overall?.sliValue) ?? number(overall?.uptime),
    budgetRemaining: Object.fromEntries(budgets) as Record<string, number>,
    history: (overall?.history ?? []).map(([since, up]) => ({ time: since * 1000, up })),
    series: series && {
      times: list(series.times, 'times'),
      good: list(series.numerator.values, 'numerator').map((v) => number(v) ?? null),
      all: list(series.denominator.values, 'denominator').map((v) => number(v) ?? null),
    },
    errors: [...new Set(told.flatMap((e) => e ?? []))],
  });
};
