/** Rule: what a pod's own state says: each container, its scheduling, its readiness, its eviction. */
import { type Cluster, warned } from './kube-cluster.ts';
import { readCrash } from './kube-crashes.ts';
import { readImage } from './kube-images.ts';
import { at, conditionOf, containersOf, type Item, list, nameOf, type StateReading, text } from './kube-objects.ts';
import { readUnready } from './kube-probes.ts';
import { readUnscheduled } from './kube-scheduling.ts';
import { readSettings, readStuck } from './kube-starts.ts';
import { about, type KubeRule, type Told } from './kube-told.ts';

export const podRule: KubeRule = {
  needs: ['pods', 'events', 'deployments', 'statefulsets', 'replicasets', 'secrets', 'configmaps'],
  read: (cluster) => cluster.of('pods').flatMap((pod) => readPod(pod, cluster)),
};

function readPod(pod: Item, cluster: Cluster): StateReading[] {
  const told = toldBy(pod, cluster);
  // A cluster's own components are below every team's workloads.
  const system = /^kube-/.test(text(at(pod, 'metadata', 'namespace')));
  return told.map((t) => about(cluster, 'pods', pod, system ? { ...t, category: 'infrastructure' } : t));
}

function toldBy(pod: Item, cluster: Cluster): Told[] {
  if (/Succeeded|Completed/.test(text(at(pod, 'status', 'phase')))) return [];
  if (at(pod, 'metadata', 'deletionTimestamp') !== undefined) return leaving(pod, cluster);
  const evicted = readEvicted(pod);
  if (evicted) return [evicted];
  const statuses = [
    ...list(at(pod, 'status', 'containerStatuses')),
    ...list(at(pod, 'status', 'initContainerStatuses')),
  ];
  const out = statuses.flatMap((c): Told[] => {
    if (at(c, 'state', 'terminated', 'exitCode') === 0) return [];
    const told =
      readImage(pod, c, cluster) ??
      readSettings(pod, c, cluster) ??
      readCrash(pod, c, specOf(pod, c, cluster), cluster);
    return told ? [told] : [];
  });
  if (out.length > 0) return out;
  const unscheduled = readUnscheduled(pod, cluster);
  if (unscheduled) return [unscheduled];
  const waiting = statuses.some((c) =>
    /^(?:ContainerCreating|PodInitializing)$/.test(text(at(c, 'state', 'waiting', 'reason'))),
  );
  const stuck =
    waiting || (at(pod, 'status', 'phase') === 'Pending' && statuses.length === 0)
      ? readStuck(pod, cluster)
      : undefined;
  if (stuck) return [stuck];
  const unready = readUnready(pod, cluster);
  return unready ? [unready] : [];
}

/** The container as its workload declares it: what a mesh injects is no fault of the team's. */
function specOf(pod: Item, status: Item, cluster: Cluster): Item | undefined {
  const named = (item: unknown): Item | undefined => containersOf(item).find((c) => c.name === status.name);
  const owner = cluster.ownerOf(pod);
  return (owner && named(owner)) ?? named(pod);
}

function readEvicted(pod: Item): Told | undefined {
  if (at(pod, 'status', 'phase') !== 'Failed' || at(pod, 'status', 'reason') !== 'Evicted') return undefined;
  return {
    rule: 'Evicted: the kubelet removed it because its node was low on a resource',
    category: 'resource-exhaustion',
    strength: 0.6,
    quote: text(at(pod, 'status', 'message')) || 'Evicted',
  };
}

/** A pod that should be gone and cannot go; one that just goes says nothing. */
function leaving(pod: Item, cluster: Cluster): Told[] {
  const failed = warned(cluster.eventsOf(pod), /^FailedKillPod$/);
  const lost = conditionOf(pod, 'Ready')?.status === 'False' && text(at(pod, 'status', 'reason')) === 'NodeLost';
  if (!failed && !lost) return [];
  const quote = failed?.message || `${nameOf(pod)} NodeLost`;
  return [
    {
      rule: 'it cannot be ended',
      category: 'infrastructure',
      strength: 0.5,
      quote,
      ...(failed ? { quoted: 'events' } : {}),
    },
  ];
}
