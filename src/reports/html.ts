/** The report as one HTML file that opens without a network: below 1,000,000 characters, the verdict never cut. */
import { type Closing, closingOf, notChecked } from '../core/closing.ts';
import { firstOf } from '../core/closing-lines.ts';
import { UserError } from '../core/errors.ts';
import type { Load, Report } from '../core/ports.ts';
import { requestsLine } from '../core/requests.ts';
import type { State } from '../core/run-state.ts';
import { claimedSeries } from '../core/series.ts';
import { oneLine } from '../core/text.ts';
import { toMs } from '../core/time.ts';
import { alertFacts, dayAndClock, leadOf, runName, span } from '../core/wording.ts';
import { CUTS, shownEvidence, summaryLine } from './_detail.ts';
import { chart, type Plot } from './_html-chart.ts';
import { idsOf, longParts, plotOf, tableOf } from './_html-evidence.ts';
import { html, type Markup, withLinks } from './_html-markup.ts';
import { type Part, page } from './_html-page.ts';
import { turnsPart } from './_html-turns.ts';
import { bodySections, confidenceOf, joinedLines, sureOf, suspects } from './_verdict.ts';

const LIMIT = 1_000_000;
const CHARTS = 6;

export const report: Report = {
  mime: 'text/html; charset=utf-8',
  published: true,
  async render(state, load) {
    const closing = closingOf(state);
    const plots = await impact(state, load);
    for (const detail of CUTS) {
      const evidence = shownEvidence(state, detail).slice(0, detail.evidenceRows);
      const onPage = new Set(evidence.map((e) => e.id));
      const marks = marksOf(state);
      const drawn = new Set(plots.map((p) => p.evidence));
      const parts = [
        verdictPart(closing, onPage),
        chartsPart(plots),
        ...boundParts(state, onPage),
        ...longParts(state, evidence, detail, { onPage, drawn, marks }),
        turnsPart(state, detail, onPage),
      ].filter((p) => p !== undefined);
      const text = page(
        `${closing.word}: ${oneLine(closing.headline, 120)}`,
        head(state, closing),
        parts,
        foot(state, detail !== CUTS[0]),
      );
      if (text.length < LIMIT) return text;
    }
    const none = new Set<string>();
    return page(
      closing.word,
      head(state, closing),
      [verdictPart(closing, none), ...boundParts(state, none)],
      foot(state, true),
    );
  },
};

/** What moved: the series that the claims compare; where none can be drawn, the small charts of what the lead cites. */
async function impact(state: State, load: Load): Promise<(Plot & { evidence: string })[]> {
  const lead = leadOf(state);
  const held = state.verdict?.claims.filter((c) => c.ok).map((c) => c.claim) ?? [];
  // One payload that is lost must not cost the whole report.
  const whole: Load = (ref) =>
    load(ref).catch((e: unknown) => {
      if (e instanceof UserError) return undefined;
      throw e;
    });
  const claims = held.length > 0 ? held : (lead?.claims ?? []);
  const marks = marksOf(state);
  const series = await claimedSeries(claims, state, whole, CHARTS);
  if (series.length > 0) return series.map((s, i) => ({ ...s, id: `chart-${i + 1}`, marks }));
  const cited = new Set([...(state.verdict?.claims ?? []), ...(lead?.for ?? [])].flatMap((x) => x.cites));
  return state.evidence
    .filter((e) => cited.has(e.id))
    .flatMap((e) => (e.chart ? [{ ...plotOf(e.id, e.chart, marks), evidence: e.id, ...onsetOf(state) }] : []))
    .slice(0, CHARTS);
}

const onsetOf = ({ verdict }: State): { onset?: number } => (verdict?.onset ? { onset: toMs(verdict.onset.at) } : {});

/** The alert and what was changed near the onset, oldest first. */
function marksOf(state: State): Plot['marks'] {
  const changes = state.findings
    .map((f) => f.finding)
    .flatMap((f) => (f.kind === 'change-near-onset' && f.at ? [{ t: toMs(f.at), what: oneLine(f.title, 160) }] : []));
  const alert = state.alert ? [{ t: toMs(state.alert.startsAt), what: 'alert fired' }] : [];
  return [...changes, ...alert].sort((a, b) => a.t - b.t);
}

function chartsPart(plots: Plot[]): Part | undefined {
  const drawn = plots.map(chart).filter((c) => c !== undefined);
  return drawn.length > 0 ? { id: 'charts', heading: 'What moved', body: html`${drawn}` } : undefined;
}

function head(state: State, { mark, word, headline }: Closing): Markup {
  const { alert, window } = state;
  const sure = sureOf(state);
  const facts: [string, string | undefined][] = [
    ['Confidence', confidenceOf(state)?.replace(/^Confidence /, '') + (sure ? ` (${sure})` : '')],
    ['Alert', alert && oneLine(alert.title, 300)],
    ['Service', alert && alertFacts(alert)],
    ['Fired', alert && dayAndClock(alert.startsAt, true)],
    ['Since then', joinedLines(state).join('; ') || undefined],
    [
      'Looked at',
      window && `${span(window.from, window.to)} against ${span(window.baseline.from, window.baseline.to)}`,
    ],
    ['Playbook', state.playbook && `${state.playbook.name}: ${oneLine(state.playbook.why, 200)}`],
    ['Run', runName(state)],
  ];
  const known = facts.filter(([name, value]) => value && !(name === 'Confidence' && !state.verdict));
  return html`<div class="card ${mark}"><p class="word">${word}</p>
<h1>${headline}</h1>
<dl>${known.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></div>`;
}

function listOf(items: string[], onPage: ReadonlySet<string>, ordered = false): Markup {
  const all = items.map((x) => html`<li>${withLinks(x, onPage)}</li>`);
  return ordered ? html`<ol>${all}</ol>` : html`<ul>${all}</ul>`;
}

const verdictPart = (closing: Closing, onPage: ReadonlySet<string>): Part => ({
  id: 'verdict',
  heading: 'Verdict',
  body: html`${bodySections(closing).map(
    (s) =>
      html`<h3>${s.heading}${s.note && html` <span class="soft">(${s.note})</span>`}</h3>${listOf(firstOf(s.items, 20), onPage, s.as === 'steps')}`,
  )}`,
});

/** Who was suspected and what was not looked at; like the verdict bounded by construction: every list has its most. */
function boundParts(state: State, onPage: ReadonlySet<string>): Part[] {
  const open = firstOf(notChecked(state), 40);
  const rows = suspects(state).map(
    (r) =>
      html`<tr><th scope="row">${r.id || '–'}</th><td class="wide">${r.claim}</td><td>${bar(r.share)} ${r.score}</td><td>${idsOf(r.for, onPage)}</td><td>${idsOf(r.against, onPage)}</td><td>${r.state}</td></tr>`,
  );
  const table = tableOf('Hypotheses', ['id', 'hypothesis', 'score', 'for', 'against', 'state'], rows);
  return [
    { id: 'hypotheses', heading: 'Hypotheses', body: rows.length > 0 ? table : html`<p>None was ranked.</p>` },
    {
      id: 'not-checked',
      heading: 'Not checked',
      body: open.length > 0 ? listOf(open, onPage) : html`<p>Nothing: every question got a complete answer.</p>`,
    },
  ];
}

/** The score as a bar; the number stands beside it. */
const bar = (share: number): Markup =>
  html`<svg class="bar" viewBox="0 0 100 10" aria-hidden="true" preserveAspectRatio="none"><rect class="track" width="100" height="10"/><rect class="share" width="${Math.round(share * 100)}" height="10"/></svg>`;

const foot = (state: State, cut: boolean): Markup =>
  html`${cut && html`<p>Shortened: inquest show ${runName(state)} has all of it.</p>`}<p>${summaryLine(state, (model) => oneLine(model, 80))} Run ${state.run}, ${state.program}.${sentOf(state)}</p>`;

const sentOf = (state: State): string => {
  const requests = requestsLine(state);
  return requests === undefined ? '' : ` ${requests}.`;
};
