/** How the objectives of the alerting service stand: whether people feel it, and for how long it may go on. */

import { finding } from '../analysis/findings.ts';
import { byText } from '../core/canonical.ts';
import type { Objective } from '../core/telemetry.ts';
import { digits, oneLine } from '../core/text.ts';
import type { Finding, Step, StepContext } from '../core/types.ts';
import { alerting, dataOf } from './_ask.ts';

export const step: Step = {
  title: 'Service level objectives',
  needs: ['slo.get'],
  joins: true,
  run,
};

const SHOWN = 3;

async function run(ctx: StepContext): Promise<Finding[]> {
  const { service } = ctx.alert;
  const range = { from: ctx.window.from, to: ctx.now };
  const asked = await ctx.ask(
    'slo.get',
    { ...range, ...(service === undefined ? {} : { service }) },
    'which objectives does it cost?',
  );
  return dataOf(asked)
    .flatMap(({ evidence, data }) => data.objectives.map((o) => ({ evidence, o })))
    .sort((a, b) => (a.o.budgetLeft ?? 100) - (b.o.budgetLeft ?? 100) || byText(a.o.id, b.o.id))
    .slice(0, SHOWN)
    .map(({ evidence, o }) =>
      finding({
        kind: 'objective',
        entity: o.service === undefined ? alerting(ctx) : { name: o.service, level: 'service' },
        // How much it costs says nothing of why.
        severity: (o.budgetLeft ?? 100) <= 0 ? 0.3 : 0,
        title: oneLine(describe(o), 240),
        cites: [evidence],
        data: {
          type: 'objective',
          ...(o.service === undefined ? {} : { service: o.service }),
          ...(o.target === undefined ? {} : { target: o.target }),
          ...(o.value === undefined ? {} : { value: o.value }),
          ...(o.budgetLeft === undefined ? {} : { budgetLeft: o.budgetLeft }),
          ...(o.state === undefined ? {} : { state: o.state }),
        },
      }),
    );
}

function describe(o: Objective): string {
  const target = o.target === undefined ? '' : ` of ${digits(o.target)}%`;
  const value = o.value === undefined ? 'nothing measured' : `${digits(o.value)}%${target}`;
  const left = o.budgetLeft === undefined ? '' : `, ${digits(o.budgetLeft)}% of the error budget left`;
  return `${o.name}${o.timeframe ? ` (${o.timeframe})` : ''}: ${value}${left}`;
}
