/** What a person may be asked and may say while a run goes on. Field names are part of the journal's contract. */

/** One of the ways to answer. On the screen its key is pressed and then its word is typed. */
export interface Choice {
  key: string;
  word: string;
  /** What follows from it. */
  says: string;
}

/** A question to a person. Nothing else may be asked than what is listed under `about`. */
export interface HumanQuestion {
  /** `Q1` … in the order in which they are put. */
  id: string;
  about: 'budget' | 'expensive-read' | 'publishing';
  /** Rendered by code; what others wrote is no part of it. */
  text: string;
  choices: Choice[];
  /** The word that holds where nobody answers. */
  otherwise: string;
  /** ISO time until which it may be answered; it survives a restart. */
  deadline: string;
}

/** How a question ended. */
export interface HumanAnswer {
  id: string;
  /** The word of a choice. */
  choice: string;
  from: 'screen' | 'command' | 'deadline' | 'no one there';
  /** Login name of who answered, where it is known. */
  who?: string;
}

/** What is put into the letter box of a run: the answer, and when it was given (ISO). */
export interface Sent {
  choice: string;
  from: HumanAnswer['from'];
  who?: string;
  at: string;
}

export type AskHuman = (q: Omit<HumanQuestion, 'id' | 'deadline'>) => Promise<HumanAnswer>;

/** A question as the screen and the reports need it. */
export interface QuestionState extends HumanQuestion {
  askedAt: string;
  answer?: HumanAnswer;
}

/** What a person typed to the model; `turn` = the turn that was given it. */
export interface Hint {
  n: number;
  text: string;
  turn?: number;
}

/** The question that waits, if any: one at a time. */
export const openQuestionOf = (s: { questions: QuestionState[] }): QuestionState | undefined =>
  s.questions.find((q) => q.answer === undefined);

/** What a person does on the screen while the model works. */
export interface Hands {
  hint(text: string): void;
  /** Before the next turn; again: goes on. */
  pause(): void;
  /** The call to the model that is in flight, if any. */
  interrupt(): void;
  answer(question: string, choice: string): void;
}

/** What the loop takes from a person, turn by turn. */
export interface Steer {
  /** Waits while it is paused; the hints that this turn is given, journalled before they are used. */
  before(turn: number): Promise<string[]>;
}
