/** The report as Markdown, for an issue, a pull request or a chat: below 60,000 characters, the verdict never cut. */
import { closingOf, notChecked } from '../core/closing.ts';
import { firstOf } from '../core/closing-lines.ts';
import { stringMapper } from '../core/map-strings.ts';
import type { Report } from '../core/ports.ts';
import type { State } from '../core/run-state.ts';
import { alertFacts, dayAndClock, runName, span } from '../core/wording.ts';
import { safeText } from '../safety/safe-text.ts';
import { CUTS } from './_detail.ts';
import { checked } from './_markdown-check.ts';
import { detailPart } from './_markdown-detail.ts';
import { code, evidenceId, prose, row } from './_markdown-text.ts';
import { bodySections, confidenceOf, joinedLines, type SuspectRow, suspects } from './_verdict.ts';

const LIMIT = 60_000;

const safe = stringMapper(safeText);

export const report: Report = {
  mime: 'text/markdown; charset=utf-8',
  published: true,
  async render(raw) {
    const state = safe(raw);
    const head = verdictPart(state);
    for (const [i, detail] of CUTS.entries()) {
      const short = i > 0 ? ['', `Shortened: \`inquest show ${runName(state)}\` has all of it.`] : [];
      const text = `${[...head, ...detailPart(state, detail), ...short].join('\n')}\n`;
      if ([...text].length < LIMIT) return checked(text);
    }
    return checked(`${head.join('\n')}\n`);
  },
};

/** Headline, sections, hypotheses: bounded by construction, every list and every sentence has its most. */
function verdictPart(state: State): string[] {
  const closing = closingOf(state);
  const lines = [
    `<!-- inquest:${state.run} -->`,
    `### ${closing.word}: ${prose(closing.headline)}`,
    '',
    `${facts(state)}.`,
  ];
  for (const section of bodySections(closing)) {
    const note = section.note ? ` (${prose(section.note)})` : '';
    lines.push('', `**${section.heading}**${note}`, '');
    for (const [i, item] of firstOf(section.items, 20).entries())
      lines.push(`${section.as === 'steps' ? `${i + 1}.` : '-'} ${prose(item)}`);
  }
  lines.push('', ...hypothesisTable(state), '', '**Not checked**', '');
  const open = notChecked(state);
  if (open.length === 0) lines.push('- nothing: every question got a complete answer');
  for (const x of firstOf(open, 40)) lines.push(`- ${prose(x)}`);
  return lines;
}

function facts(state: State): string {
  const { alert, window } = state;
  const sure = confidenceOf(state);
  const parts: string[] = sure ? [sure] : [];
  if (alert)
    parts.push(`alert ${code(alert.title)} of ${code(alertFacts(alert))}, fired ${dayAndClock(alert.startsAt, true)}`);
  parts.push(...joinedLines(state).map((line) => prose(line)));
  if (window)
    parts.push(`looked at ${span(window.from, window.to)} against ${span(window.baseline.from, window.baseline.to)}`);
  return parts.length > 0 ? parts.join('; ') : 'No alert was read';
}

function hypothesisTable(state: State): string[] {
  const rows = suspects(state);
  if (rows.length === 0) return ['**Hypotheses**', '', 'None was ranked.'];
  const ids = (r: SuspectRow, side: 'for' | 'against'): string =>
    r[side].map(evidenceId).join(' ') || (r.state === '' ? '' : 'none');
  return [
    '| | hypothesis | score | for | against | state |',
    '|---|---|---|---|---|---|',
    ...rows.map((r) =>
      row([evidenceId(r.id), prose(r.claim, 200), r.score, ids(r, 'for'), ids(r, 'against'), r.state]),
    ),
  ];
}
