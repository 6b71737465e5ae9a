/**
 * How the flow inside an operation changed: of its spans in which event A happened, the share in which B came next,
 * before and after. The idea of comparing adjacent event pairs is Nezha's (Yu et al., ESEC/FSE 2023); conditioning on A
 * makes it immune to another mix of requests.
 */

import { byText } from '../core/canonical.ts';
import type { FlowChange } from '../core/capabilities.ts';
import type { LogRecord } from '../core/telemetry.ts';
import { locationOf, maskLine } from './log-template.ts';
import type { LogJoin } from './spans.ts';
import { failed, type Side, type TraceNode, type Traces } from './trace-tree.ts';

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

/** Counts the antecedents and pairs of a span's sequence, each once. */
function countPairs(op: Operation, side: Side, sequence: string[]): void {
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
 * Flow changes of the operations of these traces, strongest first. `join` gives the records of a trace's spans in order,
 * or undefined where logs do not cover their time. The masses of a service's changes add up to the mean, over the traces
 * after the onset, of its strongest change that no descendant explains. Passes over the traces twice: to count, and to
 * find what survives.
 */
export function flowChanges(traces: Traces, join: LogJoin): FlowChange[] {
  const operations = new Map<string, Operation>();
  const texts = new WeakMap<LogRecord, string>();
  const textOf = (r: LogRecord): string => {
    const text = texts.get(r) ?? eventOf(r);
    texts.set(r, text);
    return text;
  };
  const sequencesOf = (node: TraceNode, records: LogRecord[] | undefined): string[][] => [
    ...(records ? [tagged('log ', records.map(textOf))] : []),
    tagged(
      'call ',
      node.children.map((c) => `${c.span.service} | ${c.operation}`),
    ),
  ];
  let after = 0;
  for (const roots of traces) {
    if (roots.some((r) => r.side === 'after')) after++;
    const logs = join(roots);
    for (const node of roots.flatMap((r) => r.all)) {
      if (!node.counted) continue;
      for (const sequence of sequencesOf(node, logs(node)))
        countPairs(operationOf(operations, node), node.side, sequence);
    }
  }
  for (const op of operations.values()) for (const p of op.pairs.values()) p.weight = weigh(p);

  const mass = new Map<Pair, { mass: number; service: string; operation: string; traceId: string }>();
  for (const roots of traces) {
    const best: Strongest = new Map();
    const logs = join(roots);
    const ownOf = (node: TraceNode): Pair | undefined => {
      if (!node.counted || node.side !== 'after') return undefined;
      return strongestPair(operationOf(operations, node), sequencesOf(node, logs(node)));
    };
    for (const root of roots) surviving(root, ownOf, best);
    for (const { pair, node } of best.values()) {
      const { service, traceId } = node.span;
      const m = mass.get(pair) ?? { mass: 0, service, operation: node.operation, traceId };
      m.mass += pair.weight / after;
      mass.set(pair, m);
    }
  }
  return [...mass]
    .map(
      ([p, { mass: m, service, operation, traceId }]): FlowChange => ({
        service,
        operation,
        a: p.a,
        b: p.b,
        before: { share: share(p.before, p.antecedent.before), of: p.antecedent.before },
        after: { share: share(p.after, p.antecedent.after), of: p.antecedent.after },
        mass: Number(m.toPrecision(6)),
        traceId,
      }),
    )
    .sort(
      (x, y) =>
        y.mass - x.mass ||
        byText(`${x.service}\n${x.operation}\n${x.a}\n${x.b}`, `${y.service}\n${y.operation}\n${y.a}\n${y.b}`),
    )
    .slice(0, FLOWS_MAX);
}

const share = (n: number, of: number): number => Number((n / of).toFixed(4));

/** The pair of these sequences with the greatest weight above 0; of equal ones the first. */
function strongestPair(op: Operation, sequences: string[][]): Pair | undefined {
  let strongest: Pair | undefined;
  for (const sequence of sequences) {
    for (let i = 0; i + 1 < sequence.length; i++) {
      const p = op.pairs.get(`${sequence[i]}\n${sequence[i + 1]}`);
      if (p && p.weight > (strongest?.weight ?? 0)) strongest = p;
    }
  }
  return strongest;
}

/** A service's strongest unexplained change of one trace. */
type Strongest = Map<string, { pair: Pair; node: TraceNode }>;

/** Finds each service's strongest unexplained change of one trace; returns the strongest weight at or below the node. */
function surviving(node: TraceNode, ownOf: (node: TraceNode) => Pair | undefined, best: Strongest): number {
  let below = 0;
  for (const c of node.children) below = Math.max(below, surviving(c, ownOf, best));
  // What a span says or does after one of its calls failed is the answer to that failure.
  const own = node.children.some(failed) ? undefined : ownOf(node);
  if (own && below < EXPLAINED * own.weight) {
    const have = best.get(node.span.service);
    if (!have || own.weight > have.pair.weight) best.set(node.span.service, { pair: own, node });
  }
  return Math.max(below, own?.weight ?? 0);
}
