/** Everybody else, nearest to the alerting service first: who moved with it, and whose harm accounts for it. */

import { fleetFindings } from '../analysis/describe.ts';
import type { Finding, Step, StepContext } from '../core/types.ts';
import { alerting, callsOf, changesRange, dataOf, entitiesToAsk, wholeRange } from './_ask.ts';
import { readSeries } from './_fleet.ts';

export const step: Step = {
  title: 'Dependencies',
  needs: ['metrics.range'],
  after: ['topology'],
  run,
};

async function run(ctx: StepContext): Promise<Finding[]> {
  const { asked } = entitiesToAsk(ctx);
  const range = wholeRange(ctx, 'metrics');
  const [changes, ...answers] = await Promise.all([
    ctx.can('changes.list')
      ? ctx.ask('changes.list', changesRange(ctx), 'is something of what moved only a new release?')
      : Promise.resolve([]),
    ...asked.map((e) =>
      ctx.ask(
        'metrics.range',
        e.level === 'node' ? { ...range, node: e.name } : { ...range, service: e.name },
        `does ${e.name} move with it?`,
      ),
    ),
  ]);
  const series = answers.flatMap((a) => dataOf(a));
  const read = readSeries(ctx, series, {
    calls: callsOf(ctx.findings),
    changes: dataOf(changes).flatMap((a) => a.data.changes),
  });
  if (!read) return [];
  const cites = [...new Set(series.map((s) => s.evidence))].slice(0, 3);
  return fleetFindings(read.fleet, {
    now: Date.parse(ctx.now),
    scope: 'all',
    service: alerting(ctx).name,
    series: read.series,
    cites,
  });
}
