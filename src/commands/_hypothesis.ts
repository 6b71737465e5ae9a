/** One hypothesis in full: what speaks for and against it, its series drawn, and what would overturn it. */
import type { Claim } from '../core/claims.ts';
import type { Load } from '../core/ports.ts';
import type { State } from '../core/run-state.ts';
import { claimedSeries } from '../core/series.ts';
import { quantity } from '../core/text.ts';
import { clock, toIso } from '../core/time.ts';
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
  const shown = await claimedSeries(claims, state, load, CHARTS_MAX);
  return shown.flatMap(({ name, unit, evidence, points, onset }) => {
    const columns = Math.min(COLUMNS, points.length);
    const before = points.filter((p) => p.t < onset).length;
    const mark = Math.min(columns - 1, Math.floor((before * columns) / points.length));
    const known = points.flatMap((p) => (p.v === null ? [] : [p.v]));
    const [least, most] = [Math.min(...known), Math.max(...known)].map((x) => quantity(x, unit));
    const values = points.map((p) => p.v);
    return [
      '',
      `  ${name}, ${least} to ${most}  ${evidence}`,
      `  ${sparkline(values, COLUMNS, symbols)}`,
      `  ${' '.repeat(mark)}^ ${clock(toIso(onset), true)}`,
    ];
  });
}
