/** The report as Markdown, for an issue, a pull request or a chat: below 60,000 characters, the verdict never cut. */
import { closingOf, notChecked } from '../core/closing.ts';
import { firstOf } from '../core/closing-lines.ts';
import { stringMapper } from '../core/map-strings.ts';
import type { Report } from '../core/ports.ts';
import { rankRows, stateWord } from '../core/ranking.ts';
import type { State } from '../core/run-state.ts';
import { plural } from '../core/text.ts';
import type { Hypothesis } from '../core/types.ts';
import { alertFacts, confidenceText, dayAndClock, runName, span } from '../core/wording.ts';
import { safeText } from '../safety/safe-text.ts';
import { foreignNodes } from './_markdown-check.ts';
import { CUTS, detailPart } from './_markdown-detail.ts';
import { block, code, evidenceId, prose, row } from './_markdown-text.ts';

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

/** The report as it is, or, where something in it would act, all of it as one block of plain text that says why. */
function checked(text: string): string {
  const foreign = foreignNodes(text);
  if (foreign.length === 0) return text;
  const why = `Shown as plain text, because reading it again found what is not ours: ${foreign.slice(0, 5).join(', ')}.`;
  return `${[why, '', ...block(text.trimEnd().split('\n'), 2000)].join('\n')}\n`;
}

/** Headline, sections, hypotheses: bounded by construction, every list and every sentence has its most. */
function verdictPart(state: State): string[] {
  const closing = closingOf(state);
  const lines = [
    `<!-- inquest:${state.run} -->`,
    `### ${closing.word}: ${prose(closing.headline)}`,
    '',
    `${facts(state)}.`,
  ];
  for (const section of closing.sections) {
    if (
      section.heading === 'Not checked' ||
      section.heading.startsWith('What else') ||
      section.heading === 'Hypotheses'
    )
      continue;
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
  const { alert, window, verdict } = state;
  const parts: string[] = [];
  if (verdict) parts.push(confidenceText(verdict).replace(/^c/, 'C'));
  if (alert)
    parts.push(`alert ${code(alert.title)} of ${code(alertFacts(alert))}, fired ${dayAndClock(alert.startsAt, true)}`);
  const resolved = state.joined.findLast((j) => j.as === 'resolved');
  const others = state.joined.filter((j) => j.as !== 'resolved').length;
  if (others > 0) parts.push(`${plural(others, 'more alert')} joined it`);
  if (resolved) parts.push(`${code(resolved.title)} resolved ${dayAndClock(resolved.endsAt ?? resolved.at, true)}`);
  if (window)
    parts.push(`looked at ${span(window.from, window.to)} against ${span(window.baseline.from, window.baseline.to)}`);
  return parts.length > 0 ? parts.join('; ') : 'No alert was read';
}

function hypothesisTable(state: State): string[] {
  const rows = rankRows(state.hypotheses, 10);
  if (rows.length === 0) return ['**Hypotheses**', '', 'None was ranked.'];
  const cites = (h: Hypothesis | undefined, side: 'for' | 'against'): string =>
    [...new Set(h?.[side].flatMap((w) => w.cites))].slice(0, 12).map(evidenceId).join(' ') || 'none';
  return [
    '| | hypothesis | score | for | against | state |',
    '|---|---|---|---|---|---|',
    ...rows.map((r) => {
      const h = r.kind === 'hypothesis' ? state.hypotheses.find((x) => x.id === r.id) : undefined;
      const both = h ? [cites(h, 'for'), cites(h, 'against')] : ['', ''];
      return row([evidenceId(r.id), prose(r.claim, 200), r.score, ...both, h ? stateWord(h.state) : '']);
    }),
  ];
}
