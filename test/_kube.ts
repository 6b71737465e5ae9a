/** A small healthy cluster as `kubectl get -o json` prints it, and ways to make it ill. */

type Json = Record<string, unknown>;
export type Objects = Record<string, Json[]>;

const NAMESPACE = 'shop';
const meta = (name: string, more: Json = {}): Json => ({ name, namespace: NAMESPACE, ...more });
const app = (name: string): Json => ({ app: name });

const container = (name: string, port: number, env: Json[]): Json => ({
  name,
  image: `registry.example/${name}:1`,
  ports: [{ containerPort: port, name: 'main' }],
  readinessProbe: { httpGet: { path: '/ready', port } },
  env,
});

function workload(name: string, port: number, env: Json[] = []): Objects {
  const spec = { containers: [container(name, port, env)] };
  const hash = `${name}-5d9c7b6f48`;
  return {
    deployments: [
      {
        metadata: meta(name, { labels: app(name) }),
        spec: {
          replicas: 1,
          selector: { matchLabels: app(name) },
          template: { metadata: { labels: app(name) }, spec },
        },
        status: { replicas: 1, readyReplicas: 1, conditions: [] },
      },
    ],
    replicasets: [{ metadata: meta(hash, { ownerReferences: [{ kind: 'Deployment', name }] }), spec: { replicas: 1 } }],
    pods: [
      {
        metadata: meta(`${hash}-abcde`, { labels: app(name), ownerReferences: [{ kind: 'ReplicaSet', name: hash }] }),
        spec: { ...spec, nodeName: 'worker-1' },
        status: {
          phase: 'Running',
          conditions: [
            { type: 'Ready', status: 'True' },
            { type: 'PodScheduled', status: 'True' },
          ],
          containerStatuses: [
            { name, image: `registry.example/${name}:1`, ready: true, restartCount: 0, state: { running: {} } },
          ],
        },
      },
    ],
    services: [{ metadata: meta(name), spec: { selector: app(name), ports: [{ port, targetPort: port }] } }],
    endpoints: [{ metadata: meta(name), subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port }] }] }],
  };
}

/** Two applications, of which `web` calls `cart`, on one node. */
export function cluster(): Objects {
  const all: Objects = {
    nodes: [{ metadata: { name: 'worker-1' }, spec: {}, status: { conditions: [{ type: 'Ready', status: 'True' }] } }],
    events: [],
  };
  for (const part of [workload('cart', 7070), workload('web', 8080, [{ name: 'CART_ADDR', value: 'cart:7070' }])])
    for (const [kind, items] of Object.entries(part)) all[kind] = [...(all[kind] ?? []), ...items];
  return all;
}

/** The object of a kind whose name begins so, to be changed. */
export function the(objects: Objects, kind: string, name: string): Json {
  const found = objects[kind]?.find((o) => String((o.metadata as Json).name).startsWith(name));
  if (!found) throw new Error(`no ${kind} ${name}`);
  return found;
}

/** Sets a field deep inside. */
export function set(object: Json, path: (string | number)[], value: unknown): void {
  let at: Json = object;
  for (const step of path.slice(0, -1)) {
    at[step] ??= {};
    at = at[step] as Json;
  }
  at[path.at(-1)!] = value;
}

/** A warning about an object. */
export function warn(objects: Objects, kind: string, about: Json, reason: string, message: string, count = 9): void {
  objects.events!.push({
    metadata: meta(`e-${objects.events!.length}`),
    involvedObject: { kind, namespace: NAMESPACE, name: (about.metadata as Json).name },
    type: 'Warning',
    reason,
    message,
    count,
    lastTimestamp: '2026-01-01T12:00:00Z',
  });
}

/** The pod of an application that waits with a reason, or has a node no more. */
export function unwell(objects: Objects, name: string, state: Json, lastState: Json = {}): Json {
  const pod = the(objects, 'pods', `${name}-`);
  set(pod, ['status', 'conditions', 0, 'status'], 'False');
  set(pod, ['status', 'containerStatuses', 0, 'ready'], false);
  set(pod, ['status', 'containerStatuses', 0, 'state'], state);
  set(pod, ['status', 'containerStatuses', 0, 'lastState'], lastState);
  set(the(objects, 'deployments', name), ['status', 'readyReplicas'], 0);
  set(the(objects, 'endpoints', name), ['subsets'], []);
  return pod;
}

/** The pod of an application that finds no node. */
export function homeless(objects: Objects, name: string, message: string): Json {
  const pod = unwell(objects, name, {});
  set(pod, ['status', 'phase'], 'Pending');
  set(pod, ['status', 'containerStatuses'], []);
  set(pod, ['status', 'conditions', 1, 'status'], 'False');
  set(pod, ['spec', 'nodeName'], undefined);
  warn(objects, 'Pod', pod, 'FailedScheduling', message);
  return pod;
}

export const asAnswer = (objects: Objects): { kind: string; items: unknown[] }[] =>
  Object.entries(objects).map(([kind, items]) => ({ kind, items }));
