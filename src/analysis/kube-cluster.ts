/** The objects of a cluster as rules look at them: by kind, with the events about each, and who a pod belongs to. */
import { byText } from '../core/canonical.ts';
import { toMs } from '../core/time.ts';
import { at, bareName, type Item, labelNames, list, nameOf, namespaceOf, templateOf, text } from './kube-objects.ts';

/** What a controller, the scheduler or a kubelet reported about an object. */
export interface KubeEvent {
  /** Name of the event's own object; empty where it is not told. */
  name: string;
  reason: string;
  message: string;
  warning: boolean;
  count: number;
  /** Time of the last one, ms; 0 where it is not told. */
  last: number;
}

export interface Cluster {
  of(kind: string): Item[];
  /** Events about an object, newest first. */
  eventsOf(item: unknown): KubeEvent[];
  /** The application that a pod or a workload is, as other sources name it. */
  serviceOf(item: Item): string;
  /** The workload that a pod, a replica set or a claim belongs to; undefined for one of nobody's. */
  ownerOf(item: Item): Item | undefined;
  /** Deployments, stateful sets, daemon sets. */
  workloads: Item[];
  /** Time of the newest event, ms; 0 without any. */
  newest: number;
  /** The moment of the question, ms; that of the newest event where nobody said. */
  now: number;
}

const UNBOUND = /^(?:Node|PersistentVolume|Namespace)$/;
const WORKLOADS = ['deployments', 'statefulsets', 'daemonsets'];

export function toCluster(objects: { kind: string; items: unknown[] }[], now?: number): Cluster {
  const kinds = new Map<string, Item[]>();
  for (const o of objects) kinds.set(o.kind, [...(kinds.get(o.kind) ?? []), ...list(o.items)]);
  const of = (kind: string): Item[] => kinds.get(kind) ?? [];
  const workloads = WORKLOADS.flatMap(of);
  const services = new Set(of('services').map((s) => key(namespaceOf(s), nameOf(s))));
  const byName = new Map(workloads.map((w) => [key(namespaceOf(w), nameOf(w)), w]));
  const events = new Map<string, KubeEvent[]>();
  for (const e of of('events')) {
    const about = at(e, 'involvedObject') ?? at(e, 'regarding');
    // Objects without a namespace have their events in some namespace all the same.
    const namespace = UNBOUND.test(text(at(about, 'kind'))) ? '' : text(at(about, 'namespace')) || namespaceOf(e);
    const id = key(namespace, text(at(about, 'name')));
    events.set(id, [...(events.get(id) ?? []), readEvent(e)]);
  }
  for (const l of events.values())
    l.sort((a, b) => b.last - a.last || byText(a.reason, b.reason) || byText(a.message, b.message));

  const newest = Math.max(0, ...[...events.values()].map((l) => l[0]!.last));
  const ownerOf = remembered((item): Item | undefined => {
    const namespace = namespaceOf(item);
    const owner = list(at(item, 'metadata', 'ownerReferences'))[0];
    const named = text(at(owner, 'name')) || nameOf(item);
    const exact = byName.get(key(namespace, named)) ?? byName.get(key(namespace, bareName(named)));
    if (exact) return exact;
    // Without owner references a workload's name is what the pod's begins with; the longest one is meant.
    return workloads
      .filter((w) => namespaceOf(w) === namespace && named.startsWith(`${nameOf(w)}-`))
      .sort((a, b) => nameOf(b).length - nameOf(a).length)[0];
  });

  return {
    of,
    workloads,
    newest,
    now: now ?? newest,
    eventsOf: (item) => events.get(key(namespaceOf(item), nameOf(item))) ?? [],
    ownerOf,
    serviceOf: remembered((item) => {
      const owner = ownerOf(item);
      const labels = labelNames(at(templateOf(owner ?? item), 'metadata', 'labels'));
      const own = labelNames(at(item, 'metadata', 'labels'));
      const names = [...own, ...labels, ...(owner ? [nameOf(owner)] : [])];
      return names.find((n) => services.has(key(namespaceOf(item), n))) ?? names[0] ?? bareName(nameOf(item));
    }),
  };
}

/** Of each object the answer is worked out once. */
function remembered<T>(work: (item: Item) => T): (item: Item) => T {
  const known = new WeakMap<Item, { answer: T }>();
  return (item) => {
    const had = known.get(item) ?? { answer: work(item) };
    known.set(item, had);
    return had.answer;
  };
}

const key = (namespace: string, name: string): string => `${namespace}/${name}`;

/** Core events and those of events.k8s.io say the same in other fields. */
function readEvent(e: Item): KubeEvent {
  const time = text(e.lastTimestamp) || text(at(e, 'series', 'lastObservedTime')) || text(e.eventTime);
  const ms = time === '' ? Number.NaN : toMs(time);
  return {
    name: nameOf(e),
    reason: text(e.reason),
    message: text(e.message) || text(e.note),
    warning: e.type === 'Warning',
    count: Number(e.count ?? e.deprecatedCount ?? at(e, 'series', 'count') ?? 1),
    last: Number.isNaN(ms) ? 0 : ms,
  };
}

/** The newest warning with one of these reasons, and a message that matches. */
export const warned = (events: KubeEvent[], reason: RegExp, message = /./): KubeEvent | undefined =>
  events.find((e) => e.warning && reason.test(e.reason) && message.test(e.message));
