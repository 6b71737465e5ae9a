/** What steps share: windows of questions, entities to ask for, and reading answers by their status. */

import { findingsOf } from '../analysis/findings.ts';
import { byText } from '../core/canonical.ts';
import type { Answers, Capability, TimeRange } from '../core/capabilities.ts';
import type { Entity } from '../core/telemetry.ts';
import { HOUR, toIso, toMs } from '../core/time.ts';
import type { Evidence, Finding, StepContext } from '../core/types.ts';

/** Only complete answers may say that nothing is there. */
export const isComplete = (answers: Evidence[]): boolean =>
  answers.length > 0 && answers.every((e) => (e.status === 'ok' || e.status === 'empty') && !e.truncated);

/** The data of the answers that hold some, with the evidence they came from. */
export function dataOf<C extends Capability>(answers: Evidence<C>[]): { evidence: string; data: Answers[C] }[] {
  return answers.flatMap((e) =>
    (e.status === 'ok' || e.status === 'partial') && e.data !== undefined ? [{ evidence: e.id, data: e.data }] : [],
  );
}

/** From the start of the normal time to now. */
export function wholeRange(ctx: StepContext, source: string): TimeRange {
  const starts = [ctx.window.baseline.from, ...baselinesOf(ctx, source).map((b) => b.from)];
  return { from: starts.sort((a, b) => toMs(a) - toMs(b))[0]!, to: ctx.now };
}

/** Known fault-free times of a source, cut at the alert. */
export function baselinesOf(ctx: StepContext, source: string): TimeRange[] {
  const alert = alertMs(ctx);
  return ctx.baselines
    .filter((b) => !b.sources || b.sources.includes(source))
    .map((b) => ({ from: b.from, to: toMs(b.to) > alert ? toIso(alert) : b.to }))
    .filter((b) => toMs(b.from) < toMs(b.to));
}

/** The alert's time; an alert from after the moment of the question is one of now. */
export const alertMs = (ctx: StepContext): number => Math.min(toMs(ctx.alert.startsAt), toMs(ctx.now));

/** Changes up to a day old may have begun it. */
export const changesRange = (ctx: StepContext): TimeRange => ({
  from: toIso(Math.min(toMs(ctx.window.baseline.from), alertMs(ctx) - 24 * HOUR)),
  to: ctx.now,
});

/** The entity that a finding about the whole incident is attached to. */
export const alerting = (ctx: StepContext): Entity => ({ name: ctx.alert.service ?? 'the system', level: 'service' });

/** A step is not stopped by the size of a fleet: the nearest entities to the alert come first. */
const ENTITIES_MAX = 80;

/** Services in order of their distance from the alerting one along calls (either way), then all others, then nodes. */
export function entitiesToAsk(ctx: StepContext): { asked: Entity[]; left: number } {
  const services = new Map<string, Entity>();
  const nodes = new Map<string, Entity>();
  const calls: [string, string][] = [];
  for (const { data } of findingsOf(ctx.findings, 'topology')) {
    calls.push(...data.calls);
    for (const s of data.services) {
      if (s.level === 'node') nodes.set(s.name, { name: s.name, level: 'node' });
      else services.set(s.name, { name: s.name, level: 'service' });
    }
  }
  const root = ctx.alert.service;
  if (root !== undefined) services.set(root, { name: root, level: 'service' });
  const near = new Map<string, Set<string>>();
  for (const [a, b] of calls) {
    near.set(a, (near.get(a) ?? new Set()).add(b));
    near.set(b, (near.get(b) ?? new Set()).add(a));
  }
  const order: string[] = [];
  const seen = new Set<string>();
  let ring = root === undefined ? [] : [root];
  while (ring.length > 0) {
    for (const name of ring) seen.add(name);
    order.push(...ring);
    ring = [...new Set(ring.flatMap((n) => [...(near.get(n) ?? [])]))].filter((n) => !seen.has(n)).sort(byText);
  }
  const rest = [...services.keys()].filter((n) => !seen.has(n)).sort(byText);
  const all = [
    ...[...order, ...rest].map((name): Entity => services.get(name) ?? { name, level: 'service' }),
    ...[...nodes.keys()].sort(byText).map((name) => nodes.get(name)!),
  ];
  return { asked: all.slice(0, ENTITIES_MAX), left: Math.max(0, all.length - ENTITIES_MAX) };
}

/** Calls of the topology findings. */
export const callsOf = (findings: Finding[]): [string, string][] =>
  findingsOf(findings, 'topology').flatMap((f) => f.data.calls);
