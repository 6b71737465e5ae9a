/** What the fold keeps of the model's turns. A call to the model is no look at the systems: it is no evidence. */
import type { TurnState } from './agent.ts';
import { byText } from './canonical.ts';
import type { EventOf } from './events.ts';
import type { State } from './run-state.ts';

/** Whether a journalled call went to the model. */
export const isModelCall = (e: { capability: string }): boolean => e.capability.startsWith('model.');

/** A turn began: the same number again is the same turn, told by a process that went on. In the order of the plan. */
export function turnStarted(s: State, e: EventOf<'turn.started'>): State {
  const { turn: n, by, aim, offered, closing } = e;
  const others = s.turns.filter((t) => !(t.n === n && t.by === by));
  const turn: TurnState = { n, ...(by ? { by } : {}), state: 'running', aim, offered, closing, calls: [] };
  const turns = [...others, turn].sort((a, b) => a.n - b.n || byText(a.by ?? '', b.by ?? ''));
  return { ...s, turns };
}

export function turnFinished(s: State, e: EventOf<'turn.finished'>): State {
  const { stop, calls, says } = e;
  const done = { state: 'done' as const, stop, calls, ...(says ? { says } : {}) };
  return { ...s, turns: s.turns.map((t) => (t.n === e.turn && t.by === e.by ? { ...t, ...done } : t)) };
}
