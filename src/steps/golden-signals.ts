/** The alerting service itself: latency, errors, traffic, saturation, before and after. */

import { fleetFindings } from '../analysis/describe.ts';
import type { Finding, Step, StepContext } from '../core/types.ts';
import { dataOf, wholeRange } from './_ask.ts';
import { readSeries } from './_fleet.ts';

export const step: Step = {
  title: 'Golden signals of the alerting service',
  needs: ['metrics.range'],
  run,
};

async function run(ctx: StepContext): Promise<Finding[]> {
  const { service } = ctx.alert;
  if (service === undefined) return [];
  const question = { ...wholeRange(ctx, 'metrics'), service };
  const answers = dataOf(await ctx.ask('metrics.range', question, `how does ${service} fare?`));
  const read = readSeries(ctx, answers, { calls: [], changes: [] });
  if (!read) return [];
  const cites = answers.map((a) => a.evidence);
  const own = { ...read.fleet, entities: read.fleet.entities.filter((e) => e.name === service) };
  return fleetFindings(own, { now: Date.parse(ctx.now), scope: 'alerting', service, series: read.series, cites });
}
