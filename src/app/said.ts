/** What people said in the last round of a journal, as the first words of a run that plays or shares it. */
import type { Event, EventBody } from '../core/events.ts';

/** The hints that were used: given to the same turns, they lead to the same requests. */
export function hintsOf(events: Event[]): EventBody[] {
  const round = lastRound(events);
  const used = new Map(round.flatMap((e) => (e.type === 'hint.used' ? [[e.n, e.turn] as const] : [])));
  const told = events.flatMap((e) => (e.type === 'hint.queued' && used.has(e.n) ? [e] : []));
  return told.flatMap(({ n, text }, i): EventBody[] => [
    { type: 'hint.queued', n: i + 1, text },
    { type: 'hint.used', n: i + 1, turn: used.get(n)! },
  ]);
}

/** The questions that were answered, numbered anew, with their answers. */
export function answersOf(events: Event[]): EventBody[] {
  const round = lastRound(events);
  const answers = new Map(round.flatMap((e) => (e.type === 'human.answered' ? [[e.id, e] as const] : [])));
  const asked = round.flatMap((e) => (e.type === 'human.asked' && answers.has(e.id) ? [e] : []));
  return asked.flatMap(({ seq: _s, at: _a, ...question }, i): EventBody[] => {
    const { seq: _q, at: _t, ...answer } = answers.get(question.id)!;
    const id = `Q${i + 1}`;
    return [
      { ...question, id },
      { ...answer, id },
    ];
  });
}

const lastRound = (events: Event[]): Event[] =>
  events.slice(events.findLastIndex((e) => e.type === 'run.reopened') + 1);
