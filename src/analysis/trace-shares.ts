/**
 * A summary of spans → what each service did to the traffic, as shares of its normal time. Time between two services
 * belongs to the callee, unless its other callers do not feel it; a wait for something that others get at once is the
 * caller's own (a pool, a limit), unless the caller only holds on to it because another of its calls takes longer.
 */

import { byText } from '../core/canonical.ts';
import type { OperationStats, TimeRange, TraceSummary } from '../core/capabilities.ts';
import { digits, oneLine } from '../core/text.ts';
import type { TraceData, TraceProof } from './finding-data.ts';
import { addFailures, counted, extraCalls, type Gap, isAdded, isSlower, rise } from './span-shifts.ts';

/** Of the time between two services the callee answers for all, the caller for a half: its own queue may hold it. */
const CALLER_SHARE = 0.5;
/** A callee that only one of several callers finds slow. */
const DOUBTED_CALLEE = 0.25;
/** A caller feels it too when its calls slowed by this share of the most slowed ones. */
const FEELS = 0.25;
/** A call that takes so many times longer lets its caller hold on to what it has. */
const LONGER = 1.5;
/** What is left of a wait that a longer call explains. */
const EXPLAINED = 0.02;
/** The calls of before are as many and as fast as ever; what is slow was added by the caller. */
const ADDED = { callee: 0, caller: 1, left: 1 };
const WHOLE = { callee: 1, caller: CALLER_SHARE, left: 1 };

type Draft = TraceData & { top: number };

/** Services by what they added, most first. */
export function traceShares(t: TraceSummary): TraceData[] {
  const unit = t.roots.after * t.roots.meanMsBefore;
  // Of a service with spans of its own we know what it did itself; only of others must its callers tell.
  const traced = new Set(t.operations.map((o) => o.service));
  const all = new Map<string, Draft>();
  const of = (service: string): Draft => {
    let d = all.get(service);
    if (!d) {
      d = { type: 'trace', service, traced: traced.has(service), own: 0, gap: 0, out: 0, flow: 0, failing: 0, top: 0 };
      all.set(service, d);
    }
    return d;
  };
  const show = (d: Draft, size: number, detail: string, proof: TraceProof, since?: TimeRange): void => {
    if (size > d.top) Object.assign(d, { top: size, operation: proof.operation, detail, proof, since });
  };
  const added = (o: OperationStats): number => (unit > 0 ? (rise(o) * o.after.count) / unit : 0);
  const times = (o: OperationStats): string => `${digits(o.before.medianMs)} ms to ${digits(o.after.medianMs)} ms`;
  for (const o of t.operations) {
    const d = of(o.service);
    const x = added(o);
    d.own += x;
    const spans = { service: o.service, operation: o.name };
    show(d, x, `own time ${times(o)}`, { type: 'slower', ...spans }, o.since?.slower);
    addFailures(o, (size, text) => {
      d.failing += size;
      show(d, size, text, { type: 'failing', ...spans }, o.since?.failing);
    });
  }
  for (const g of t.gaps) {
    const share = isAdded(g) ? ADDED : traced.has(g.service) ? WHOLE : shareOf(g, t.gaps);
    const x = added(g) * share.left;
    const callee = of(g.service);
    const caller = of(g.caller);
    callee.gap += x * share.callee;
    caller.out += x * share.caller;
    const text = `time between ${g.caller} and ${g.service} ${times(g)}`;
    const calls = { service: g.service, operation: g.name, caller: g.caller };
    const slow = { type: 'slower', ...calls } as const;
    show(callee, x * share.callee, text, slow, g.since?.slower);
    show(caller, x * share.caller, text, slow, g.since?.slower);
    const slower = isSlower(g);
    const extra = unit > 0 ? (extraCalls(g) * g.after.medianMs * share.left) / unit : 0;
    if (extra > 0) {
      // More calls of something slow are tries again; of something as fast as ever they are work that was added.
      const line = `${digits(g.perParent!.before)} to ${digits(g.perParent!.after)} calls of ${g.service} a request`;
      const doer = slower && !isAdded(g) ? callee : caller;
      if (doer === callee) callee.gap += extra;
      else caller.own += extra;
      show(doer, extra, line, { type: 'repeated', ...calls }, g.since?.repeated);
    }
    // Failures without waiting longer: the caller's own deadline or address is as likely as the callee.
    addFailures({ ...g, after: { ...g.after, count: Math.max(g.after.count, 1) } }, (size, text2) => {
      const blamed = size / Math.max(1, t.roots.after / g.after.count);
      callee.failing += blamed * (slower ? share.callee : CALLER_SHARE) * share.left;
      caller.failing += blamed * (slower ? share.caller : 1) * share.left;
      const proof = { type: 'failing', ...calls } as const;
      show(callee, blamed * (slower ? share.callee : CALLER_SHARE) * share.left, text2, proof, g.since?.failing);
      show(caller, blamed * (slower ? share.caller : 1) * share.left, text2, proof, g.since?.failing);
    });
  }
  for (const f of t.flows) {
    const d = of(f.service);
    d.flow += f.mass;
    const percent = (s: number): string => `${Math.round(s * 100)}%`;
    const what = `after "${oneLine(f.a, 60)}" now "${oneLine(f.b, 60)}"`;
    const { service, operation, a, b } = f;
    const line = `${what}: ${percent(f.before.share)} to ${percent(f.after.share)}`;
    show(d, 2 * f.mass, line, { type: 'rerouted', service, operation, a, b });
  }
  return [...all.values()]
    .map(
      ({ top: _, since, ...d }): TraceData => ({
        ...d,
        ...(since && { since }),
        own: tidy(d.own),
        gap: tidy(d.gap),
        out: tidy(d.out),
        flow: tidy(d.flow),
        failing: tidy(d.failing),
      }),
    )
    .sort((a, b) => traceScore(b) - traceScore(a) || byText(a.service, b.service));
}

/** How the time of a call to somebody without spans is shared between its ends, and how much of it nothing else explains. */
function shareOf(g: Gap, all: Gap[]): { callee: number; caller: number; left: number } {
  const callers = groupCallers(g.service, all);
  const most = Math.max(...callers.map((c) => c.rise));
  const feeling = callers.filter((c) => c.rise > 0 && c.rise >= FEELS * most && !isHeldUp(c.caller, g.service, all));
  const mine = isHeldUp(g.caller, g.service, all);
  if (callers.length < 2 || most <= 0) return WHOLE;
  // 1 when every caller feels it, 0 when one alone does.
  const agreed = Math.max(0, feeling.length - 1) / (callers.length - 1);
  const local = agreed < 1;
  return {
    callee: DOUBTED_CALLEE + (1 - DOUBTED_CALLEE) * agreed,
    caller: 1 - (1 - CALLER_SHARE) * agreed,
    left: local && mine ? EXPLAINED : 1,
  };
}

/** The callers of a service, each with its most slowed call. */
function groupCallers(service: string, all: Gap[]): { caller: string; rise: number }[] {
  const most = new Map<string, number>();
  for (const g of all) {
    if (g.service === service && counted(g)) most.set(g.caller, Math.max(most.get(g.caller) ?? 0, rise(g)));
  }
  return [...most].map(([caller, r]) => ({ caller, rise: r }));
}

/** Another call of this service takes so much longer that what it holds (connections, threads) is held longer. */
const isHeldUp = (caller: string, besides: string, all: Gap[]): boolean =>
  all.some(
    (g) =>
      g.caller === caller &&
      g.service !== besides &&
      counted(g) &&
      g.whole !== undefined &&
      g.whole.after >= LONGER * g.whole.before,
  );

const tidy = (x: number): number => Number(x.toPrecision(5));

/** Shares add up: twice the changed flow (it is a share of traces, not of their time), added time, new failures. */
export const traceScore = (d: TraceData): number => 2 * d.flow + Math.max(0, d.own + d.gap + d.out) + d.failing;

export const describeTrace = (d: TraceData): string =>
  oneLine(`${d.service}${d.operation ? `, ${d.operation}` : ''}: ${d.detail ?? 'changed'}`, 240);
