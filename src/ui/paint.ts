/** Colour and signs, without measuring anything: what plain lines need, and what the brush is made of. */
import { Chalk } from 'chalk';
import { inAscii } from '../core/text.ts';
import { ASCII, type Symbols, UNICODE } from './symbols.ts';

export type Tone = 'plain' | 'dim' | 'bold' | 'good' | 'bad' | 'warn' | 'live' | 'ask';

export interface Paint {
  symbols: Symbols;
  paint(tone: Tone, text: string): string;
  /** Our own signs as the person asked for them. */
  plain(text: string): string;
}

/** The 16 ANSI colours by name only, so that the terminal's own theme decides; one colour alone must read the same. */
export function paintFor(view: { color: boolean; ascii: boolean }): Paint {
  const c = new Chalk({ level: view.color ? 1 : 0 });
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
  return {
    symbols: view.ascii ? ASCII : UNICODE,
    paint: (tone, text) => tones[tone](text),
    plain: view.ascii ? inAscii : (text) => text,
  };
}
