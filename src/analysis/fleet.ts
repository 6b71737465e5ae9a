import type { Change } from '../core/telemetry.ts';
import { MINUTE } from '../core/time.ts';
import type { Ablation } from './ablation.ts';
import { type Sides, splitter } from './baselines.ts';
import { blame } from './blame.ts';
import { type Canary, judgeCanary } from './canary.ts';
import { type EntityView, entityViews, harmAt, type Measure } from './entity-view.ts';
import { harmOf, inferRates, isWatched, ratesOf, type Watched } from './excess.ts';
import { isSymptom } from './kinds.ts';
import { networkSignature } from './network.ts';
import { findOnset, type Onset } from './onset.ts';
import { inScales, pooledScales, shiftOf } from './severity.ts';
import { between, likeness, type Signal, stepOf } from './signals.ts';
import { median } from './stats.ts';

/** Changes so long before the onset may still have begun it; their effects must not be part of the baseline. */
const CHANGE_BACK_MS = 30 * MINUTE;

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
  without?: Ablation;
}

export function readFleet(input: FleetInput): Fleet {
  const { signals, calls, alert, now, keep, without } = input;
  const step = stepOf(signals);
  const alone = { alone: without?.has('borrowed-baselines') ?? false };
  const rough = splitter(signals, { onset: alert.at, until: alert.at, now, step, ...(keep ? { keep } : {}), ...alone });
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
    atAlert: without?.has('onset') ?? false,
  });

  const effective = input.changes
    .filter((c) => c.kind !== 'commit')
    .map((c) => Date.parse(c.time))
    .filter((t) => t <= onset.at && t >= onset.at - CHANGE_BACK_MS);
  const until = Math.min(onset.at, ...effective);
  const split = splitter(signals, { onset: onset.at, until, now, step, ...(keep ? { keep } : {}), ...alone });
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
    if (values.length > 0) most = Math.max(most, inScales((median(values) - before) * (signal.direction || 1), scale));
  }
  return most;
}
