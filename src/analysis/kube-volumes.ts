/** Rule: claims that no volume satisfies, and what the volumes say of it. */
import { type Cluster, warned } from './kube-cluster.ts';
import { at, type Item, list, nameOf, namespaceOf, text } from './kube-objects.ts';
import { about, type KubeRule, saidBy, type Told } from './kube-told.ts';

export const volumeRule: KubeRule = {
  needs: ['persistentvolumeclaims', 'pods', 'persistentvolumes', 'storageclasses', 'events'],
  read(cluster) {
    return cluster.of('persistentvolumeclaims').flatMap((claim) => {
      if (at(claim, 'status', 'phase') === 'Lost') {
        const told: Told = {
          rule: 'the volume of its claim is gone (Lost)',
          category: 'infrastructure',
          strength: 0.9,
          quote: `claim ${nameOf(claim)} Lost`,
          field: { path: ['status', 'phase'], is: 'Lost' },
        };
        return usersOf(claim, cluster).map((pod) => ({
          ...about(cluster, 'persistentvolumeclaims', pod, told),
          object: nameOf(claim),
          namespace: namespaceOf(claim),
        }));
      }
      const failed = warned(cluster.eventsOf(claim), /^ProvisioningFailed$/);
      if (!failed || at(claim, 'status', 'phase') !== 'Pending') return [];
      const missing = /storageclass.*not found/i.test(failed.message);
      const told: Told = {
        rule: missing
          ? 'ProvisioningFailed: the storage class of its claim does not exist'
          : 'ProvisioningFailed: no volume can be made for its claim',
        category: missing ? 'config-change' : 'infrastructure',
        strength: 0.9,
        ...saidBy(failed),
      };
      return usersOf(claim, cluster).map((pod) => about(cluster, 'pods', pod, told));
    });
  },
};

const claimNames = (pod: unknown): string[] =>
  list(at(pod, 'spec', 'volumes'))
    .map((v) => text(at(v, 'persistentVolumeClaim', 'claimName')))
    .filter((n) => n !== '');

const usersOf = (claim: Item, cluster: Cluster): Item[] =>
  cluster.of('pods').filter((p) => namespaceOf(p) === namespaceOf(claim) && claimNames(p).includes(nameOf(claim)));

/** Why a claim of the pod is not bound, in words; undefined where the claims and volumes do not tell. */
export function whyUnbound(pod: Item, cluster: Cluster): string | undefined {
  const claims = cluster.of('persistentvolumeclaims').filter((c) => namespaceOf(c) === namespaceOf(pod));
  for (const name of claimNames(pod)) {
    const claim = claims.find((c) => nameOf(c) === name);
    if (!claim) {
      if (claims.length > 0 || cluster.of('persistentvolumeclaims').length > 0)
        return `its claim ${name} does not exist`;
      continue;
    }
    if (at(claim, 'status', 'phase') !== 'Pending') continue;
    const storage = text(at(claim, 'spec', 'storageClassName'));
    const classes = cluster.of('storageclasses').map(nameOf);
    if (storage !== '' && classes.length > 0 && !classes.includes(storage))
      return `the storage class ${storage} of its claim ${name} does not exist`;
    const wanted = text(at(claim, 'spec', 'volumeName'));
    const volumes = cluster.of('persistentvolumes').filter((v) => text(at(v, 'spec', 'storageClassName')) === storage);
    const meant = volumes.filter((v) => (wanted === '' ? true : nameOf(v) === wanted));
    if (wanted !== '' && meant.length === 0) return `the volume ${wanted} of its claim ${name} does not exist`;
    const other = meant.find(
      (v) => ['Bound', 'Released'].includes(text(at(v, 'status', 'phase'))) && claimOf(v) !== name,
    );
    const free = meant.find((v) => at(v, 'status', 'phase') === 'Available');
    if (free) return `its claim ${name} is not bound: ${mismatch(claim, free)}`;
    if (other)
      return `its claim ${name} is not bound: the volume ${nameOf(other)} belongs to the claim ${claimOf(other)}`;
    return `its claim ${name} is not bound`;
  }
  return undefined;
}

const claimOf = (volume: Item): string => text(at(volume, 'spec', 'claimRef', 'name'));

/** What a free volume offers that the claim does not ask for. */
function mismatch(claim: Item, volume: Item): string {
  const modes = (v: unknown): string[] => (Array.isArray(v) ? v.map(String) : []);
  const asked = modes(at(claim, 'spec', 'accessModes'));
  const offered = modes(at(volume, 'spec', 'accessModes'));
  const what = `the volume ${nameOf(volume)} (${offered.join(', ')}, ${text(at(volume, 'spec', 'capacity', 'storage'))})`;
  if (asked.length > 0 && !asked.every((m) => offered.includes(m)))
    return `it asks ${asked.join(', ')}, ${what} does not offer it`;
  return `${what} is free and does not fit (access mode, size, selector)`;
}
