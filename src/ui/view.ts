/** How to draw: the terminal, the clock and what the person asked for; and the brush that follows from it. */
import { Chalk } from 'chalk';
import { clip, fill, spread } from '../core/columns.ts';
import { ASCII, type Symbols, UNICODE } from './symbols.ts';

export interface View {
  /** Size of the terminal. */
  columns: number;
  rows: number;
  color: boolean;
  ascii: boolean;
  /** False: no spinner. */
  motion: boolean;
  /** Wall clock in ms, and the moment from which the clock on the board counts. */
  now: number;
  since: number;
  /** When the hypotheses were ranked last, ms; movement is shown for a few seconds after it. */
  rankedAt?: number;
  /** The keys are listed. */
  help?: boolean;
  /** The person asked to stop. */
  stopping?: boolean;
}

export type Tone = 'plain' | 'dim' | 'bold' | 'good' | 'bad' | 'warn' | 'live' | 'ask';

export interface Brush {
  symbols: Symbols;
  paint(tone: Tone, text: string): string;
  /** Our own signs as the person asked for them. */
  plain(text: string): string;
  clip(text: string, columns: number): string;
  fill(text: string, columns: number): string;
  spread(left: string, right: string, columns: number): string;
}

/** The 16 ANSI colours by name only, so that the terminal's own theme decides; one colour alone must read the same. */
export function brush(view: Pick<View, 'color' | 'ascii'>): Brush {
  const c = new Chalk({ level: view.color ? 1 : 0 });
  const symbols = view.ascii ? ASCII : UNICODE;
  const tones: Record<Tone, (text: string) => string> = {
    plain: (x) => x,
    dim: c.dim,
    bold: c.bold,
    good: c.green,
    bad: c.red,
    warn: c.yellow,
    live: c.cyan,
    ask: c.bold.magenta,
  };
  const own = view.ascii ? inAscii : (text: string) => text;
  return {
    symbols,
    paint: (tone, text) => tones[tone](text),
    plain: own,
    clip: (text, columns) => clip(own(text), columns, symbols.cut),
    fill: (text, columns) => fill(own(text), columns, symbols.cut),
    spread: (left, right, columns) => spread(own(left), own(right), columns, symbols.cut),
  };
}

const TWINS: Record<string, string> = { '…': '...', '→': '->', '–': '-', '×': 'x', '≥': '>=', '≤': '<=' };

/** The signs that our own sentences use, in ASCII; what others wrote stays as it is. */
const inAscii = (text: string): string => text.replace(/[…→–×≥≤]/g, (sign) => TWINS[sign]!);

/** Wider lines are hard to read, and narrowing a wide terminal leaves ghosts of them in the scrollback. */
export const boardColumns = (columns: number): number => Math.max(1, Math.min(columns || 80, 100));

/** `00:06`, `1:02:03`. */
export function stopwatch(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number): string => String(n).padStart(2, '0');
  const hours = Math.floor(s / 3600);
  return `${hours > 0 ? `${hours}:` : ''}${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}
