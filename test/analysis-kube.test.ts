/** State of the orchestrator: what an object says plainly, in a claim that is read again, and what explains what. */
import { describe, expect, test } from 'vitest';
import type { StateReading } from '../src/analysis/kube-objects.ts';
import { readObjects } from '../src/analysis/kube-rules.ts';
import { checkClaim } from '../src/claims/check.ts';
import type { Claim } from '../src/core/claims.ts';
import { fieldOf } from '../src/core/fields.ts';
import type { Evidence } from '../src/core/types.ts';

const metadata = (name: string) => ({ name, namespace: 'shop', labels: { app: name.split('-')[0] } });
const pod = (name: string, nodeName?: string) => ({
  metadata: metadata(name),
  spec: nodeName === undefined ? {} : { nodeName },
  status: {
    phase: nodeName === undefined ? 'Pending' : 'Running',
    conditions: [
      { type: 'PodScheduled', status: nodeName === undefined ? 'False' : 'True' },
      { type: 'Ready', status: 'False' },
    ],
  },
});
const refused = {
  metadata: metadata('cart'),
  spec: { replicas: 2 },
  status: { replicas: 0, conditions: [{ type: 'ReplicaFailure', status: 'True' }] },
};
const short = { metadata: metadata('mail'), spec: { replicas: 1 }, status: { replicas: 1 } };
const node = (status: string) => ({
  metadata: { name: 'worker' },
  status: { conditions: [{ type: 'Ready', status, message: 'no word from it' }] },
});
const quota = {
  metadata: { name: 'cpu', namespace: 'shop' },
  status: { hard: { 'requests.cpu': '10' }, used: { 'requests.cpu': '10' } },
};
const service = { metadata: metadata('cart'), spec: { selector: { app: 'cart' } } };
const endpoints = { metadata: metadata('cart'), subsets: [{ notReadyAddresses: [{ ip: '10.0.0.1' }] }] };

const objects = [
  { kind: 'pods', items: [pod('cart-1'), pod('mail-1', 'worker')] },
  { kind: 'deployments', items: [refused, short] },
  { kind: 'nodes', items: [node('Unknown')] },
  { kind: 'resourcequotas', items: [quota] },
  { kind: 'services', items: [service] },
  { kind: 'endpoints', items: [endpoints] },
];
const of = (rule: string, from: typeof objects = objects): StateReading =>
  readObjects(from).find((r) => r.rule === rule)!;

const evidence = { id: 'E1', capability: 'state.list', status: 'ok', trust: 'clean', data: { objects } } as Evidence;
const check = (claim: Claim) => checkClaim(claim, (id) => (id === 'E1' ? evidence : undefined));
const claimOf = ({ kind, object, field }: StateReading): Claim => ({
  type: 'observed',
  evidence: 'E1',
  kind,
  object,
  field: field!.path,
  is: field!.is,
});

test('what an object says without words of its own is a claim on its field, and holds', () => {
  const claimed = readObjects(objects).filter((r) => r.field !== undefined);
  expect(claimed.map((r) => r.rule).sort()).toEqual([
    'FailedCreate: its pods cannot be created',
    'FailedScheduling: no node takes it',
    'NodeNotReady: the node is not ready',
    'Unhealthy: it runs but is not ready',
    'exceeded quota: the quota of the namespace refuses pods',
    'it is short of ready replicas',
    'it is short of ready replicas',
    'its Service has no endpoint: no pod of it is ready',
  ]);
  for (const r of claimed) expect(check(claimOf(r))).toMatchObject({ ok: true, trust: 'clean', cites: ['E1'] });
  expect(check(claimOf(of('its Service has no endpoint: no pod of it is ready'))).sentence).toBe(
    'subsets.addresses.ip of endpoints cart is not there',
  );
});

test('a field that says something else, or an object that is not there, proves nothing', () => {
  const ready = claimOf(of('Unhealthy: it runs but is not ready')) as Extract<Claim, { type: 'observed' }>;
  expect(check({ ...ready, is: 'True' })).toMatchObject({ ok: false });
  expect(check({ ...ready, is: null }).sentence).toContain('is False');
  expect(check({ ...ready, object: 'nobody' }).sentence).toContain('holds no pods nobody');
  expect(check({ ...ready, evidence: 'E9' })).toMatchObject({ ok: false });
});

test('a path names entries of a list by type or name, else goes through all', () => {
  const item = {
    a: [
      { type: 'Ready', status: 'True' },
      { name: 'x', status: 1 },
    ],
    b: { c: null },
  };
  expect(fieldOf(item, ['a', 'Ready', 'status'])).toEqual(['True']);
  expect(fieldOf(item, ['a', 'status'])).toEqual(['True', '1']);
  expect(fieldOf(item, ['b', 'c'])).toEqual([]);
  expect(fieldOf(item, ['b'])).toEqual(['c']);
});

describe('what another object explains weighs less', () => {
  const without = (kind: string) => objects.filter((o) => o.kind !== kind);
  test('pods on a node that is lost, and pods that found no other one', () => {
    for (const rule of ['FailedScheduling: no node takes it', 'Unhealthy: it runs but is not ready']) {
      expect(of(rule).strength).toBe(of(rule, without('nodes')).strength / 2);
      expect(of(rule).strength).toBeLessThan(of('NodeNotReady: the node is not ready').strength);
    }
  });
  test('pods that a used-up quota refuses', () => {
    const rule = 'FailedCreate: its pods cannot be created';
    expect(of(rule)).toMatchObject({ category: 'resource-exhaustion', strength: 0.45 });
    expect(of(rule, without('resourcequotas'))).toMatchObject({ category: 'config-change', strength: 0.9 });
    expect(of('exceeded quota: the quota of the namespace refuses pods').strength).toBe(0.9);
    expect(of('a quota of the namespace is used up', without('deployments')).strength).toBe(0.5);
  });
});
