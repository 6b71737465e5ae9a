/** Rule: a pod that finds no node, and why, in the words of the scheduler and of its claims. */
import type { Category } from '../core/types.ts';
import { type Cluster, warned } from './kube-cluster.ts';
import { at, conditionOf, type Item, list, nameOf, selects, strings, text } from './kube-objects.ts';
import { saidBy, type Told } from './kube-told.ts';
import { whyUnbound } from './kube-volumes.ts';

/** What the scheduler says of nodes that it refuses. */
const REFUSALS: [RegExp, string, Category][] = [
  [
    /Insufficient (?:cpu|memory|ephemeral-storage|pods|[\w.]+\/[\w.-]+)|Too many pods/i,
    'no node has enough of what it requests left',
    'resource-exhaustion',
  ],
  [
    /didn't match Pod's node affinity|didn't match node selector|node affinity\/selector/i,
    'no node matches its node selector or affinity',
    'config-change',
  ],
  [/pod (?:anti-)?affinity|anti-affinity/i, 'its rules of pod (anti-)affinity leave no node', 'config-change'],
  [/topology spread/i, 'its topology spread constraints leave no node', 'config-change'],
  [/free ports/i, 'the host port that it wants is taken on every node', 'config-change'],
  [/max volume count/i, 'no node can attach another volume', 'resource-exhaustion'],
  [/volume node affinity/i, 'its volume lies on a node that it may not run on', 'config-change'],
  [
    /unbound immediate PersistentVolumeClaims|persistentvolumeclaim|find available persistent volumes/i,
    'its volume claim is not bound',
    'config-change',
  ],
  [
    /node\.kubernetes\.io\/(?:not-ready|unreachable|network-unavailable)/i,
    'the nodes that it could run on are not ready',
    'infrastructure',
  ],
  [
    /node\.kubernetes\.io\/[\w-]+-pressure/i,
    'the nodes that it could run on are under pressure',
    'resource-exhaustion',
  ],
  [/taint/i, 'it does not tolerate the taints of the nodes', 'config-change'],
  [/unschedulable/i, 'the nodes that it could run on are cordoned', 'config-change'],
];
/** Cordons and taints keep every pod away; where something else refuses nodes too, that is what differs. */
const COMMON = /unschedulable|taint/i;

/** What a pod says that has no node; undefined for one that has. */
export function readUnscheduled(pod: Item, cluster: Cluster): Told | undefined {
  const condition = conditionOf(pod, 'PodScheduled');
  const waits = text(at(pod, 'spec', 'nodeName')) === '' && at(pod, 'status', 'phase') === 'Pending';
  if (condition?.status !== 'False' && !(waits && condition === undefined)) return undefined;
  if (list(at(pod, 'spec', 'schedulingGates')).length > 0) return undefined;
  const event = warned(cluster.eventsOf(pod), /^FailedScheduling$/);
  const own = text(condition?.message);
  const said = own || event?.message || '';
  const field =
    condition?.status === 'False'
      ? { path: ['status', 'conditions', 'PodScheduled', 'status'], is: 'False' }
      : undefined;
  if (said === '' && cluster.newest > 0) {
    // Nobody ever tried: only a scheduler that is gone, or one by another name, is silent.
    const wanted = text(at(pod, 'spec', 'schedulerName'));
    const named = wanted !== '' && wanted !== 'default-scheduler';
    return {
      rule: named ? 'Pending: the scheduler that it names does not act' : 'Pending: no scheduler acts on the pod',
      category: named ? 'config-change' : 'infrastructure',
      strength: 0.8,
      quote: named ? wanted : 'PodScheduled False without a reason',
      ...(field ? { field } : {}),
    };
  }
  const parts = refusalsOf(said);
  const telling = parts.filter((p) => !COMMON.test(p));
  const told = [...telling, ...parts].map((p) => REFUSALS.find(([pattern]) => pattern.test(p))).find((r) => r);
  const claim = told && /claim|volume/.test(told[1]) ? whyUnbound(pod, cluster) : undefined;
  const why =
    claim ?? (told?.[1].includes('selector') ? selection(pod, told[1], cluster) : told?.[1]) ?? 'no node takes it';
  return {
    rule: `FailedScheduling: ${why}`,
    category: told?.[2] ?? 'config-change',
    strength: 0.85,
    ...(own === '' && event ? saidBy(event) : { quote: said || 'PodScheduled False', ...(field ? { field } : {}) }),
  };
}

/** `0/4 nodes are available: 1 Insufficient cpu, 3 node(s) …. preemption: …`: the reasons, those of most nodes first. */
function refusalsOf(message: string): string[] {
  const body = message.replace(/\s*preemption:.*$/is, '').replace(/^\d+\/\d+ nodes are available:\s*/i, '');
  const counted = (s: string): number => Number(/^\s*(\d+)/.exec(s)?.[1] ?? 0);
  return body
    .split(/,\s+(?=\d+ )/)
    .map((text, i) => ({ text, i }))
    .sort((a, b) => counted(b.text) - counted(a.text) || a.i - b.i)
    .map((p) => p.text);
}

/** A node selector in its own words; where nodes match it that are cordoned, that is why. */
function selection(pod: Item, rule: string, cluster: Cluster): string {
  const selector = strings(at(pod, 'spec', 'nodeSelector'));
  const pairs = Object.entries(selector).map(([k, v]) => `${k}=${v}`);
  if (pairs.length === 0) return rule;
  const matching = cluster.of('nodes').filter((n) => selects(selector, at(n, 'metadata', 'labels')));
  const cordoned = matching.length > 0 && matching.every((n) => at(n, 'spec', 'unschedulable') === true);
  if (!cordoned) return `${rule} (${pairs.join(', ')})`;
  return `the nodes that match its node selector (${pairs.join(', ')}) are cordoned: ${matching.map(nameOf).join(', ')}`;
}
