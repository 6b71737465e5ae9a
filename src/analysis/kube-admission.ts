/** Rule: pods that the API server refuses to create: quotas, limit ranges, accounts, policies, webhooks. */
import type { Category } from '../core/types.ts';
import { type Cluster, type KubeEvent, warned } from './kube-cluster.ts';
import { at, conditionOf, type Item, namespaceOf, type StateReading, text } from './kube-objects.ts';
import { isByQuota, REFUSED_STRENGTH, readQuotas } from './kube-quotas.ts';
import { about, type KubeRule, saidBy, type Told } from './kube-told.ts';

/** Why creating a pod is refused; the first that matches. */
const REFUSED: [RegExp, string, Category][] = [
  [/exceeded quota/i, 'the quota of its namespace is used up', 'resource-exhaustion'],
  [
    /failed quota: .*must specify/i,
    'it names no requests or limits, which the quota of its namespace demands',
    'config-change',
  ],
  [
    /(?:maximum|minimum|max|min) .*(?:usage|limit|request)|must be less than or equal to/i,
    'its requests or limits break the LimitRange of its namespace or each other',
    'config-change',
  ],
  [/serviceaccount ".*" not found|looking up service account/i, 'its service account does not exist', 'config-change'],
  [
    /PodSecurity|pod security policy|security context constraint/i,
    'the security policy of its namespace forbids it',
    'config-change',
  ],
  [/no PriorityClass|priority class/i, 'its priority class does not exist', 'config-change'],
  [
    /failed calling webhook|webhook .* (?:timeout|refused|unavailable|no endpoints)/i,
    'an admission webhook does not answer',
    'infrastructure',
  ],
  [/admission webhook .* denied/i, 'an admission webhook denies it', 'config-change'],
  [
    /etcdserver|connection refused|timed? ?out|Internal error occurred/i,
    'the control plane does not create it',
    'infrastructure',
  ],
  [/Invalid value|is invalid/i, 'its pod template is not valid', 'config-change'],
];

export const admissionRule: KubeRule = {
  needs: ['deployments', 'statefulsets', 'daemonsets', 'replicasets', 'events', 'resourcequotas'],
  read(cluster) {
    const refused = cluster.workloads.flatMap((w) => {
      const why = whyRefused(w, cluster);
      return why ? [{ w, why }] : [];
    });
    const quotas = readQuotas(
      refused.map(({ w, why }) => ({ namespace: namespaceOf(w), message: why.message })),
      cluster,
    );
    const full = new Set(quotas.map((q) => q.service));
    return [...quotas, ...refused.map(({ w, why }) => ofWorkload(w, why, full, cluster))];
  },
};

/** What a workload's controllers last heard when they made its pods; undefined where it has all that it wants. */
function whyRefused(w: Item, cluster: Cluster): { message: string; event?: KubeEvent } | undefined {
  const failure = conditionOf(w, 'ReplicaFailure');
  const refused = failure?.status === 'True';
  const has = Number(at(w, 'status', 'replicas') ?? at(w, 'status', 'currentNumberScheduled') ?? 0);
  const wanted = Number(at(w, 'spec', 'replicas') ?? at(w, 'status', 'desiredNumberScheduled') ?? 1);
  if (!refused && (has >= wanted || at(w, 'status') === undefined)) return undefined;
  const own = [w, ...cluster.of('replicasets').filter((rs) => cluster.ownerOf(rs) === w)];
  const events = own.flatMap((item) => cluster.eventsOf(item)).sort((a, b) => b.last - a.last);
  const event = warned(events, /^FailedCreate$/);
  const message = text(failure?.message) || event?.message || '';
  if (!refused && message === '') return undefined;
  return { message, ...(event && text(failure?.message) === '' ? { event } : {}) };
}

function ofWorkload(
  w: Item,
  why: { message: string; event?: KubeEvent },
  full: Set<string>,
  cluster: Cluster,
): StateReading {
  const known = REFUSED.find(([pattern]) => pattern.test(why.message));
  const byQuota = full.has(namespaceOf(w)) && isByQuota(why.message);
  const short = byQuota || known?.[2] === 'resource-exhaustion';
  const told: Told = {
    rule: `FailedCreate: its pods cannot be created${known ? `: ${known[1]}` : ''}`,
    category: short ? 'resource-exhaustion' : (known?.[2] ?? 'config-change'),
    // Where a quota is used up, the quota is why.
    strength: byQuota ? REFUSED_STRENGTH / 2 : REFUSED_STRENGTH,
    ...(why.event ? saidBy(why.event) : { quote: why.message }),
    ...(why.message === ''
      ? { field: { path: ['status', 'conditions', 'ReplicaFailure', 'status'], is: 'True' } }
      : {}),
  };
  return about(cluster, kindOf(w, cluster), w, told);
}

const kindOf = (w: Item, cluster: Cluster): string =>
  ['deployments', 'statefulsets', 'daemonsets'].find((k) => cluster.of(k).includes(w)) ?? 'deployments';
