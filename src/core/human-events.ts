/** What people are asked, answer and say: the part of the stream that comes from them. */
import type { FollowUpAnswer } from './follow-up.ts';
import type { HumanAnswer, HumanQuestion } from './human.ts';

export type HumanEvent =
  /** A question to a person, and how it ended. Once asked, its deadline stands. */
  | ({ type: 'human.asked' } & HumanQuestion)
  | ({ type: 'human.answered' } & HumanAnswer)
  /** A person's advice to the model waits for its next turn; then that turn is given it. */
  | { type: 'hint.queued'; n: number; text: string }
  | { type: 'hint.used'; n: number; turn: number }
  /** The loop is to wait before its next turn, or to go on. */
  | { type: 'pause.set'; on: boolean }
  /**
   * A question about a run, in the journal of its follow-ups. `head` = hash of the run's last line then, `by` = who
   * answers: `code` or a model.
   */
  | { type: 'question.asked'; n: number; text: string; parent: string; head: string; by: string }
  | { type: 'question.answered'; n: number; answer: FollowUpAnswer };

/** What makes it the same event when a resumed run tells it again; undefined = always new. */
export function humanIdentity(e: { type: string }): string | undefined {
  const x = e as HumanEvent;
  switch (x.type) {
    case 'human.asked':
    case 'human.answered':
      return `${x.type} ${x.id}`;
    case 'hint.queued':
    case 'hint.used':
    case 'question.asked':
    case 'question.answered':
      return `${x.type} ${x.n}`;
    default:
      return undefined;
  }
}

/** What people said stays said when a run is concluded anew. */
export const isOfPeople = (e: { type: string }): boolean => humanIdentity(e) !== undefined;
