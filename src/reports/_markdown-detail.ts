/** The long part of the Markdown report: timeline, reasons, evidence with queries and samples; dropped piece by piece. */
import { costOf } from '../core/closing-agent.ts';
import { requestsLine } from '../core/requests.ts';
import { type EvidenceState, evidenceInOrder, questionsOf, type State } from '../core/run-state.ts';
import { count, plural } from '../core/text.ts';
import { formatDuration } from '../core/time.ts';
import { dayAndClock, evidenceText, runName, span, timeline, topicOf } from '../core/wording.ts';
import { block, code, evidenceId, prose, row } from './_markdown-text.ts';

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

/** Everything below the verdict, as far as `detail` asks for it. */
export function detailPart(state: State, detail: Detail): string[] {
  const times = timeline(state);
  const evidence = shownEvidence(state, detail);
  const lines: string[] = [];
  if (detail.timelineRows > 0 && times.length > 0) {
    lines.push(
      '',
      `<details><summary>Timeline (${count(times.length)})</summary>`,
      '',
      '| time | what | evidence |',
      '|---|---|---|',
    );
    for (const t of times.slice(0, detail.timelineRows))
      lines.push(row([dayAndClock(t.at, true), prose(t.what), t.cites.slice(0, 12).map(evidenceId).join(' ')]));
    if (times.length > detail.timelineRows) lines.push('', `and ${count(times.length - detail.timelineRows)} more.`);
    lines.push('', '</details>');
  }
  if (detail.evidenceRows > 0) lines.push(...reasons(state, detail.ruledOut));
  if (detail.evidenceRows > 0 && evidence.length > 0) {
    lines.push('', `<details><summary>Evidence (${count(state.evidence.length)})</summary>`, '');
    lines.push('| id | source | answer | window |', '|---|---|---|---|');
    for (const e of evidence.slice(0, detail.evidenceRows))
      lines.push(
        row([
          evidenceId(e.id),
          code(`${topicOf(e.capability)} ${e.tool.split('.')[0]}`, 80),
          prose(evidenceText(e)),
          windowOf(e),
        ]),
      );
    if (evidence.length < state.evidence.length)
      lines.push('', `${count(state.evidence.length - evidence.length)} more are in the journal.`);
    if (detail.queries) lines.push('', ...evidence.flatMap((e) => evidenceDetail(e, detail.samples)));
    lines.push('', '</details>');
  }
  const requests = requestsLine(state);
  const took = state.ms === undefined ? '' : `${formatDuration(state.ms)}, `;
  lines.push(
    '',
    `${took}${plural(questionsOf(state), 'question')} asked, nothing was changed, ${modelOf(state)}. Run \`${runName(state)}\`.${requests === undefined ? '' : ` ${prose(requests)}.`}`,
  );
  return lines;
}

/** `no model`, or which one and what it cost. */
const modelOf = ({ verdict }: State): string =>
  verdict?.agent ? `model ${code(verdict.agent.model, 80)} (${costOf(verdict.agent)})` : 'no model';

/** What moved each hypothesis, and by how much. */
function reasons(state: State, ruledOut: boolean): string[] {
  const rows = state.hypotheses
    .filter((h) => ruledOut || h.state !== 'ruled-out')
    .flatMap((h) =>
      (['for', 'against'] as const).flatMap((side) =>
        h[side].slice(0, 20).map((w) => {
          const points = `${side === 'for' ? '+' : '-'}${Math.abs(w.weight).toFixed(2)}`;
          return row([evidenceId(h.id), points, prose(w.reason, 300), w.cites.slice(0, 12).map(evidenceId).join(' ')]);
        }),
      ),
    );
  if (rows.length === 0) return [];
  const head = `<details><summary>Reasons (${count(rows.length)})</summary>`;
  return ['', head, '', '| | weight | reason | evidence |', '|---|---|---|---|', ...rows, '', '</details>'];
}

/** All evidence, or all but what only speaks for hypotheses that were ruled out. */
function shownEvidence(state: State, detail: Detail): EvidenceState[] {
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

function windowOf(e: EvidenceState): string {
  const { from, to } = (e.input ?? {}) as { from?: unknown; to?: unknown };
  return typeof from === 'string' && typeof to === 'string' ? prose(span(from, to)) : '';
}

/** Why it was asked, in which words, and a few raw lines. */
function evidenceDetail(e: EvidenceState, samples: boolean): string[] {
  const trust = e.trust === 'outsider-writable' ? '; text that outsiders can write' : '';
  const cutNote = e.truncated
    ? `; ${count(e.truncated.kept)} of ${count(e.truncated.of)} ${prose(e.truncated.what, 40)} kept`
    : '';
  const masked = e.redacted ? `; ${plural(e.redacted, 'secret')} masked` : '';
  const link = e.link ? `; ${code(e.link, 500)}` : '';
  const asked = e.searched ? `; asked ${code(e.searched, 500)}` : '';
  const lines = [`- ${evidenceId(e.id)}: ${prose(e.why)}${asked}${link}${trust}${cutNote}${masked}`];
  if (samples && e.sample && e.sample.length > 0)
    lines.push('', ...block(e.sample.slice(0, 5)).map((line) => `  ${line}`), '');
  return lines;
}
