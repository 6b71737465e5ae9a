/** The signs of our own chrome (each one column wide) and their ASCII twins. A word always stands beside a sign. */

export interface Symbols {
  done: string;
  failed: string;
  limited: string;
  skipped: string;
  waiting: string;
  running: string;
  ask: string;
  up: string;
  down: string;
  full: string;
  empty: string;
  rule: string;
  cut: string;
  /** Eight heights of a sparkline, and the sign for a gap. */
  levels: string;
  gap: string;
  spinner: readonly string[];
}

export const UNICODE: Symbols = {
  done: '✓',
  failed: '✗',
  limited: '!',
  skipped: '-',
  waiting: '·',
  running: '●',
  ask: '?',
  up: '▲',
  down: '▼',
  full: '█',
  empty: '░',
  rule: '─',
  cut: '…',
  levels: '▁▂▃▄▅▆▇█',
  gap: '·',
  spinner: [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'],
};

export const ASCII: Symbols = {
  done: '+',
  failed: 'x',
  limited: '!',
  skipped: '-',
  waiting: '.',
  running: '*',
  ask: '?',
  up: '^',
  down: 'v',
  full: '#',
  empty: '.',
  rule: '-',
  cut: '...',
  levels: '_.-=+*#@',
  gap: ' ',
  spinner: [...'|/-\\'],
};

/**
 * Whether plain ASCII is the better default: where the locale is Chinese, Japanese or Korean a terminal may draw our
 * signs two columns wide, and where it is not UTF-8 not at all.
 */
export function prefersAscii(env: Record<string, string | undefined>): boolean {
  if (env.INQUEST_ASCII) return env.INQUEST_ASCII !== '0';
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  if (/^(ja|zh|ko)/.test(locale)) return true;
  return /\./.test(locale) && !/utf-?8/i.test(locale);
}
