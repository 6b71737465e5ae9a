/** The human gate: a question with a deadline that survives a restart, its answer through the engine's signal, both journalled. */
import { UserError } from '../core/errors.ts';
import type { Event } from '../core/events.ts';
import type { AskHuman, HumanAnswer, HumanQuestion, Sent } from '../core/human.ts';
import { shortId } from '../core/ids.ts';
import type { Durable, Emit } from '../core/ports.ts';
import { formatDuration, toIso, toMs } from '../core/time.ts';

/** Who could answer, and for how long a question stands. */
export interface People {
  /** Somebody sits in front of the screen. */
  someone: boolean;
  /** Without somebody there: wait so long in this process, then leave the question open and end with exit 11. */
  waitMs?: number;
}

/** What earlier processes have asked in this round and in those before it. */
function askedIn(past: Event[]): { before: number; asked: Map<string, string>; answered: Map<string, HumanAnswer> } {
  const round = past.findLastIndex((e) => e.type === 'run.reopened');
  const asked = new Map<string, string>();
  const answered = new Map<string, HumanAnswer>();
  let before = 0;
  for (const [i, e] of past.entries()) {
    if (e.type === 'human.asked' && i < round) before++;
    else if (e.type === 'human.asked') asked.set(e.id, e.deadline);
    else if (e.type === 'human.answered') {
      const { seq: _s, at: _a, type: _t, ...answer } = e;
      answered.set(e.id, answer);
    }
  }
  return { before, asked, answered };
}

/**
 * Asks one question after the other. Where nobody is there the answer is that, at once. Throws UserError (exit 11)
 * where the run was asked to wait and nobody has answered yet: the question stays open until its deadline.
 */
export function humanGate(o: {
  past: Event[];
  durable: Durable;
  emit: Emit;
  people: People;
  /** How long a question stands, ms. */
  withinMs: number;
}): AskHuman {
  const { durable, emit, people } = o;
  const { before, asked, answered } = askedIn(o.past);
  let n = before;
  let last: Promise<unknown> = Promise.resolve();
  const waits = people.someone || people.waitMs !== undefined;

  async function ask(q: Omit<HumanQuestion, 'id' | 'deadline'>): Promise<HumanAnswer> {
    const id = `Q${++n}`;
    const now = durable.now();
    const deadline = asked.get(id) ?? toIso(waits ? now + o.withinMs : now);
    await emit({ type: 'human.asked', ...q, id, deadline });
    const known = answered.get(id);
    if (known) return known;
    const end = toMs(deadline);
    const until = people.someone ? end : Math.min(end, now + (people.waitMs ?? 0));
    const sent = await durable.signal<Sent>(id, until);
    const answer = counted(q, sent, end) ?? nobody(durable.now() >= end && waits);
    if (!answer) throw waiting(durable.run, id, q.text, end - durable.now());
    await emit({ type: 'human.answered', id, ...answer });
    return { id, ...answer };

    function nobody(late: boolean): Omit<HumanAnswer, 'id'> | undefined {
      if (!waits) return { choice: q.otherwise, from: 'no one there' };
      return late ? { choice: q.otherwise, from: 'deadline' } : undefined;
    }
  }

  // One at a time, in the order in which they were put.
  return (q) => {
    const mine = last.then(() => ask(q));
    last = mine.catch(() => {});
    return mine;
  };
}

/** An answer counts where it is one of the choices and was given in time. */
function counted(
  q: Pick<HumanQuestion, 'choices'>,
  sent: Sent | null,
  end: number,
): Omit<HumanAnswer, 'id'> | undefined {
  if (!sent || typeof sent !== 'object' || !(toMs(String(sent.at)) <= end)) return undefined;
  if (!q.choices.some((c) => c.word === sent.choice)) return undefined;
  const { choice, from } = sent;
  return { choice, from, ...(typeof sent.who === 'string' ? { who: sent.who.slice(0, 60) } : {}) };
}

const waiting = (run: string, id: string, text: string, leftMs: number): UserError =>
  new UserError(`waiting for a human, ${formatDuration(leftMs)} are left: ${id} ${text}`, {
    hints: [`Answer:  inquest answer ${shortId(run)} ${id}`, `Go on:   inquest resume ${shortId(run)}`],
    exit: 11,
  });
