/** Rule: nodes that are not ready, under pressure or without network, in the words of their conditions. */
import { warned } from './kube-cluster.ts';
import { at, type Item, list, nameOf, type StateReading, text } from './kube-objects.ts';
import type { KubeRule } from './kube-told.ts';

export const NOT_READY = 'NodeNotReady: the node is not ready';

export const nodeRule: KubeRule = {
  needs: ['nodes', 'events'],
  read: (cluster) =>
    cluster.of('nodes').flatMap((node) => {
      const full = warned(cluster.eventsOf(node), /^(?:EvictionThresholdMet|FreeDiskSpaceFailed|ImageGCFailed)$/);
      const said = list(at(node, 'status', 'conditions')).flatMap((c) => readCondition(node, c));
      if (said.length > 0 || !full) return said;
      const rule = `${full.reason}: the node is short of a resource`;
      return [
        {
          ...ofNode(node),
          rule,
          category: 'resource-exhaustion',
          strength: 0.5,
          quote: full.message,
          quoted: 'events',
        },
      ];
    }),
};

const ofNode = (node: Item): Pick<StateReading, 'kind' | 'object' | 'service' | 'level'> => ({
  kind: 'nodes',
  object: nameOf(node),
  service: nameOf(node),
  level: 'node',
});

/** Words of a node's problem detector count as well: every condition but Ready is bad when true. */
function readCondition(node: Item, c: Item): StateReading[] {
  const type = text(c.type);
  const bad =
    type === 'Ready'
      ? c.status !== 'True'
      : /Pressure|Unavailable|Problem|Deadlock|ReadonlyFilesystem|Corrupt/.test(type) && c.status === 'True';
  if (!bad) return [];
  // Only the missing kubelet tells nothing of disk and memory: `Unknown` is not pressure.
  const silent = /NodeStatusUnknown|stopped posting/i.test(`${text(c.reason)} ${text(c.message)}`);
  const why = silent ? ': its kubelet does not report' : '';
  return [
    {
      ...ofNode(node),
      rule: type === 'Ready' ? `${NOT_READY}${why}` : `the node is under ${type}`,
      category: 'infrastructure',
      strength: 0.85,
      quote: text(c.message) || `${type} ${text(c.status)}`,
      field: { path: ['status', 'conditions', type, 'status'], is: text(c.status) },
    },
  ];
}
