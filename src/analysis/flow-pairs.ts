/** Pairs of adjacent events inside the spans of an operation, counted on both sides. */
import type { LogRecord } from '../core/telemetry.ts';
import { locationOf, maskLine } from './log-template.ts';
import type { Side, TraceNode } from './trace-tree.ts';

/** Fewer spans with the antecedent on a side say nothing about a share. */
const SPANS_MIN = 3;
/** A share must rise by this much: smaller drifts are the weather of a request mix. */
const RISE_MIN = 0.15;
/** Two-proportion z of a rise that chance hardly makes (one-sided p = .006). */
const Z_MIN = 2.5;
/** Occurrences of one event inside a span that are told apart: two statements may print the same text. */
const OCCURRENCES = 2;

export interface Pair {
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

export interface Operation {
  service: string;
  name: string;
  antecedents: Map<string, Antecedent>;
  pairs: Map<string, Pair>;
}

/** The events of one span in order: its log lines, or its calls; occurrences tagged. */
export function tagged(kind: string, events: string[]): string[] {
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
export function operationOf(operations: Map<string, Operation>, node: TraceNode): Operation {
  const key = `${node.span.service}\n${node.operation}`;
  let found = operations.get(key);
  if (!found) {
    found = { service: node.span.service, name: node.operation, antecedents: new Map(), pairs: new Map() };
    operations.set(key, found);
  }
  return found;
}

/** Counts the antecedents and pairs of a span's sequence, each once. */
export function countPairs(op: Operation, side: Side, sequence: string[]): void {
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
export function weigh(p: Pair): number {
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

/** The pair of these sequences with the greatest weight above 0; of equal ones the first. */
export function strongestPair(op: Operation, sequences: string[][]): Pair | undefined {
  let strongest: Pair | undefined;
  for (const sequence of sequences) {
    for (let i = 0; i + 1 < sequence.length; i++) {
      const p = op.pairs.get(`${sequence[i]}\n${sequence[i + 1]}`);
      if (p && p.weight > (strongest?.weight ?? 0)) strongest = p;
    }
  }
  return strongest;
}
