/** What the metrics say of each service and node: its resources, symptoms and demand, its share of the harm. */
import { byText } from '../core/canonical.ts';
import { type Excess, edgeKey } from './excess.ts';
import { isSymptom, type Symptom } from './kinds.ts';
import type { Shift } from './severity.ts';
import type { Signal } from './signals.ts';

export interface Measure extends Shift {
  baseline: { from: number; to: number; borrowed: boolean };
}

/** What the metrics say of one service or node. */
export interface EntityView {
  name: string;
  level: 'service' | 'node';
  /** Its own resources, strongest first. */
  self: Measure[];
  /** Its symptoms, strongest first. */
  symptoms: Measure[];
  /** Demand, strongest first. */
  traffic: Measure[];
  /** Share of the alerting service's harm that stays with it: 0 to 1. */
  blame: number;
  harm: Partial<Record<Symptom, { x: number; z: number }>>;
  rate?: number;
  /** Signs of a slow or lossy network path: 0 to 1. */
  network: number;
  /** Series that it reports itself. */
  ownSeries: number;
}

/** Harm of a service: its own, and what its callers see. */
export function harmAt(
  nodes: Map<string, Excess>,
  edges: Map<string, Excess>,
  name: string,
  calls: [string, string][],
): { x: number; z: number }[] {
  const all = calls.filter(([, callee]) => callee === name).map(([caller]) => edges.get(edgeKey(caller, name)));
  const found = [nodes.get(name), ...all].filter((e) => e !== undefined);
  return found.length === 0 ? [] : [{ x: Math.max(...found.map((e) => e.x)), z: Math.max(...found.map((e) => e.z)) }];
}

/** All owners of series and ends of calls, by name. */
export function entityViews(
  shifts: Measure[],
  signals: Signal[],
  by: {
    blameOf: (name: string) => number;
    harmOf: (name: string) => EntityView['harm'];
    rateOf: (name: string) => number | undefined;
    network: Map<string, number>;
  },
): EntityView[] {
  const owners = new Map<string, EntityView['level']>();
  for (const s of signals) {
    owners.set(s.owner, s.level);
    // A callee may be known by its callers' series only.
    if (s.edge) for (const end of [s.edge.caller, s.edge.callee]) if (!owners.has(end)) owners.set(end, 'service');
  }
  const strongest = (list: Measure[]): Measure[] => list.sort((a, b) => b.z - a.z || byText(a.signal.id, b.signal.id));
  return [...owners]
    .sort((a, b) => byText(a[0], b[0]))
    .map(([name, level]): EntityView => {
      const own = shifts.filter((m) => (m.signal.edge ? m.signal.edge.callee === name : m.signal.owner === name));
      const rate = by.rateOf(name);
      return {
        name,
        level,
        self: strongest(own.filter((m) => !isSymptom(m.signal.kind) && m.signal.kind !== 'traffic')),
        symptoms: strongest(own.filter((m) => isSymptom(m.signal.kind))),
        traffic: strongest(own.filter((m) => m.signal.kind === 'traffic')),
        blame: by.blameOf(name),
        harm: by.harmOf(name),
        ...(rate === undefined ? {} : { rate }),
        network: by.network.get(name) ?? 0,
        ownSeries: signals.filter((x) => x.owner === name && (!x.edge || x.labels.service === name)).length,
      };
    });
}

/** Largest z of a list of measures; 0 for none. */
export const strength = (list: Measure[]): number => Math.max(0, list[0]?.z ?? 0);
