/** One expression, as an alert rule has it: the value that it compares becomes a signal. */
import type { SeriesKind } from '../../core/telemetry.ts';
import type { Client } from './_client.ts';
import { INSTANCE_LABELS, unitOf } from './_conventions.ts';
import { type Evaluated, evaluate, type Grid, gridFor } from './_evaluate.ts';
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

/** Asks for one expression; where most of the range holds nothing, again with the steps spent on the rest. */
export async function askQuery(
  client: Client,
  asked: { query: string; service?: string; from: number; to: number },
): Promise<{ grid: Grid; signals: Signal[]; found: Evaluated }> {
  const { from, to } = asked;
  const signals = [signalOf(asked.query, asked.service)];
  const grid = gridFor(from, to, 1);
  const found = await evaluate(client, signals, grid);
  const first = Math.min(to, ...found.series.flatMap((s) => s.times.slice(0, 1)));
  if (found.series.length === 0 || first - from < (to - from) / 2) return { grid, signals, found };
  const later = gridFor(Math.max(from, first - grid.step * 1000), to, 1);
  return { grid: later, signals, found: await evaluate(client, signals, later) };
}

function signalOf(query: string, service: string | undefined): Signal {
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
  return {
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
}
