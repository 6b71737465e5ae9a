/** What Kubernetes objects say plainly about a workload, a node or a service. Only live state counts, not old events. */
import type { Category } from '../core/types.ts';
import { at, type Item, list, nameOf, type Reading, type StateReading, text, workloadOf } from './kube-objects.ts';
import { readPod } from './kube-pods.ts';

/** Readings of all objects, in the order of kinds and items given. */
export function readObjects(objects: { kind: string; items: unknown[] }[]): StateReading[] {
  const of = (kind: string): unknown[] => objects.filter((o) => o.kind === kind).flatMap((o) => o.items);
  const said = (kind: string, readings: Reading[]): StateReading[] => readings.map((r) => ({ kind, ...r }));
  const workloads = new Set([
    ...['deployments', 'statefulsets'].flatMap(of).map(nameOf),
    ...of('pods').map(workloadOf),
  ]);
  return [
    ...said('nodes', of('nodes').flatMap(readNode)),
    ...said('pods', of('pods').flatMap(readPod)),
    ...said('deployments', of('deployments').flatMap(readWorkload)),
    ...said('statefulsets', of('statefulsets').flatMap(readWorkload)),
    ...said('endpoints', readEndpoints(of('services'), of('endpoints'), workloads)),
    ...said('resourcequotas', of('resourcequotas').flatMap(readQuota)),
  ];
}

function readNode(node: unknown): Reading[] {
  return list(at(node, 'status', 'conditions')).flatMap((c): Reading[] => {
    const type = text(c.type);
    const bad = type === 'Ready' ? c.status !== 'True' : /Pressure|Unavailable/.test(type) && c.status === 'True';
    if (!bad) return [];
    const rule = type === 'Ready' ? 'the node is not ready' : `the node is under ${type}`;
    return [
      {
        rule,
        object: nameOf(node),
        service: nameOf(node),
        level: 'node',
        category: 'infrastructure',
        strength: 0.85,
        quote: text(c.message) || `${type} ${text(c.status)}`,
        field: { path: ['status', 'conditions', type, 'status'], is: text(c.status) },
      },
    ];
  });
}

function readWorkload(w: unknown): Reading[] {
  const wanted = Number(at(w, 'spec', 'replicas') ?? at(w, 'status', 'replicas') ?? 0);
  const counted = ['readyReplicas', 'availableReplicas'].find((key) => at(w, 'status', key) !== undefined);
  const raw = counted === undefined ? null : String(at(w, 'status', counted));
  const ready = Number(raw ?? 0);
  const base = { object: nameOf(w), service: nameOf(w), level: 'service' as const };
  if (at(w, 'spec', 'replicas') === 0) {
    return [
      {
        ...base,
        rule: 'the workload is scaled to nothing',
        category: 'config-change',
        strength: 0.6,
        quote: '0 replicas wanted',
        field: { path: ['spec', 'replicas'], is: '0' },
      },
    ];
  }
  if (at(w, 'status') === undefined || ready >= wanted) return [];
  const failing = list(at(w, 'status', 'conditions')).find((c) => c.type === 'ReplicaFailure' && c.status === 'True');
  if (failing) {
    const why = text(failing.message);
    const category: Category = /quota|exceeded|insufficient/i.test(why) ? 'resource-exhaustion' : 'config-change';
    const field = { path: ['status', 'conditions', 'ReplicaFailure', 'status'], is: 'True' };
    return [{ ...base, rule: 'its pods cannot be created', category, strength: 0.9, quote: why, field }];
  }
  return [
    {
      ...base,
      rule: 'the workload is short of replicas',
      category: 'config-change',
      strength: 0.4,
      quote: `${ready} of ${wanted} replicas ready`,
      field: { path: ['status', counted ?? 'readyReplicas'], is: raw },
    },
  ];
}

/** `workloads` are the names of what could stand behind a service: without one nothing was ever meant to. */
function readEndpoints(services: unknown[], endpoints: unknown[], workloads: Set<string>): Reading[] {
  return services.flatMap((s): Reading[] => {
    const selector = at(s, 'spec', 'selector');
    if (typeof selector !== 'object' || selector === null || Object.keys(selector).length === 0) return [];
    const own = endpoints.find(
      (e) => nameOf(e) === nameOf(s) && at(e, 'metadata', 'namespace') === at(s, 'metadata', 'namespace'),
    );
    if (!own || list(at(own, 'subsets')).some((x) => list(x.addresses).length > 0)) return [];
    const meant = workloads.has(nameOf(s)) || Object.values(selector).some((v) => workloads.has(text(v)));
    const base = { object: nameOf(s), service: nameOf(s), level: 'service' as const };
    return [
      {
        ...base,
        rule: 'the service has no endpoint',
        category: 'config-change',
        strength: meant ? 0.6 : 0.1,
        quote: `selector ${JSON.stringify(selector)}`,
        field: { path: ['subsets', 'addresses', 'ip'], is: null },
      },
    ];
  });
}

function readQuota(q: unknown): Reading[] {
  const hard = at(q, 'status', 'hard') ?? {};
  return Object.keys(hard as Item).flatMap((key): Reading[] => {
    const limit = text(at(hard, key));
    const used = text(at(q, 'status', 'used', key));
    if (limit === '' || used !== limit) return [];
    const namespace = text(at(q, 'metadata', 'namespace'));
    return [
      {
        rule: 'a quota is used up',
        object: nameOf(q),
        service: namespace,
        level: 'other',
        category: 'resource-exhaustion',
        strength: 0.5,
        quote: `${key} ${used} of ${limit}`,
        field: { path: ['status', 'used', key], is: used },
      },
    ];
  });
}
