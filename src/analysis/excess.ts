/**
 * Harm in physical units: how many seconds per second, or failures per second, a service or a call adds since the onset.
 * "How unusual?" (z) cannot tell a victim from its cause; "can this callee account for its caller's harm?" can.
 */
import { byText } from '../core/canonical.ts';
import { SYMPTOMS, type Symptom } from './kinds.ts';
import type { Shift } from './severity.ts';
import { likeness, type Signal } from './signals.ts';
import { mean, median, sum } from './stats.ts';

export interface Excess {
  /** Seconds or failures per second (a fraction or seconds where no rate is known); 0 where nothing rose. */
  x: number;
  z: number;
  /** The shift that shows it best. */
  shift: Shift;
}

/** Below this an excess is noise: with request rates the amounts themselves weigh, without them only clear ones count. */
const GATE_WITH_RATES = 1;
const GATE_WITHOUT = 3;

export interface Harm {
  nodes: Map<string, Excess>;
  /** Key: `edgeKey(caller, callee)`. */
  edges: Map<string, Excess>;
  /** Largest z of the family. */
  zMax: number;
}

export const edgeKey = (caller: string, callee: string): string => `${caller}\n${callee}`;

/** What the alert watches, where it says so: only that signal tells its harm. */
export interface Watched {
  metric?: string;
  statistic?: string;
}

/** A mean adds up; a percentile hardly. Client side series tell of the callee. */
const STATISTICS = ['avg', 'mean', 'Average', '', 'p50', 'p90', 'p95', 'p99'];
const isClientSide = (name: string): boolean => /client|upstream|outbound/i.test(name);
const rankOf = (s: Signal): number => {
  const i = STATISTICS.indexOf(s.statistic);
  return (isClientSide(s.name) ? 100 : 0) + (i < 0 ? 50 : i);
};

export const isWatched = (s: Signal, w: Watched): boolean =>
  w.metric !== undefined &&
  (s.name === w.metric || s.kind === w.metric) &&
  (w.statistic === undefined || s.statistic === '' || s.statistic === w.statistic);

/** Requests per second of each service after the onset. */
export function ratesOf(signals: Signal[], afterOf: (s: Signal) => number[]): Map<string, number> {
  const sums = new Map<string, Map<string, number>>();
  for (const s of signals) {
    if (s.kind !== 'traffic' || s.edge || s.level !== 'service') continue;
    const after = afterOf(s);
    if (after.length === 0) continue;
    const byName = sums.get(s.owner) ?? new Map<string, number>();
    if (byName.size === 0) sums.set(s.owner, byName);
    byName.set(likeness(s), (byName.get(likeness(s)) ?? 0) + mean(after));
  }
  return new Map([...sums].map(([owner, byName]) => [owner, Math.max(...byName.values())]));
}

/** The rate of a service that has none of its own: it cannot be called more often than its callers or callees are. */
export function inferRates(
  rates: Map<string, number>,
  calls: [string, string][],
): (service: string) => number | undefined {
  return (service) => {
    const own = rates.get(service);
    if (own !== undefined) return own;
    const most = (names: string[]): number | undefined => {
      const known = names.flatMap((n) => rates.get(n) ?? []);
      return known.length > 0 ? Math.max(...known) : undefined;
    };
    const up = most(calls.filter(([, callee]) => callee === service).map(([caller]) => caller));
    const down = most(calls.filter(([caller]) => caller === service).map(([, callee]) => callee));
    return up !== undefined && down !== undefined ? Math.min(up, down) : (up ?? down);
  };
}

/** Harm by symptom family. When the alert names a metric, only the families and series that it watches. */
export function harmOf(
  shifts: { shift: Shift; baseline: number[]; after: number[] }[],
  watched: Watched,
  rate: (service: string) => number | undefined,
): Map<Symptom, Harm> {
  const named = shifts.some(({ shift }) => isWatched(shift.signal, watched));
  const used = named ? shifts.filter(({ shift }) => isWatched(shift.signal, watched)) : shifts;
  const harm = new Map<Symptom, Harm>();
  for (const kind of SYMPTOMS) {
    const mine = used.filter(({ shift }) => shift.signal.kind === kind && shift.signal.level === 'service');
    if (mine.length === 0) continue;
    const nodes = new Map<string, Excess>();
    const edges = new Map<string, Excess>();
    const ofNodes = groupBy(
      mine.filter((m) => !m.shift.signal.edge),
      (m) => m.shift.signal.owner,
    );
    const hasRates = [...ofNodes.keys()].some((service) => rate(service) !== undefined);
    const gate = hasRates ? GATE_WITH_RATES : GATE_WITHOUT;
    for (const [service, list] of ofNodes) {
      // Where rates are known, a service without any cannot be weighed: a rate of 0 says that nobody calls it.
      nodes.set(service, excessOf(list, hasRates ? (rate(service) ?? 0) : 1, gate));
    }
    const ofEdges = groupBy(
      mine.filter((m) => m.shift.signal.edge),
      ({ shift: { signal } }) => edgeKey(signal.edge!.caller, signal.edge!.callee),
    );
    for (const [key, list] of ofEdges) edges.set(key, excessOf(list, 1, GATE_WITHOUT));
    const zMax = Math.max(0, ...[...nodes.values(), ...edges.values()].map((e) => e.z));
    harm.set(kind, { nodes, edges, zMax });
  }
  return harm;
}

type Measured = { shift: Shift; baseline: number[]; after: number[] };

/** Of the alike series of one service or call: the service's own one if there is, else the mean over its instances. */
function excessOf(list: Measured[], rate: number, gate: number): Excess {
  const byName = [...groupBy(list, (m) => likeness(m.shift.signal)).values()].sort(
    (a, b) =>
      rankOf(a[0]!.shift.signal) - rankOf(b[0]!.shift.signal) || byText(a[0]!.shift.signal.id, b[0]!.shift.signal.id),
  );
  const { kind, edge } = list[0]!.shift.signal;
  const tail = kind === 'latency' && !edge && zOf(byName[0]!) < gate ? slowTail(byName) : undefined;
  if (tail) return tail(rate);
  // Error series count different failures, and a call is seen from both ends: what moved most is meant. Of a service's
  // latencies the mean comes first.
  const chosen = kind === 'errors' || edge ? byName.reduce((a, b) => (zOf(b) > zOf(a) ? b : a)) : byName[0]!;
  const whole = chosen.filter((m) => m.shift.signal.instance === undefined);
  const used = whole.length > 0 ? whole : chosen;
  const strongest = used.reduce((a, b) => (b.shift.z > a.shift.z ? b : a));
  const z = strongest.shift.z;
  const amount = sum(used.map((m) => amountOf(m, rate))) / used.length;
  return { x: z >= gate ? Math.max(0, amount) : 0, z, shift: strongest.shift };
}

/**
 * Where the usual request is as fast as ever, only those of a few operations may suffer: a high percentile that moved
 * clearly tells of the share of requests beyond it.
 */
function slowTail(byName: Measured[][]): ((rate: number) => Excess) | undefined {
  const moved = byName.find((list) => zOf(list) >= GATE_WITHOUT && shareBeyond(list[0]!.shift.signal) !== undefined);
  if (!moved) return undefined;
  const share = shareBeyond(moved[0]!.shift.signal)!;
  const strongest = moved.reduce((a, b) => (b.shift.z > a.shift.z ? b : a));
  return (rate) => ({
    x: Math.max(0, share * amountOf(strongest, rate)),
    z: strongest.shift.z,
    shift: strongest.shift,
  });
}

/** `p90`, in a label or at the end of the name: a tenth of the requests is slower. */
function shareBeyond(s: Signal): number | undefined {
  const percentile = /(?:^|_)p(\d\d)$/.exec(s.statistic || s.name)?.[1];
  return percentile === undefined || percentile === '50' ? undefined : 1 - Number(percentile) / 100;
}

const zOf = (list: Measured[]): number => Math.max(...list.map((m) => m.shift.z));

function amountOf({ shift: { signal }, baseline, after }: Measured, rate: number): number {
  const change = (mean(after) - median(baseline)) * (signal.direction || 1);
  if (signal.kind === 'latency') return change * rate;
  if (signal.unit === '%') return (change / 100) * rate;
  if (signal.unit === '1') return change * rate;
  // Availability in some other unit (uptime, results found): the part of it that is lost.
  return signal.kind === 'availability'
    ? (change / Math.max(Math.abs(median(baseline)), Number.MIN_VALUE)) * rate
    : change;
}

function groupBy<T>(items: T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const list = groups.get(key(item));
    if (list) list.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}
