/** Views of the fleet → findings: numbers rounded for the journal, and the line that a person reads. */
import { byText } from '../core/canonical.ts';
import { oneLine, quantity } from '../core/text.ts';
import { range, toIso } from '../core/time.ts';
import type { Finding } from '../core/types.ts';
import { type EntityView, type Measure, strength } from './entity-view.ts';
import { fillingSince } from './filling.ts';
import { finding } from './findings.ts';
import type { Fleet } from './fleet.ts';
import { isSymptom } from './kinds.ts';
import type { FleetData, MetricsData, MovedSeries } from './metrics-data.ts';
import { squash } from './stats.ts';

/** z at which a shift is half believed. */
export const HALF_Z = 10;
/** What moved by fewer scales is where it was. */
export const MOVED_Z = 3;
/** A resource that moved less than this is the weather: there are many more resources than symptoms. */
const SELF_Z = 5;
const BLAME_MIN = 0.05;
const KEPT = 3;
/** A share of capacity is used up from here on, when it rose by so much. */
const SATURATED = 70;
const SATURATED_RISE = 25;
const SATURATED_Z = 3;

const short = (x: number): number => (Number.isFinite(x) ? Number(x.toPrecision(5)) : 0);

export function moved(m: Measure, now: number): MovedSeries {
  const { signal: s } = m;
  // The claim speaks of the recorded samples: those of a counter are totals, and a borrowed baseline is not its own.
  const claimable = !m.baseline.borrowed && !s.isRate;
  const filling = fillingSince(m, now);
  return {
    labels: s.labels,
    name: s.name,
    kind: s.kind,
    unit: s.unit,
    z: short(m.z),
    before: short(m.before),
    after: short(m.after),
    statistic: isSymptom(s.kind) ? 'mean' : 'median',
    evidence: s.evidence,
    ...(claimable ? { baseline: range(m.baseline.from, Math.min(m.baseline.to, now)) } : {}),
    ...(filling ? { filling } : {}),
  };
}

/** `p95 latency 12 ms to 480 ms`. */
export function describeMove(m: MovedSeries): string {
  const stat = m.labels.statistic ?? m.labels.stat;
  const where = m.labels.instance && m.labels.instance !== m.labels.service ? ` of ${m.labels.instance}` : '';
  const call = m.labels.caller && m.labels.callee ? ` of ${m.labels.caller} to ${m.labels.callee}` : '';
  const what = `${m.name}${stat ? ` ${stat}` : ''}${call || where}`;
  return `${what} ${quantity(m.before, m.unit)} to ${quantity(m.after, m.unit)}`;
}

/** Of the machine below, whatever entity the series is attached to. */
const isHost = (m: Measure): boolean =>
  m.signal.level === 'service' && /^(?:host|node|machine)[_.]/i.test(m.signal.name);

const isShare = (m: Measure): boolean =>
  m.signal.unit === '%' || (m.signal.unit === '1' && /util|usage|ratio|percent/i.test(m.signal.name));

function saturated(view: EntityView): Measure | undefined {
  return view.self.find((m) => {
    const factor = m.signal.unit === '%' ? 1 : 100;
    const usable = isShare(m) && !isHost(m) && m.signal.direction === 1;
    return usable && m.after * factor >= SATURATED && m.change * factor >= SATURATED_RISE && m.z >= SATURATED_Z;
  });
}

/** An instance stands alone when the next one moved less than this share of it. */
const ALONE = 1 / 3;

/** The instance of several that moved while the others did not. */
function oneInstance(view: EntityView): string | undefined {
  const most = new Map<string, number>();
  for (const { signal, z } of [...view.self, ...view.symptoms]) {
    if (signal.instance !== undefined && signal.owner === view.name)
      most.set(signal.instance, Math.max(most.get(signal.instance) ?? 0, z));
  }
  const [first, second] = [...most].sort((a, b) => b[1] - a[1] || byText(a[0], b[0]));
  return first && second && first[1] >= SELF_Z && second[1] <= ALONE * first[1] ? first[0] : undefined;
}

export function metricsData(view: EntityView, now: number, kept: number, scope: MetricsData['scope']): MetricsData {
  const top = (list: Measure[]): MovedSeries[] =>
    list
      .filter((m) => m.z > 0)
      .slice(0, kept)
      .map((m) => moved(m, now));
  const full = saturated(view);
  const alone = oneInstance(view);
  return {
    type: 'metrics',
    scope,
    name: view.name,
    level: view.level,
    self: top(view.self),
    symptoms: top(view.symptoms),
    traffic: top(view.traffic),
    blame: short(view.blame),
    harm: Object.fromEntries(Object.entries(view.harm).map(([k, h]) => [k, { x: short(h.x), z: short(h.z) }])),
    ...(view.rate === undefined ? {} : { rate: short(view.rate) }),
    network: short(view.network),
    ownSeries: view.ownSeries,
    ...(full ? { saturated: moved(full, now) } : {}),
    ...(alone === undefined ? {} : { instance: alone }),
  };
}

/** How remarkable the metrics of an entity are: 0 to 1. */
export function remarkable(view: EntityView): number {
  const symptom = strength(view.symptoms);
  const self = strength(view.self);
  return Math.max(
    view.blame >= BLAME_MIN ? view.blame * squash(symptom, MOVED_Z) : 0,
    symptom >= MOVED_Z ? squash(symptom, HALF_Z) : 0,
    self >= SELF_Z ? squash(self, HALF_Z) : 0,
  );
}

/** One finding for each remarkable entity, and one for what the fleet as a whole says. */
export function fleetFindings(
  fleet: Fleet,
  opts: { now: number; scope: FleetData['scope']; service: string; series: number; cites: string[] },
): Finding[] {
  const { now, scope, service, cites } = opts;
  const loud = fleet.entities.filter((e) => remarkable(e) > 0);
  const quiet = fleet.entities.filter((e) => remarkable(e) === 0);
  const data: FleetData = {
    type: 'fleet',
    scope,
    onset: { at: toIso(fleet.onset.at), from: toIso(fleet.onset.from), to: toIso(fleet.onset.to) },
    alertKept: fleet.onset.alertKept,
    gain: short(fleet.onset.gain),
    rootZ: short(fleet.rootZ),
    hasRates: fleet.hasRates,
    hasCalls: fleet.hasCalls,
    series: opts.series,
    nowZ: short(fleet.nowZ),
    canaries: canariesOf(fleet),
    quiet: quiet.map((e) => metricsData(e, now, 1, scope)),
  };
  const summary = finding({
    kind: loud.length > 0 ? 'change-point' : 'normal',
    entity: { name: service, level: 'service' },
    ...(loud.length > 0 ? { at: data.onset.at } : {}),
    severity: 0,
    title:
      loud.length > 0
        ? `${loud.length} of ${fleet.entities.length} entities moved from about ${data.onset.at.slice(11, 19)}Z on`
        : `${opts.series} series of ${fleet.entities.length} entities are as before`,
    cites,
    data,
  });
  return [summary, ...loud.map((e) => entityFinding(e, now, data.onset.at, scope))];
}

/** What releases did to their own instances, where that could be said. */
const canariesOf = (fleet: Fleet): FleetData['canaries'] =>
  Object.fromEntries(
    [...fleet.canaries].flatMap(([id, c]) => {
      if (c.did === null && !c.dead) return [];
      return [[id, { did: c.did === null ? null : short(c.did), dead: c.dead, why: c.why }]];
    }),
  );

function entityFinding(view: EntityView, now: number, at: string, scope: MetricsData['scope']): Finding {
  const data = metricsData(view, now, KEPT, scope);
  const shown = [data.symptoms[0], data.self[0]].filter((m) => m !== undefined && m.z >= MOVED_Z).slice(0, 2);
  const share = view.blame >= BLAME_MIN ? `, ${Math.round(view.blame * 100)}% of the harm stays here` : '';
  const what = shown.map((m) => describeMove(m!)).join('; ') || 'moved little';
  const evidence = [...new Set([...data.symptoms, ...data.self].map((m) => m.evidence))].slice(0, 3);
  return finding({
    kind: 'change-point',
    entity: { name: view.name, level: view.level },
    at,
    severity: remarkable(view),
    title: oneLine(`${view.name}: ${what}${share}`, 240),
    cites: evidence,
    data,
  });
}
