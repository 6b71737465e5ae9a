/**
 * Blame flows from the alerting service down the calls: each callee takes the share of its caller's harm that its own
 * harm can account for, the rest stays. Masses add up to 1, so they say where, never how sure.
 */
import { byText } from '../core/canonical.ts';
import { edgeKey, type Harm } from './excess.ts';
import type { Symptom } from './kinds.ts';
import { squash } from './stats.ts';

/** Mass below this is not followed further. */
const MASS_MIN = 1e-3;
/** z at which a symptom is half believed. */
const HALF = 10;
/** A callee that suffers in another way (slow while its caller fails) may account for this much of the harm at most. */
const CROSS_SHARE = 0.8;
const CROSS_GATE = 3;
/** An alert that names no metric is mostly a front end that only carries the message. */
const MESSENGER = 0;

export interface Blame {
  /** Share of the harm by service. */
  mass: Map<string, number>;
  /** z of the alerting service's own or strongest symptom: what there is to explain. */
  rootZ: number;
}

/** Blame over all symptom families, each weighted by how abnormal it is. */
export function blame(root: string, calls: [string, string][], harms: Map<Symptom, Harm>, named: boolean): Blame {
  const callees = new Map<string, string[]>();
  for (const [caller, callee] of calls) {
    const list = callees.get(caller) ?? [];
    if (list.length === 0) callees.set(caller, list);
    if (!list.includes(callee)) list.push(callee);
  }
  for (const list of callees.values()) list.sort(byText);
  const mass = new Map<string, number>();
  let weights = 0;
  let rootZ = 0;
  for (const [family, harm] of harms) {
    const others = [...harms].filter(([f]) => f !== family).map(([, h]) => h);
    const flowed = flow(root, callees, harm, named || family === 'latency' ? [] : others);
    if (!flowed) continue;
    const weight = squash(harm.zMax, HALF);
    weights += weight;
    rootZ = Math.max(rootZ, harm.nodes.get(root)?.z ?? 0, ...edgeZ(root, callees, harm));
    for (const [node, m] of flowed) mass.set(node, (mass.get(node) ?? 0) + weight * m);
  }
  if (weights > 0) for (const [node, m] of mass) mass.set(node, m / weights);
  if (!named && [...mass].some(([node, m]) => node !== root && m > 0)) {
    mass.set(root, (mass.get(root) ?? 0) * MESSENGER);
  }
  return { mass, rootZ };
}

const edgeZ = (v: string, callees: Map<string, string[]>, harm: Harm): number[] =>
  (callees.get(v) ?? []).map((c) => harm.edges.get(edgeKey(v, c))?.z ?? 0);

function flow(
  root: string,
  callees: Map<string, string[]>,
  harm: Harm,
  others: Harm[],
): Map<string, number> | undefined {
  const xOf = (caller: string, callee: string): number | undefined =>
    harm.edges.get(edgeKey(caller, callee))?.x ?? harm.nodes.get(callee)?.x;
  const otherZ = (caller: string, callee: string): number =>
    Math.max(0, ...others.map((h) => h.edges.get(edgeKey(caller, callee))?.z ?? h.nodes.get(callee)?.z ?? 0));
  /** Direct callees, those without any data replaced by theirs. */
  const heirs = (v: string, path: Set<string>, seen: Set<string> = new Set()): [string, number][] =>
    (callees.get(v) ?? []).flatMap((c): [string, number][] => {
      if (path.has(c) || seen.has(c)) return [];
      const x = xOf(v, c);
      return x === undefined ? heirs(c, path, new Set([...seen, c])) : [[c, x]];
    });
  const result = new Map<string, number>();
  const rootX = harm.nodes.get(root)?.x || Math.max(0, ...heirs(root, new Set([root])).map(([, x]) => x));
  if (rootX <= 0) return undefined;
  const visit = (v: string, x: number, mass: number, path: Set<string>): void => {
    const shares = new Map<string, { share: number; x: number }>();
    for (const [c, cx] of heirs(v, path)) {
      const cross = v === root ? 0 : crossShare(otherZ(v, c));
      const share = Math.max(x > 0 ? Math.min(1, cx / x) : 0, cross);
      if (share > (shares.get(c)?.share ?? 0)) shares.set(c, { share, x: cx });
    }
    const total = [...shares.values()].reduce((s, c) => s + c.share, 0);
    const scale = total > 1 ? 1 / total : 1;
    let left = mass;
    for (const [c, { share, x: cx }] of shares) {
      const m = mass * share * scale;
      if (m < MASS_MIN) continue;
      left -= m;
      visit(c, cx, m, new Set([...path, c]));
    }
    result.set(v, (result.get(v) ?? 0) + left);
  };
  visit(root, rootX, 1, new Set([root]));
  return result;
}

const crossShare = (z: number): number => (z >= CROSS_GATE ? CROSS_SHARE * squash(z, HALF) : 0);
