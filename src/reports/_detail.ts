/** What every long report tells below the verdict, and in which order it is dropped until the report is short enough. */
import { costOf } from '../core/closing-agent.ts';
import { type EvidenceState, evidenceInOrder, questionsOf, type State } from '../core/run-state.ts';
import { count, oneLine, plural } from '../core/text.ts';
import { formatDuration } from '../core/time.ts';
import { span } from '../core/wording.ts';

/** What a report holds beside the verdict; dropped from the end of `CUTS` on until the text is short enough. */
export interface Detail {
  samples: boolean;
  ruledOut: boolean;
  timelineRows: number;
  queries: boolean;
  evidenceRows: number;
}

const ALL: Detail = { samples: true, ruledOut: true, timelineRows: 400, queries: true, evidenceRows: 1000 };

/** In this order: raw samples, evidence of what was ruled out, timeline past 40, queries, then the tables themselves. */
export const CUTS: Detail[] = [
  ALL,
  { ...ALL, samples: false },
  { ...ALL, samples: false, ruledOut: false },
  { ...ALL, samples: false, ruledOut: false, timelineRows: 40 },
  { samples: false, ruledOut: false, timelineRows: 40, queries: false, evidenceRows: 1000 },
  { samples: false, ruledOut: false, timelineRows: 10, queries: false, evidenceRows: 50 },
  { samples: false, ruledOut: false, timelineRows: 0, queries: false, evidenceRows: 0 },
];

/** One reason of a hypothesis: what it is worth (`+0.20`) and its evidence, at most twelve of it. */
export interface ReasonRow {
  id: string;
  points: string;
  reason: string;
  cites: string[];
}

/** What moved each hypothesis, at most twenty reasons a side. */
export const reasonRows = (state: State, ruledOut: boolean): ReasonRow[] =>
  state.hypotheses
    .filter((h) => ruledOut || h.state !== 'ruled-out')
    .flatMap((h) =>
      (['for', 'against'] as const).flatMap((side) =>
        h[side].slice(0, 20).map((w) => ({
          id: h.id,
          points: `${side === 'for' ? '+' : '-'}${Math.abs(w.weight).toFixed(2)}`,
          reason: w.reason,
          cites: w.cites.slice(0, 12),
        })),
      ),
    );

/** All evidence, or all but what only speaks for hypotheses that were ruled out. */
export function shownEvidence(state: State, detail: Detail): EvidenceState[] {
  const all = evidenceInOrder(state);
  if (detail.ruledOut) return all;
  const citedBy = (out: boolean): Set<string> =>
    new Set(
      state.hypotheses
        .filter((h) => (h.state === 'ruled-out') === out)
        .flatMap((h) => [...h.for, ...h.against].flatMap((w) => w.cites)),
    );
  const [ruledOut, kept] = [citedBy(true), citedBy(false)];
  const claimed = new Set(state.verdict?.claims.flatMap((c) => c.cites));
  return all.filter((e) => !ruledOut.has(e.id) || kept.has(e.id) || claimed.has(e.id));
}

/** `02:30Z to 02:56Z`: the time that was asked about; empty where the question has none. */
export function windowText(e: EvidenceState): string {
  const { from, to } = (e.input ?? {}) as { from?: unknown; to?: unknown };
  return typeof from === 'string' && typeof to === 'string' ? span(from, to) : '';
}

/** What a reader must know of an answer besides its words: who could have written it, what is missing, what is masked. */
export function notesOn(e: EvidenceState): string[] {
  const { truncated: t } = e;
  return [
    ...(e.trust === 'outsider-writable' ? ['text that outsiders can write'] : []),
    ...(t ? [`${count(t.kept)} of ${count(t.of)} ${oneLine(t.what, 40)} kept`] : []),
    ...(e.redacted ? [`${plural(e.redacted, 'secret')} masked`] : []),
  ];
}

/** `1.7s, 20 questions asked, nothing was changed, no model.` `name` sets the name of the model. */
export function summaryLine(state: State, name: (model: string, max: number) => string): string {
  const took = state.ms === undefined ? '' : `${formatDuration(state.ms)}, `;
  const agent = state.verdict?.agent;
  const model = agent ? `model ${name(agent.model, 80)} (${costOf(agent)})` : 'no model';
  return `${took}${plural(questionsOf(state), 'question')} asked, nothing was changed, ${model}.`;
}
