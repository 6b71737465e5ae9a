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
  // Where a quota is used up and pods are refused, the quota is why.
  const refused = new Set(['deployments', 'statefulsets'].flatMap(of).filter(isRefused).map(namespaceOf));
  const quotas = of('resourcequotas').flatMap((q) => readQuota(q, refused));
  const full = new Set(quotas.map((q) => q.service));
  const nodes = of('nodes').flatMap(readNode);
  const lost = new Set(nodes.filter((n) => n.rule === NOT_READY).map((n) => n.service));
  return [
    ...said('nodes', nodes),
    ...said(
      'pods',
      of('pods').flatMap((p) => explainedBy(lost, p, readPod(p))),
    ),
    ...said(
      'deployments',
      of('deployments').flatMap((w) => readWorkload(w, full)),
    ),
    ...said(
      'statefulsets',
      of('statefulsets').flatMap((w) => readWorkload(w, full)),
    ),
    ...said('endpoints', readEndpoints(of('services'), of('endpoints'), workloads)),
    ...said('resourcequotas', quotas),
  ];
}

/** A workload whose pods the cluster refuses, and a quota that makes it refuse them. */
const REFUSED = 0.9;
/** What another object explains weighs half. */
const EXPLAINED = 0.5;

const NOT_READY = 'the node is not ready';

/** What a pod says that runs on a lost node, or that finds no other one. */
function explainedBy(lost: Set<string>, pod: unknown, readings: Reading[]): Reading[] {
  const node = text(at(pod, 'spec', 'nodeName'));
  if (lost.size === 0 || (node !== '' && !lost.has(node))) return readings;
  return readings.map((r) => ({ ...r, strength: EXPLAINED * r.strength }));
}

const namespaceOf = (item: unknown): string => text(at(item, 'metadata', 'namespace'));
const failureOf = (w: unknown): Item | undefined =>
  list(at(w, 'status', 'conditions')).find((c) => c.type === 'ReplicaFailure' && c.status === 'True');
const isRefused = (w: unknown): boolean => failureOf(w) !== undefined;

function readNode(node: unknown): Reading[] {
  return list(at(node, 'status', 'conditions')).flatMap((c): Reading[] => {
    const type = text(c.type);
    const bad = type === 'Ready' ? c.status !== 'True' : /Pressure|Unavailable/.test(type) && c.status === 'True';
    if (!bad) return [];
    const rule = type === 'Ready' ? NOT_READY : `the node is under ${type}`;
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

function readWorkload(w: unknown, full: Set<string>): Reading[] {
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
  const failing = failureOf(w);
  if (failing) {
    const why = text(failing.message);
    const short = full.has(namespaceOf(w)) || /quota|exceeded|insufficient/i.test(why);
    const category: Category = short ? 'resource-exhaustion' : 'config-change';
    const strength = full.has(namespaceOf(w)) ? EXPLAINED * REFUSED : REFUSED;
    const field = { path: ['status', 'conditions', 'ReplicaFailure', 'status'], is: 'True' };
    return [{ ...base, rule: 'its pods cannot be created', category, strength, quote: why, field }];
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

function readQuota(q: unknown, refused: Set<string>): Reading[] {
  const hard = at(q, 'status', 'hard') ?? {};
  return Object.keys(hard as Item).flatMap((key): Reading[] => {
    const limit = text(at(hard, key));
    const used = text(at(q, 'status', 'used', key));
    if (limit === '' || used !== limit) return [];
    const namespace = namespaceOf(q);
    return [
      {
        rule: 'a quota is used up',
        object: nameOf(q),
        service: namespace,
        level: 'other',
        category: 'resource-exhaustion',
        strength: refused.has(namespace) ? REFUSED : 0.5,
        quote: `${key} ${used} of ${limit}`,
        field: { path: ['status', 'used', key], is: used },
      },
    ];
  });
}
