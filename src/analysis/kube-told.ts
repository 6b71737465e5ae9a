/** What a rule says of an object before it is known whose it is. */
import type { Cluster } from './kube-cluster.ts';
import { type Item, nameOf, namespaceOf, type StateReading } from './kube-objects.ts';
import { ownWords } from './kube-own-words.ts';

export type Told = Omit<StateReading, 'kind' | 'object' | 'namespace' | 'service' | 'level'>;

/** A reading about the application that an object belongs to. */
export const about = (cluster: Cluster, kind: string, item: Item, told: Told): StateReading => ({
  kind,
  object: nameOf(item),
  namespace: namespaceOf(item),
  service: cluster.serviceOf(item),
  level: 'service',
  ...told,
});

/** One family of rules. */
export interface KubeRule {
  /** Kinds that it reads, plural; without the first there is nothing to read. */
  needs: string[];
  read(cluster: Cluster): StateReading[];
}

/** Shorter words of Kubernetes' own say no more than that something failed. */
const TELLING = 40;

/** Words of an event say it; the first line is quoted, as far as Kubernetes itself wrote it where that tells enough. */
export function saidBy({ reason, message }: { reason: string; message: string }): Pick<Told, 'quote' | 'quoted'> {
  const own = ownWords(reason, message).split('\n', 1)[0]!.trim();
  return { quote: own.length >= TELLING ? own : message.split('\n', 1)[0]!.trim(), quoted: 'events' };
}
