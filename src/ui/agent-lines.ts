/** What a plain log says of the model's turns. */
import type { EventOf } from '../core/events.ts';
import type { State } from '../core/run-state.ts';
import { oneLine } from '../core/text.ts';
import { metersText } from './agent-rows.ts';
import type { PlainLine } from './plain-lines.ts';

/** `turn 1/8 settle: which change …`. */
export function turnStartedLines(e: EventOf<'turn.started'>, state: State): PlainLine[] {
  const of = state.meters.find((m) => m.what === 'turns')?.limit;
  const offered = e.offered.length > 0 ? ` (offered: ${e.offered.join(' ')})` : '';
  return [{ word: 'agent', text: `${turnName(e, of)} ${oneLine(e.aim, 300)}${offered}` }];
}

/** `turn 1/8`, `logs turn 1`: of what several share, the number of one says nothing. */
const turnName = (e: { turn: number; by?: string }, of?: number): string =>
  e.by ? `${oneLine(e.by, 40)} turn ${e.turn}` : `turn ${e.turn}${of ? `/${of}` : ''}`;

/** What it asked and got, or why it got nothing. */
export function turnFinishedLines(e: EventOf<'turn.finished'>): PlainLine[] {
  const asked = e.calls.map(
    (c) =>
      `${oneLine(c.tool, 60)} ${c.problem ? `refused: ${oneLine(c.problem)}` : c.evidence.join(' ')}${c.repeated ? ' (again)' : ''}`,
  );
  const good = e.stop === 'calls' || e.stop === 'answered' || e.stop === 'paused';
  const said = e.problem ? `: ${oneLine(e.problem)}` : '';
  const text = `${turnName(e)} ${e.stop}${said}${asked.length > 0 ? `, ${asked.join(', ')}` : ''}`;
  return [{ word: 'agent', text, ...(good ? {} : { tone: 'warn' as const }) }];
}

/** `$0.04/$0.80  17k/250k tok  tools 3/20`; yellow from 80 % on. */
export function budgetLines(e: EventOf<'budget.changed'>): PlainLine[] {
  if (!e.meters) return [];
  const near = e.limit > 0 && e.used / e.limit >= 0.8;
  return [
    {
      word: 'budget',
      text: `${metersText(e.meters)}${near ? `  ${e.what} nearly spent` : ''}`,
      ...(near ? { tone: 'warn' as const } : {}),
    },
  ];
}
