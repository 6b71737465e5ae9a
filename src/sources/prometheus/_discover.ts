/** What a Prometheus that nobody has seen knows of a service: its metrics, and the label by which each names it. */
import { byText } from '../../core/canonical.ts';
import type { ServiceConfig } from '../../tools/tool.ts';
import type { Client, Labels } from './_client.ts';
import {
  CALLEE_LABELS,
  CALLER_LABELS,
  INSTANCE_LABELS,
  OUTGOING,
  plain,
  SERVICE_LABELS,
  TOTAL_GAUGE,
  VERSION_LABELS,
} from './_conventions.ts';
import { literal, type Matcher, oneOf, selector } from './_promql.ts';

/** One metric of a service. `name` of a histogram or summary is its base, without `_bucket`, `_sum`, `_count`. */
export interface Metric {
  name: string;
  type: 'histogram' | 'summary' | 'counter' | 'gauge';
  /** Selects the service's own series of it. */
  own: Matcher[];
  /** Values by label, sorted; `le` and `quantile` are not among them. */
  labels: ReadonlyMap<string, string[]>;
  instance?: string;
  version?: string;
}

/** A metric of calls between services, the service on one side: `own` selects its calls. */
export interface Call extends Metric {
  side: 'caller' | 'callee';
  /** Label that names the other side. */
  peer: string;
}

export interface Known {
  service: string;
  metrics: Metric[];
  calls: Call[];
}

/** Alphabet of the hashes in names of pods: a name such as `shop-postgres-0` is another service's. */
const HASH = '[bcdfghjklmnpqrstvwxz2456789]';

/**
 * Looks for a service by its name and aliases under the usual labels, or by the matchers that the config gives it.
 * Three requests at most, one of them (types) kept by the caller. Throws `Refused`.
 */
export async function discover(
  client: Client,
  asked: { service: string; config: ServiceConfig; serviceLabel?: string; from: number; to: number },
  types: ReadonlyMap<string, string>,
): Promise<Known> {
  const { service, config, serviceLabel, from, to } = asked;
  const names = [service, ...(config.aliases ?? [])];
  const alternatives = names.map(literal).join('|');
  const fixed = config.labels && Object.entries(config.labels).map(([label, value]) => oneOf(label, [value]));
  const labels = serviceLabel === undefined ? SERVICE_LABELS : [serviceLabel, ...SERVICE_LABELS];
  const exact = labels.map((label): Matcher[] => [
    label === 'job' || label === 'exported_job'
      ? { label, op: '=~', value: `(?:.+/)?(?:${alternatives})` }
      : oneOf(label, names),
  ]);
  const pod: Matcher = { label: 'pod', op: '=~', value: `(?:${alternatives})-(?:\\d+|${HASH}{6,10}-${HASH}{5})` };
  const ways: Matcher[][] = fixed ? [fixed] : [...exact, [pod]];
  const called = CALLEE_LABELS.map((label): Matcher[] => [
    { label, op: '=~', value: `(?:${alternatives})(?:\\..+)?(?::\\d+)?` },
  ]);
  const callers = CALLER_LABELS.map((label): Matcher[] => [oneOf(label, names)]);
  const match = [...ways, ...called, ...callers];
  const noBuckets: Matcher = { label: '__name__', op: '!~', value: '.+_bucket' };
  const [metricNames, series] = await Promise.all([
    client.labelValues(
      '__name__',
      match.map((m) => selector(m)),
      from,
      to,
    ),
    client.series(
      match.map((m) => selector([...m, noBuckets])),
      from,
      to,
    ),
  ]);
  const buckets = new Set(metricNames.filter((n) => n.endsWith('_bucket')).map((n) => n.slice(0, -'_bucket'.length)));
  const byName = new Map<string, Labels[]>();
  for (const labels of series) {
    const name = baseOf(labels.__name__ ?? '', buckets, metricNames);
    byName.set(name, [...(byName.get(name) ?? []), labels]);
  }
  const metrics: Metric[] = [];
  const calls: Call[] = [];
  for (const name of [...byName.keys()].sort(byText)) {
    const all = byName.get(name) as Labels[];
    const type = typeOf(name, buckets, metricNames, types);
    const part = (way: Matcher[]): Metric =>
      describe(
        name,
        type,
        way,
        all.filter((l) => passes(l, way)),
      );
    const has = (way: Matcher[]): boolean => all.some((l) => passes(l, way));
    const way = ways.find(has);
    const own = way && part(way);
    if (own) metrics.push(own);
    const calling = callers.find(has);
    const out = calling ? part(calling) : own && OUTGOING.test(plain(name)) ? own : undefined;
    const callee = out && CALLEE_LABELS.find((l) => out.labels.has(l) && out.own[0]?.label !== l);
    if (out && callee) calls.push({ ...out, side: 'caller', peer: callee });
    const served = called.find(has);
    const into = served && part(served);
    const caller = [...CALLER_LABELS, ...SERVICE_LABELS].find((l) => into?.labels.has(l) && l !== served?.[0]?.label);
    if (into && caller && (OUTGOING.test(plain(name)) || isCallerLabel(caller)))
      calls.push({ ...into, side: 'callee', peer: caller });
  }
  return { service, metrics, calls };
}

const isCallerLabel = (label: string): boolean => (CALLER_LABELS as readonly string[]).includes(label);

/** The name without `_sum` and `_count`, where it is the part of a histogram or summary. */
function baseOf(name: string, buckets: ReadonlySet<string>, names: readonly string[]): string {
  const base = name.replace(/_(?:sum|count)$/, '');
  if (base === name) return name;
  return buckets.has(base) || (names.includes(`${base}_sum`) && names.includes(`${base}_count`)) ? base : name;
}

function typeOf(
  name: string,
  buckets: ReadonlySet<string>,
  names: readonly string[],
  types: ReadonlyMap<string, string>,
): Metric['type'] {
  if (buckets.has(name)) return 'histogram';
  if (names.includes(`${name}_sum`) && names.includes(`${name}_count`)) return 'summary';
  const said = types.get(name) ?? types.get(name.replace(/_total$/, ''));
  if (said === 'counter' || said === 'gauge') return said;
  return /_(?:total|sum)$/.test(name) && !TOTAL_GAUGE.test(name) ? 'counter' : 'gauge';
}

function describe(name: string, type: Metric['type'], own: Matcher[], series: Labels[]): Metric {
  const values = new Map<string, Set<string>>();
  for (const labels of series) {
    for (const [label, value] of Object.entries(labels)) {
      if (label === '__name__' || label === 'le' || label === 'quantile') continue;
      values.set(label, (values.get(label) ?? new Set()).add(value));
    }
  }
  const labels = new Map(
    [...values.keys()].sort(byText).map((l) => [l, [...(values.get(l) as Set<string>)].sort(byText)]),
  );
  const instance = INSTANCE_LABELS.find((l) => labels.has(l));
  const version = VERSION_LABELS.find((l) => labels.has(l));
  return { name, type, own, labels, ...(instance && { instance }), ...(version && { version }) };
}

function passes(labels: Labels, matchers: readonly Matcher[]): boolean {
  return matchers.every(({ label, op, value }) => {
    const has = labels[label] ?? '';
    return op === '=' ? has === value : op === '=~' && new RegExp(`^(?:${value})$`).test(has);
  });
}
