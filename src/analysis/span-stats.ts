/** Trees of spans → statistics of operations and of the time between services, before and after. */

import { byText } from '../core/canonical.ts';
import type { OperationStats, TraceSummary } from '../core/capabilities.ts';
import { beganAt, noTimes, type SpanTimes } from './span-times.ts';
import { median, quantile } from './stats.ts';
import { failed, ownTime, type Side, type TraceNode, type Traces } from './trace-tree.ts';

/** A duration that only one in twenty exceeded is usual. */
const USUAL = 0.95;
/** Rows kept of each kind: what moved most. */
const ROWS_MAX = 150;

/** The attributes of spans that are looked at here. */
export const USED_ATTRIBUTES = ['peer.service', 'http.response.status_code', 'http.status_code'] as const;

interface Samples {
  service: string;
  name: string;
  caller: string;
  before: number[];
  after: number[];
  errors: { before: number; after: number };
  whole: Record<Side, number[]>;
  /** Operations whose spans are the parents of these. */
  parents: Set<string>;
  /** The longest span after the onset. */
  longest: { ms: number; traceId: string };
  /** Those from shortly before the window on, those between the sides too. */
  times: SpanTimes;
}

/**
 * Own times, gaps and failures of the operations of these traces; sides as the nodes have them. What moved is looked at
 * from `began` (ms) on for the time at which it did.
 */
export function measure(
  traces: Traces,
  began: number,
): {
  operations: TraceSummary['operations'];
  gaps: TraceSummary['gaps'];
  counts: TraceSummary['spans'];
  rootStats: TraceSummary['roots'];
} {
  const own = new Map<string, Samples>();
  const gap = new Map<string, Samples>();
  const counts = { before: 0, after: 0 };
  const spansOf = new Map<string, Record<Side, number>>();
  const rootStats = { before: 0, after: 0, meanMsBefore: 0 };
  for (const roots of traces) {
    for (const root of roots) {
      if (root.counted) {
        rootStats[root.side]++;
        if (root.side === 'before') rootStats.meanMsBefore += root.span.durationMs;
      }
      const made = new Map<Samples, Map<TraceNode, number>>();
      for (const node of root.all) {
        const { service } = node.span;
        const callee = calleeOf(node);
        const samples = callee === service ? samplesOf(own, node, service, '') : samplesOf(gap, node, callee, service);
        const ms = ownTime(node);
        if (node.span.start >= began) observe(samples, node, ms, made);
        if (!node.counted) continue;
        counts[node.side]++;
        add(samples, node, ms);
        const operation = operationKey(node);
        const seen = spansOf.get(operation) ?? { before: 0, after: 0 };
        seen[node.side]++;
        spansOf.set(operation, seen);
      }
      for (const [{ times }, parents] of made) {
        for (const [parent, x] of parents) times.made.push({ at: parent.span.start, x });
      }
    }
  }
  if (rootStats.before > 0) rootStats.meanMsBefore = round(rootStats.meanMsBefore / rootStats.before);
  return {
    operations: rows(own).map((r) => toStats(r, spansOf)),
    gaps: rows(gap).map((s) => ({ caller: s.caller, ...toStats(s, spansOf) })),
    counts,
    rootStats,
  };
}

const operationKey = (n: TraceNode): string => `${n.span.service}\n${n.operation}`;

/** Whom a span waits for: the service of its only child, or, without children, the peer that it names. */
function calleeOf(node: TraceNode): string {
  const { service, attributes } = node.span;
  if (node.children.length === 1) return node.children[0]!.span.service;
  const peer = node.children.length === 0 ? attributes?.['peer.service'] : undefined;
  return typeof peer === 'string' && peer !== '' ? peer : service;
}

function samplesOf(into: Map<string, Samples>, node: TraceNode, service: string, caller: string): Samples {
  const key = `${caller}\n${service}\n${node.operation}`;
  let s = into.get(key);
  if (!s) {
    const errors = { before: 0, after: 0 };
    s = {
      service,
      name: node.operation,
      caller,
      before: [],
      after: [],
      errors,
      whole: { before: [], after: [] },
      parents: new Set(),
      longest: { ms: -1, traceId: '' },
      times: noTimes(),
    };
    into.set(key, s);
  }
  return s;
}

function observe(s: Samples, node: TraceNode, ms: number, made: Map<Samples, Map<TraceNode, number>>): void {
  s.times.at.push(node.span.start);
  s.times.own.push(ms);
  s.times.failed.push(Number(failed(node)));
  if (!node.parent) return;
  const parents = made.get(s) ?? new Map<TraceNode, number>();
  if (parents.size === 0) made.set(s, parents);
  parents.set(node.parent, (parents.get(node.parent) ?? 0) + 1);
}

function add(s: Samples, node: TraceNode, ms: number): void {
  s[node.side].push(ms);
  s.whole[node.side].push(node.span.durationMs);
  if (node.parent) s.parents.add(operationKey(node.parent));
  if (failed(node) && !node.children.some(failed)) s.errors[node.side]++;
  if (node.side === 'after' && ms > s.longest.ms) s.longest = { ms, traceId: node.span.traceId };
}

const round = (x: number): number => Number(x.toPrecision(6));

/** Rows by how much time they added, or how many failures; ties by name. */
function rows(all: Map<string, Samples>): Samples[] {
  const moved = (s: Samples): number => Math.abs(median(s.after) - median(s.before)) * s.after.length;
  return [...all]
    .filter(([, s]) => s.before.length + s.after.length > 0)
    .map(([key, s]) => ({
      key,
      s,
      moved: s.before.length > 0 && s.after.length > 0 ? moved(s) : 0,
      failing: s.errors.after - s.errors.before,
    }))
    .sort((a, b) => b.failing - a.failing || b.moved - a.moved || byText(a.key, b.key))
    .slice(0, ROWS_MAX)
    .map((x) => x.s);
}

function toStats(s: Samples, spansOf: Map<string, Record<Side, number>>): OperationStats {
  const side = (xs: number[], errors: number): OperationStats['before'] => {
    if (xs.length === 0) return { count: 0, medianMs: 0, p95Ms: 0, errors };
    return { count: xs.length, medianMs: round(median(xs)), p95Ms: round(quantile(xs, 0.95)), errors };
  };
  const parents = (at: Side): number => [...s.parents].reduce((n, p) => n + (spansOf.get(p)?.[at] ?? 0), 0);
  const rate = (at: Side): number => round(s[at].length / parents(at));
  const both = s.before.length > 0 && s.after.length > 0;
  return {
    service: s.service,
    name: s.name,
    ...(both ? { whole: { before: round(median(s.whole.before)), after: round(median(s.whole.after)) } } : {}),
    ...(parents('before') > 0 && parents('after') > 0
      ? { perParent: { before: rate('before'), after: rate('after') } }
      : {}),
    before: side(s.before, s.errors.before),
    after: side(s.after, s.errors.after),
    ...(both ? { usual: usual(s), since: beganAt(s.times) } : {}),
    ...(s.longest.traceId === '' ? {} : { traceId: s.longest.traceId }),
  };
}

/** Share of the spans since that took no longer than all but a few did before. */
function usual({ whole }: Samples): number {
  const limit = quantile(whole.before, USUAL);
  return round(whole.after.filter((ms) => ms <= limit).length / whole.after.length);
}
