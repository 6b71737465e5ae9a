/** What the fold keeps of the model's turns. A call to the model is no look at the systems: it is no evidence. */
import type { EventOf } from './events.ts';
import type { State } from './run-state.ts';

/** Whether a journalled call went to the model. */
export const isModelCall = (e: { capability: string }): boolean => e.capability.startsWith('model.');

/** A turn began: the same number again is the same turn, told by a process that went on. */
export function turnStarted(s: State, e: EventOf<'turn.started'>): State {
  const { turn: n, aim, offered, closing } = e;
  const others = s.turns.filter((t) => t.n !== n);
  return { ...s, turns: [...others, { n, state: 'running', aim, offered, closing, calls: [] }] };
}

export function turnFinished(s: State, e: EventOf<'turn.finished'>): State {
  const { stop, calls, says } = e;
  const done = { state: 'done' as const, stop, calls, ...(says ? { says } : {}) };
  return { ...s, turns: s.turns.map((t) => (t.n === e.turn ? { ...t, ...done } : t)) };
}
