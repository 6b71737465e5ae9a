/** The alert's own signal: is it still breached, did it recover, does it flap? */

import { readBreach, thresholdOf } from '../analysis/breach.ts';
import { finding } from '../analysis/findings.ts';
import { byText, canonical } from '../core/canonical.ts';
import type { Series } from '../core/telemetry.ts';
import { oneLine, quantity } from '../core/text.ts';
import { toMs } from '../core/time.ts';
import type { Finding, Step, StepContext } from '../core/types.ts';
import { alerting, alertMs, dataOf, wholeRange } from './_ask.ts';

export const step: Step = {
  title: "The alert's own signal",
  needs: ['metrics.range'],
  run,
};

async function run(ctx: StepContext): Promise<Finding[]> {
  const range = wholeRange(ctx, 'metrics');
  const { alert } = ctx;
  const name = alert.labels.alertname ?? alert.title;
  const monitors = ctx.can('monitors.get')
    ? dataOf(await ctx.ask('monitors.get', { ...range, name, labels: alert.labels }, 'what does the alert watch?'))
    : [];
  const query = alert.query ?? monitors.flatMap((m) => m.data.monitors).map((m) => m.query)[0] ?? alert.metric;
  if (query === undefined) return resolved(ctx);
  const threshold = thresholdOf(query);
  const question = {
    ...range,
    query: threshold?.expression ?? query,
    ...(alert.metric === query && alert.service ? { service: alert.service } : {}),
  };
  const answers = dataOf(await ctx.ask('metrics.range', question, 'is it still breached?'));
  const series = answers.flatMap(({ evidence, data }) => data.series.map((s) => ({ evidence, s })));
  const best = strongest(series, ctx);
  if (!best) return resolved(ctx);
  const { evidence, s } = best;
  const reading = readBreach(s, { alert: alertMs(ctx), now: toMs(ctx.now), ...(threshold ? { threshold } : {}) });
  if (!reading) return resolved(ctx);
  const last = quantity(reading.last, s.unit);
  const limit = threshold
    ? ` (threshold ${threshold.operator} ${quantity(threshold.value, s.unit)})`
    : ` (${quantity(reading.normal, s.unit)} before)`;
  const words = { breached: 'still breached', recovered: 'recovered', flapping: 'flaps' } as const;
  return [
    finding({
      kind: 'alert-state',
      entity: alerting(ctx),
      severity: reading.state === 'breached' ? 0.5 : 0.1,
      title: oneLine(`the alert's signal ${words[reading.state]}: now ${last}${limit}`, 240),
      cites: [evidence],
      data: { type: 'alert-state', state: alert.status === 'resolved' ? 'recovered' : reading.state },
    }),
  ];
}

/** Of several series the alerting service's own, then the statistic that the alert names. */
function strongest(
  all: { evidence: string; s: Series }[],
  ctx: StepContext,
): { evidence: string; s: Series } | undefined {
  const { service, labels } = ctx.alert;
  const fits = (s: Series): number =>
    (s.labels.service === service ? 2 : 0) +
    (labels.statistic !== undefined && s.labels.statistic === labels.statistic ? 1 : 0);
  return [...all].sort((a, b) => fits(b.s) - fits(a.s) || byText(canonical(a.s.labels), canonical(b.s.labels)))[0];
}

/** Without a signal of its own the sender's word counts. */
function resolved(ctx: StepContext): Finding[] {
  if (ctx.alert.status !== 'resolved') return [];
  return [
    finding({
      kind: 'alert-state',
      entity: alerting(ctx),
      severity: 0.1,
      title: `the alert was resolved by its sender${ctx.alert.endsAt ? ` at ${ctx.alert.endsAt}` : ''}`,
      cites: [],
      data: { type: 'alert-state', state: 'recovered' },
    }),
  ];
}
