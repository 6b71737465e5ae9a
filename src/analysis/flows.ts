/**
 * How the flow inside an operation changed: of its spans in which event A happened, the share in which B came next,
 * before and after. The idea of comparing adjacent event pairs is Nezha's (Yu et al., ESEC/FSE 2023); conditioning on A
 * makes it immune to another mix of requests.
 */

import { byText } from '../core/canonical.ts';
import type { FlowChange } from '../core/capabilities.ts';
import type { LogRecord } from '../core/telemetry.ts';
import { locationOf, maskLine } from './log-template.ts';
import { failed, type TraceNode } from './trace-tree.ts';

/** Fewer spans with the antecedent on a side say nothing about a share. */
const SPANS_MIN = 3;
/** A share must rise by this much: smaller drifts are the weather of a request mix. */
const RISE_MIN = 0.15;
/** Two-proportion z of a rise that chance hardly makes (one-sided p = .006). */
const Z_MIN = 2.5;
/** A caller's change is explained by a descendant whose own change is nearly as strong. */
const EXPLAINED = 0.8;
/** Occurrences of one event inside a span that are told apart: two statements may print the same text. */
const OCCURRENCES = 2;
const FLOWS_MAX = 40;

interface Pair {
  a: string;
  b: string;
  antecedent: Antecedent;
  before: number;
  after: number;
  weight: number;
}

interface Antecedent {
  before: number;
  after: number;
}

interface Operation {
  service: string;
  name: string;
  antecedents: Map<string, Antecedent>;
  pairs: Map<string, Pair>;
}

/** The events of one span in order: its log lines, or its calls; occurrences tagged. */
function tagged(kind: string, events: string[]): string[] {
  const seen = new Map<string, number>();
  const out = [`${kind}start`];
  for (const e of events) {
    const n = Math.min(OCCURRENCES, (seen.get(e) ?? 0) + 1);
    seen.set(e, n);
    out.push(n === 1 ? e : `${e} ~${n}`);
  }
  out.push(`${kind}end`);
  return out;
}

/** Text of a log line as an event of a flow. */
export const eventOf = (record: LogRecord): string => {
  const head = record.body.split('\n', 1)[0]!;
  return locationOf(head) ?? maskLine(head);
};

/** The operation that a node belongs to, made on first sight. */
function operationOf(operations: Map<string, Operation>, node: TraceNode): Operation {
  const key = `${node.span.service}\n${node.operation}`;
  let found = operations.get(key);
  if (!found) {
    found = { service: node.span.service, name: node.operation, antecedents: new Map(), pairs: new Map() };
    operations.set(key, found);
  }
  return found;
}

function countPairs(op: Operation, node: TraceNode, sequence: string[], into: Pair[]): void {
  const side = node.side;
  const seenA = new Set<string>();
  const seenPair = new Set<string>();
  for (let i = 0; i + 1 < sequence.length; i++) {
    const a = sequence[i]!;
    const b = sequence[i + 1]!;
    let antecedent = op.antecedents.get(a);
    if (!antecedent) {
      antecedent = { before: 0, after: 0 };
      op.antecedents.set(a, antecedent);
    }
    if (!seenA.has(a)) {
      seenA.add(a);
      antecedent[side]++;
    }
    const key = `${a}\n${b}`;
    if (seenPair.has(key)) continue;
    seenPair.add(key);
    let pair = op.pairs.get(key);
    if (!pair) {
      pair = { a, b, antecedent, before: 0, after: 0, weight: 0 };
      op.pairs.set(key, pair);
    }
    pair[side]++;
    if (side === 'after') into.push(pair);
  }
}

/** Rise of the share × novelty²: a pair that was never seen counts whole, a drift from .7 to 1 hardly at all. */
function weigh(p: Pair): number {
  const { before: nb, after: na } = p.antecedent;
  if (nb < SPANS_MIN || na < SPANS_MIN) return 0;
  const before = p.before / nb;
  const after = p.after / na;
  const rise = after - before;
  if (rise < RISE_MIN) return 0;
  const pooled = (p.before + p.after + 1) / (nb + na + 2);
  const z = rise / Math.sqrt(pooled * (1 - pooled) * (1 / nb + 1 / na));
  return z < Z_MIN ? 0 : rise * (1 - before / after) ** 2;
}

/**
 * Flow changes of the operations of these traces, strongest first. `traces` are sorted lists of root nodes by trace;
 * `logs` gives the records of a span in order, or undefined where logs do not cover its time. The masses of a service's
 * changes add up to the mean, over the traces after the onset, of its strongest change that no descendant explains.
 */
export function flowChanges(traces: TraceNode[][], logs: (node: TraceNode) => LogRecord[] | undefined): FlowChange[] {
  const operations = new Map<string, Operation>();
  const pairsOf = new Map<TraceNode, Pair[]>();
  let after = 0;
  for (const roots of traces) {
    if (roots.some((r) => r.side === 'after')) after++;
    for (const root of roots) {
      for (const node of root.all) {
        if (!node.counted) continue;
        const op = operationOf(operations, node);
        const pairs: Pair[] = [];
        const records = logs(node);
        if (records) countPairs(op, node, tagged('log ', records.map(eventOf)), pairs);
        const calls = node.children.map((c) => `${c.span.service} | ${c.operation}`);
        countPairs(op, node, tagged('call ', calls), pairs);
        if (node.side === 'after') pairsOf.set(node, pairs);
      }
    }
  }
  for (const op of operations.values()) for (const p of op.pairs.values()) p.weight = weigh(p);

  const mass = new Map<Pair, { mass: number; node: TraceNode; weight: number }>();
  for (const roots of traces) {
    const best = new Map<string, { pair: Pair; node: TraceNode }>();
    for (const root of roots) surviving(root, pairsOf, best);
    for (const { pair, node } of best.values()) {
      const m = mass.get(pair) ?? { mass: 0, node, weight: pair.weight };
      m.mass += pair.weight / after;
      mass.set(pair, m);
    }
  }
  return [...mass]
    .map(([p, m]): FlowChange => {
      const { service } = m.node.span;
      return {
        service,
        operation: m.node.operation,
        a: p.a,
        b: p.b,
        before: { share: share(p.before, p.antecedent.before), of: p.antecedent.before },
        after: { share: share(p.after, p.antecedent.after), of: p.antecedent.after },
        mass: Number(m.mass.toPrecision(6)),
        traceId: m.node.span.traceId,
      };
    })
    .sort(
      (x, y) =>
        y.mass - x.mass ||
        byText(`${x.service}\n${x.operation}\n${x.a}\n${x.b}`, `${y.service}\n${y.operation}\n${y.a}\n${y.b}`),
    )
    .slice(0, FLOWS_MAX);
}

const share = (n: number, of: number): number => Number((n / of).toFixed(4));

/** Finds each service's strongest unexplained change of one trace; returns the strongest weight at or below the node. */
function surviving(
  node: TraceNode,
  pairsOf: Map<TraceNode, Pair[]>,
  best: Map<string, { pair: Pair; node: TraceNode }>,
): number {
  let below = 0;
  for (const c of node.children) below = Math.max(below, surviving(c, pairsOf, best));
  let own: Pair | undefined;
  // What a span says or does after one of its calls failed is the answer to that failure.
  const answers = node.children.some(failed);
  if (!answers) for (const p of pairsOf.get(node) ?? []) if (p.weight > (own?.weight ?? 0)) own = p;
  if (own && below < EXPLAINED * own.weight) {
    const have = best.get(node.span.service);
    if (!have || own.weight > have.pair.weight) best.set(node.span.service, { pair: own, node });
  }
  return Math.max(below, own?.weight ?? 0);
}
