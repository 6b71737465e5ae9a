/** Requests that a service serves or makes, from the histograms, summaries and counters that count them. */
import { byText } from '../../core/canonical.ts';
import {
  DURATION,
  ERROR_COUNTER,
  INTERNAL,
  OUTCOMES,
  OUTGOING,
  plain,
  SERVED,
  SERVED_COUNTERS,
  SERVED_MAYBE,
  toSeconds,
} from './_conventions.ts';
import type { Call, Known, Metric } from './_discover.ts';
import type { Matcher } from './_promql.ts';
import {
  aggregate,
  over,
  rateName,
  reportedBy,
  type Signal,
  type Spans,
  type Split,
  splits,
  WHOLE,
} from './_signal.ts';

const QUANTILES = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
] as const;
const OTHER_DURATIONS_MAX = 4;
const ERROR_COUNTERS_MAX = 6;
const CALLS_MAX = 4;

/** Requests of one metric: what is counted, how long it took, whose it is, and what its series are called. */
interface Requests {
  metric: Metric;
  own: Matcher[];
  spans: Spans;
  fixed: Record<string, string>;
  prefix: string;
}

/** Golden signals of what the service serves: latency, traffic, errors; whole, by instance and by version. */
export function servedSignals(known: Known, spans: Spans): Signal[] {
  const own = known.metrics.filter((m) => !INTERNAL.test(plain(m.name)));
  const timed = own.filter((m) => m.type === 'histogram' || m.type === 'summary');
  const served = chosen(timed);
  const counter = SERVED_COUNTERS.map((r) => own.find((m) => m.type === 'counter' && r.test(plain(m.name)))).find(
    (m) => m !== undefined && !(OUTGOING.test(plain(m.name)) && !m.labels.has('reporter')),
  );
  const as = (metric: Metric): Requests => ({
    metric,
    own: [...metric.own, ...reportedBy(metric, 'destination')],
    spans,
    fixed: { service: known.service },
    prefix: 'request',
  });
  const signals = served.flatMap((m, i) => {
    const fixed = i === 0 ? {} : { protocol: 'rpc' };
    return requestSignals({ ...as(m), fixed: { service: known.service, ...fixed } }, splits(m));
  });
  const countsErrors = served.some((m) => failing(m));
  if (counter && (served.length === 0 || (!countsErrors && failing(counter)))) {
    const all = requestSignals(as(counter), splits(counter));
    signals.push(...(served.length === 0 ? all : all.filter((s) => s.kind === 'errors')));
  }
  const others = timed.filter((m) => !served.includes(m) && !isCall(known, m) && DURATION.test(plain(m.name)));
  for (const m of others.slice(0, OTHER_DURATIONS_MAX)) {
    signals.push(...latency({ ...as(m), prefix: m.name }, WHOLE, ['p95']));
  }
  const failures = own.filter((m) => m.type === 'counter' && ERROR_COUNTER.test(plain(m.name)));
  for (const m of failures.slice(0, ERROR_COUNTERS_MAX)) {
    signals.push({
      name: rateName(m.name),
      kind: 'errors',
      unit: '1/s',
      expression: aggregate('sum', [], over('rate', m.name, m.own, spans.window)),
      fixed: { service: known.service },
      rename: {},
      expect: 1,
    });
  }
  return signals;
}

/** The same for the calls that the service makes and that others make to it: one part for each other side. */
export function callSignals(known: Known, spans: Spans): Signal[] {
  const timed = known.calls.filter((c) => c.type === 'histogram' || c.type === 'summary');
  const counted = known.calls.filter((c) => c.type === 'counter' && !timed.some((t) => t.side === c.side));
  const sides = (['caller', 'callee'] as const).flatMap((side) =>
    [...timed, ...counted].filter((c) => c.side === side).slice(0, CALLS_MAX / 2),
  );
  return sides.flatMap((call: Call) => {
    const requests: Requests = {
      metric: call,
      own: [...call.own, ...reportedBy(call, 'source')],
      spans,
      fixed: { [call.side]: known.service },
      prefix: 'call',
    };
    const rename = { [call.peer]: call.side === 'caller' ? 'callee' : 'caller' };
    return requestSignals(requests, [{ by: [call.peer], rename, parts: call.labels.get(call.peer)?.length ?? 1 }]);
  });
}

const isCall = (known: Known, m: Metric): boolean => known.calls.some((c) => c.name === m.name);

/** The metrics that time what is served: by known convention, else the one whose name says it best. */
function chosen(timed: readonly Metric[]): Metric[] {
  const first = (patterns: readonly RegExp[]): Metric | undefined =>
    patterns.map((p) => timed.find((m) => p.test(plain(m.name)))).find((m) => m !== undefined);
  const known = SERVED.flatMap((group) => first(group) ?? []);
  if (known.length > 0) return known;
  const maybe = timed.filter((m) => SERVED_MAYBE.test(plain(m.name)) && !OUTGOING.test(plain(m.name)));
  return maybe.sort((a, b) => a.name.length - b.name.length || byText(a.name, b.name)).slice(0, 1);
}

function requestSignals(r: Requests, ways: Split[]): Signal[] {
  const quantiles = (way: Split): readonly string[] => (way.by.length === 0 ? ['p50', 'p95', 'p99'] : ['p95']);
  return ways.flatMap((way) => [...latency(r, way, quantiles(way)), traffic(r, way), ...errors(r, way)]);
}

const countOf = (m: Metric): string => (m.type === 'counter' ? m.name : `${m.name}_count`);

function traffic(r: Requests, way: Split): Signal {
  const rate = over('rate', countOf(r.metric), r.own, r.spans.window);
  const name = `${r.prefix}_rate`;
  const expression = aggregate('sum', way.by, rate);
  return { name, kind: 'traffic', unit: '1/s', expression, fixed: r.fixed, rename: way.rename, expect: way.parts };
}

function latency(r: Requests, way: Split, statistics: readonly string[]): Signal[] {
  const { metric, own } = r;
  const { window } = r.spans;
  if (metric.type === 'counter') return [];
  const signal = (statistic: string, value: string): Signal => {
    const factor = toSeconds(metric.name);
    const expression = factor === 1 ? value : `${value} * ${factor}`;
    const fixed = { ...r.fixed, statistic };
    return {
      name: `${r.prefix}_latency`,
      kind: 'latency',
      unit: 's',
      expression,
      fixed,
      rename: way.rename,
      expect: way.parts,
    };
  };
  if (metric.type === 'histogram') {
    const buckets = aggregate('sum', ['le', ...way.by], over('rate', `${metric.name}_bucket`, own, window));
    return QUANTILES.filter(([statistic]) => statistics.includes(statistic)).map(([statistic, q]) =>
      signal(statistic, `histogram_quantile(${q}, ${buckets})`),
    );
  }
  const [sum, count] = ['sum', 'count'].map((part) =>
    aggregate('sum', way.by, over('rate', `${metric.name}_${part}`, own, window)),
  );
  return [signal('avg', `(${sum} / ${count})`)];
}

/** Share of the requests that failed, in percent; 0 where there were requests and no failure was ever counted. */
function errors(r: Requests, way: Split): Signal[] {
  const bad = failing(r.metric);
  if (!bad) return [];
  const all = aggregate('sum', way.by, over('rate', countOf(r.metric), r.own, r.spans.window));
  const failed = aggregate('sum', way.by, over('rate', countOf(r.metric), [...r.own, bad], r.spans.window));
  const expression = `100 * (${failed} or ${all} * 0) / ${all}`;
  const name = `${r.prefix}_error_ratio`;
  return [{ name, kind: 'errors', unit: '%', expression, fixed: r.fixed, rename: way.rename, expect: way.parts }];
}

/** The matcher of failed requests, by the label that says how a request ended. */
export function failing(metric: Metric): Matcher | undefined {
  for (const { label, seen, op, value } of OUTCOMES) {
    for (const [name, values] of metric.labels) {
      if (!label.test(plain(name)) || !values.some((v) => seen.test(v))) continue;
      // Istio writes 0 where the connection broke before a response.
      return { label: name, op, value: name === 'response_code' ? `${value}|0` : value };
    }
  }
  return undefined;
}
