/** Whom an answer names in its typed fields: who may be asked for and accused. Text names nobody. */
import type { Evidence } from '../core/types.ts';

export interface Entities {
  services: string[];
  nodes: string[];
  /** Hosts, pods and other instances, nodes among them. */
  instances: string[];
}

type Json = Record<string, unknown>;
const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v);

/** A name that is one: short, and nothing in it that a query language or an eye would take for something else. */
export const isName = (v: unknown): v is string =>
  typeof v === 'string' && v !== '' && v.length <= 128 && /^[\p{L}\p{N}][\p{L}\p{N}._:/@-]*$/u.test(v);

/** The objects of a list in an answer; none where it has no such list. */
export const listIn = (data: unknown, key: string): Json[] =>
  isObject(data) && Array.isArray(data[key]) ? (data[key] as unknown[]).filter(isObject) : [];

/** Lists whose records are told by the platform; what logs say of their service is an outsider's word. */
export const TOLD = [
  'operations',
  'gaps',
  'flows',
  'spans',
  'changes',
  'events',
  'errors',
  'objectives',
  'monitors',
] as const;

/** The names in one answer, as they stand there. */
export function entitiesOf({ data }: Pick<Evidence, 'data'>): Entities {
  const placed = listIn(data, 'services');
  const at = (...levels: unknown[]): unknown[] => placed.filter((s) => levels.includes(s.level)).map((s) => s.name);
  const labels = listIn(data, 'series').map((s) => (isObject(s.labels) ? s.labels : {}));
  const of = (...keys: string[]): unknown[] => labels.flatMap((l) => keys.map((k) => l[k]));
  const told = TOLD.flatMap((key) => listIn(data, key)).flatMap((x) => [x.service, x.caller]);
  return {
    services: [...at('service', 'other', undefined), ...of('service', 'caller', 'callee'), ...told].filter(isName),
    nodes: [...at('node'), ...of('node')].filter(isName),
    instances: [...at('instance', 'node'), ...of('instance', 'node', 'pod')].filter(isName),
  };
}
