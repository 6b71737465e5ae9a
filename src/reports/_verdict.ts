/** The part of a report that is never cut: what the closing says, who was suspected, what was not looked at. */
import type { Closing, Section } from '../core/closing.ts';
import { rankRows, stateWord } from '../core/ranking.ts';
import type { State } from '../core/run-state.ts';
import { oneLine, plural } from '../core/text.ts';
import type { Hypothesis } from '../core/types.ts';
import { confidenceText, confidenceWord, dayAndClock } from '../core/wording.ts';

/** The sections of the closing but those that a report shows as a table or a list of its own. */
export const bodySections = ({ sections }: Closing): Section[] =>
  sections.filter((s) => !['Not checked', 'Hypotheses', 'What else it could be'].includes(s.heading));

/** `Confidence 0.91`, with the kind of doubt where there is one. */
export const confidenceOf = ({ verdict }: State): string | undefined =>
  verdict && confidenceText(verdict).replace(/^c/, 'C');

/** `high`, `medium` or `low`, of a cause. */
export const sureOf = ({ verdict }: State): string | undefined =>
  verdict?.outcome === 'cause' ? confidenceWord(verdict.gate.confidence) : undefined;

export interface SuspectRow {
  /** `H1`; empty for the rest and for `unknown`. */
  id: string;
  claim: string;
  /** Two decimals, and the same as a number: 0 to 1. */
  score: string;
  share: number;
  for: string[];
  against: string[];
  state: string;
}

/** The hypotheses with the evidence on both sides, at most twelve ids a side; what is left over and `unknown` last. */
export function suspects(state: State, most = 10): SuspectRow[] {
  const cites = (h: Hypothesis | undefined, side: 'for' | 'against'): string[] =>
    [...new Set(h?.[side].flatMap((w) => w.cites))].slice(0, 12);
  return rankRows(state.hypotheses, most).map((r) => {
    const h = r.kind === 'hypothesis' ? state.hypotheses.find((x) => x.id === r.id) : undefined;
    const { id, claim, score, share } = r;
    const sides = { for: cites(h, 'for'), against: cites(h, 'against') };
    return { id, claim, score, share, ...sides, state: h ? stateWord(h.state) : '' };
  });
}

/** What became of the alert and of others like it after the run had begun: `2 more alerts joined it`, `… resolved 14:05Z`. */
export function joinedLines(state: State): string[] {
  const resolved = state.joined.findLast((j) => j.as === 'resolved');
  const others = state.joined.filter((j) => j.as !== 'resolved').length;
  return [
    ...(others > 0 ? [`${plural(others, 'more alert')} joined it`] : []),
    ...(resolved
      ? [`${oneLine(resolved.title, 200)} resolved ${dayAndClock(resolved.endsAt ?? resolved.at, true)}`]
      : []),
  ];
}
