/** The long part of the Markdown report: timeline, reasons, evidence with queries and samples; dropped piece by piece. */
import { requestsLine } from '../core/requests.ts';
import type { EvidenceState, State } from '../core/run-state.ts';
import { count } from '../core/text.ts';
import { dayAndClock, evidenceText, runName, timeline, topicOf } from '../core/wording.ts';
import { type Detail, notesOn, reasonRows, shownEvidence, summaryLine, windowText } from './_detail.ts';
import { block, code, evidenceId, prose, row } from './_markdown-text.ts';

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
          prose(windowText(e)),
        ]),
      );
    if (evidence.length < state.evidence.length)
      lines.push('', `${count(state.evidence.length - evidence.length)} more are in the journal.`);
    if (detail.queries) lines.push('', ...evidence.flatMap((e) => evidenceDetail(e, detail.samples)));
    lines.push('', '</details>');
  }
  const requests = requestsLine(state);
  const sent = requests === undefined ? '' : ` ${prose(requests)}.`;
  lines.push('', `${summaryLine(state, code)} Run \`${runName(state)}\`.${sent}`);
  return lines;
}

/** What moved each hypothesis, and by how much. */
function reasons(state: State, ruledOut: boolean): string[] {
  const rows = reasonRows(state, ruledOut).map((r) =>
    row([evidenceId(r.id), r.points, prose(r.reason, 300), r.cites.map(evidenceId).join(' ')]),
  );
  if (rows.length === 0) return [];
  const head = `<details><summary>Reasons (${count(rows.length)})</summary>`;
  return ['', head, '', '| | weight | reason | evidence |', '|---|---|---|---|', ...rows, '', '</details>'];
}

/** Why it was asked, in which words, and a few raw lines. */
function evidenceDetail(e: EvidenceState, samples: boolean): string[] {
  const notes = notesOn(e).map((note) => `; ${prose(note, 100)}`);
  const link = e.link ? `; ${code(e.link, 500)}` : '';
  const asked = e.searched ? `; asked ${code(e.searched, 500)}` : '';
  const lines = [`- ${evidenceId(e.id)}: ${prose(e.why)}${asked}${link}${notes.join('')}`];
  if (samples && e.sample && e.sample.length > 0)
    lines.push('', ...block(e.sample.slice(0, 5)).map((line) => `  ${line}`), '');
  return lines;
}
