/** All series of all entities at once → onset, severity of each entity, and where the harm comes from. */
import { byText } from '../core/canonical.ts';
import type { Change } from '../core/telemetry.ts';
import { MINUTE } from '../core/time.ts';
import { type Sides, splitter } from './baselines.ts';
import { blame } from './blame.ts';
import { type Canary, judgeCanary } from './canary.ts';
import { type Excess, edgeKey, harmOf, inferRates, isWatched, ratesOf, type Watched } from './excess.ts';
import { isSymptom, type Symptom } from './kinds.ts';
import { networkSignature } from './network.ts';
import { findOnset, type Onset } from './onset.ts';
import { pooledScales, type Shift, shiftOf } from './severity.ts';
import { between, likeness, type Signal, stepOf } from './signals.ts';
import { median } from './stats.ts';

/** Changes so long before the onset may still have begun it; their effects must not be part of the baseline. */
const CHANGE_BACK_MS = 30 * MINUTE;

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

export interface Fleet {
  onset: Onset;
  step: number;
  /** z of what the alert complains about: how much there is to explain. */
  rootZ: number;
  entities: EntityView[];
  canaries: Map<string, Canary>;
  /** Some request rate is known, so that harm is in units per second. */
  hasRates: boolean;
  hasCalls: boolean;
  /** Largest z of a symptom over the newest samples. */
  nowZ: number;
}

export interface FleetInput {
  signals: Signal[];
  calls: [string, string][];
  alert: { service?: string; at: number } & Watched;
  now: number;
  /** Times known to be fault-free. */
  keep?: (t: number) => boolean;
  /** End of the last of them before the alert. */
  wellUntil?: number;
  changes: Change[];
}

export function readFleet(input: FleetInput): Fleet {
  const { signals, calls, alert, now, keep } = input;
  const step = stepOf(signals);
  const rough = splitter(signals, { onset: alert.at, until: alert.at, now, step, ...(keep ? { keep } : {}) });
  const roughPools = pooledScales(signals, (s) => rough(s)?.baseline ?? []);
  const pooledBy =
    (pools: Map<string, number>) =>
    (s: Signal): number =>
      pools.get(likeness(s)) ?? 0;
  const onset = findOnset(signals, {
    alert: alert.at,
    now,
    step,
    pooled: pooledBy(roughPools),
    ...(keep ? { keep } : {}),
    ...(input.wellUntil === undefined ? {} : { wellUntil: input.wellUntil }),
  });

  const effective = input.changes
    .filter((c) => c.kind !== 'commit')
    .map((c) => Date.parse(c.time))
    .filter((t) => t <= onset.at && t >= onset.at - CHANGE_BACK_MS);
  const until = Math.min(onset.at, ...effective);
  const split = splitter(signals, { onset: onset.at, until, now, step, ...(keep ? { keep } : {}) });
  const sides = new Map<Signal, Sides>();
  for (const s of signals) {
    const both = split(s);
    if (both) sides.set(s, both);
  }
  const pools = pooledScales(signals, (s) => sides.get(s)?.baseline ?? []);
  const measured: { shift: Measure; baseline: number[]; after: number[] }[] = [];
  for (const [s, { baseline, after, from, to, borrowed }] of sides) {
    const shift = shiftOf(s, baseline, after, pooledBy(pools)(s));
    if (shift) measured.push({ shift: { ...shift, baseline: { from, to, borrowed } }, baseline, after });
  }

  const named = measured.some(({ shift }) => isWatched(shift.signal, alert));
  const rates = ratesOf(signals, (s) => sides.get(s)?.after ?? []);
  const rate = inferRates(rates, calls);
  const harms = harmOf(measured, alert, rate);
  const flowed = alert.service === undefined ? undefined : blame(alert.service, calls, harms, named);
  const shifts = measured.map((m) => m.shift);
  const ownSymptoms = shifts
    .filter((m) => m.signal.owner === alert.service && isSymptom(m.signal.kind))
    .map((m) => m.z);
  return {
    onset,
    step,
    rootZ: Math.max(0, flowed?.rootZ ?? 0, ...ownSymptoms),
    entities: entityViews(shifts, signals, {
      blameOf: (name) => flowed?.mass.get(name) ?? 0,
      harmOf: (name) =>
        Object.fromEntries(
          [...harms].flatMap(([kind, h]) => harmAt(h.nodes, h.edges, name, calls).map((e) => [kind, e])),
        ),
      rateOf: rate,
      network: networkSignature(signals, onset.at, now),
    }),
    canaries: new Map(
      input.changes
        .filter((c) => c.service !== undefined && c.kind !== 'commit')
        .map((c) => [c.id, judgeCanary(c, input.changes, signals, now)]),
    ),
    hasRates: rates.size > 0,
    hasCalls: calls.length > 0,
    nowZ: currentZ(
      measured.map((m) => m.shift),
      now,
      step,
    ),
  };
}

/** The newest samples are those of the last minute, or three. */
const NEWEST = 3;
const NEWEST_MS = MINUTE;

/** What is left of the symptoms that moved: their largest z over the newest samples. */
function currentZ(shifts: Measure[], now: number, step: number): number {
  const since = now - Math.max(NEWEST_MS, NEWEST * step);
  let most = 0;
  for (const { signal, before, scale } of shifts) {
    if (!isSymptom(signal.kind)) continue;
    const values = between(signal, since, now + 1);
    if (values.length > 0) most = Math.max(most, ((median(values) - before) / scale) * (signal.direction || 1));
  }
  return most;
}

function harmAt(
  nodes: Map<string, Excess>,
  edges: Map<string, Excess>,
  name: string,
  calls: [string, string][],
): { x: number; z: number }[] {
  const all = calls.filter(([, callee]) => callee === name).map(([caller]) => edges.get(edgeKey(caller, name)));
  const found = [nodes.get(name), ...all].filter((e) => e !== undefined);
  return found.length === 0 ? [] : [{ x: Math.max(...found.map((e) => e.x)), z: Math.max(...found.map((e) => e.z)) }];
}

function entityViews(
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
