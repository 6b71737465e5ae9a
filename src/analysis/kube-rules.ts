/** What the objects of a cluster say plainly: all rules, and what explains what. Live state counts, events explain it. */

import { addressesOf } from './kube-addresses.ts';
import { admissionRule } from './kube-admission.ts';
import { type Cluster, toCluster } from './kube-cluster.ts';
import { NOT_READY, nodeRule } from './kube-nodes.ts';
import { at, nameOf, type StateReading, text } from './kube-objects.ts';
import { podRule } from './kube-pods.ts';
import { policyRule } from './kube-policies.ts';
import { referenceRule } from './kube-references.ts';
import { routeRule } from './kube-routes.ts';
import { serviceRule } from './kube-services.ts';
import type { KubeRule } from './kube-told.ts';
import { volumeRule } from './kube-volumes.ts';
import { workloadRule } from './kube-workloads.ts';

const RULES: KubeRule[] = [
  nodeRule,
  podRule,
  admissionRule,
  volumeRule,
  workloadRule,
  serviceRule,
  referenceRule,
  routeRule,
  policyRule,
];

/** Every kind that a rule reads, those that say most of a fault first. */
export const KUBE_KINDS = [...new Set(['pods', 'events', ...RULES.flatMap((r) => r.needs)])];

/** What another object explains weighs half. */
const EXPLAINED = 0.5;
/** Something this ill explains others. */
const ILL = 0.6;

/** So many that are ill at once are no coincidence. */
const SEVERAL = 3;

/**
 * Readings of all objects, in the order of the rules and of the items given. `refused` are services that some server
 * refused, which the logs told: their symptoms are explained.
 */
export function readObjects(objects: { kind: string; items: unknown[] }[], refused: string[] = []): StateReading[] {
  const cluster = toCluster(objects);
  const all = RULES.filter((r) => r.needs.some((kind) => cluster.of(kind).length > 0)).flatMap((r) => r.read(cluster));
  const lost = new Set(all.filter((r) => r.rule.startsWith(NOT_READY)).map((r) => r.service));
  const stranded = strandedPods(lost, cluster);
  const needs = needsOf(cluster);
  const ill = new Map<string, number>();
  for (const r of all) if (r.level === 'service') ill.set(r.service, Math.max(ill.get(r.service) ?? 0, r.strength));
  const crashing = new Set(all.filter((r) => r.kind === 'pods' && r.symptom === true).map((r) => r.service));
  const together = crashing.size >= SEVERAL && all.some((r) => r.refuses === true && !crashing.has(r.service));
  return all.map((r) => {
    const half = { ...r, strength: EXPLAINED * r.strength };
    if (r.kind === 'pods' && stranded.has(r.object)) return half;
    if (r.symptom !== true) return r;
    if (refused.includes(r.service) || (together && r.kind === 'pods')) return half;
    const blamed = [...(needs.get(r.service) ?? [])].some(
      (s) => s !== r.service && (ill.get(s) ?? 0) >= Math.max(ILL, r.strength + 0.01),
    );
    return blamed ? half : r;
  });
}

/** Pods on a lost node, and those that find no other one. */
const strandedPods = (lost: Set<string>, cluster: Cluster): Set<string> =>
  new Set(
    lost.size === 0
      ? []
      : cluster
          .of('pods')
          .filter((p) => [...lost, ''].includes(text(at(p, 'spec', 'nodeName'))))
          .map(nameOf),
  );

/** The services that each one's settings lead to. */
function needsOf(cluster: Cluster): Map<string, Set<string>> {
  const needs = new Map<string, Set<string>>();
  for (const w of cluster.workloads) {
    const own = cluster.serviceOf(w);
    const hosts = needs.get(own) ?? new Set<string>();
    for (const a of addressesOf(w, cluster)) hosts.add(a.host);
    needs.set(own, hosts);
  }
  return needs;
}
