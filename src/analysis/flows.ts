/**
 * How the flow inside an operation changed: of its spans in which event A happened, the share in which B came next,
 * before and after. The idea of comparing adjacent event pairs is Nezha's (Yu et al., ESEC/FSE 2023); conditioning on A
 * makes it immune to another mix of requests.
 */

import { byText } from '../core/canonical.ts';
import type { FlowChange } from '../core/capabilities.ts';
import type { LogRecord } from '../core/telemetry.ts';
import {
  countPairs,
  eventOf,
  type Operation,
  operationOf,
  type Pair,
  strongestPair,
  tagged,
  weigh,
} from './flow-pairs.ts';
import type { LogJoin } from './spans.ts';
import { failed, type TraceNode, type Traces } from './trace-tree.ts';

/** A caller's change is explained by a descendant whose own change is nearly as strong. */
const EXPLAINED = 0.8;
const FLOWS_MAX = 40;

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
