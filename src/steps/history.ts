/** Whether we have seen this before, and what it was then. */

import { finding } from '../analysis/findings.ts';
import { oneLine } from '../core/text.ts';
import type { Finding, Step, StepContext } from '../core/types.ts';
import { alerting, changesRange, dataOf } from './_ask.ts';

export const step: Step = {
  title: 'Similar past runs',
  needs: ['incidents.similar'],
  run,
};

const SHOWN = 3;

async function run(ctx: StepContext): Promise<Finding[]> {
  const { title, fingerprint, service } = ctx.alert;
  const question = { ...changesRange(ctx), title, fingerprint, ...(service === undefined ? {} : { service }) };
  const answers = dataOf(await ctx.ask('incidents.similar', question, 'have we seen this before?'));
  return answers.flatMap(({ evidence, data }) =>
    data.runs.slice(0, SHOWN).map((r) =>
      finding({
        kind: 'similar-run',
        entity: alerting(ctx),
        at: r.at,
        // A memory is a lead for people: it moves no score.
        severity: 0.1,
        title: oneLine(
          `run ${r.id.slice(-6)} of ${r.at.slice(0, 10)}: ${r.claim ?? r.outcome}${r.feedback ? ` (${r.feedback})` : ''}`,
          240,
        ),
        cites: [evidence],
        data: { type: 'run', id: r.id, outcome: r.outcome },
      }),
    ),
  );
}
