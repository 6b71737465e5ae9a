/** One expression, as an alert rule has it: the value that it compares becomes a signal. */
import type { SeriesKind } from '../../core/telemetry.ts';
import { INSTANCE_LABELS, unitOf } from './_conventions.ts';
import { type Grid, gridFor } from './_evaluate.ts';
import { metricNames, withoutComparison } from './_promql.ts';
import type { Signal } from './_signal.ts';

/** Words of an expression that say what it measures; first match wins. */
const KINDS: [RegExp, SeriesKind][] = [
  [/histogram_quantile|quantile=|_seconds_sum/, 'latency'],
  [/5\.\.|5xx|error|fail|exception|reject/i, 'errors'],
  [/latency|duration(?!\w*_count)|response_time/, 'latency'],
  [/\bup\b|availab|probe_success/, 'availability'],
  [/cpu/, 'cpu'],
  [/memory|heap|_rss/, 'memory'],
  [/filesystem|disk/, 'disk'],
];

export function planQuery(
  query: string,
  service: string | undefined,
  from: number,
  to: number,
): { grid: Grid; signals: Signal[] } {
  const { expression, comparison, threshold } = withoutComparison(query);
  const kind = KINDS.find(([words]) => words.test(expression))?.[1];
  const [metric = 'expression'] = metricNames(expression);
  const share = kind === 'errors' && /\/(?!\w)/.test(expression);
  const name = share ? 'error_ratio' : kind === 'latency' ? 'latency' : kind === 'errors' ? 'error_rate' : metric;
  const hundred = /\*\s*100\b|\b100\s*\*/.test(expression);
  const unit = share
    ? hundred
      ? '%'
      : '1'
    : kind === 'latency'
      ? /_milliseconds|_ms\b/.test(metric)
        ? 'ms'
        : 's'
      : unitOf(metric);
  const signal: Signal = {
    name,
    ...(kind && { kind }),
    ...(unit !== undefined && { unit }),
    expression: `(${expression})`,
    fixed: {
      ...(service !== undefined && { service }),
      ...(threshold !== undefined && { threshold: String(threshold) }),
      ...(comparison !== undefined && { comparison }),
    },
    rename: Object.fromEntries(INSTANCE_LABELS.slice(0, -2).map((l) => [l, 'instance'])),
    expect: 1,
  };
  return { grid: gridFor(from, to, 1), signals: [signal] };
}
