/** What the objects of a cluster say plainly: all rules, and what explains what. Live state counts, events explain it. */

import { admissionRule } from './kube-admission.ts';
import { toCluster } from './kube-cluster.ts';
import { withExplained } from './kube-explained.ts';
import { nodeRule } from './kube-nodes.ts';
import type { StateReading } from './kube-objects.ts';
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

/** What is weaker stands like that in many a healthy cluster: a service that nobody uses, an old policy. */
export const REMARKABLE = 0.2;

/** Every kind that a rule reads, those that say most of a fault first. */
export const KUBE_KINDS = [...new Set(['pods', 'events', ...RULES.flatMap((r) => r.needs)])];

/**
 * Readings of all objects, in the order of the rules and of the items given. `refused` are services that some server
 * refused, which the logs told: their symptoms are explained. `now` is the moment of the question, ms.
 */
export function readObjects(
  objects: { kind: string; items: unknown[] }[],
  { refused = [], now }: { refused?: string[]; now?: number } = {},
): StateReading[] {
  const cluster = toCluster(objects, now);
  const all = RULES.filter((r) => r.needs.some((kind) => cluster.of(kind).length > 0)).flatMap((r) => r.read(cluster));
  return withExplained(all, refused, cluster);
}
