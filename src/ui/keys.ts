/** The keys of the live board: one table for the handler and for what `?` lists. Everything else does nothing. */

export type Action = 'help' | 'stop' | 'suspend' | 'repaint' | 'hint' | 'pause' | 'interrupt';

export interface KeyPress {
  /** What was typed, as Ink gives it: one character, or a whole paste. */
  input: string;
  ctrl: boolean;
  meta: boolean;
  /** Keys that are no character. */
  name?: 'escape' | 'enter' | 'back';
}

export const KEYS: readonly {
  action: Action;
  keys: readonly string[];
  label: string;
  says: string;
  /** It does something only where a model may be asked. */
  model?: true;
}[] = [
  { action: 'help', keys: ['?'], label: '?', says: 'these keys' },
  {
    action: 'stop',
    keys: ['q', 'ctrl-c'],
    label: 'q, ctrl-c',
    says: 'stop after the current call; again: stop at once',
  },
  { action: 'hint', keys: ['/'], label: '/', says: 'advise the model; it gets it with its next turn', model: true },
  {
    action: 'pause',
    keys: ['p'],
    label: 'p',
    says: 'the model waits before its next turn; again: goes on',
    model: true,
  },
  {
    action: 'interrupt',
    keys: ['escape'],
    label: 'esc',
    says: 'break off the call to the model; twice in a row ends it',
    model: true,
  },
  { action: 'suspend', keys: ['ctrl-z'], label: 'ctrl-z', says: 'to the background; fg brings it back' },
  { action: 'repaint', keys: ['ctrl-l'], label: 'ctrl-l', says: 'draw again' },
];

export const isForModel = (action: Action): boolean => KEYS.some((k) => k.action === action && k.model);

/**
 * The actions of a key press. A paste is none: it arrives as more than one character. Control keys hit fast arrive in
 * one piece too (ctrl-c ctrl-c), and are taken one by one: a paste holds no control characters.
 */
export function actionsOf({ input, ctrl, meta, name }: KeyPress): Action[] {
  if (name) return named(name);
  if (/^[\x01-\x1a]{2,}$/.test(input)) return [...input].flatMap((c) => named(`ctrl-${letterOf(c)}`));
  if (meta || [...input].length !== 1) return [];
  return named(ctrl ? `ctrl-${input}` : input);
}

const letterOf = (control: string): string => String.fromCharCode(control.charCodeAt(0) + 96);

const named = (name: string): Action[] => KEYS.flatMap((k) => (k.keys.includes(name) ? [k.action] : []));
