/** Rule: network policies that together let nothing into the pods of a workload, or nothing out of them. */
import { MINUTE, toMs } from '../core/time.ts';
import type { Cluster } from './kube-cluster.ts';
import { at, type Item, list, nameOf, namespaceOf, type StateReading, selects, strings, text } from './kube-objects.ts';
import { about, type KubeRule } from './kube-told.ts';

export const policyRule: KubeRule = {
  needs: ['networkpolicies', 'pods', 'deployments', 'statefulsets'],
  read: (cluster) => {
    const pods = new Map(cluster.of('pods').map((p) => [`${namespaceOf(p)} ${cluster.serviceOf(p)}`, p]));
    return [...pods.values()].flatMap((pod) => [
      ...readSide(pod, 'Ingress', cluster),
      ...readSide(pod, 'Egress', cluster),
    ]);
  },
};

/** Policies add up: what any of them allows is allowed; one that selects a pod forbids all else. */
function readSide(pod: Item, side: 'Ingress' | 'Egress', cluster: Cluster): StateReading[] {
  const key = side === 'Ingress' ? 'ingress' : 'egress';
  const policies = cluster
    .of('networkpolicies')
    .filter(
      (p) =>
        namespaceOf(p) === namespaceOf(pod) &&
        selectedBy(at(p, 'spec', 'podSelector'), pod) &&
        typesOf(p).includes(side),
    );
  const policy = policies[0];
  if (!policy) return [];
  const rules = policies.flatMap((p) => list(at(p, 'spec', key)));
  const open = rules.filter((r) => reachesSomebody(list(r[side === 'Ingress' ? 'from' : 'to']), pod, cluster));
  if (open.length > 0) return [];
  const what = side === 'Ingress' ? 'lets no traffic reach its pods' : 'lets its pods reach nobody, not even DNS';
  const told = {
    rule: `the NetworkPolicy ${nameOf(policy)} ${what}`,
    category: 'config-change' as const,
    strength: isOld(policies, cluster) ? OLD : 0.65,
    quote: `${nameOf(policy)} ${side}`,
    field: { path: ['spec', 'policyTypes'], is: side },
  };
  return [{ ...about(cluster, 'networkpolicies', pod, told), object: nameOf(policy) }];
}

/** A policy that has stood for so long has let the traffic be for so long, or nobody misses it, ms. */
const LONG = 60 * MINUTE;
const OLD = 0.15;

const isOld = (policies: Item[], cluster: Cluster): boolean =>
  policies.every((p) => cluster.now - toMs(text(at(p, 'metadata', 'creationTimestamp'))) > LONG);

const typesOf = (p: Item): string[] => {
  const types = at(p, 'spec', 'policyTypes');
  if (Array.isArray(types)) return types.map(String);
  return at(p, 'spec', 'egress') === undefined ? ['Ingress'] : ['Ingress', 'Egress'];
};

/** A rule without peers allows all; one whose peers are pods of this namespace of which there is none allows nobody. */
function reachesSomebody(peers: Item[], pod: Item, cluster: Cluster): boolean {
  if (peers.length === 0) return true;
  return peers.some(
    (peer) =>
      peer.namespaceSelector !== undefined ||
      peer.ipBlock !== undefined ||
      cluster.of('pods').some((p) => namespaceOf(p) === namespaceOf(pod) && selectedBy(peer.podSelector, p)),
  );
}

const selectedBy = (selector: unknown, pod: Item): boolean =>
  selects(strings(at(selector, 'matchLabels')), at(pod, 'metadata', 'labels')) &&
  list(at(selector, 'matchExpressions')).every((e) => fits(e, at(pod, 'metadata', 'labels', String(e.key))));

function fits(e: Item, value: unknown): boolean {
  const values = Array.isArray(e.values) ? e.values : [];
  switch (e.operator) {
    case 'In':
      return values.includes(value);
    case 'NotIn':
      return !values.includes(value);
    case 'Exists':
      return value !== undefined;
    default:
      return value === undefined;
  }
}
