/** One hypothesis in full: what speaks for and against it, its series drawn, and what would overturn it. */
import { seriesWith } from '../claims/changed.ts';
import type { Claim } from '../core/claims.ts';
import type { Load } from '../core/ports.ts';
import type { State } from '../core/run-state.ts';
import { quantity } from '../core/text.ts';
import { clock, toIso, toMs } from '../core/time.ts';
import type { Hypothesis, Weight } from '../core/types.ts';
import { sparkline } from '../ui/sparkline.ts';
import type { Symbols } from '../ui/symbols.ts';

const CHARTS_MAX = 3;
const COLUMNS = 60;

export async function hypothesisLines(h: Hypothesis, state: State, load: Load, symbols: Symbols): Promise<string[]> {
  const charts = await chartsOf(h.claims, state, load, symbols);
  return [
    `${h.id} ${h.claim}`,
    `score ${h.score.toFixed(2)}   ${h.state}   ${h.category}`,
    ...charts,
    '',
    'For',
    ...weightLines('+', h.for),
    'Against',
    ...weightLines('-', h.against),
    ...(h.refutedBy === undefined ? [] : ['What would change our mind', `  ${h.refutedBy}`]),
  ];
}

/** A reason without a weight is in the confidence already. */
const weightLines = (sign: string, all: Weight[]): string[] =>
  all.length === 0
    ? ['  nothing']
    : all.map(
        (w) => `  ${w.weight > 0 ? `${sign}${w.weight.toFixed(2)}` : '     '}  ${w.reason}  ${w.cites.join(' ')}`,
      );

/** The series that the claims speak of, from before to now, the beginning marked below. */
async function chartsOf(claims: Claim[], state: State, load: Load, symbols: Symbols): Promise<string[]> {
  const lines: string[] = [];
  const changed = claims.filter((c) => c.type === 'changed').slice(0, CHARTS_MAX);
  for (const { series: ref, from, to } of changed) {
    const evidence = state.evidence.find((e) => e.id === ref.evidence);
    const series = evidence?.result && seriesWith(await load(evidence.result), ref.labels);
    if (!series) continue;
    const [first, onset, last] = [toMs(from.from), toMs(to.from), toMs(to.to)];
    const shown = series.times.flatMap((t, i) => (t >= first && t <= last ? [{ t, v: series.values[i] ?? null }] : []));
    if (shown.length < 2) continue;
    const columns = Math.min(COLUMNS, shown.length);
    const before = shown.filter((p) => p.t < onset).length;
    const mark = Math.min(columns - 1, Math.floor((before * columns) / shown.length));
    const known = shown.flatMap((p) => (p.v === null ? [] : [p.v]));
    const [least, most] = [Math.min(...known), Math.max(...known)].map((x) => quantity(x, series.unit));
    const name = [series.labels.__name__, series.labels.instance ?? series.labels.service, series.labels.callee]
      .filter((x) => x !== undefined)
      .join(' ');
    lines.push(
      '',
      `  ${name}, ${least} to ${most}  ${ref.evidence}`,
      `  ${sparkline(
        shown.map((p) => p.v),
        COLUMNS,
        symbols,
      )}`,
      `  ${' '.repeat(mark)}^ ${clock(toIso(onset), true)}`,
    );
  }
  return lines;
}
