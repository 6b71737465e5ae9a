/** Spans → trees, each node with its own time: what it took itself, without what it waited for. */
import { byText } from '../core/canonical.ts';
import type { Span } from '../core/telemetry.ts';

export type Side = 'before' | 'after';

export interface TraceNode {
  span: Span;
  /** Name with ids masked, so that spans of one operation have one name. */
  operation: string;
  /** In order of their start. */
  children: TraceNode[];
  parent?: TraceNode;
  side: Side;
  /** Its time lies in the window or the baseline; a span between them only tells when something began. */
  counted: boolean;
  /** Only of roots: the nodes of the tree, parents first. */
  all: TraceNode[];
}

/** Masked names that are remembered. */
const NAMES_MAX = 10_000;

/** `/orders/4711` → `/orders/<*>`: path segments and words that are ids. */
export const operationName = (name: string): string => name.replace(/\b(?:[0-9a-fA-F-]{12,}|\d{2,})\b/g, '<*>');

/** A span that reports an error, or answered with one. */
export const failed = (n: TraceNode): boolean => {
  const code = n.span.attributes?.['http.response.status_code'] ?? n.span.attributes?.['http.status_code'];
  return n.span.status === 'error' || Number(code) >= 500;
};

const byStart = (a: Span, b: Span): number =>
  a.start - b.start || b.durationMs - a.durationMs || byText(a.spanId, b.spanId);

/** The root nodes of one trace after the other. Trees are made anew each time, so that only one need be in memory. */
export type Traces = Iterable<TraceNode[]>;

/**
 * Trees of the spans, one list of roots a trace, in order of trace id whatever the order of the input. `sideOf` tells a
 * span's side by its start in ms, or undefined for a time that does not matter; a tree of such spans alone is left out.
 */
export function buildTrees(spans: Span[], sideOf: (start: number) => Side | 'between' | undefined): Traces {
  const byTrace = new Map<string, Span[]>();
  for (const s of spans) {
    const trace = byTrace.get(s.traceId);
    if (trace) trace.push(s);
    else byTrace.set(s.traceId, [s]);
  }
  for (const trace of byTrace.values()) trace.sort(byStart);
  const ids = [...byTrace.keys()].sort(byText);
  const names = new Map<string, string>();
  const nameOf = (raw: string): string => {
    let name = names.get(raw);
    if (name === undefined) {
      if (names.size >= NAMES_MAX) names.clear();
      name = operationName(raw);
      names.set(raw, name);
    }
    return name;
  };
  return {
    *[Symbol.iterator]() {
      for (const id of ids) {
        const nodes = byTrace.get(id)!.map((span): TraceNode => {
          const side = sideOf(span.start);
          const operation = nameOf(span.name);
          const counted = side === 'before' || side === 'after';
          return { span, operation, children: [], side: counted ? side : 'before', counted, all: [] };
        });
        if (!nodes.some((n) => sideOf(n.span.start) !== undefined)) continue;
        const roots = link(nodes);
        if (roots.length > 0) yield roots;
      }
    },
  };
}

function link(nodes: TraceNode[]): TraceNode[] {
  const byId = new Map<string, TraceNode>();
  for (const n of nodes) if (!byId.has(n.span.spanId)) byId.set(n.span.spanId, n);
  const roots: TraceNode[] = [];
  for (const n of nodes) {
    const parent = n.span.parentSpanId === undefined ? undefined : byId.get(n.span.parentSpanId);
    if (parent && parent !== n && !isAbove(n, parent)) {
      n.parent = parent;
      parent.children.push(n);
    } else roots.push(n);
  }
  for (const r of roots) {
    r.all = [r];
    for (let k = 0; k < r.all.length; k++) r.all.push(...r.all[k]!.children);
  }
  return roots;
}

/** Broken data may hold a loop of parents. */
function isAbove(node: TraceNode, other: TraceNode): boolean {
  for (let p: TraceNode | undefined = other; p; p = p.parent) if (p === node) return true;
  return false;
}

/** A sibling lies inside when this share of it does: clocks of two spans differ by fractions of a millisecond. */
const INSIDE = 0.9;

/**
 * Milliseconds in which the span itself was busy or waiting for what is not traced: its duration without the union of
 * its children. An asynchronous handler is not the parent of the calls it makes, they stand beside it: where a span has
 * no children, shorter siblings of its service that lie inside it count as such.
 */
export function ownTime(node: TraceNode): number {
  const from = node.span.start;
  const to = from + node.span.durationMs;
  const inside = (s: Span): boolean => {
    const overlap = Math.min(to, s.start + s.durationMs) - Math.max(from, s.start);
    return s.service === node.span.service && s.durationMs < node.span.durationMs && overlap >= INSIDE * s.durationMs;
  };
  const busy = node.children.map((c) => c.span);
  if (busy.length === 0) {
    const siblings = node.parent?.children ?? [];
    for (let i = firstSince(siblings, from - node.span.durationMs); i < siblings.length; i++) {
      const sibling = siblings[i]!;
      if (sibling.span.start > to) break;
      if (sibling !== node && inside(sibling.span)) busy.push(sibling.span);
    }
  }
  if (busy.length > 1) busy.sort((a, b) => a.start - b.start);
  let covered = 0;
  let until = from;
  for (const s of busy) {
    const end = Math.min(to, s.start + s.durationMs);
    const start = Math.max(until, s.start);
    if (end > start) {
      covered += end - start;
      until = end;
    }
  }
  return Math.max(0, node.span.durationMs - covered);
}

/** Index of the first of these nodes, which are in order of their start, that starts at `from` or later. */
function firstSince(nodes: TraceNode[], from: number): number {
  let low = 0;
  let high = nodes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (nodes[middle]!.span.start < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
