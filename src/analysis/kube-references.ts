/** Rule: settings that lead to a Service by a port that it does not offer, by a misspelt name, or to the wrong one. */

import { byText } from '../core/canonical.ts';
import { nearest } from '../core/text.ts';
import { type Address, addressesOf } from './kube-addresses.ts';
import type { Cluster } from './kube-cluster.ts';
import { expectation } from './kube-expected.ts';
import { at, containersOf, type Item, list, nameOf, namespaceOf, type StateReading, selects } from './kube-objects.ts';
import { about, type KubeRule, type Told } from './kube-told.ts';

export const referenceRule: KubeRule = {
  needs: ['services', 'deployments', 'statefulsets', 'daemonsets', 'pods', 'configmaps'],
  read(cluster) {
    const references = cluster.workloads.flatMap((client) => addressesOf(client, cluster).map((a) => ({ client, a })));
    return references.flatMap(({ client, a }) => {
      const told = readReference(client, a, references, cluster);
      return told ? [told] : [];
    });
  },
};

interface Reference {
  client: Item;
  a: Address;
}

const servicesNear = (client: Item, a: Address, cluster: Cluster): Item[] =>
  cluster.of('services').filter((s) => namespaceOf(s) === (a.namespace ?? namespaceOf(client)));

function readReference(client: Item, a: Address, all: Reference[], cluster: Cluster): StateReading | undefined {
  const near = servicesNear(client, a, cluster);
  const kind =
    ['deployments', 'statefulsets', 'daemonsets'].find((k) => cluster.of(k).includes(client)) ?? 'deployments';
  const tell = (rule: string, strength: number): StateReading =>
    about(cluster, kind, client, { rule, category: 'config-change', strength, ...proofOf(client, a) });
  const service = near.find((s) => nameOf(s) === a.host);
  if (!service) {
    const names = cluster
      .of('services')
      .filter((s) => namespaceOf(s) === namespaceOf(client))
      .map(nameOf);
    if (names.length === 0) return undefined;
    if (a.inCluster && names.includes(a.host) && near.length === 0)
      return tell(
        `its variable ${a.variable} leads to ${a.host} in the namespace ${a.namespace}, which has no such Service`,
        0.7,
      );
    const like = a.namespace === undefined ? nearest(a.host, names) : undefined;
    const used = all.some((r) => r.client === client && r.a.host === like);
    return like !== undefined && !used
      ? tell(`its variable ${a.variable} leads to ${a.host}, which is no Service (${like} is one)`, 0.8)
      : undefined;
  }
  const offered = offeredPorts(service, cluster);
  if (a.port !== undefined && offered.length > 0 && !offered.includes(a.port)) {
    if (!isServiceWrong(service, a.port, all, cluster))
      return tell(
        `its variable ${a.variable} leads to port ${a.port} of ${a.host}, whose Service offers ${offered.join(', ')}`,
        0.85,
      );
    return {
      kind: 'services',
      object: nameOf(service),
      namespace: namespaceOf(service),
      service: nameOf(service),
      level: 'service',
      rule: `its Service offers port ${offered.join(', ')}, and its clients ask for ${a.port}`,
      category: 'config-change',
      strength: 0.85,
      quote: `port ${offered.join(', ')}`,
      field: { path: ['spec', 'ports', 'port'], is: offered[0]! },
    };
  }
  const expected = expectation(near.map(nameOf))(
    a.variable.replace(/_(?:HOST|HOSTNAME|ADDR|ADDRESS|URL|URI|ENDPOINT|SERVER)$/i, ''),
  );
  const used = all.some((r) => r.client === client && r.a.host === expected);
  return expected !== undefined && expected !== a.host && !used
    ? tell(`its variable ${a.variable} leads to ${a.host}, not to ${expected}`, 0.8)
    : undefined;
}

/** A variable of the workload's own is a field; one of a ConfigMap is told by its value. */
function proofOf(client: Item, a: Address): Pick<Told, 'quote' | 'field' | 'quoted'> {
  const own = containersOf(client).some((c) => list(c.env).some((e) => e.name === a.variable && e.value === a.value));
  const quote = `${a.variable}=${a.value}`;
  if (!own) return { quote: a.value, quoted: 'configmaps' };
  return {
    quote,
    field: { path: ['spec', 'template', 'spec', 'containers', 'env', a.variable, 'value'], is: a.value },
  };
}

/** The ports of a Service; behind one without an address of its own clients reach the pods' ports as well. */
function offeredPorts(service: Item, cluster: Cluster): string[] {
  const ports = list(at(service, 'spec', 'ports'));
  const own = ports.map((p) => String(p.port));
  if (at(service, 'spec', 'clusterIP') !== 'None') return own;
  const pods = podsOf(service, cluster);
  const targets = ports.map((p) => String(p.targetPort));
  return [...new Set([...own, ...targets, ...pods.flatMap(portsOf)])];
}

const podsOf = (service: Item, cluster: Cluster): Item[] =>
  [...cluster.workloads, ...cluster.of('pods')].filter(
    (p) =>
      namespaceOf(p) === namespaceOf(service) &&
      selects(
        at(service, 'spec', 'selector'),
        at(p, 'spec', 'template', 'metadata', 'labels') ?? at(p, 'metadata', 'labels'),
      ),
  );

const portsOf = (item: Item): string[] =>
  containersOf(item).flatMap((c) => list(c.ports).map((p) => String(p.containerPort)));

/** Several clients agree on the port, or the pods listen on it: then the Service is what differs. */
function isServiceWrong(service: Item, port: string, all: Reference[], cluster: Cluster): boolean {
  const clients = all.filter(
    (r) =>
      r.a.host === nameOf(service) &&
      r.a.port !== undefined &&
      (r.a.namespace ?? namespaceOf(r.client)) === namespaceOf(service),
  );
  const names = (list: Reference[]): string[] => [...new Set(list.map((r) => nameOf(r.client)))].sort(byText);
  const same = names(clients.filter((r) => r.a.port === port));
  const others = names(clients.filter((r) => r.a.port !== port));
  if (others.length > 0) return same.length > others.length;
  return same.length > 1 || podsOf(service, cluster).flatMap(portsOf).includes(port);
}
