/** The long parts of the HTML report: timeline, reasons, evidence; each table can be scrolled, each answer has an anchor. */
import type { Chart } from '../core/events.ts';
import type { EvidenceState, State } from '../core/run-state.ts';
import { count, oneLine, plural } from '../core/text.ts';
import { formatDuration, toMs } from '../core/time.ts';
import { dayAndClock, evidenceText, stepText, timeline } from '../core/wording.ts';
import { type Detail, notesOn, reasonRows, windowText } from './_detail.ts';
import { chart, type Plot } from './_html-chart.ts';
import { html, type Markup, withLinks } from './_html-markup.ts';
import type { Part } from './_html-page.ts';

/** A table that scrolls inside its own frame, by keyboard too. */
export const tableOf = (label: string, head: string[], rows: Markup[]): Markup =>
  html`<div class="scroll" role="group" tabindex="0" aria-label="${label}"><table><thead><tr>${head.map((h) => html`<th scope="col">${h}</th>`)}</tr></thead><tbody>
${rows.map((r) => html`${r}\n`)}</tbody></table></div>`;

/** Evidence ids as links, as far as the page holds them. */
export const idsOf = (ids: string[], onPage: ReadonlySet<string>): Markup => withLinks(ids.join(' '), onPage);

/** The parts below the verdict, as far as `detail` asks for them; `drawn` are ids whose series stand above already. */
export function longParts(
  state: State,
  evidence: EvidenceState[],
  detail: Detail,
  o: { onPage: ReadonlySet<string>; drawn: ReadonlySet<string>; marks: Plot['marks'] },
): Part[] {
  const times = timeline(state);
  const shown = times.slice(0, detail.timelineRows);
  const parts: (Part | false)[] = [
    shown.length > 0 && {
      id: 'timeline',
      heading: `Timeline (${count(times.length)})`,
      body: html`${tableOf(
        'Timeline',
        ['time', 'what', 'evidence'],
        shown.map(
          (t) =>
            html`<tr><td>${dayAndClock(t.at, true)}</td><td class="wide">${t.what}</td><td>${idsOf(t.cites.slice(0, 12), o.onPage)}</td></tr>`,
        ),
      )}${times.length > shown.length && html`<p>and ${count(times.length - shown.length)} more.</p>`}`,
    },
    reasonsPart(state, detail, o.onPage),
    evidence.length > 0 && {
      id: 'evidence',
      heading: `Evidence (${count(state.evidence.length)})`,
      body: html`${evidence.map((e) => evidenceOf(e, detail, o))}${
        evidence.length < state.evidence.length &&
        html`<p>${count(state.evidence.length - evidence.length)} more are in the journal.</p>`
      }`,
    },
    stepsPart(state, o.onPage),
  ];
  return parts.filter((p) => p !== false);
}

function reasonsPart(state: State, detail: Detail, onPage: ReadonlySet<string>): Part | false {
  const rows = detail.evidenceRows === 0 ? [] : reasonRows(state, detail.ruledOut);
  const cells = rows.map(
    (r) =>
      html`<tr><td>${r.id}</td><td>${r.points}</td><td class="wide">${r.reason}</td><td>${idsOf(r.cites, onPage)}</td></tr>`,
  );
  return (
    rows.length > 0 && {
      id: 'reasons',
      heading: `Reasons (${count(rows.length)})`,
      body: tableOf('Reasons', ['hypothesis', 'weight', 'reason', 'evidence'], cells),
    }
  );
}

function stepsPart(state: State, onPage: ReadonlySet<string>): Part | false {
  const rows = state.steps
    .slice(0, 100)
    .map(
      (s) =>
        html`<tr><td>${s.name}</td><td>${s.state}</td><td>${s.ms === undefined ? '' : formatDuration(s.ms)}</td><td class="wide">${stepText(state, s)}</td><td>${idsOf(s.evidence.slice(0, 12), onPage)}</td></tr>`,
    );
  return (
    rows.length > 0 && {
      id: 'steps',
      heading: `Steps (${count(state.steps.length)})`,
      body: tableOf('Steps', ['step', 'state', 'took', 'what it found', 'evidence'], rows),
    }
  );
}

function evidenceOf(
  e: EvidenceState,
  detail: Detail,
  { drawn, marks }: { drawn: ReadonlySet<string>; marks: Plot['marks'] },
): Markup {
  const asked = detail.queries && e.searched ? oneLine(e.searched, 2000) : '';
  const drawing =
    e.chart && !drawn.has(e.id) && detail.queries ? chart({ ...plotOf(e.id, e.chart, marks), small: true }) : undefined;
  const sample = detail.samples ? (e.sample ?? []).slice(0, 200) : [];
  const facts: [string, string][] = [
    ['Asked to', oneLine(e.why, 500)],
    ['Source', e.tool],
    ['Window', windowText(e)],
    ['Fetched', e.fetchedAt ? dayAndClock(e.fetchedAt, true) : ''],
    ['Link', e.link ? oneLine(e.link, 2000) : ''],
    ['Note', notesOn(e).join('; ')],
  ];
  return html`<article id="${e.id}" aria-labelledby="${e.id}-h"><h3 id="${e.id}-h">${e.id} ${evidenceText(e)}</h3>
<dl>${facts.filter(([, value]) => value !== '').map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}${asked !== '' && html`<dt>Query</dt><dd><code>${asked}</code></dd>`}</dl>
${drawing}${sample.length > 0 && html`<details><summary>${plural(sample.length, 'line')} as they came from outside (${e.id})</summary><pre>${sample.join('\n')}</pre></details>`}</article>
`;
}

/** The small chart that the journal keeps of an answer. */
export function plotOf(id: string, { label, unit, from, to, values }: Chart, marks: Plot['marks']): Plot {
  const [first, last] = [toMs(from), toMs(to)];
  const step = (last - first) / Math.max(1, values.length - 1);
  const points = values.map((v, i) => ({ t: Math.round(first + i * step), v }));
  return { id: `chart-${id}`, name: label, ...(unit === undefined ? {} : { unit }), points, marks };
}
