/** Trees of spans → statistics of operations and of the time between services, before and after. */

import { byText } from '../core/canonical.ts';
import type { OperationStats, TraceSummary } from '../core/capabilities.ts';
import { range } from '../core/time.ts';
import { shiftTime } from './shift-time.ts';
import { median, quantile } from './stats.ts';
import { failed, ownTime, type Side, type TraceNode } from './trace-tree.ts';

/** A duration that only one in twenty exceeded is usual. */
const USUAL = 0.95;
/** Rows kept of each kind: what moved most. */
const ROWS_MAX = 150;

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
  /** Its spans from shortly before the window on, those between the sides too. */
  nodes: TraceNode[];
}

/**
 * Own times, gaps and failures of the operations of these traces; sides as the nodes have them. What moved is looked at
 * from `began` (ms) on for the time at which it did.
 */
export function measure(
  traces: TraceNode[][],
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
      for (const node of root.all) {
        const { service } = node.span;
        const callee = calleeOf(node);
        const into = callee === service ? own : gap;
        const samples = samplesOf(into, node, callee, callee === service ? '' : service);
        if (node.span.start >= began) samples.nodes.push(node);
        if (!node.counted) continue;
        add(samples, node);
        counts[node.side]++;
        const operation = operationKey(node);
        const seen = spansOf.get(operation) ?? { before: 0, after: 0 };
        seen[node.side]++;
        spansOf.set(operation, seen);
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
      nodes: [],
    };
    into.set(key, s);
  }
  return s;
}

function add(s: Samples, node: TraceNode): void {
  const ms = ownTime(node);
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
    ...(both ? { usual: usual(s), since: began(s.nodes) } : {}),
    ...(s.longest.traceId === '' ? {} : { traceId: s.longest.traceId }),
  };
}

/** Share of the spans since that took no longer than all but a few did before. */
function usual({ whole }: Samples): number {
  const limit = quantile(whole.before, USUAL);
  return round(whole.after.filter((ms) => ms <= limit).length / whole.after.length);
}

/** When these spans became slower, began to fail, or to be made more often by the span that makes them. */
function began(nodes: TraceNode[]): NonNullable<OperationStats['since']> {
  const siblings = new Map<TraceNode, number>();
  for (const { parent } of nodes) if (parent) siblings.set(parent, (siblings.get(parent) ?? 0) + 1);
  const at = (n: TraceNode): number => n.span.start;
  // Own times spread over decades: their logarithm is what shifts.
  const slower = shiftTime(nodes.map((n) => ({ at: at(n), x: Math.log1p(ownTime(n)) })));
  const failing = shiftTime(nodes.map((n) => ({ at: at(n), x: Number(failed(n)) })));
  const repeated = shiftTime([...siblings].map(([n, x]) => ({ at: at(n), x })));
  return {
    ...(slower && { slower: range(slower.from, slower.to) }),
    ...(failing && { failing: range(failing.from, failing.to) }),
    ...(repeated && { repeated: range(repeated.from, repeated.to) }),
  };
}
