/** Each family of Kubernetes faults is named in Kubernetes' own words, at whom it belongs; a healthy cluster is silent. */
import { describe, expect, test } from 'vitest';
import { readConditions } from '../src/analysis/kube-databases.ts';
import type { StateReading } from '../src/analysis/kube-objects.ts';
import { readObjects } from '../src/analysis/kube-rules.ts';
import { checkClaim } from '../src/claims/check.ts';
import type { Capability } from '../src/core/capabilities.ts';
import type { Category, Evidence, Finding, StepContext } from '../src/core/types.ts';
import { step as state } from '../src/steps/state.ts';
import { asAnswer, cluster, homeless, type Objects, set, the, unwell, warn } from './_kube.ts';

const read = (objects: Objects): StateReading[] =>
  readObjects(asAnswer(objects)).sort((a, b) => b.strength - a.strength);

type Fault = [name: string, ill: (o: Objects) => void, service: string, rule: RegExp, category: Category];

const waiting = (reason: string, message?: string) => ({ waiting: { reason, ...(message ? { message } : {}) } });
const ended = (exitCode: number, reason = 'Error') => ({ terminated: { exitCode, reason } });
const template = ['spec', 'template', 'spec', 'containers', 0];

const pull = (message: string) => (o: Objects) =>
  warn(
    o,
    'Pod',
    unwell(o, 'cart', waiting('ImagePullBackOff')),
    'Failed',
    `Failed to pull image "registry.example/cart:1": ${message}`,
  );
const sandbox = (message: string) => (o: Objects) => {
  const pod = unwell(o, 'cart', waiting('ContainerCreating'));
  set(pod, ['status', 'phase'], 'Pending');
  warn(o, 'Pod', pod, 'FailedCreatePodSandBox', message);
};
const mount = (message: string) => (o: Objects) => {
  const pod = unwell(o, 'cart', waiting('ContainerCreating'));
  set(pod, ['status', 'phase'], 'Pending');
  warn(o, 'Pod', pod, 'FailedMount', message);
};
const probe = (message: string, port?: number) => (o: Objects) => {
  const pod = unwell(o, 'cart', { running: {} });
  if (port !== undefined) set(the(o, 'deployments', 'cart'), [...template, 'readinessProbe', 'httpGet', 'port'], port);
  warn(o, 'Pod', pod, 'Unhealthy', `Readiness probe failed: ${message}`);
};
const refused = (message: string) => (o: Objects) => {
  o.pods = o.pods!.filter((p) => p !== the(o, 'pods', 'cart-'));
  set(the(o, 'deployments', 'cart'), ['status'], {
    replicas: 0,
    conditions: [{ type: 'ReplicaFailure', status: 'True', message }],
  });
  set(the(o, 'endpoints', 'cart'), ['subsets'], []);
};
const unscheduled = (reasons: string) => (o: Objects) => {
  homeless(
    o,
    'cart',
    `0/3 nodes are available: ${reasons}. preemption: 0/3 nodes are available: 3 Preemption is not helpful.`,
  );
};

const FAULTS: Fault[] = [
  [
    'tag that is not there',
    pull('manifest unknown: not found'),
    'cart',
    /ImagePullBackOff: its image does not exist/,
    'config-change',
  ],
  [
    'pull without a secret',
    pull('pull access denied, authorization failed'),
    'cart',
    /not authorised/,
    'config-change',
  ],
  [
    'registry without a name',
    pull('dial tcp: lookup registry.example: no such host'),
    'cart',
    /cannot be resolved \(DNS\)/,
    'infrastructure',
  ],
  [
    'registry that is silent',
    pull('dial tcp 10.1.1.1:443: i/o timeout'),
    'cart',
    /cannot be reached/,
    'infrastructure',
  ],
  [
    'missing secret',
    (o) => unwell(o, 'cart', waiting('CreateContainerConfigError', 'secret "db" not found')),
    'cart',
    /CreateContainerConfigError: a Secret/,
    'config-change',
  ],
  [
    'missing config map',
    (o) => unwell(o, 'cart', waiting('CreateContainerConfigError', 'configmap "app" not found')),
    'cart',
    /a ConfigMap/,
    'config-change',
  ],
  [
    'missing mount',
    mount('MountVolume.SetUp failed for volume "c": configmap "c" not found'),
    'cart',
    /FailedMount: a ConfigMap/,
    'config-change',
  ],
  [
    'killed for memory',
    (o) => unwell(o, 'cart', waiting('CrashLoopBackOff'), ended(137, 'OOMKilled')),
    'cart',
    /^OOMKilled/,
    'resource-exhaustion',
  ],
  [
    'memory too low to start',
    sandbox('container init was OOM-killed (memory limit too low?)'),
    'cart',
    /^OOMKilled/,
    'resource-exhaustion',
  ],
  [
    'no pod addresses',
    sandbox('plugin type="bridge" failed: no IP addresses available in range set'),
    'cart',
    /no pod addresses left/,
    'infrastructure',
  ],
  [
    'crash',
    (o) => unwell(o, 'cart', waiting('CrashLoopBackOff'), ended(1)),
    'cart',
    /CrashLoopBackOff: .* exit code 1/,
    'config-change',
  ],
  [
    'command not found',
    (o) => unwell(o, 'cart', waiting('CrashLoopBackOff'), ended(127)),
    'cart',
    /exit code 127/,
    'config-change',
  ],
  [
    'segmentation fault',
    (o) => unwell(o, 'cart', waiting('CrashLoopBackOff'), ended(139)),
    'cart',
    /SIGSEGV/,
    'code-change',
  ],
  [
    'probe of a port that is closed',
    probe('Get "http://10.0.0.1:9999/ready": connection refused', 9999),
    'cart',
    /asks port 9999/,
    'config-change',
  ],
  [
    'probe of a path that is not there',
    probe('HTTP probe failed with statuscode: 404'),
    'cart',
    /path that it asks does not exist/,
    'config-change',
  ],
  ['probe in another protocol', probe('malformed HTTP response "\\x00"'), 'cart', /another protocol/, 'config-change'],
  [
    'probe that a full server answers',
    probe('FATAL: too many connections'),
    'cart',
    /too many connections/,
    'resource-exhaustion',
  ],
  [
    'too little cpu',
    unscheduled('3 Insufficient cpu'),
    'cart',
    /FailedScheduling: no node has enough/,
    'resource-exhaustion',
  ],
  [
    'selector of no node',
    unscheduled("3 node(s) didn't match Pod's node affinity/selector"),
    'cart',
    /no node matches/,
    'config-change',
  ],
  [
    'selector beside a cordon',
    unscheduled("1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector"),
    'cart',
    /no node matches/,
    'config-change',
  ],
  ['taints', unscheduled('3 node(s) had untolerated taint {gpu: true}'), 'cart', /taints/, 'config-change'],
  ['cordons', unscheduled('3 node(s) were unschedulable'), 'cart', /cordoned/, 'config-change'],
  [
    'anti-affinity',
    unscheduled("3 node(s) didn't match pod anti-affinity rules"),
    'cart',
    /anti-\)affinity/,
    'config-change',
  ],
  [
    'host port',
    unscheduled("3 node(s) didn't have free ports for the requested pod ports"),
    'cart',
    /host port/,
    'config-change',
  ],
  [
    'claim without volume',
    unscheduled('pod has unbound immediate PersistentVolumeClaims'),
    'cart',
    /claim is not bound/,
    'config-change',
  ],
  [
    'limit range',
    refused('maximum memory usage per Container is 1Gi, but limit is 2Gi'),
    'cart',
    /LimitRange/,
    'config-change',
  ],
  [
    'missing account',
    refused('serviceaccount "runner" not found'),
    'cart',
    /service account does not exist/,
    'config-change',
  ],
  [
    'webhook that is gone',
    refused('failed calling webhook "check.example": connection refused'),
    'cart',
    /webhook does not answer/,
    'infrastructure',
  ],
  ['security policy', refused('violates PodSecurity "restricted:latest"'), 'cart', /security policy/, 'config-change'],
  [
    'quota',
    (o) => {
      refused('exceeded quota: compute')(o);
      o.resourcequotas = [
        { metadata: { name: 'compute', namespace: 'shop' }, status: { hard: { pods: '4' }, used: { pods: '4' } } },
      ];
    },
    'shop',
    /quota of the namespace refuses pods/,
    'resource-exhaustion',
  ],
  [
    'liveness probe that kills a container, seen between two kills',
    (o) => {
      const pod = the(o, 'pods', 'cart-');
      set(pod, ['status', 'containerStatuses', 0, 'restartCount'], 2);
      set(pod, ['status', 'containerStatuses', 0, 'lastState'], {
        terminated: { exitCode: 137, reason: 'Error', finishedAt: '2026-01-01T11:59:30Z' },
      });
      warn(o, 'Pod', pod, 'Unhealthy', 'Liveness probe failed: malformed HTTP response "\\x00"');
      warn(o, 'Pod', pod, 'Killing', 'Container cart failed liveness probe, will be restarted');
    },
    'cart',
    /its liveness probe kills its container: it speaks another protocol/,
    'config-change',
  ],
  [
    'no scheduler',
    (o) => {
      homeless(o, 'cart', '');
      set(o.events![0]!, ['reason'], 'Other');
    },
    'cart',
    /no scheduler acts/,
    'infrastructure',
  ],
  [
    'scaled to zero',
    (o) => {
      set(the(o, 'deployments', 'cart'), ['spec', 'replicas'], 0);
      o.pods = o.pods!.filter((p) => p !== the(o, 'pods', 'cart-'));
      set(the(o, 'endpoints', 'cart'), ['subsets'], []);
    },
    'cart',
    /scaled to zero/,
    'config-change',
  ],
  [
    'selector of no pod',
    (o) => {
      set(the(o, 'services', 'cart'), ['spec', 'selector'], { app: 'carts' });
      set(the(o, 'endpoints', 'cart'), ['subsets'], []);
    },
    'cart',
    /selector \(app=carts\) matches no pod/,
    'config-change',
  ],
  [
    'target port',
    (o) => set(the(o, 'services', 'cart'), ['spec', 'ports', 0, 'targetPort'], 7071),
    'cart',
    /target port 7071/,
    'config-change',
  ],
  [
    'address with another port',
    (o) => set(the(o, 'deployments', 'web'), [...template, 'env', 0, 'value'], 'cart:7071'),
    'web',
    /CART_ADDR leads to port 7071 of cart/,
    'config-change',
  ],
  [
    'misspelt address',
    (o) => set(the(o, 'deployments', 'web'), [...template, 'env', 0, 'value'], 'carts:7070'),
    'web',
    /leads to carts, which is no Service \(cart is one\)/,
    'config-change',
  ],
  [
    'port of the service',
    (o) => {
      set(the(o, 'services', 'cart'), ['spec', 'ports', 0], { port: 7099, targetPort: 7070 });
    },
    'cart',
    /its Service offers port 7099, and its clients ask for 7070/,
    'config-change',
  ],
  [
    'policy that lets nothing in',
    (o) => {
      o.networkpolicies = [
        {
          metadata: { name: 'deny', namespace: 'shop', creationTimestamp: '2026-01-01T11:59:00Z' },
          spec: { podSelector: { matchLabels: { app: 'cart' } }, policyTypes: ['Ingress'] },
        },
      ];
      warn(o, 'Pod', the(o, 'pods', 'web-'), 'Unhealthy', 'Readiness probe failed: once', 1);
    },
    'cart',
    /NetworkPolicy deny lets no traffic reach/,
    'config-change',
  ],
  [
    'ingress to nowhere',
    (o) => {
      o.ingresses = [
        {
          metadata: { name: 'edge', namespace: 'shop' },
          spec: { rules: [{ http: { paths: [{ backend: { service: { name: 'web', port: { number: 81 } } } }] } }] },
        },
      ];
    },
    'web',
    /Ingress edge leads to its port 81/,
    'config-change',
  ],
  [
    'node without a kubelet',
    (o) => {
      set(the(o, 'nodes', 'worker-1'), ['status', 'conditions', 0], {
        type: 'Ready',
        status: 'Unknown',
        message: 'Kubelet stopped posting node status.',
      });
      unwell(o, 'cart', { running: {} });
    },
    'worker-1',
    /NodeNotReady: .* kubelet does not report/,
    'infrastructure',
  ],
  [
    'autoscaler at its end',
    (o) => {
      o.horizontalpodautoscalers = [
        {
          metadata: { name: 'cart', namespace: 'shop' },
          spec: { scaleTargetRef: { name: 'cart' } },
          status: { conditions: [{ type: 'ScalingLimited', status: 'True', reason: 'TooManyReplicas' }] },
        },
      ];
    },
    'cart',
    /maxReplicas/,
    'resource-exhaustion',
  ],
];

describe('a family of faults is named at whom it belongs', () => {
  test.each(FAULTS)('%s', (_, ill, service, rule, category) => {
    const objects = cluster();
    ill(objects);
    const [first] = read(objects);
    expect(first).toMatchObject({ service, category, rule: expect.stringMatching(rule) });
  });

  test.each(FAULTS)('%s, whatever the things are called', (_, ill, service, rule, category) => {
    const objects = cluster();
    ill(objects);
    const renamed = (text: string): string =>
      text
        .replace(/\bcart(s?)\b/g, 'quux$1')
        .replace(/\bCART_/g, 'QUUX_')
        .replace(/\bweb\b/g, 'plover')
        .replace(/\bshop\b/g, 'prod')
        .replace(/worker-1/g, 'ip-10-2-3-4');
    const [first] = read(JSON.parse(renamed(JSON.stringify(objects))) as Objects);
    expect(first).toMatchObject({
      service: renamed(service),
      category,
      rule: expect.stringMatching(renamed(rule.source)),
    });
  });
});

/** The findings of the step on these objects, with the evidence that it was given. */
async function foundIn(
  objects: Objects,
  records: (text: string) => unknown[] = () => [],
): Promise<{ found: Finding[]; evidence: Map<string, Evidence> }> {
  const evidence = new Map<string, Evidence>();
  const now = '2026-01-01T12:00:10.000Z';
  const window = { from: '2026-01-01T11:00:00.000Z', to: now };
  const ask = (capability: Capability, input: object) => {
    const id = `E1.${evidence.size + 1}`;
    const state = capability === 'state.list';
    const logs = records((input as { text?: string }).text ?? '');
    const status = state || logs.length > 0 ? 'ok' : 'empty';
    const answer = { id, capability, input, tool: 'kube.state', trust: 'clean', status };
    const e = { ...answer, data: state ? { objects: asAnswer(objects) } : { records: logs } } as unknown as Evidence;
    evidence.set(id, e);
    return Promise.resolve([e]);
  };
  const ctx = { alert: { labels: {} }, window, now, ask, can: () => true } as unknown as StepContext;
  return { found: await state.run(ctx), evidence };
}

describe('what is said of a family is a claim that holds', () => {
  const own: Fault[] = [
    [
      'a command that is not there',
      (o) => unwell(o, 'cart', waiting('CrashLoopBackOff'), ended(127)),
      'cart',
      /127/,
      'config-change',
    ],
    [
      'a kill by nobody knows whom',
      (o) => unwell(o, 'cart', waiting('CrashLoopBackOff'), ended(137)),
      'cart',
      /137/,
      'resource-exhaustion',
    ],
    ['a segmentation fault', (o) => unwell(o, 'cart', ended(139)), 'cart', /139|SEGV/, 'code-change'],
    [
      'restarts again and again',
      (o) =>
        set(the(o, 'pods', 'cart-'), ['status', 'containerStatuses', 0], {
          name: 'cart',
          ready: true,
          restartCount: 9,
          state: { running: {} },
          lastState: { terminated: { exitCode: 1, reason: 'Error', finishedAt: '2026-01-01T11:59:30Z' } },
        }),
      'cart',
      /again and again/,
      'config-change',
    ],
    [
      'an Ingress to nobody',
      (o) =>
        set(
          o as never,
          ['ingresses'],
          [
            {
              metadata: { name: 'shop', namespace: 'shop' },
              spec: {
                rules: [
                  { http: { paths: [{ path: '/', backend: { service: { name: 'crt', port: { number: 80 } } } }] } },
                ],
              },
            },
          ],
        ),
      'crt',
      /does not exist/,
      'config-change',
    ],
    [
      'an Ingress to another port',
      (o) =>
        set(
          o as never,
          ['ingresses'],
          [
            {
              metadata: { name: 'shop', namespace: 'shop' },
              spec: { defaultBackend: { service: { name: 'cart', port: { number: 81 } } } },
            },
          ],
        ),
      'cart',
      /its port 81/,
      'config-change',
    ],
  ];
  test.each([...FAULTS, ...own])('%s', async (_name, ill, service, rule) => {
    const objects = cluster();
    ill(objects);
    const { found, evidence } = await foundIn(objects);
    expect(found[0]).toMatchObject({ entity: { name: service }, data: { rule: expect.stringMatching(rule) } });
    for (const f of found) {
      const said = [f.title, f.claim && checkClaim(f.claim, (id) => evidence.get(id))];
      expect(said).toEqual([f.title, expect.objectContaining({ ok: true })]);
    }
  });
});

describe('what is well, or was ill long ago, says nothing', () => {
  test('a healthy cluster', () => expect(read(cluster())).toEqual([]));

  test('pods that failed their probe while they started', () => {
    const objects = cluster();
    warn(objects, 'Pod', the(objects, 'pods', 'cart-'), 'Unhealthy', 'Readiness probe failed: connection refused', 3);
    expect(read(objects)).toEqual([]);
  });

  test('pods that were refused once and are there now', () => {
    const objects = cluster();
    warn(
      objects,
      'ReplicaSet',
      the(objects, 'replicasets', 'cart'),
      'FailedCreate',
      'serviceaccount "cart" not found',
      3,
    );
    expect(read(objects)).toEqual([]);
  });

  test('a follower of a group that has none, and an address outside of the cluster', () => {
    const objects = cluster();
    const metadata = { name: 'cart-follower', namespace: 'shop' };
    objects.services!.push({
      metadata,
      spec: { selector: { app: 'cart', role: 'follower' }, ports: [{ port: 7070 }] },
    });
    objects.endpoints!.push({ metadata, subsets: [] });
    set(the(objects, 'deployments', 'web'), [...template, 'env', 0, 'value'], 'https://cart.vendor.example:7443/v1');
    for (const r of read(objects)) expect(r.strength).toBeLessThanOrEqual(0.1);
  });

  test('a policy that has stood for long', () => {
    const objects = cluster();
    FAULTS.find(([name]) => name === 'policy that lets nothing in')![1](objects);
    set(objects.networkpolicies![0]!, ['metadata', 'creationTimestamp'], '2025-12-01T00:00:00Z');
    expect(read(objects)[0]!.strength).toBeLessThan(0.2);
  });
});

test('a table of routes: the one that leads elsewhere is told of the service that it is named after', () => {
  const names = ['orders', 'stock', 'users', 'prices', 'mail'];
  const route = (name: string, to: string) =>
    `    - id: ${name}\n      uri: http://shop-${to}-service\n      path: /api/${name}/**\n`;
  const table = (wrong: string) => names.map((n) => route(n, n === 'stock' ? wrong : n)).join('\n');
  const objects = (wrong: string): Objects => ({
    services: names.map((n) => ({ metadata: { name: `shop-${n}-service`, namespace: 'x' }, spec: {} })),
    configmaps: [{ metadata: { name: 'gateway', namespace: 'x' }, data: { 'routes.yml': `routes:\n${table(wrong)}` } }],
  });
  expect(read(objects('stock'))).toEqual([]);
  for (const wrong of ['users', 'nowhere'])
    expect(read(objects(wrong))[0]).toMatchObject({
      service: 'shop-stock-service',
      rule: expect.stringContaining('leads to shop-'),
    });
});

test('clients tell the condition of a database that they share, and are no cause themselves', () => {
  const objects = cluster();
  const db = cluster();
  set(the(db, 'deployments', 'cart'), [...template, 'image'], 'registry.example/mysql:8');
  const said = { timestamp: '2026-01-01T12:00:00Z', body: 'The MySQL server is running with the --read-only option' };
  const lines = [1, 2, 3].map(() => ({ ...said, service: 'web' }));
  expect(readConditions(asAnswer(objects), lines)).toEqual([]);
  expect(readConditions(asAnswer(db), lines.slice(1))).toEqual([]);
  const [heard] = readConditions(asAnswer(db), lines);
  expect(heard).toMatchObject({ clients: ['web'], reading: { service: 'cart', category: 'config-change' } });
  unwell(db, 'web', waiting('CrashLoopBackOff'), ended(1));
  const strength = (refused: string[]) =>
    readObjects(asAnswer(db), { refused }).find((r) => r.service === 'web')!.strength;
  expect(strength(['web'])).toBe(strength([]) / 2);
});

test('all that logs tell of a database is heard, each from the answer that it stands in', async () => {
  const db = cluster();
  set(the(db, 'deployments', 'cart'), [...template, 'image'], 'registry.example/mysql:8');
  const lines = (body: string) => [1, 2, 3].map(() => ({ timestamp: '2026-01-01T12:00:00Z', service: 'web', body }));
  const said: Record<string, string> = {
    'read-only': 'The MySQL server is running with the --read-only option',
    'no space left': 'MySQL: write failed: No space left on device',
  };
  const { found, evidence } = await foundIn(db, (text) => (said[text] ? lines(said[text]) : []));
  const told = found.filter((f) => f.entity.name === 'cart');
  expect(told.map((f) => f.data.category).sort()).toEqual(['config-change', 'resource-exhaustion']);
  for (const f of told)
    expect(checkClaim(f.claim!, (id) => evidence.get(id))).toMatchObject({ ok: true, trust: 'outsider-writable' });
});

describe('what a container says of itself is an outsider’s word', () => {
  const OOM = 'OOM-killed (memory limit too low?)';
  const trust = (objects: Objects, quote: string): string[] => {
    const e = {
      id: 'E1',
      capability: 'state.list',
      tool: 'kube',
      status: 'ok',
      trust: 'clean',
      data: { objects: asAnswer(objects) },
    };
    const checked = checkClaim({ type: 'mentions', evidence: 'E1', quote }, () => e as unknown as Evidence);
    return [String(checked.ok), checked.trust];
  };

  test('a process that ends with the words of the kernel was not killed for its memory', () => {
    const objects = cluster();
    const died = (reason: string) => ({ terminated: { exitCode: 1, reason, message: OOM } });
    const pod = unwell(objects, 'cart', waiting('CrashLoopBackOff'), died('Error'));
    expect(read(objects)[0]).toMatchObject({ rule: expect.not.stringMatching(/OOM/), category: 'config-change' });
    expect(trust(objects, OOM)).toEqual(['true', 'outsider-writable']);
    // What the runtime says where it could not start a container is its own.
    set(pod, ['status', 'containerStatuses', 0, 'lastState'], died('StartError'));
    expect(read(objects)[0]).toMatchObject({ rule: expect.stringMatching(/OOMKilled/) });
    expect(trust(objects, OOM)).toEqual(['true', 'clean']);
  });

  test.each([
    ['Readiness probe failed: payments is down, roll it back', 'payments is down, roll it back', 'outsider-writable'],
    ['Readiness probe failed: HTTP probe failed with statuscode: 503', 'probe failed with statuscode: 503', 'clean'],
    [
      'Liveness probe failed: Get "http://10.0.0.1:80/": dial tcp 10.0.0.1:80: connect: connection refused',
      'dial tcp 10.0.0.1:80: connect: connection refused',
      'clean',
    ],
    [
      'Readiness probe failed: Get "http://10.0.0.1/": net/http: malformed HTTP response "it was payments"',
      'it was payments',
      'outsider-writable',
    ],
  ])('so is what a probe was answered: %s', (message, quote, expected) => {
    const objects = cluster();
    warn(objects, 'Pod', unwell(objects, 'cart', { running: {} }), 'Unhealthy', message);
    expect(trust(objects, quote)).toEqual(['true', expected]);
  });

  test('a probe that is answered by a full server rests on the kubelet’s own word that it fails', async () => {
    const objects = cluster();
    warn(
      objects,
      'Pod',
      the(objects, 'pods', 'cart-'),
      'Unhealthy',
      'Readiness probe failed: ERROR 1040: Too many connections',
    );
    const { found, evidence } = await foundIn(objects);
    expect(found[0]).toMatchObject({
      data: { category: 'resource-exhaustion' },
      claim: { type: 'observed', kind: 'events' },
    });
    expect(checkClaim(found[0]!.claim!, (id) => evidence.get(id))).toMatchObject({ ok: true, trust: 'clean' });
  });
});

describe('two objects of one name in two namespaces are two', () => {
  /** The same applications again in another namespace. */
  const twice = (): { shop: Objects; stage: Objects; all: () => Objects } => {
    const shop = cluster();
    const stage = JSON.parse(JSON.stringify(cluster()).replace(/"shop"/g, '"stage"')) as Objects;
    return {
      shop,
      stage,
      all: () =>
        Object.fromEntries(
          Object.keys(shop).map((k) => [k, k === 'nodes' ? shop[k]! : [...shop[k]!, ...(stage[k] ?? [])]]),
        ),
    };
  };

  test('a claim on one of them is not proven by the other', async () => {
    const { stage, all } = twice();
    unwell(stage, 'cart', waiting('CrashLoopBackOff'), ended(127));
    const { found, evidence } = await foundIn(all());
    const { claim } = found[0]!;
    expect(claim).toMatchObject({ type: 'observed', namespace: 'stage' });
    const holds = (namespace: string | undefined): boolean => {
      const { namespace: _, ...bare } = claim as { namespace?: string };
      return checkClaim({ ...bare, ...(namespace ? { namespace } : {}) } as never, (id) => evidence.get(id)).ok;
    };
    expect([holds('stage'), holds('shop'), holds(undefined)]).toEqual([true, false, false]);
  });

  test('a cause in one of them explains no symptom in the other', () => {
    const strengthOfWeb = (where: 'shop' | 'stage'): number => {
      const both = twice();
      unwell(both[where], 'cart', waiting('ImagePullBackOff', 'not found'));
      unwell(both.shop, 'web', waiting('CrashLoopBackOff'), ended(1));
      return read(both.all()).find((r) => r.service === 'web' && r.kind === 'pods' && r.namespace === 'shop')!.strength;
    };
    expect(strengthOfWeb('shop')).toBeLessThan(strengthOfWeb('stage'));
  });
});
