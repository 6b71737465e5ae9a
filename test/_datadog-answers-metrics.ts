/** What the fake answers to questions about metrics. */
import { type Asked, at } from './_datadog-answers.ts';
import type { Json } from './_datadog-bundle.ts';
import { type Answered, evaluate } from './_datadog-evaluate.ts';
import { BadQuery } from './_datadog-language.ts';
import { parseMetrics } from './_datadog-metric-language.ts';
import type { Store } from './_datadog-store.ts';

/** Several queries at once; their series share one list of times. */
export function timeseries(store: Store, { body }: Asked): Json {
  const a = at(body, 'data', 'attributes') as {
    from: number;
    to: number;
    interval?: number;
    queries: Json[];
    formulas?: { formula: string }[];
  };
  if (!(a.from < a.to)) throw new BadQuery('from must be before to');
  const interval = Math.max(1, Math.round((a.interval ?? 20_000) / 1000));
  const range = { from: a.from, to: Math.min(a.to, store.now + 1), interval };
  const named = new Map<string, Answered[]>();
  for (const q of a.queries) {
    if (q.data_source !== 'metrics') throw new BadQuery(`the fake has no ${String(q.data_source)} here`);
    const got = evaluate(parseMetrics(String(q.query)), store.metrics, range);
    named.set(String(q.name), typeof got === 'number' ? [] : got);
  }
  const formulas = a.formulas?.map((f) => f.formula) ?? [...named.keys()];
  const answers = formulas.map((f) => {
    const got = evaluate(parseMetrics(f, [...named.keys()]), store.metrics, range, named);
    return typeof got === 'number' ? [] : got;
  });
  const times = [...new Set(answers.flat().flatMap((s) => s.times))].sort((x, y) => x - y);
  const all = answers.flatMap((list, i) => list.map((s) => ({ ...s, query_index: i })));
  return {
    data: {
      type: 'timeseries_response',
      attributes: {
        times,
        series: all.map(({ tags, unit, query_index }) => ({ group_tags: tags, query_index, ...(unit && { unit }) })),
        values: all.map((s) => {
          const byTime = new Map(s.times.map((t, i) => [t, s.values[i] ?? null]));
          return times.map((t) => byTime.get(t) ?? null);
        }),
      },
    },
  };
}

/** The older query path: one expression, seconds, a point list a series. */
export function query(store: Store, { params }: Asked): Json {
  const [from, to] = [Number(params.get('from')) * 1000, Number(params.get('to')) * 1000];
  const text = params.get('query') ?? '';
  const length = to - from;
  const interval = length <= 3600e3 ? 5 : length <= 4 * 3600e3 ? 60 : 300;
  const got = evaluate(parseMetrics(text), store.metrics, { from, to: Math.min(to, store.now + 1), interval });
  const series = typeof got === 'number' ? [] : got;
  return {
    status: 'ok',
    res_type: 'time_series',
    query: text,
    from_date: from,
    to_date: to,
    group_by: [],
    message: '',
    series: series.map((s) => ({
      metric: s.metric,
      display_name: s.metric,
      expression: text,
      scope: s.tags.join() || '*',
      tag_set: s.tags,
      interval,
      length: s.times.length,
      query_index: 0,
      aggr: null,
      start: s.times[0] ?? from,
      end: s.times.at(-1) ?? to,
      unit: s.unit ?? null,
      pointlist: s.times.map((t, i) => [t, s.values[i] ?? null]),
    })),
  };
}

/** Metrics with a row whose tags the filter means. */
export function metrics(store: Store, { params }: Asked): Json {
  const filter = params.get('filter[tags]');
  const one = filter === null ? undefined : parseMetrics(`avg:x{${filter}}`);
  const data = [...store.metrics]
    .filter(
      ([, m]) =>
        one === undefined ||
        (one.type === 'metric' &&
          Object.values(m.views)
            .flat(2)
            .some((r) => one.filter(r.tags))),
    )
    .map(([id]) => ({ type: 'metrics', id }));
  return { data, meta: { pagination: { limit: 10_000, type: 'cursor_limit', next_cursor: null } } };
}
