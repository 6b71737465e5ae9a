/** The closing in colour, for the scrollback under a live screen. */
import { closingOf } from '../core/closing.ts';
import { closingLines } from '../core/closing-lines.ts';
import { unreachable } from '../core/errors.ts';
import type { State } from '../core/run-state.ts';
import type { Tone } from './paint.ts';
import { boardColumns, brush, type View } from './view.ts';

const TITLES = { done: 'good', ask: 'ask', limited: 'warn' } as const satisfies Record<string, Tone>;

/** Lines at most as wide as the board, the most important part wrapped and never cut. */
export function verdictLines(state: State, view: Pick<View, 'columns' | 'color' | 'ascii'>): string[] {
  const b = brush(view);
  const closing = closingOf(state);
  const sign = b.symbols[closing.mark];
  return closingLines(closing, boardColumns(view.columns), sign).map(({ role, text }) => {
    switch (role) {
      case 'title': {
        const head = ` ${sign} ${closing.word}`;
        return b.paint(TITLES[closing.mark], head) + b.paint('bold', text.slice(head.length));
      }
      case 'headline':
      case 'heading':
        return b.paint('bold', text);
      case 'footer':
        return b.paint('dim', text);
      case 'text':
      case 'blank':
        return text;
      default:
        return unreachable(role);
    }
  });
}
