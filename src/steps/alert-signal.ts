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
  needs: [],
  run,
};

async function run(ctx: StepContext): Promise<Finding[]> {
  const { alert } = ctx;
  const range = wholeRange(ctx, 'metrics');
  const name = alert.labels.alertname ?? alert.title;
  const monitors = ctx.can('monitors.get')
    ? dataOf(await ctx.ask('monitors.get', { ...range, name, labels: alert.labels }, 'what does the alert watch?'))
    : [];
  const query = alert.query ?? monitors.flatMap((m) => m.data.monitors).map((m) => m.query)[0] ?? alert.metric;
  if (!ctx.can('metrics.range') || (query === undefined && alert.service === undefined)) return saidBySender(ctx);
  const threshold = query === undefined ? undefined : thresholdOf(query);
  const own = alert.service === undefined ? {} : { service: alert.service };
  const question =
    query === undefined || query === alert.metric
      ? { ...range, ...own, ...(query === undefined ? {} : { query }) }
      : { ...range, query: threshold?.expression ?? query };
  const answers = dataOf(await ctx.ask('metrics.range', question, "does the alert's own signal still show it?"));
  const all = answers.flatMap(({ evidence, data }) => data.series.map((s) => ({ evidence, s })));
  const best = strongest(query === undefined ? all.filter(({ s }) => isNamed(s, ctx)) : all, ctx);
  const reading =
    best && readBreach(best.s, { alert: alertMs(ctx), now: toMs(ctx.now), ...(threshold ? { threshold } : {}) });
  if (!best || !reading) return saidBySender(ctx);
  const { evidence, s } = best;
  const last = quantity(reading.last, s.unit);
  const limit = threshold
    ? ` (threshold ${threshold.operator} ${quantity(threshold.value, s.unit)})`
    : ` (${quantity(reading.normal, s.unit)} before)`;
  const words = { breached: 'is still out of range', recovered: 'is back to normal', flapping: 'flaps' } as const;
  const state = isOver(ctx) ? 'recovered' : reading.state;
  return [
    finding({
      kind: 'alert-state',
      entity: alerting(ctx),
      severity: state === 'breached' ? 0.5 : 0.1,
      title: oneLine(`${s.labels.__name__ ?? 'the signal'} ${words[reading.state]}: now ${last}${limit}`, 240),
      cites: [evidence],
      data: { type: 'alert-state', state, lastedMs: reading.lastedMs },
    }),
  ];
}

/** The alert's words name the series: `Low FreeStorageSpace on orders`. Short names are words like any other. */
const NAME_MIN = 6;
const isNamed = (s: Series, ctx: StepContext): boolean => {
  const name = s.labels.__name__ ?? '';
  const { title, labels, annotations } = ctx.alert;
  return name.length >= NAME_MIN && [title, labels.alertname, annotations.summary].some((t) => t?.includes(name));
};

/** The sender itself says that it is over, or that nothing is wrong. */
const isOver = (ctx: StepContext): boolean =>
  ctx.alert.status === 'resolved' || /^(?:ok|normal|resolved|inactive)$/i.test(ctx.alert.labels.state ?? '');

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
function saidBySender(ctx: StepContext): Finding[] {
  if (!isOver(ctx)) return [];
  return [
    finding({
      kind: 'alert-state',
      entity: alerting(ctx),
      severity: 0.1,
      title: `its sender says that the alert is over${ctx.alert.endsAt ? ` since ${ctx.alert.endsAt}` : ''}`,
      cites: [],
      data: { type: 'alert-state', state: 'recovered' },
    }),
  ];
}
