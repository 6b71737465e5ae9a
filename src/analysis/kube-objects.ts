/** Reading Kubernetes objects as their API prints them: paths, names, owners, and what a rule says of one. */
import type { Category } from '../core/types.ts';

export interface StateReading {
  /** Kind of the object, plural. */
  kind: string;
  rule: string;
  object: string;
  /** Its namespace; empty for what has none. */
  namespace?: string;
  service: string;
  level: 'service' | 'node' | 'other';
  category: Category;
  /** 0 to 1: how surely this alone explains an outage. */
  strength: number;
  /** What is said in words: a piece of the object's own text, where `field` names none. */
  quote: string;
  /** The answer that it was read in, where its kind does not tell: a search of the logs. */
  evidence?: string;
  /** Kind of the objects that hold the quote, where that is another one: `events`. */
  quoted?: string;
  /** The field that says so, and its value; null = it is not there. Of the object, or of another one: its event. */
  field?: { path: string[]; is: string | null; of?: { kind: string; object: string } };
  /** It rests on what a probed process answered: an outsider's word. */
  foreign?: true;
  /** It says that something is ill, not why: what another object explains weighs less. */
  symptom?: true;
  /** A server that refuses its clients: several that crash at once have this one cause. */
  refuses?: true;
}

export type Item = Record<string, unknown>;

export const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce((v: unknown, key) => (typeof v === 'object' && v !== null ? (v as Item)[key] : undefined), value);
export const text = (v: unknown): string => (typeof v === 'string' ? v : '');
export const list = (v: unknown): Item[] =>
  Array.isArray(v) ? (v.filter((x) => typeof x === 'object' && x !== null) as Item[]) : [];
export const nameOf = (item: unknown): string => text(at(item, 'metadata', 'name'));
export const namespaceOf = (item: unknown): string => text(at(item, 'metadata', 'namespace'));

/** The strings of a map of labels, selectors or data. */
export const strings = (v: unknown): Record<string, string> =>
  typeof v === 'object' && v !== null && !Array.isArray(v)
    ? Object.fromEntries(Object.entries(v).filter((e): e is [string, string] => typeof e[1] === 'string'))
    : {};

/** Every pair of the selector stands in the labels; an empty selector selects all. */
export const selects = (selector: unknown, labels: unknown): boolean =>
  Object.entries(strings(selector)).every(([k, v]) => at(labels, k) === v);

export const conditionOf = (item: unknown, type: string): Item | undefined =>
  list(at(item, 'status', 'conditions')).find((c) => c.type === type);

/** The pod template of a workload, the pod itself otherwise. */
export const templateOf = (item: unknown): unknown =>
  at(item, 'spec', 'template') ?? at(item, 'spec', 'jobTemplate', 'spec', 'template') ?? item;
export const containersOf = (item: unknown): Item[] => [
  ...list(at(templateOf(item), 'spec', 'containers')),
  ...list(at(templateOf(item), 'spec', 'initContainers')),
];

const LABELS = ['app', 'app.kubernetes.io/name', 'k8s-app', 'name'];

/** Names that the labels give an application, most usual first. */
export const labelNames = (labels: unknown): string[] =>
  LABELS.map((key) => text(at(labels, key))).filter((v) => v !== '');

/** A pod's or replica set's name without the ends that controllers generate. */
export const bareName = (name: string): string =>
  name
    .replace(/-[a-z0-9]{5}$/, '')
    .replace(/-[a-f0-9]{8,10}$/, '')
    .replace(/-\d+$/, '');
