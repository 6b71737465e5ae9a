/** Spans → what can be compared before and after: own time, gaps between caller and callee, failures, flow. */

import { byText } from '../core/canonical.ts';
import type { TimeRange, TraceSummary } from '../core/capabilities.ts';
import type { LogRecord, Span } from '../core/telemetry.ts';
import { byTime, MINUTE, toMs } from '../core/time.ts';
import { flowChanges } from './flows.ts';
import { measure } from './span-stats.ts';
import { buildTrees, type Side, type TraceNode } from './trace-tree.ts';

/** Just before an alert the fault is often active already: these minutes belong to neither side. */
const GUARD_MS = 3 * MINUTE;
/** Up to so long before the window its trouble may have begun. */
const BEGAN_MS = 10 * MINUTE;
/** With fewer root spans than this before the guard, its minutes are needed as baseline after all. */
const ROOTS_MIN = 40;

export interface SpanWindow {
  from: string;
  to: string;
  baseline: TimeRange[];
  /** Records to be joined by trace and span id: they decide code faults. */
  logs?: Iterable<LogRecord>;
  /** The traces whose records are among `logs`, where these are a part; of the others nothing is missing. */
  joined?: (traceId: string) => boolean;
  /** The times that the sources really hold; outside of them nothing is missing, it was not recorded. */
  coverage?: { spans?: TimeRange[]; logs?: TimeRange[] };
}

type Ranges = [number, number][];
const toRanges = (ranges: TimeRange[]): Ranges => ranges.map((r) => [toMs(r.from), toMs(r.to)]);
const within = (t: number, ranges: Ranges): boolean => ranges.some(([from, to]) => t >= from && t < to);

/**
 * The summary of spans that start in [from, to) against those of the baseline ranges. The result is the same whatever
 * the order of spans and logs. `errors` counts spans that failed and none of whose children did: where failures begin.
 */
export function summariseSpans(spans: Span[], window: SpanWindow): TraceSummary {
  const from = toMs(window.from);
  const to = toMs(window.to);
  const baseline = toRanges(window.baseline);
  const covered = window.coverage?.spans && toRanges(window.coverage.spans);
  const isRoot = (s: Span): boolean => s.parentSpanId === undefined || s.parentSpanId === '';
  const roots = spans.filter((s) => isRoot(s) && s.start < from - GUARD_MS && within(s.start, baseline)).length;
  const until = from - (roots < ROOTS_MIN ? 0 : GUARD_MS);
  const sideOf = (t: number): Side | 'between' | undefined => {
    if (covered && !within(t, covered)) return undefined;
    if (t >= from) return t < to ? 'after' : undefined;
    if (t < until && within(t, baseline)) return 'before';
    return t >= from - BEGAN_MS ? 'between' : undefined;
  };
  const traces = buildTrees(spans, sideOf);
  const { operations, gaps, counts, rootStats } = measure(traces, from - BEGAN_MS);
  return {
    roots: rootStats,
    operations,
    gaps,
    flows: flowChanges(traces, logJoin(window)),
    spans: counts,
  };
}

/** Of a trace: the records of each span in order of time, or undefined where logs do not cover its time. */
export type LogJoin = (roots: TraceNode[]) => (node: TraceNode) => LogRecord[] | undefined;

/** Joins by trace and span id; records without a span id go to the service's latest span begun by then. */
function logJoin(window: SpanWindow): LogJoin {
  if (!window.logs) return () => () => undefined;
  const covered = window.coverage?.logs && toRanges(window.coverage.logs);
  const byTrace = new Map<string, LogRecord[]>();
  for (const r of window.logs) {
    if (r.traceId === undefined) continue;
    const list = byTrace.get(r.traceId);
    if (list) list.push(r);
    else byTrace.set(r.traceId, [r]);
  }
  for (const list of byTrace.values()) list.sort((a, b) => byTime(a.timestamp, b.timestamp) || byText(a.body, b.body));
  return (roots) => {
    if (window.joined && !window.joined(roots[0]!.span.traceId)) return () => undefined;
    const bySpan = new Map<TraceNode, LogRecord[]>();
    const nodes = roots.flatMap((r) => r.all);
    const byId = new Map(nodes.toReversed().map((n) => [n.span.spanId, n]));
    for (const r of byTrace.get(roots[0]!.span.traceId) ?? []) {
      const node = r.spanId === undefined ? latestOf(r, nodes) : byId.get(r.spanId);
      if (!node) continue;
      const list = bySpan.get(node);
      if (list) list.push(r);
      else bySpan.set(node, [r]);
    }
    return (node) => (covered && !within(node.span.start, covered) ? undefined : (bySpan.get(node) ?? []));
  };
}

/** The service's latest span that had begun when the record was written. */
function latestOf(r: LogRecord, nodes: TraceNode[]): TraceNode | undefined {
  const at = toMs(r.timestamp);
  let best: TraceNode | undefined;
  for (const n of nodes) {
    if (n.span.service === r.service && n.span.start <= at && (!best || n.span.start >= best.span.start)) best = n;
  }
  return best;
}
