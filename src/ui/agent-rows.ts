/** The model's part of the board: what it does and why, and the budget that is nearest to its end. */
import { type Meter, tightest } from '../core/agent.ts';
import type { State } from '../core/run-state.ts';
import { oneLine, plural } from '../core/text.ts';
import type { Brush } from './view.ts';

const NEAR_END = 0.8;
const BAR = 10;

/** Two or three rows while a model works or has worked; none otherwise. */
export function agentRows(state: State, b: Brush, columns: number): string[] {
  const turn = state.turns.at(-1);
  if (!turn) return [];
  if (turn.by !== undefined) return teamRows(state, b, columns);
  const of = state.meters.find((m) => m.what === 'turns')?.limit;
  const head = b.spread(
    ` agent  ${oneLine(turn.aim, 300)}`,
    b.paint('dim', `turn ${turn.n}${of ? `/${of}` : ''}`),
    columns,
  );
  const open = state.evidence.filter((e) => e.step === 'agent' && e.state === 'running');
  const doing = open[0] ? `asking: ${open[0].tool} ${serviceOf(open[0].input)}` : turn.says ? `says: ${turn.says}` : '';
  const rows = [head, ...(doing ? [b.paint('dim', b.clip(`        ${oneLine(doing, 300)}`, columns))] : [])];
  return state.meters.length > 0 ? [...rows, budgetRow(state.meters, b, columns)] : rows;
}

/** One row a specialist: what its newest turn is for, or how it ended. */
function teamRows(state: State, b: Brush, columns: number): string[] {
  const newest = new Map(state.turns.flatMap((t) => (t.by === undefined ? [] : [[t.by, t] as const])));
  const rows = [...newest.values()].map((t) => {
    const doing =
      t.state === 'running'
        ? oneLine(t.aim, 300)
        : `${t.stop ?? 'done'}${t.calls.length > 0 ? `, ${plural(t.calls.length, 'question')}` : ''}`;
    const head = b.spread(` ${oneLine(t.by ?? '', 40).padEnd(9)}${doing}`, b.paint('dim', `turn ${t.n}`), columns);
    return t.state === 'running' ? head : b.paint('dim', head);
  });
  return state.meters.length > 0 ? [...rows, budgetRow(state.meters, b, columns)] : rows;
}

const serviceOf = (input: unknown): string => (input as { service?: string }).service ?? '';

/** ` budget ███░░░░░░░ 25%  $0.10/$0.80  17k/120k tok  tools 3/20`: the bar is the tightest of them. */
function budgetRow(meters: Meter[], b: Brush, columns: number): string {
  const near = tightest(meters)!;
  const share = Math.min(1, near.used / near.limit);
  const full = Math.round(share * BAR);
  const bar = b.symbols.full.repeat(full) + b.symbols.empty.repeat(BAR - full);
  const text = ` budget ${share >= NEAR_END ? '! ' : ''}${bar} ${Math.round(share * 100)}%  ${metersText(meters)}`;
  return b.paint(share >= NEAR_END ? 'warn' : 'plain', b.clip(text, columns));
}

/** `$0.10/$0.80  17k/120k tok  tools 3/20`. */
export function metersText(meters: Meter[]): string {
  const of = (what: Meter['what']): Meter | undefined => meters.find((m) => m.what === what);
  const [dollars, tokens, calls] = [of('dollars'), of('tokens'), of('calls')];
  return [
    dollars && `$${dollars.used.toFixed(2)}/$${dollars.limit.toFixed(2)}`,
    tokens && `${Math.round(tokens.used / 1000)}k/${Math.round(tokens.limit / 1000)}k tok`,
    calls && `tools ${calls.used}/${calls.limit}`,
  ]
    .filter(Boolean)
    .join('  ');
}
