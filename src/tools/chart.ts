/** A small chart of the most telling series of an answer, for screens and reports. */
import type { Chart } from '../core/events.ts';
import type { Series } from '../core/telemetry.ts';
import { toIso } from '../core/time.ts';

const POINTS = 40;

/** The series whose last quarter differs most from the rest, in units of its own spread; undefined without numbers. */
export function chartOf(series: Series[]): Chart | undefined {
  let best: Series | undefined;
  let bestMove = -1;
  for (const s of series) {
    const values = s.values.filter((v): v is number => v !== null && Number.isFinite(v));
    if (values.length < 4) continue;
    const cut = Math.floor(values.length * 0.75);
    const [early, late] = [mean(values.slice(0, cut)), mean(values.slice(cut))];
    const move = Math.abs(late - early) / (spread(values) + Math.abs(early) * 0.01 + 1e-12);
    if (move > bestMove) {
      bestMove = move;
      best = s;
    }
  }
  if (!best) return undefined;
  const { times, values, labels, unit } = best;
  return {
    label: label(labels),
    ...(unit ? { unit } : {}),
    from: toIso(times[0]!),
    to: toIso(times.at(-1)!),
    values: thin(values),
  };
}

const label = (l: Record<string, string>): string =>
  [l.__name__, l.instance ?? l.node ?? l.service, l.callee && `to ${l.callee}`, l.statistic].filter(Boolean).join(' ');

/** At most 40 values, each the largest magnitude of its bin, so that a spike survives. */
function thin(values: (number | null)[]): (number | null)[] {
  if (values.length <= POINTS) return values.map(short);
  return Array.from({ length: POINTS }, (_, i) => {
    const bin = values.slice(Math.floor((i * values.length) / POINTS), Math.floor(((i + 1) * values.length) / POINTS));
    const numbers = bin.filter((v): v is number => v !== null);
    return numbers.length === 0 ? null : short(numbers.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a)));
  });
}

const short = (v: number | null): number | null => (v === null ? null : Number(v.toPrecision(4)));
const mean = (xs: number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;
const spread = (xs: number[]): number => {
  const m = mean(xs);
  return Math.sqrt(mean(xs.map((x) => (x - m) ** 2)));
};
