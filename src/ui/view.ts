/** How to draw: the terminal, the clock and what the person asked for; and the brush that follows from it. */
import { clip, fill, spread } from '../core/columns.ts';
import { type Paint, paintFor } from './paint.ts';

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
  /** A hint that is being typed; a choice that waits for its word. */
  typing?: string;
  armed?: { word: string; typed: string };
}

export interface Brush extends Paint {
  clip(text: string, columns: number): string;
  fill(text: string, columns: number): string;
  spread(left: string, right: string, columns: number): string;
}

/** Paint that also measures: it cuts and fills to terminal columns. */
export function brush(view: Pick<View, 'color' | 'ascii'>): Brush {
  const paint = paintFor(view);
  const { plain: own, symbols } = paint;
  return {
    ...paint,
    clip: (text, columns) => clip(own(text), columns, symbols.cut),
    fill: (text, columns) => fill(own(text), columns, symbols.cut),
    spread: (left, right, columns) => spread(own(left), own(right), columns, symbols.cut),
  };
}

/** Wider lines are hard to read, and narrowing a wide terminal leaves ghosts of them in the scrollback. */
export const boardColumns = (columns: number): number => Math.max(1, Math.min(columns || 80, 100));

/** `00:06`, `1:02:03`. */
export function stopwatch(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number): string => String(n).padStart(2, '0');
  const hours = Math.floor(s / 3600);
  return `${hours > 0 ? `${hours}:` : ''}${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

/** Whether a question to a person stands on this board with all its words: only then it can be answered here. */
export const asksWhole = (view: Pick<View, 'columns' | 'rows'>): boolean => view.columns >= 60 && view.rows >= 16;
