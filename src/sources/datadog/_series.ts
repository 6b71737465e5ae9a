/** Datadog's timeseries as ours: named, in base units, failures beside the requests that they are a part of. */
import type { Series } from '../../core/telemetry.ts';
import type { Account } from './_account.ts';
import { INSTANCE_TAGS, tagOf } from './_language.ts';
import type { TimeseriesAnswer } from './_shapes.ts';
import type { Signal } from './_signals.ts';
import { baseUnit, kindOfName } from './_units.ts';

/** Resources of one operation that are kept: those with the most requests. */
const RESOURCES_MAX = 12;

export interface Grid {
  from: number;
  to: number;
  /** Width of a bucket, ms. */
  intervalMs: number;
}

/** The Agent sends every ten seconds; longer windows get wider buckets, so that a series has some hundred. */
const WIDTHS = [10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600];
const BUCKETS = 400;

export function gridFor(from: number, to: number): Grid {
  const width = WIDTHS.find((s) => (to - from) / (s * 1000) <= BUCKETS) ?? 7200;
  const intervalMs = width * 1000;
  // A first bucket of which a part was left out would look like a fall.
  return { from: Math.floor(from / intervalMs) * intervalMs, to, intervalMs };
}

type Tagged = { signal: Signal; series: Series; hits: number };

/** The series of one answer; `signals[i]` is the query of index i. */
export function toSeries(account: Account, answer: TimeseriesAnswer, signals: readonly Signal[], grid: Grid): Series[] {
  const all = answer.series.flatMap((s): Tagged[] => {
    const signal = signals[s.queryIndex];
    if (signal === undefined) return [];
    const labels = labelsOf(account, signal, s.tags);
    if (labels === undefined) return [];
    const base = signal.unit === undefined || signal.kind === 'latency' ? baseUnit(s.unit, s.perUnit) : { factor: 1 };
    const as = signal.as ?? ((v: number): number => v * base.factor);
    const kind = signal.kind ?? kindOfName(signal.name);
    const unit = signal.unit ?? base.unit;
    const { times, values } = samples(answer.times, s.values, grid, as, signal.counts !== undefined);
    const hits = values.reduce<number>((sum, v) => sum + (v ?? 0), 0);
    if (times.length === 0) return [];
    const series: Series = { labels, ...(kind && { kind }), ...(unit && { unit }), times, values };
    return [{ signal, series, hits }];
  });
  const kept = busiest(all);
  return [
    ...kept.filter((t) => t.signal.counts !== 'errors').map((t) => t.series),
    ...kept.flatMap((t) => failures(t, kept)),
  ];
}

/**
 * Samples at the end of their buckets: what a bucket counts lies before it. A count's last bucket is not over yet and would
 * look like a fall.
 */
function samples(
  times: readonly number[],
  values: readonly (number | null)[],
  { to, intervalMs }: Grid,
  as: (v: number) => number,
  isCount: boolean,
): Pick<Series, 'times' | 'values'> {
  const out = { times: [] as number[], values: [] as (number | null)[] };
  times.forEach((t, i) => {
    const v = values[i];
    const end = t + intervalMs;
    if (v === null || v === undefined || (isCount && end > to)) return;
    out.times.push(Math.min(end, to));
    out.values.push(as(v));
  });
  return out;
}

/** Labels of a series; undefined for one that belongs to nobody, or to a part that has its own query. */
function labelsOf(account: Account, signal: Signal, tags: readonly string[]): Record<string, string> | undefined {
  const service = tagOf(tags, 'service');
  const own = service === undefined ? undefined : account.ours(service);
  const statistic = signal.statistic === undefined ? {} : { statistic: signal.statistic };
  if (signal.operation === undefined) {
    const host = tagOf(tags, 'host');
    if (own === undefined) return host === undefined ? undefined : { __name__: signal.name, node: host };
    const instance = tagOf(tags, ...INSTANCE_TAGS);
    const parts = tags.filter((t) => !/^(?:service|pod_name|container_name|host):|:N\/A$/.test(t));
    const rest = Object.fromEntries(parts.map((t) => [t.slice(0, t.indexOf(':')), t.slice(t.indexOf(':') + 1)]));
    return { ...rest, __name__: signal.name, service: own, ...(instance !== undefined && { instance }) };
  }
  if (own === undefined) return undefined;
  const peer = tagOf(tags, 'peer.service');
  if (peer !== undefined) {
    return { __name__: `call_${signal.name}`, caller: own, callee: account.ours(peer), ...statistic };
  }
  const labels = { service: own, ...statistic };
  if (signal.split === 'instance') {
    const instance = tagOf(tags, ...INSTANCE_TAGS);
    return instance === undefined ? undefined : { ...labels, __name__: `request_${signal.name}`, instance };
  }
  if (signal.split === 'resource') {
    const resource = tagOf(tags, 'resource_name');
    return resource === undefined ? undefined : { ...labels, __name__: `resource_${signal.name}`, resource };
  }
  return { ...labels, __name__: `request_${signal.name}` };
}

const partsOf = ({ signal, series: { labels } }: Tagged): string =>
  [signal.operation, signal.split, labels.service, labels.caller, labels.callee, labels.instance, labels.resource].join(
    '\n',
  );

/**
 * Of several operations of one service the one with the most requests is what it serves; others would be the same requests
 * seen from another layer. Of its resources the busiest.
 */
function busiest(all: Tagged[]): Tagged[] {
  const most = new Map<string, Tagged>();
  for (const t of all) {
    if (t.signal.counts !== 'hits' || t.signal.split !== 'whole') continue;
    const key = t.series.labels.service ?? `${t.series.labels.caller}\n${t.series.labels.callee}`;
    if ((most.get(key)?.hits ?? -1) < t.hits) most.set(key, t);
  }
  const chosen = new Set(
    [...most.values()].map(
      (t) =>
        `${t.signal.operation}\n${t.series.labels.service ?? `${t.series.labels.caller}\n${t.series.labels.callee}`}`,
    ),
  );
  const serving = all.filter(({ signal, series: { labels } }) => {
    if (signal.operation === undefined) return true;
    return chosen.has(`${signal.operation}\n${labels.service ?? `${labels.caller}\n${labels.callee}`}`);
  });
  const resources = new Map<string, Tagged[]>();
  for (const t of serving) {
    if (t.signal.split !== 'resource' || t.signal.counts !== 'hits') continue;
    const service = t.series.labels.service ?? '';
    resources.set(service, [...(resources.get(service) ?? []), t]);
  }
  const shown = new Set(
    [...resources.values()].flatMap((list) =>
      list
        .sort((a, b) => b.hits - a.hits)
        .slice(0, RESOURCES_MAX)
        .map(partsOf),
    ),
  );
  return serving.filter((t) => t.signal.split !== 'resource' || shown.has(partsOf(t)));
}

/** Of requests: failures a second, none where Datadog counted none, and the share that failed. */
function failures(requests: Tagged, all: readonly Tagged[]): Series[] {
  if (requests.signal.counts !== 'hits') return [];
  const part = partsOf(requests);
  const failed = all.find((t) => t.signal.counts === 'errors' && partsOf(t) === part)?.series;
  const at = new Map(failed?.times.map((t, i) => [t, failed.values[i] ?? 0]));
  const { labels, times, values } = requests.series;
  const as = (name: string, unit: string, value: (hits: number, errors: number) => number | null): Series => ({
    labels: { ...labels, __name__: `${labels.__name__!.replace(/_rate$/, '')}_${name}` },
    kind: 'errors',
    unit,
    times,
    values: values.map((v, i) => (v === null ? null : value(v, at.get(times[i]!) ?? 0))),
  });
  return [
    as('errors', '1/s', (_, errors) => errors),
    as('error_ratio', '%', (hits, errors) => (hits > 0 ? Math.min(100, (100 * errors) / hits) : null)),
  ];
}
