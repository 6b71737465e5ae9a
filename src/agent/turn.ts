/** One turn of a conversation, whoever holds it: taken, its calls answered, all of it paid and told. */
import type { ModelRequest, Part, Reply } from '../core/model.ts';
import { type Answered, answerCalls } from './calls.ts';
import { type End, ends, isFailure } from './ends.ts';
import type { Purse } from './purse.ts';
import type { Talk, TurnPlan } from './talk.ts';

/** Turns in a row that brought nothing: failures of the model, and replies without a call or an answer. */
export interface Tally {
  failures: number;
  idle: number;
}

export interface Taken {
  reply: Reply;
  /** Undefined in the last turn, in which nothing is answered. */
  answered?: Answered;
  /** Why the conversation is over, where it is. */
  over?: End;
}

/** Takes a turn whose cost fits; `prompt` is the most tokens that its request has. */
export async function takeTurn(
  talk: Talk,
  o: {
    request: ModelRequest;
    plan: TurnPlan;
    prompt: number;
    purse: Purse;
    tally: Tally;
    calls: Omit<Parameters<typeof answerCalls>[1], 'turn' | 'left'>;
  },
): Promise<Taken> {
  const { plan, purse, tally } = o;
  const reply = await talk.turn(o.request, plan, purse, o.prompt);
  const calls =
    reply.stop === 'calls' ? reply.parts.filter((p): p is Extract<Part, { type: 'call' }> => p.type === 'call') : [];
  const left = purse.limits.calls - purse.spent.calls;
  const answered = plan.closing ? undefined : await answerCalls(calls, { ...o.calls, turn: plan.turn, left });
  purse.spent = { ...purse.spent, calls: purse.spent.calls + (answered?.put ?? 0) };
  await talk.ended(plan, reply, answered?.calls ?? [], purse);
  tally.failures = isFailure(reply) ? tally.failures + 1 : 0;
  tally.idle = reply.stop === 'calls' || reply.stop === 'answered' || isFailure(reply) ? 0 : tally.idle + 1;
  const over = ends(reply, tally.failures, tally.idle);
  return { reply, ...(answered ? { answered } : {}), ...(over ? { over } : {}) };
}
