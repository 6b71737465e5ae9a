/** How a metric query is answered: which rows it means, over time, over space, and arithmetic between them. */
import type { Expression, MetricQuery } from './_datadog-metric-language.ts';
import { type Metric, STEP } from './_datadog-store.ts';

export interface Answered {
  tags: string[];
  times: number[];
  values: (number | null)[];
  unit?: Metric['unit'];
  metric: string;
}

/** Buckets of `interval` seconds from `from` to `to` (ms); a series a group. */
export function evaluate(
  e: Expression,
  metrics: Map<string, Metric>,
  range: { from: number; to: number; interval: number },
  named: ReadonlyMap<string, Answered[]> = new Map(),
): Answered[] | number {
  if (e.type === 'number') return e.value;
  if (e.type === 'name') return named.get(e.name) ?? [];
  if (e.type === 'metric') return evaluateMetric(e, metrics, range);
  if (e.type === 'abs') {
    const of = evaluate(e.of, metrics, range, named);
    if (typeof of === 'number') return Math.abs(of);
    return of.map((s) => ({ ...s, values: s.values.map((v) => (v === null ? null : Math.abs(v))) }));
  }
  const left = evaluate(e.left, metrics, range, named);
  const right = evaluate(e.right, metrics, range, named);
  const apply = (a: number, b: number): number | null => {
    const v = e.op === '+' ? a + b : e.op === '-' ? a - b : e.op === '*' ? a * b : a / b;
    return Number.isFinite(v) ? v : null;
  };
  if (typeof left === 'number') {
    if (typeof right === 'number') return apply(left, right) ?? 0;
    return right.map((s) => ({ ...s, values: s.values.map((v) => (v === null ? null : apply(left, v))) }));
  }
  if (typeof right === 'number') {
    return left.map((s) => ({ ...s, values: s.values.map((v) => (v === null ? null : apply(v, right))) }));
  }
  return left.flatMap((s) => {
    const other = right.find((r) => r.tags.join() === s.tags.join());
    if (!other) return [];
    const at = new Map(other.times.map((t, i) => [t, other.values[i] ?? null]));
    const values = s.values.map((v, i) => {
      const w = at.get(s.times[i]!) ?? null;
      return v === null || w === null ? null : apply(v, w);
    });
    return [{ ...s, values }];
  });
}

function evaluateMetric(
  q: MetricQuery,
  metrics: Map<string, Metric>,
  range: { from: number; to: number; interval: number },
): Answered[] {
  const m = metrics.get(q.metric);
  if (!m) return [];
  const views = (m.views[q.space.startsWith('p') ? q.space : m.type === 'distribution' ? 'p50' : ''] ?? []).filter(
    Boolean,
  );
  const known = new Set(views.flat().flatMap((r) => Object.keys(r.tags)));
  const wanted = [...q.keys, ...q.by].filter((k) => known.has(k));
  const view = views.find((rows) => wanted.every((k) => rows.some((r) => r.tags[k] !== undefined))) ?? [];
  const step = (q.rollup?.seconds || range.interval) * 1000;
  const groups = new Map<string, { tags: string[]; buckets: Map<number, number[][]> }>();
  const begin = Math.floor(range.from / step) * step;
  view
    .filter((r) => q.filter(r.tags))
    .forEach((r) => {
      const tags = q.by.map((k) => `${k}:${r.tags[k] ?? 'N/A'}`);
      const g = groups.get(tags.join()) ?? { tags, buckets: new Map<number, number[][]>() };
      groups.set(tags.join(), g);
      const inTime = new Map<number, number[]>();
      r.times.forEach((t, i) => {
        const v = r.values[i];
        if (v === null || v === undefined || t < begin || t >= range.to) return;
        const at = Math.floor(t / step) * step;
        inTime.set(at, [...(inTime.get(at) ?? []), v]);
      });
      for (const [at, values] of inTime) g.buckets.set(at, [...(g.buckets.get(at) ?? []), values]);
    });
  // A count is recorded per second; of a bucket it is what its samples add up to.
  const overTime = (values: number[]): number => {
    if (m.type !== 'count') return fold(q.rollup?.how ?? 'avg', values);
    const total = values.reduce((a, b) => a + b, 0) * STEP;
    return q.as === 'rate' ? total / (step / 1000) : total;
  };
  const space = q.space.startsWith('p') ? 'avg' : q.space;
  return [...groups.values()].map(({ tags, buckets }) => {
    const times = [...buckets.keys()].sort((a, b) => a - b);
    const values = times.map((t) => fold(space, buckets.get(t)!.map(overTime)));
    return { tags, times, values, metric: q.metric, ...(m.unit && { unit: m.unit }) };
  });
}

function fold(how: string, values: number[]): number {
  if (how === 'sum') return values.reduce((a, b) => a + b, 0);
  if (how === 'min') return Math.min(...values);
  if (how === 'max') return Math.max(...values);
  return values.reduce((a, b) => a + b, 0) / values.length;
}
