/** Rule: containers that are never created: missing settings, volumes that cannot be mounted, sandboxes without network. */
import type { Category } from '../core/types.ts';
import { type Cluster, warned } from './kube-cluster.ts';
import { at, type Item, list, nameOf, namespaceOf, text } from './kube-objects.ts';
import { saidBy, type Told } from './kube-told.ts';

/** Why the kubelet cannot make a container's settings. */
const SETTINGS: [RegExp, string][] = [
  [/secret "[^"]+" not found/i, 'a Secret that it refers to does not exist'],
  [/configmap "[^"]+" not found/i, 'a ConfigMap that it refers to does not exist'],
  [
    /couldn't find key|references non-existent (?:secret|config) key/i,
    'a key of a Secret or ConfigMap that it refers to does not exist',
  ],
  [/runAsNonRoot|non-root/i, 'its image runs as root, which its security context forbids'],
];

/** Why a pod that has a node gets no containers; the first that matches. */
const STUCK: [RegExp, RegExp, string, Category][] = [
  [
    /^FailedMount$/,
    /secret "[^"]+" not found|references non-existent secret key/i,
    'FailedMount: a Secret that it mounts does not exist',
    'config-change',
  ],
  [
    /^FailedMount$/,
    /configmap "[^"]+" not found|references non-existent config key/i,
    'FailedMount: a ConfigMap that it mounts does not exist',
    'config-change',
  ],
  [
    /^FailedMount$/,
    /not a directory|is not a file|hostPath type check failed|no such file/i,
    'FailedMount: the path that it mounts does not exist',
    'config-change',
  ],
  [
    /^FailedAttachVolume$/,
    /multi-attach/i,
    'FailedAttachVolume: its volume is still attached to another node',
    'infrastructure',
  ],
  [/^Failed(?:Mount|AttachVolume|MapVolume)$/, /./, 'its volume cannot be attached or mounted', 'infrastructure'],
  [
    /^FailedCreatePodSandBox$/,
    /OOM|memory limit too low/i,
    'OOMKilled: its memory limit is too low to start at all',
    'resource-exhaustion',
  ],
  [
    /^FailedCreatePodSandBox$/,
    /no IP addresses available|failed to allocate for range|insufficient.*(?:ip|address)/i,
    'FailedCreatePodSandBox: the node has no pod addresses left',
    'infrastructure',
  ],
  [
    /^FailedCreatePodSandBox$/,
    /RuntimeHandler|runtime class/i,
    'FailedCreatePodSandBox: its runtime class is not known on the node',
    'config-change',
  ],
  [
    /^FailedCreatePodSandBox$/,
    /./,
    'FailedCreatePodSandBox: the node cannot make its sandbox (network plug-in, runtime)',
    'infrastructure',
  ],
  [/^NetworkNotReady$/, /./, 'NetworkNotReady: the network of its node is not ready', 'infrastructure'],
];

/** `CreateContainerConfigError`: a reference of the container's settings leads nowhere. */
export function readSettings(pod: Item, container: Item, cluster: Cluster): Told | undefined {
  const waiting = at(container, 'state', 'waiting');
  if (at(waiting, 'reason') !== 'CreateContainerConfigError') return undefined;
  const own = text(at(waiting, 'message'));
  const failed = warned(cluster.eventsOf(pod), /^Failed$/, /not found|couldn't find|non-existent|non-root/i);
  const said = own || failed?.message || '';
  const why =
    SETTINGS.find(([pattern]) => pattern.test(said))?.[1] ?? missing(pod, cluster) ?? 'its settings cannot be made';
  return {
    rule: `CreateContainerConfigError: ${why}`,
    category: 'config-change',
    strength: 0.9,
    ...(own === '' && failed ? saidBy(failed) : { quote: own || 'CreateContainerConfigError' }),
  };
}

/** A pod on a node whose containers are not made. */
export function readStuck(pod: Item, cluster: Cluster): Told | undefined {
  const events = cluster.eventsOf(pod);
  for (const [reason, message, rule, category] of STUCK) {
    const event = warned(events, reason, message);
    if (event) return { rule, category, strength: 0.9, ...saidBy(event) };
  }
  return undefined;
}

/** The first Secret or ConfigMap that its containers name and the namespace does not hold, where its objects are known. */
function missing(pod: Item, cluster: Cluster): string | undefined {
  for (const [kind, ref, plural] of [
    ['Secret', 'secret', 'secrets'],
    ['ConfigMap', 'configMap', 'configmaps'],
  ] as const) {
    const known = cluster.of(plural).filter((o) => namespaceOf(o) === namespaceOf(pod));
    if (known.length === 0) continue;
    const names = new Set(known.map(nameOf));
    for (const c of list(at(pod, 'spec', 'containers'))) {
      const refs = [
        ...list(c.envFrom).map((e) => at(e, `${ref}Ref`)),
        ...list(c.env).map((e) => at(e, 'valueFrom', `${ref}KeyRef`)),
      ].filter((r) => r !== undefined && at(r, 'optional') !== true);
      const gone = refs.map((r) => text(at(r, 'name'))).find((n) => n !== '' && !names.has(n));
      if (gone !== undefined) return `the ${kind} ${gone} does not exist`;
    }
  }
  return undefined;
}
