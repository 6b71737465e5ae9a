/** The hypotheses as rows of a board: rounded scores that still add up to 1.00, `unknown` always among them. */
import { oneLine } from './text.ts';
import type { Hypothesis } from './types.ts';

export interface RankRow {
  /** `H1`; empty for `unknown` and for the rest. */
  id: string;
  claim: string;
  /** Two decimals. */
  score: string;
  share: number;
  word: string;
  for: number;
  against: number;
  kind: 'hypothesis' | 'rest' | 'unknown';
}

const WORDS = {
  lead: 'lead',
  possible: 'possible',
  effect: 'effect',
  'ruled-out': 'ruled out',
  unknown: 'unknown',
} as const satisfies Record<Hypothesis['state'], string>;

/** `ruled-out` → `ruled out`. */
export const stateWord = (state: Hypothesis['state']): string => WORDS[state];

/**
 * Shares in hundredths that add up to exactly 100: each is rounded down, then the largest remainders get one more
 * (Hamilton's method). Shares that do not add up to 1 are scaled first.
 */
export function hundredths(shares: number[]): number[] {
  const clean = shares.map((x) => (Number.isFinite(x) && x > 0 ? x : 0));
  const sum = clean.reduce((a, b) => a + b, 0);
  if (sum === 0) return clean;
  // A share such as 0.29 must not become 28.999…
  const exact = clean.map((x) => Number(((x / sum) * 100).toFixed(9)));
  const whole = exact.map(Math.floor);
  const missing = 100 - whole.reduce((a, b) => a + b, 0);
  const order = exact.map((x, i) => ({ i, rest: x - Math.floor(x) })).sort((a, b) => b.rest - a.rest || a.i - b.i);
  for (const { i } of order.slice(0, missing)) whole[i]!++;
  return whole;
}

/** Rows by falling score: at most `most` hypotheses, what is left over as one row, `unknown` last. */
export function rankRows(hypotheses: Hypothesis[], most: number): RankRow[] {
  if (hypotheses.length === 0) return [];
  const named = hypotheses.filter((h) => h.state !== 'unknown').sort((a, b) => b.score - a.score);
  const unknown = hypotheses.filter((h) => h.state === 'unknown');
  const sum = hypotheses.reduce((a, h) => a + h.score, 0);
  const shown = named.slice(0, most);
  const rest = named.slice(most);
  const row = (h: Hypothesis): Omit<RankRow, 'score' | 'share'> & { raw: number } => ({
    id: h.id,
    claim: oneLine(h.claim),
    word: WORDS[h.state],
    for: h.for.length,
    against: h.against.length,
    kind: 'hypothesis',
    raw: h.score,
  });
  const bare = { id: '', word: '', for: 0, against: 0 };
  const rows = shown.map(row);
  if (rest.length > 0)
    rows.push({ ...bare, claim: `${rest.length} more`, kind: 'rest', raw: rest.reduce((a, h) => a + h.score, 0) });
  rows.push({
    ...bare,
    claim: 'unknown cause',
    kind: 'unknown',
    raw: unknown.length > 0 ? unknown.reduce((a, h) => a + h.score, 0) : Math.max(0, 1 - sum),
  });
  const whole = hundredths(rows.map((r) => r.raw));
  return rows.map(({ raw: _, ...r }, i) => ({ ...r, share: whole[i]! / 100, score: (whole[i]! / 100).toFixed(2) }));
}
