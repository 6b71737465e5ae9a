/** The verdict in at most 1,000 characters of plain text, for notes of pagers and tickets: it is never cut, the rest is. */
import { closingOf, notChecked } from '../core/closing.ts';
import type { Report } from '../core/ports.ts';
import { count, oneLine } from '../core/text.ts';
import { onsetText, runName } from '../core/wording.ts';
import { safeText } from '../safety/safe-text.ts';
import { bodySections, confidenceOf, joinedLines } from './_verdict.ts';

const MOST = 1000;

export const report: Report = {
  mime: 'text/plain; charset=utf-8',
  published: true,
  async render(state) {
    const closing = closingOf(state);
    const { verdict } = state;
    const sure = confidenceOf(state);
    const head = `${closing.word}: ${closing.headline}${sure ? ` (${sure.toLowerCase()})` : ''}`;
    const foot = `inquest run ${state.run}: inquest show ${runName(state)}`;
    const sections = bodySections(closing);
    const next = sections.filter((s) => s.as === 'steps').flatMap((s) => s.items);
    const said = sections.filter((s) => s.as !== 'steps').flatMap((s) => s.items);
    const open = notChecked(state).length;
    const lines = [
      ...joinedLines(state).map((line) => `${line}.`),
      ...(verdict?.onset ? [`Broken since ${onsetText(verdict.onset)}.`] : []),
      ...next.slice(0, 2).map((x) => `Next: ${oneLine(x, 200)}`),
      ...said.filter((x) => !x.startsWith('Broken since')).slice(0, 3),
      ...(open > 0 ? [`Not checked: ${count(open)}.`] : []),
    ].map((x) => safeText(oneLine(x, 300)));
    const kept = [safeText(head)];
    for (const line of lines) if ([...kept, line, foot].join('\n').length <= MOST) kept.push(line);
    return `${[...kept, foot].join('\n')}\n`;
  },
};
