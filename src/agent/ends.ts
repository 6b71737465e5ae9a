/** The ways in which the loop ends: each a value, each with its words. */
import type { AgentStop } from '../core/agent.ts';
import type { Reply } from '../core/model.ts';
import { oneLine } from '../core/text.ts';
import { metersOf, NEAR_END } from './budget.ts';
import type { Conclusion } from './conclusion.ts';
import type { Judged } from './judge.ts';
import type { Purse } from './purse.ts';

/** Failures of the model in a row that are survived. */
const FAILURES = 2;
/** Interruptions in a row that are survived. */
const ABORTED = 1;
/** Turns in a row without calls or answer. */
const IDLE = 3;

export interface End {
  stop: AgentStop;
  why: string;
  conclusion?: Conclusion;
  judged?: Judged;
}

export const CONCLUDED = 'it concluded';
export const spent = (what: AgentStop): End => ({ stop: what, why: `the budget of ${what} is spent` });

/** Replies that say nothing about the case; most may pass. */
const TRANSIENT: ReadonlySet<Reply['stop']> = new Set([
  'timeout',
  'rate-limited',
  'overloaded',
  'cut-off',
  'malformed',
  'failed',
  // A person broke it off: once is a wish for another turn, twice in a row an end.
  'aborted',
]);
export const isFailure = (r: Reply): boolean => TRANSIENT.has(r.stop);

/** Whether a reply ends the loop. */
export function ends(r: Reply, failures: number, idle: number): End | undefined {
  const said = oneLine(r.problem ?? r.stop, 200);
  if (r.stop === 'refused') return { stop: 'refused', why: `the model refused: ${said}` };
  if (r.stop === 'aborted' && failures > ABORTED)
    return { stop: 'aborted', why: `${failures} calls in a row were interrupted` };
  if (r.stop === 'context-full') return { stop: 'tokens', why: 'the context of the model is full' };
  if (r.stop === 'denied' || r.stop === 'rejected') return { stop: 'model-unavailable', why: `${r.stop}: ${said}` };
  if (failures > FAILURES) return { stop: 'model-unavailable', why: `${r.stop} ${failures} times: ${said}` };
  return idle >= IDLE
    ? { stop: 'no-progress', why: `${idle} replies without a call or an answer (${r.stop})` }
    : undefined;
}

/** The budget that is nearly spent, where one is. */
export const nearEnd = (purse: Purse, priced: boolean): AgentStop | undefined =>
  metersOf(purse.spent, purse.limits, priced).find((m) => m.used >= NEAR_END * m.limit)?.what;
