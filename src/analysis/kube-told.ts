/** What a rule says of an object before it is known whose it is. */
import type { Cluster } from './kube-cluster.ts';
import { type Item, nameOf, type StateReading } from './kube-objects.ts';

export type Told = Omit<StateReading, 'kind' | 'object' | 'service' | 'level'>;

/** A reading about the application that an object belongs to. */
export const about = (cluster: Cluster, kind: string, item: Item, told: Told): StateReading => ({
  kind,
  object: nameOf(item),
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

/** Words of an event say it; its first line is quoted. */
export const saidBy = (event: { message: string }): Pick<Told, 'quote' | 'quoted'> => ({
  quote: event.message.split('\n', 1)[0]!.trim(),
  quoted: 'events',
});
