/** Rule: Services that lead nowhere: a selector that matches no pod, a target port that no pod has. */
import type { Cluster } from './kube-cluster.ts';
import {
  at,
  conditionOf,
  containersOf,
  type Item,
  labelNames,
  list,
  nameOf,
  namespaceOf,
  type StateReading,
  selects,
  strings,
  templateOf,
  text,
} from './kube-objects.ts';
import { isForeignPort } from './kube-probe-fault.ts';
import type { KubeRule } from './kube-told.ts';

/** A service behind which nothing was ever meant to stand. */
const UNUSED = 0.1;

export const serviceRule: KubeRule = {
  needs: ['services', 'endpoints', 'endpointslices', 'pods', 'deployments', 'statefulsets'],
  read: (cluster) => cluster.of('services').flatMap((s) => readService(s, cluster)),
};

function readService(s: Item, cluster: Cluster): StateReading[] {
  const selector = strings(at(s, 'spec', 'selector'));
  if (Object.keys(selector).length === 0) return [];
  const near = cluster.of('pods').filter((p) => namespaceOf(p) === namespaceOf(s));
  const pods = near.filter((p) => selects(selector, at(p, 'metadata', 'labels')));
  const reached = hasEndpoints(s, cluster);
  const ports = pods.length === 0 ? [] : list(at(s, 'spec', 'ports')).filter((p) => leadsNowhere(p, pods));
  const wrong = ports[0];
  const written = Object.entries(selector).map(([k, v]) => `${k}=${v}`);
  const base = {
    object: nameOf(s),
    namespace: namespaceOf(s),
    service: nameOf(s),
    level: 'service' as const,
    category: 'config-change' as const,
  };
  // Pods need not declare the numbers of their ports; a name that is resolved is declared, whether it was recorded or not.
  const named = Number.isNaN(Number(wrong?.targetPort));
  const told = pods.some((p) => containersOf(p).some((c) => list(c.ports).some((x) => text(x.name) !== '')));
  const resolved = named && (reached === true || (reached === undefined && !told));
  if (wrong && ports.length === list(at(s, 'spec', 'ports')).length && !resolved) {
    const port = String(wrong.targetPort);
    return [
      {
        ...base,
        kind: 'services',
        rule: `its Service leads to the target port ${port}, which its pods do not have`,
        strength: reached === false ? 0.9 : 0.75,
        quote: `targetPort ${port}`,
        field: { path: ['spec', 'ports', 'targetPort'], is: port },
      },
    ];
  }
  // Where endpoints were not recorded, pods tell of a selector that matches none, and of nothing else.
  if (reached === true || (reached === undefined && (pods.length > 0 || near.length === 0))) return [];
  const quote = `selector ${written.join(', ')}`;
  const [label, value] = Object.entries(selector)[0]!;
  const proof =
    reached === false
      ? { kind: 'endpoints', quote, field: { path: ['subsets', 'addresses', 'ip'], is: null } }
      : { kind: 'services', quote, field: { path: ['spec', 'selector', label], is: value } };
  if (pods.length > 0) {
    const ready = pods.some((p) => conditionOf(p, 'Ready')?.status === 'True');
    return [
      {
        ...base,
        ...proof,
        rule: 'its Service has no endpoint: no pod of it is ready',
        strength: ready ? 0.6 : 0.5,
        symptom: true,
      },
    ];
  }
  const meant = meantBy(s, selector, cluster);
  if (meant === undefined) return [{ ...base, ...proof, rule: 'its Service has no endpoint', strength: UNUSED }];
  const away = Number(at(meant, 'spec', 'replicas') ?? 1) === 0;
  if (selects(selector, at(templateOf(meant), 'metadata', 'labels')))
    return [
      {
        ...base,
        ...proof,
        rule: `its Service has no endpoint: there is no pod of it`,
        strength: away ? 0.3 : 0.5,
        symptom: true,
      },
    ];
  return [
    {
      ...base,
      ...proof,
      rule: `its Service has no endpoint: the selector (${written.join(', ')}) matches no pod`,
      strength: 0.9,
    },
  ];
}

/** Undefined where neither endpoints nor slices of it were recorded. */
function hasEndpoints(s: Item, cluster: Cluster): boolean | undefined {
  const mine = (e: Item): boolean => namespaceOf(e) === namespaceOf(s);
  const own = cluster.of('endpoints').find((e) => mine(e) && nameOf(e) === nameOf(s));
  if (own) return list(at(own, 'subsets')).some((x) => list(x.addresses).length > 0);
  const slices = cluster
    .of('endpointslices')
    .filter((e) => mine(e) && at(e, 'metadata', 'labels', 'kubernetes.io/service-name') === nameOf(s));
  if (slices.length === 0) return undefined;
  return slices.some((e) => list(e.endpoints).some((x) => at(x, 'conditions', 'ready') !== false));
}

/** No container of any of its pods has the port that the Service leads to. */
function leadsNowhere(port: Item, pods: Item[]): boolean {
  const target = port.targetPort;
  if (typeof target !== 'string' && typeof target !== 'number') return false;
  const containers = pods.flatMap(containersOf).filter((c) => list(c.ports).length > 0);
  return containers.length > 0 && containers.every((c) => isForeignPort(String(target), c));
}

/**
 * The workload that a Service without pods was made for: one whose pods it would select, the one of its name, or one
 * that differs in a label that pods are given with their template. A label that pods get while they run (the leader of
 * a group) is nobody's mistake.
 */
function meantBy(s: Item, selector: Record<string, string>, cluster: Cluster): Item | undefined {
  const near = cluster.workloads.filter((w) => namespaceOf(w) === namespaceOf(s));
  const labelsOf = (w: Item): unknown => at(templateOf(w), 'metadata', 'labels');
  const whole = near.find((w) => selects(selector, labelsOf(w)));
  if (whole) return whole;
  const named = near.find((w) => nameOf(w) === nameOf(s) || labelNames(labelsOf(w)).includes(nameOf(s)));
  const pairs = Object.entries(selector);
  const almost = near.find((w) => {
    const different = pairs.filter(([k, v]) => at(labelsOf(w), k) !== v);
    return pairs.length > 1 && different.length === 1 && at(labelsOf(w), different[0]![0]) !== undefined;
  });
  return named ?? almost;
}
