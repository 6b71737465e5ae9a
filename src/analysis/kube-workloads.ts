/** Rule: workloads that are short of replicas: switched off, a roll-out that is stuck, autoscalers at their end. */
import type { Cluster } from './kube-cluster.ts';
import { at, conditionOf, type Item, nameOf, namespaceOf, type StateReading, text } from './kube-objects.ts';
import { about, type KubeRule, type Told } from './kube-told.ts';

export const workloadRule: KubeRule = {
  needs: ['deployments', 'statefulsets', 'daemonsets', 'horizontalpodautoscalers'],
  read: (cluster) => [
    ...['deployments', 'statefulsets', 'daemonsets'].flatMap((kind) =>
      cluster.of(kind).flatMap((w) => {
        const told = readWorkload(w);
        return told ? [about(cluster, kind, w, told)] : [];
      }),
    ),
    ...cluster.of('horizontalpodautoscalers').flatMap((h) => readAutoscaler(h, cluster)),
  ],
};

function readWorkload(w: Item): Told | undefined {
  if (at(w, 'spec', 'replicas') === 0)
    return {
      rule: 'it is scaled to zero replicas',
      category: 'config-change',
      strength: 0.6,
      quote: '0 replicas wanted',
      field: { path: ['spec', 'replicas'], is: '0' },
    };
  if (at(w, 'status') === undefined) return undefined;
  const wanted = Number(
    at(w, 'spec', 'replicas') ?? at(w, 'status', 'desiredNumberScheduled') ?? at(w, 'status', 'replicas') ?? 0,
  );
  const counted = ['readyReplicas', 'availableReplicas', 'numberReady'].find(
    (key) => at(w, 'status', key) !== undefined,
  );
  const raw = counted === undefined ? null : String(at(w, 'status', counted));
  if (Number(raw ?? 0) >= wanted) return undefined;
  const progress = conditionOf(w, 'Progressing');
  if (progress?.reason === 'ProgressDeadlineExceeded')
    return {
      rule: 'ProgressDeadlineExceeded: its roll-out is stuck, the new replica set gets no ready pods',
      category: 'config-change',
      strength: 0.5,
      symptom: true,
      quote: text(progress.message) || 'ProgressDeadlineExceeded',
    };
  return {
    rule: 'it is short of ready replicas',
    category: 'config-change',
    strength: 0.4,
    symptom: true,
    quote: `${raw ?? 0} of ${wanted} replicas ready`,
    field: { path: ['status', counted ?? 'readyReplicas'], is: raw },
  };
}

/** An autoscaler that may not go on, or cannot read what it scales by. */
function readAutoscaler(h: Item, cluster: Cluster): StateReading[] {
  const target = text(at(h, 'spec', 'scaleTargetRef', 'name'));
  const owner = cluster.workloads.find((w) => nameOf(w) === target && namespaceOf(w) === namespaceOf(h));
  const limited = conditionOf(h, 'ScalingLimited');
  const active = conditionOf(h, 'ScalingActive');
  const base = {
    kind: 'horizontalpodautoscalers',
    object: nameOf(h),
    namespace: namespaceOf(h),
    service: owner ? cluster.serviceOf(owner) : target,
    level: 'service' as const,
  };
  if (limited?.status === 'True' && limited.reason === 'TooManyReplicas')
    return [
      {
        ...base,
        rule: 'ScalingLimited: its autoscaler wants more replicas than it may make (maxReplicas)',
        category: 'resource-exhaustion',
        strength: 0.5,
        quote: text(limited.message) || 'TooManyReplicas',
        field: { path: ['status', 'conditions', 'ScalingLimited', 'status'], is: 'True' },
      },
    ];
  if (active?.status === 'False' && /^FailedGet|^InvalidMetric|^InvalidSelector/.test(text(active.reason)))
    return [
      {
        ...base,
        rule: `${text(active.reason)}: its autoscaler cannot read what it scales by`,
        category: 'config-change',
        strength: 0.3,
        quote: text(active.message) || text(active.reason),
        field: { path: ['status', 'conditions', 'ScalingActive', 'status'], is: 'False' },
      },
    ];
  return [];
}
