/** What else happened: other alerts, silences, decisions of databases, autoscalers and platforms. */

import { flaps } from '../analysis/breach.ts';
import { dominantStatement } from '../analysis/database-load.ts';
import { endedBy, recoveryOf } from '../analysis/event-recovery.ts';
import { monitorState, readEvent } from '../analysis/event-rules.ts';
import { finding, findingsOf } from '../analysis/findings.ts';
import { byText } from '../core/canonical.ts';
import type { Entity, TelemetryEvent } from '../core/telemetry.ts';
import { digits, oneLine } from '../core/text.ts';
import { byTime, MINUTE, toIso, toMs } from '../core/time.ts';
import type { Finding, Step, StepContext } from '../core/types.ts';
import { alerting, alertMs, dataOf, isComplete } from './_ask.ts';

export const step: Step = {
  title: 'Related alerts and events',
  needs: ['events.list'],
  after: ['alert-signal'],
  run,
};

/** Older events explain nothing that began now. */
const BACK_MS = 45 * MINUTE;
const SHOWN = 15;
/** What is over weighs so many times less. */
const ENDED = 4;

async function run(ctx: StepContext): Promise<Finding[]> {
  const from = toIso(Math.max(alertMs(ctx) - BACK_MS, toMs(ctx.window.baseline.from)));
  const asked = await ctx.ask('events.list', { from, to: ctx.now }, 'what else happened around that time?');
  const answers = dataOf(asked);
  const events = answers.flatMap(({ evidence, data }) => data.events.map((e) => ({ evidence, e })));
  const all = events.map(({ e }) => e);
  const told = events.flatMap(({ evidence, e }) => toFinding(e, evidence, endedBy(e, all) !== undefined));
  const kept = told
    .sort((a, b) => b.severity - a.severity || byTime(a.at ?? '', b.at ?? '') || byText(a.title, b.title))
    .slice(0, SHOWN);
  kept.push(...flappingOf(ctx, events), ...recovered(ctx, events), ...loaded(ctx, events));
  const monitors = monitorsOf(all);
  if (monitors.length > 0 && isComplete(asked))
    kept.push(
      monitorsFinding(
        ctx,
        monitors,
        asked.map((a) => a.id),
      ),
    );
  const over = kept.length > 0 && told.every((f) => f.data.over === true);
  if ((kept.length > 0 && !over) || !isComplete(asked)) return kept;
  const none = events.length === 0 ? 'no event around that time' : `${events.length} events, none of them remarkable`;
  const title = over ? 'what the events tell of is over' : none;
  const cites = asked.map((a) => a.id);
  const data = { type: 'normal', what: 'events' } as const;
  return [...kept, finding({ kind: 'normal', entity: alerting(ctx), severity: 0, title, cites, data })];
}

/** The alert's own history: one that fired and ended again and again flaps. */
function flappingOf(ctx: StepContext, events: { evidence: string; e: TelemetryEvent }[]): Finding[] {
  const { alertname, monitor_id: monitor } = ctx.alert.labels;
  const name = alertname ?? (monitor && ctx.alert.title);
  if (name === undefined) return [];
  const isOwn = ({ attributes: a }: TelemetryEvent): boolean =>
    alertname !== undefined ? a?.alertname === alertname : a?.monitor_id === monitor;
  const own = events
    .filter(({ e }) => isOwn(e) && e.service === ctx.alert.service)
    .flatMap(({ evidence, e }) => ({ evidence, time: e.time, state: monitorState(e) }))
    .filter((x) => x.state !== undefined)
    .sort((a, b) => byTime(a.time, b.time));
  if (!flaps(own.map((x) => x.state === 'alert'))) return [];
  const fired = own.filter((x) => x.state === 'alert').length;
  return [
    finding({
      kind: 'alert-state',
      entity: alerting(ctx),
      severity: 0.1,
      title: oneLine(`${name} fired ${fired} times and ended each time`, 240),
      cites: [...new Set(own.map((x) => x.evidence))],
      data: { type: 'alert-state', state: 'flapping' },
    }),
  ];
}

/** The last state of each monitor. */
function monitorsOf(events: TelemetryEvent[]): ('alert' | 'ok')[] {
  const last = new Map<string, { time: string; state: 'alert' | 'ok' }>();
  for (const e of events) {
    const state = /monitor/i.test(e.kind) ? monitorState(e) : undefined;
    const known = last.get(e.title);
    if (state && (!known || byTime(known.time, e.time) <= 0)) last.set(e.title, { time: e.time, state });
  }
  return [...last.values()].map((x) => x.state);
}

function monitorsFinding(ctx: StepContext, states: ('alert' | 'ok')[], cites: string[]): Finding {
  const firing = states.filter((s) => s === 'alert').length;
  return finding({
    kind: 'normal',
    entity: alerting(ctx),
    severity: 0,
    title: firing === 0 ? `all ${states.length} monitors are OK` : `${firing} of ${states.length} monitors alert`,
    cites,
    data: { type: 'monitors', alerting: firing, ok: states.length - firing },
  });
}

type Told = { evidence: string; e: TelemetryEvent };

/** Where the alert has no signal that is still out of range: what the service's events told of is over. */
function recovered(ctx: StepContext, events: Told[]): Finding[] {
  if (findingsOf(ctx.findings, 'alert-state').length > 0) return [];
  const all = events.map(({ e }) => e);
  const found = recoveryOf(ctx.alert.service, all);
  if (!found) return [];
  const { trouble, end } = found;
  const cites = events.filter(({ e }) => e === trouble || e === end).map((x) => x.evidence);
  return [
    finding({
      kind: 'alert-state',
      entity: alerting(ctx),
      severity: 0.1,
      title: oneLine(`it is over: ${end.title}`, 240),
      cites: [...new Set(cites)],
      data: { type: 'alert-state', state: 'recovered', lastedMs: toMs(end.time) - toMs(trouble.time) },
    }),
  ];
}

/** A statement that keeps the alerting database busy nearly alone. */
const LOADED = 0.7;

function loaded(ctx: StepContext, events: Told[]): Finding[] {
  const found = dominantStatement(
    ctx.alert.service,
    events.map(({ e }) => e),
  );
  if (!found) return [];
  const { statement, sessions, share, wait } = found;
  const { evidence } = events.find(({ e }) => e === statement)!;
  const waits = wait === undefined ? '' : `, mostly in ${wait}`;
  const title = `one statement keeps ${digits(sessions)} sessions busy on average (${Math.round(100 * share)}% of the load)${waits}: ${statement.title}`;
  return [
    finding({
      kind: 'event',
      entity: alerting(ctx),
      severity: LOADED,
      title: oneLine(title, 240),
      cites: [evidence],
      data: {
        type: 'event',
        source: statement.source,
        kind: statement.kind,
        ...(statement.service === undefined ? {} : { service: statement.service }),
        title: oneLine(title, 200),
        category: 'resource-exhaustion',
        strength: LOADED,
        outside: false,
      },
      claim: { type: 'count', evidence, what: 'events', match: statement.title, atLeast: 1 },
    }),
  ];
}

function toFinding(e: TelemetryEvent, evidence: string, ended: boolean): Finding[] {
  const reading = readEvent(e);
  const state = monitorState(e);
  if (!reading && state !== 'alert') return [];
  const strength = (reading?.strength ?? 0) / (ended ? ENDED : 1);
  const known = Number.isFinite(toMs(e.time));
  const node = typeof e.attributes?.node === 'string' ? e.attributes.node : undefined;
  return [
    finding({
      kind: state === 'alert' && !reading ? 'related-alert' : 'event',
      entity: entityOf(e, node),
      ...(known ? { at: e.time } : {}),
      severity: Math.max(strength, 0.2),
      title: oneLine(`${e.source}${e.service ? ` on ${e.service}` : ''}: ${e.title}`, 240),
      cites: [evidence],
      data: {
        type: 'event',
        source: e.source,
        kind: e.kind,
        ...(e.service === undefined ? {} : { service: e.service }),
        title: oneLine(e.title, 200),
        ...(reading ? { category: reading.category } : {}),
        strength,
        outside: reading?.outside === true && !ended,
        ...(ended ? { over: true } : {}),
      },
      claim: { type: 'count', evidence, what: 'events', match: e.title, atLeast: 1 },
    }),
  ];
}

function entityOf(e: TelemetryEvent, node: string | undefined): Entity {
  if (e.service !== undefined) return { name: e.service, level: 'service' };
  return node === undefined ? { name: e.source, level: 'other' } : { name: node, level: 'node' };
}
