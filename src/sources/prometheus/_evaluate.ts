/** Signals → series: several expressions in one request, few requests at once, steps that suit the data. */
import { byText, canonical } from '../../core/canonical.ts';
import type { Series } from '../../core/telemetry.ts';
import { ANSWER_BYTES } from '../_fit.ts';
import { Refused } from '../_refused.ts';
import type { Client, Line } from './_client.ts';
import type { Metric } from './_discover.ts';
import { selector } from './_promql.ts';
import type { Signal, Spans } from './_signal.ts';

/** Tells which signal a line of a joined result belongs to. */
const MARK = 'inquest_signal';
const SIGNALS_A_REQUEST = 8;
const REQUESTS_AT_ONCE = 4;
/** All requests for one question; what is left when it is reached is not asked. */
const REQUESTS_MAX = 25;
/** Points of a series: Prometheus refuses more than 11,000; these fit into an answer, and still show a shape. */
const POINTS_MAX = 480;
const POINTS_MIN = 120;
const POINT_BYTES = 24;
const STEPS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400];

export interface Grid extends Spans {
  /** First and last instant, ms, on the step's own grid, so that the same question gets the same instants. */
  from: number;
  to: number;
  /** Seconds. */
  step: number;
}

/**
 * Step and rate window for a range whose samples are `interval` s apart, so that `lines` series fit into an answer. A
 * rate looks at four samples at least and at all samples between two steps.
 */
export function gridFor(from: number, to: number, interval: number, lines = 1): Grid {
  const points = Math.min(POINTS_MAX, Math.max(POINTS_MIN, Math.floor(ANSWER_BYTES / POINT_BYTES / lines)));
  const least = Math.max(interval, (to - from) / 1000 / points);
  const step = STEPS.find((s) => s >= least) ?? Math.ceil(least / 86_400) * 86_400;
  const start = Math.ceil(from / 1000 / step) * step * 1000;
  const window = `${Math.max(Math.ceil(4 * interval), step, 10)}s`;
  return { from: start, to, step, window, interval: `${interval}s` };
}

/** How densely a metric was sampled, and since when. */
export interface Sampling {
  /** Seconds between samples. */
  interval: number;
  /** Start of the range, or of the stretch in which the first samples lie, ms. */
  from: number;
}

/** Sampling of a service's metrics: from how many samples there are in each minute of the range, or each ten. */
export async function sampling(client: Client, metric: Metric, from: number, to: number): Promise<Sampling> {
  const name = metric.type === 'histogram' || metric.type === 'summary' ? `${metric.name}_count` : metric.name;
  const step = Math.max(60, Math.ceil((to - from) / 1000 / 240));
  for (const stretch of [60, 600]) {
    const lines = await client.range(
      `max (count_over_time(${selector(metric.own, name)}[${stretch}s]))`,
      from,
      to,
      step,
    );
    const most = Math.max(0, ...lines.flatMap((l) => l.values).map((v) => v ?? 0));
    if (most < 2) continue;
    // Steps are spent where there is something: a young server holds less than was asked for.
    const first = Math.min(...lines.flatMap((l) => l.times.slice(0, 1)));
    return { interval: nearestStep(stretch / most), from: Math.max(from, first - Math.max(step, stretch) * 1000) };
  }
  return { interval: 60, from };
}

const nearestStep = (seconds: number): number =>
  STEPS.reduce((best, s) => (Math.abs(Math.log(s / seconds)) < Math.abs(Math.log(best / seconds)) ? s : best), 1);

export interface Evaluated {
  series: Series[];
  /** Signals that the server would not evaluate, or that the budget left out. */
  failed: { signal: Signal; why: string }[];
}

/** Asks for all signals. Throws `Refused` where not even one could be asked. */
export async function evaluate(client: Client, signals: readonly Signal[], grid: Grid): Promise<Evaluated> {
  const batches: Signal[][] = [];
  for (let i = 0; i < signals.length; i += SIGNALS_A_REQUEST) batches.push(signals.slice(i, i + SIGNALS_A_REQUEST));
  const failed: Evaluated['failed'] = [];
  let first: Refused | undefined;

  async function ask(batch: Signal[]): Promise<Series[]> {
    if (client.sent() >= REQUESTS_MAX) {
      failed.push(...batch.map((signal) => ({ signal, why: `more than ${REQUESTS_MAX} requests would be needed` })));
      return [];
    }
    try {
      const query = batch.map((s, i) => `label_replace(${s.expression}, "${MARK}", "${i}", "", "")`).join(' or ');
      const lines = await client.range(query, grid.from, grid.to, grid.step);
      return lines.flatMap((line) => toSeries(line, batch[Number(line.labels[MARK])]));
    } catch (e) {
      // Only a refused question is asked again in parts: a server that is gone or slow stays so.
      if (!(e instanceof Refused) || e.refusal.status !== 'failed' || e.refusal.retryable) throw e;
      first ??= e;
      if (batch.length > 1) {
        const parts: Series[][] = [];
        for (const signal of batch) parts.push(await ask([signal]));
        return parts.flat();
      }
      failed.push(...batch.map((signal) => ({ signal, why: e.refusal.problem })));
      return [];
    }
  }

  const found: Series[][] = [];
  await Promise.all(
    Array.from({ length: REQUESTS_AT_ONCE }, async (_, lane) => {
      for (let i = lane; i < batches.length; i += REQUESTS_AT_ONCE) found[i] = await ask(batches[i] as Signal[]);
    }),
  );
  if (first && failed.length === signals.length) throw first;
  return { series: inOrder(found.flat()), failed };
}

/** A line with our names for its labels; a line without one number tells nothing. */
function toSeries(line: Line, signal: Signal | undefined): Series[] {
  if (!signal || line.values.every((v) => v === null)) return [];
  const labels: Record<string, string> = {};
  for (const [label, value] of Object.entries(line.labels)) {
    if (label === MARK || label === '__name__' || value === '') continue;
    const ours = signal.rename[label] ?? label;
    labels[ours] = ours === 'callee' || ours === 'caller' ? bareHost(value) : value;
  }
  return [
    {
      labels: { ...labels, ...signal.fixed, __name__: signal.name },
      ...(signal.kind && { kind: signal.kind }),
      ...(signal.unit !== undefined && { unit: signal.unit }),
      times: line.times,
      // Digits past the sixth are noise of the arithmetic, and a constant must look like one.
      values: line.values.map((v) => (v === null ? null : Number(v.toPrecision(6)))),
    },
  ];
}

/** `orders.shop.svc.cluster.local:8080` → `orders`; a name of the wider net keeps its domain. */
export function bareHost(text: string): string {
  const host = text
    .replace(/^\w+:\/\//, '')
    .replace(/\/.*$/, '')
    .replace(/:\d+$/, '');
  return host.replace(/^([^.]+)(?:\.[^.]+)?\.svc(?:\..*)?$/, '$1');
}

/** Sorted by labels; of several with the same labels only the first stays. */
function inOrder(series: Series[]): Series[] {
  const byLabels = new Map<string, Series>();
  for (const s of series) {
    const id = canonical(s.labels);
    if (!byLabels.has(id)) byLabels.set(id, s);
  }
  return [...byLabels.keys()].sort(byText).map((id) => byLabels.get(id) as Series);
}
