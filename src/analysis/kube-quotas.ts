/** Rule: quotas that are used up, and those that the API server names when it refuses pods. */
import type { Cluster } from './kube-cluster.ts';
import { at, type Item, nameOf, namespaceOf, type StateReading, strings, text } from './kube-objects.ts';

/** A workload whose pods the cluster refuses, and a quota that makes it refuse them. */
export const REFUSED_STRENGTH = 0.9;
/** Used up to the last, and nobody is refused yet. */
const FULL = 0.5;

interface Refusal {
  namespace: string;
  message: string;
}

const UNITS: Record<string, number> = { m: 1e-3, k: 1e3, K: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 };

/** A quantity as Kubernetes writes it (`500m`, `10`, `1.5Gi`) in its base unit; NaN where it is none. */
export function quantityOf(written: string): number {
  const m = /^(\d+(?:\.\d+)?)(?:([KMGTPE])i|([mkMGTPE]))?$/.exec(written);
  if (!m) return Number.NaN;
  const binary = m[2] === undefined ? 1 : 1024 ** ('KMGTPE'.indexOf(m[2]) + 1);
  return Number(m[1]) * binary * (m[3] === undefined ? 1 : UNITS[m[3]]!);
}

/** Readings of the quotas of namespaces: guilty where pods of theirs are refused. */
export function readQuotas(refused: Refusal[], cluster: Cluster): StateReading[] {
  return cluster.of('resourcequotas').flatMap((q) => {
    // A refusal that gives no reason may be the quota's.
    const mine = refused.filter((r) => r.namespace === namespaceOf(q) && isByQuota(r.message));
    const named = mine.some((r) => new RegExp(`exceeded quota: ${literal(nameOf(q))}\\b`).test(r.message));
    return Object.entries(strings(at(q, 'status', 'hard'))).flatMap(([key, hard]): StateReading[] => {
      const used = text(at(q, 'status', 'used', key));
      const full = quantityOf(used) >= quantityOf(hard);
      const asked = named && mine.some((r) => r.message.includes(`${key}=`));
      return full || asked ? [reading(q, key, used, hard, mine.length > 0)] : [];
    });
  });
}

/** Whether a refusal is, or may be, a quota's. */
export const isByQuota = (message: string): boolean => message === '' || /exceeded quota/i.test(message);

const reading = (q: Item, key: string, used: string, hard: string, refuses: boolean): StateReading => ({
  kind: 'resourcequotas',
  rule: refuses ? 'exceeded quota: the quota of the namespace refuses pods' : 'a quota of the namespace is used up',
  object: nameOf(q),
  namespace: namespaceOf(q),
  service: namespaceOf(q),
  level: 'other',
  category: 'resource-exhaustion',
  strength: refuses ? REFUSED_STRENGTH : FULL,
  quote: `${key} ${used} of ${hard}`,
  field: { path: ['status', 'used', key], is: used },
});

const literal = (name: string): string => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
