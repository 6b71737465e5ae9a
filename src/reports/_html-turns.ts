/** What the model asked and what people said, turn by turn, folded away. */
import type { TurnState } from '../core/agent.ts';
import type { State } from '../core/run-state.ts';
import { oneLine, plural } from '../core/text.ts';
import { dayAndClock } from '../core/wording.ts';
import type { Detail } from './_detail.ts';
import { html, type Markup, withLinks } from './_html-markup.ts';
import type { Part } from './_html-page.ts';

/** Undefined where no model and no person took part, or the report has no room for it. */
export function turnsPart(state: State, detail: Detail, onPage: ReadonlySet<string>): Part | undefined {
  const { turns, questions, hints } = state;
  if (!detail.queries || turns.length + questions.length + hints.length === 0) return undefined;
  return {
    id: 'conversation',
    heading: 'Model and people',
    body: html`${
      turns.length > 0 &&
      html`<details><summary>${plural(turns.length, 'turn')} of the model (its words prove nothing)</summary><ol>${turns.slice(0, 50).map((t) => turnItem(t, onPage))}</ol></details>`
    }${
      questions.length + hints.length > 0 &&
      html`<ul>${questions
        .slice(0, 50)
        .map(
          (q) =>
            html`<li>${dayAndClock(q.askedAt, true)} ${q.id}: ${oneLine(q.text, 500)} <b>${q.answer ? q.answer.choice : 'not answered'}</b>${q.answer && ` (${q.answer.from})`}</li>`,
        )}${hints.slice(0, 50).map((h) => html`<li>hint ${h.n}: ${oneLine(h.text, 500)}</li>`)}</ul>`
    }`,
  };
}

function turnItem(t: TurnState, onPage: ReadonlySet<string>): Markup {
  const calls = t.calls.slice(0, 20).map((c) => {
    const answer = c.problem ? `refused: ${oneLine(c.problem, 200)}` : c.evidence.join(' ');
    return html`<li><code>${c.tool} ${oneLine(JSON.stringify(c.input) ?? '', 300)}</code> ${withLinks(answer, onPage)}</li>`;
  });
  return html`<li>${t.by && `${t.by}: `}${oneLine(t.aim, 300)}${t.says && html`<p class="soft">${oneLine(t.says, 1200)}</p>`}${calls.length > 0 && html`<ul>${calls}</ul>`}</li>`;
}
