/** Series of several entities → the fleet's reading, for the steps that look at metrics. */

import { type Fleet, readFleet } from '../analysis/fleet.ts';
import { toSignals } from '../analysis/signals.ts';
import type { Change, Series } from '../core/telemetry.ts';
import { toMs } from '../core/time.ts';
import type { StepContext } from '../core/types.ts';
import { alertMs, baselinesOf } from './_ask.ts';

export function readSeries(
  ctx: StepContext,
  answers: { evidence: string; data: { series: Series[] } }[],
  more: { calls: [string, string][]; changes: Change[] },
): { fleet: Fleet; series: number } | undefined {
  const signals = toSignals(answers.map(({ evidence, data }) => ({ evidence, series: data.series })));
  if (signals.length === 0) return undefined;
  const normal = baselinesOf(ctx, 'metrics').map((b) => [toMs(b.from), toMs(b.to)] as const);
  const keep = (t: number): boolean => normal.some(([from, to]) => t >= from && t < to);
  const { service, metric, labels } = ctx.alert;
  const fleet = readFleet({
    signals,
    calls: more.calls,
    changes: more.changes,
    now: toMs(ctx.now),
    alert: {
      at: alertMs(ctx),
      ...(service === undefined ? {} : { service }),
      ...(metric === undefined ? {} : { metric }),
      ...(labels.statistic === undefined ? {} : { statistic: labels.statistic }),
    },
    ...(ctx.without && { without: ctx.without }),
    ...(normal.length > 0 ? { keep, wellUntil: Math.max(...normal.map(([, to]) => to)) } : {}),
  });
  return { fleet, series: signals.length };
}
