/** Which readings other readings explain: symptoms of what depends on something that is ill itself. */
import { addressesOf } from './kube-addresses.ts';
import type { Cluster } from './kube-cluster.ts';
import { NOT_READY } from './kube-nodes.ts';
import { at, type Item, nameOf, namespaceOf, type StateReading, text } from './kube-objects.ts';

/** What another object explains weighs half. */
const EXPLAINED = 0.5;
/** A cause this strong explains the symptoms of whoever needs it. */
const ILL = 0.6;
/** So many that are ill at once are no coincidence. */
const SEVERAL = 3;

/** The readings, those halved that another one explains. `refused` are services that a server refused, as logs tell. */
export function withExplained(all: StateReading[], refused: string[], cluster: Cluster): StateReading[] {
  const lost = new Set(all.filter((r) => r.rule.startsWith(NOT_READY)).map((r) => r.service));
  const stranded = lost.size === 0 ? [] : cluster.of('pods').filter((p) => isStranded(p, lost));
  const pods = new Set(stranded.map((p) => keyOf(namespaceOf(p), nameOf(p))));
  const theirs = new Set(stranded.map((p) => keyOf(namespaceOf(p), cluster.serviceOf(p))));
  const explains = explainers(all, cluster);
  const crashing = new Set(all.filter((r) => r.kind === 'pods' && r.symptom === true).map(whose));
  const together = crashing.size >= SEVERAL && all.some((r) => r.refuses === true && !crashing.has(whose(r)));
  return all.map((r) => {
    const explained =
      (r.kind === 'pods' && pods.has(keyOf(r.namespace, r.object))) ||
      (r.symptom === true &&
        (theirs.has(whose(r)) ||
          refused.includes(r.service) ||
          (together && r.kind === 'pods') ||
          explains(whose(r), r.strength)));
    return explained ? { ...r, strength: EXPLAINED * r.strength } : r;
  });
}

const keyOf = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`;
/** Two of one name in different namespaces are two. */
const whose = (r: StateReading): string => keyOf(r.namespace, r.service);

/** On a lost node, or without one while a node is lost. */
const isStranded = (pod: Item, lost: Set<string>): boolean => {
  const node = text(at(pod, 'spec', 'nodeName'));
  return node === '' || lost.has(node);
};

/** Whether something that a service's settings lead to is ill of its own, or plainly worse than it. */
function explainers(all: StateReading[], cluster: Cluster): (service: string, strength: number) => boolean {
  const causes = new Map<string, number>();
  const worst = new Map<string, number>();
  const raise = (map: Map<string, number>, r: StateReading): void => {
    map.set(whose(r), Math.max(map.get(whose(r)) ?? 0, r.strength));
  };
  for (const r of all) {
    if (r.level !== 'service') continue;
    raise(worst, r);
    if (r.symptom !== true) raise(causes, r);
  }
  const needs = needsOf(cluster);
  return (service, strength) =>
    [...(needs.get(service) ?? [])].some(
      (s) => s !== service && ((causes.get(s) ?? 0) >= ILL || ((worst.get(s) ?? 0) >= ILL && worst.get(s)! > strength)),
    );
}

/** The services that each one's settings lead to. */
function needsOf(cluster: Cluster): Map<string, Set<string>> {
  const needs = new Map<string, Set<string>>();
  for (const w of cluster.workloads) {
    const own = keyOf(namespaceOf(w), cluster.serviceOf(w));
    const hosts = needs.get(own) ?? new Set<string>();
    for (const a of addressesOf(w, cluster)) hosts.add(keyOf(a.namespace ?? namespaceOf(w), a.host));
    needs.set(own, hosts);
  }
  return needs;
}
