/** Reading Kubernetes objects as their API prints them: paths, names, and the workload that a pod belongs to. */
import type { Category } from '../core/types.ts';

export interface StateReading {
  /** Kind of the object, plural. */
  kind: string;
  rule: string;
  object: string;
  service: string;
  level: 'service' | 'node' | 'other';
  category: Category;
  strength: number;
  /** What is said in words: a piece of the object's own text, where `field` names none. */
  quote: string;
  /** The field that says so, and its value; null = it is not there. */
  field?: { path: string[]; is: string | null };
}

/** A reading before it is known which kind of object it is of. */
export type Reading = Omit<StateReading, 'kind'>;

export type Item = Record<string, unknown>;

export const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce((v: unknown, key) => (typeof v === 'object' && v !== null ? (v as Item)[key] : undefined), value);
export const text = (v: unknown): string => (typeof v === 'string' ? v : '');
export const list = (v: unknown): Item[] =>
  Array.isArray(v) ? (v.filter((x) => typeof x === 'object' && x !== null) as Item[]) : [];
export const nameOf = (item: unknown): string => text(at(item, 'metadata', 'name'));

/** The workload that a pod belongs to: its label, else its name without the generated ends. */
export function workloadOf(pod: unknown): string {
  const labels = at(pod, 'metadata', 'labels');
  for (const key of ['app', 'app.kubernetes.io/name', 'k8s-app', 'name']) {
    const v = text(at(labels, key));
    if (v !== '') return v;
  }
  return nameOf(pod)
    .replace(/-[a-z0-9]{5}$/, '')
    .replace(/-[a-f0-9]{8,10}$/, '')
    .replace(/-\d+$/, '');
}
