/**
 * What a key press means now: a pure function of what is on the screen. A question to a person is answered by its key and
 * then its word; what was typed in the moment in which it appeared, and a paste, answer nothing.
 */
import type { QuestionState } from '../core/human.ts';
import { cut } from '../core/text.ts';
import { type Action, actionsOf, isForModel, type KeyPress } from './keys.ts';

/** After a question has appeared, keys count only after a silence of so many ms: somebody may be typing. */
export const QUIET_MS = 500;
/** Most characters of a hint. */
const TYPED_MAX = 500;

/** What the keyboard is about. Nothing of it: keys are commands. */
export interface Mode {
  /** A hint that is being typed. */
  typing?: string;
  /** A choice whose key was pressed, and how much of its word was typed since. */
  armed?: { word: string; typed: string };
  /** The question on the screen, and until when keys do not count, ms. */
  asked?: { id: string; quietUntil: number };
}

export type Effect = { action: Action } | { hint: string } | { answer: { id: string; choice: string } };

export interface Now {
  question: QuestionState | undefined;
  /** A model is at work, or will be: there is somebody to advise. */
  model: boolean;
  ms: number;
}

/** The mode when this question is shown; a question that is new begins with silence. */
export function shown(mode: Mode, { question, ms }: Pick<Now, 'question' | 'ms'>): Mode {
  if (mode.typing !== undefined || mode.asked?.id === question?.id) return mode;
  return question ? { asked: { id: question.id, quietUntil: ms + QUIET_MS } } : {};
}

/** What a key press does. */
export function press(before: Mode, key: KeyPress, now: Now): { mode: Mode; effects: Effect[] } {
  const mode = shown(before, now);
  // Ctrl-C and its like mean the same everywhere.
  if (key.ctrl || /^[\x01-\x1a]{2,}$/.test(key.input)) return { mode, effects: commands(key) };
  if (mode.typing !== undefined) return type(mode, mode.typing, key);
  const { question } = now;
  if (question && mode.asked) return choose(mode, mode.asked, question, key, now);
  const effects = commands(key).filter((e) => now.model || !isForModel(e.action));
  if (effects.some((e) => e.action === 'hint')) return { mode: { ...mode, typing: '' }, effects: [] };
  return { mode, effects };
}

const commands = (key: KeyPress): { action: Action }[] => actionsOf(key).map((action) => ({ action }));

function type(mode: Mode, text: string, key: KeyPress): { mode: Mode; effects: Effect[] } {
  const { typing: _, ...rest } = mode;
  if (key.name === 'escape') return { mode: rest, effects: [] };
  if (key.name === 'enter') return { mode: rest, effects: text.trim() === '' ? [] : [{ hint: text }] };
  // Keys hit fast arrive in one piece; a line end within a piece is a paste, and no Enter.
  const sent = /^[^\r\n]+\r$/.test(key.input);
  let next = text;
  if (key.name === 'back') next = [...next].slice(0, -1).join('');
  else if (!key.meta) {
    for (const c of sent ? key.input.slice(0, -1) : key.input) {
      if (c === '\x7f' || c === '\b') next = [...next].slice(0, -1).join('');
      else next += /[\p{Cc}\p{Zl}\p{Zp}]/u.test(c) ? ' ' : c;
    }
  }
  if (sent) return { mode: rest, effects: next.trim() === '' ? [] : [{ hint: cut(next, TYPED_MAX) }] };
  return { mode: { ...mode, typing: cut(next, TYPED_MAX) }, effects: [] };
}

function choose(
  mode: Mode,
  asked: NonNullable<Mode['asked']>,
  question: QuestionState,
  key: KeyPress,
  now: Now,
): { mode: Mode; effects: Effect[] } {
  if (now.ms < asked.quietUntil) {
    // Whoever was typing when it appeared goes on typing: the silence begins anew.
    return { mode: { asked: { ...asked, quietUntil: now.ms + QUIET_MS } }, effects: [] };
  }
  const unarmed: Mode = { asked };
  const { armed } = mode;
  if (armed) {
    if (key.name || key.meta || !armed.word.startsWith(armed.typed + key.input)) return { mode: unarmed, effects: [] };
    const typed = armed.typed + key.input;
    if (typed !== armed.word) return { mode: { asked, armed: { ...armed, typed } }, effects: [] };
    return { mode: unarmed, effects: [{ answer: { id: question.id, choice: armed.word } }] };
  }
  const choice = key.name || key.meta ? undefined : question.choices.find((c) => c.key === key.input);
  if (choice) return { mode: { asked, armed: { word: choice.word, typed: '' } }, effects: [] };
  return { mode: unarmed, effects: commands(key).filter((e) => e.action === 'help' || e.action === 'stop') };
}
