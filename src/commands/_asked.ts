/** The journal of a run's follow-ups: questions and what was answered, oldest first. */
import type { Event, EventOf } from '../core/events.ts';
import type { Io } from '../core/ports.ts';
import { oneLine } from '../core/text.ts';
import { safeJson } from '../safety/safe-json.ts';
import { safeText } from '../safety/safe-text.ts';

/** The run that these events ask about; undefined where they are a run's own. */
export const askedAbout = (events: Event[]): string | undefined =>
  events.some((e) => e.type === 'run.started')
    ? undefined
    : events.find((e): e is EventOf<'question.asked'> => e.type === 'question.asked')?.parent;

export function printAsked(io: Io, events: Event[], flags: { json?: boolean }): void {
  const all = events.flatMap((e) => {
    if (e.type !== 'question.asked') return [];
    const done = events.find((x) => x.type === 'question.answered' && x.n === e.n);
    const answer = done?.type === 'question.answered' ? { answer: done.answer } : {};
    return [{ n: e.n, at: e.at, question: e.text, by: e.by, ...answer }];
  });
  if (flags.json) io.stdout.write(`${safeJson(all, 2)}\n`);
  for (const x of flags.json ? [] : all) {
    const said = x.answer ? oneLine(x.answer.headline, 400) : 'not answered: it was cut off';
    io.stdout.write(`${safeText(`${x.n}  ${x.question}`)}\n   ${safeText(said)}\n`);
  }
}
