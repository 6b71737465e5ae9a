/**
 * What speaks for an entity, part by part. All parts are shares of the incident's trouble or beliefs from 0 to about 1,
 * so they add up; ranks are never fused. Each constant is the worth of a part against a full share of the blame.
 */
import { changeName, digits, oneLine } from '../core/text.ts';
import type { CaseFile, Dossier } from './case-file.ts';
import { describeMove, HALF_Z } from './describe.ts';
import type { ChangeData } from './finding-data.ts';
import type { MetricsData, MovedSeries } from './metrics-data.ts';
import { outsideParts, surgePart } from './outside-parts.ts';
import { squash } from './stats.ts';
import type { Surge } from './surge.ts';
import { describeTrace, traceScore } from './trace-shares.ts';

/** A resource that moved is weak where symptoms exist: hosts and caches move with any load. */
const SELF = 0.3;
/** About half of `SELF`: its direction is believed, not its size. */
const NETWORK = 0.12;
/** A share of capacity that is newly used up: a mechanism, not only a correlation. */
const SATURATED = 1;
/** Spans measure what metrics and log counts only let infer: beside them those break ties. */
const BESIDE_TRACES = 0.1;
/** A series without a bad direction that moved is a difference, not a fault. */
const AIMLESS = 0.5;
const beliefOf = (m: MovedSeries): number =>
  squash(Math.max(0, m.z), HALF_Z) * (m.kind === 'network' || m.kind === 'other' ? AIMLESS : 1);

/** The resource that says most: one that is used up, else the one whose movement is most surely bad. */
export const tellingOf = (m: MetricsData): MovedSeries | undefined =>
  m.saturated ?? [...m.self].sort((a, b) => beliefOf(b) - beliefOf(a))[0];
/** That the alerting service keeps the harm may only mean that we do not see who causes it. */
const ITSELF = 0.5;
/** New error text says where it hurts, seldom why. */
const LOG = 0.3;
const STATE = 1.2;
const EVENT = 0.8;
const DEAD = 0.5;
/** Words in a diff: a lead. */
const DIFF = 0.2;

export type Modality = 'metrics' | 'trace' | 'log' | 'state' | 'event' | 'change';

export interface Part {
  modality: Modality;
  /** Which kind of explanation it is. */
  means:
    | 'blame'
    | 'self'
    | 'network'
    | 'own-time'
    | 'gap'
    | 'flow'
    | 'failing'
    | 'log'
    | 'state'
    | 'event'
    | 'canary'
    | 'dead'
    | 'diff'
    | 'timing'
    | 'surge'
    | 'outside';
  weight: number;
  /** How sure the part alone makes: 0 to 1. */
  strength: number;
  reason: string;
}

export function partsOf(d: Dossier, file: CaseFile, surge: Surge | undefined): Part[] {
  const inferred = file.hasTraces ? BESIDE_TRACES : 1;
  const all = [
    ...metricParts(d, file, inferred),
    ...traceParts(d),
    ...recordParts(d, inferred),
    ...(surge?.service === d.entity.name ? [surgePart(surge)] : []),
    ...outsideParts(d),
    ...d.changes.flatMap(changeParts),
  ];
  return all.filter((p) => p.weight > 0);
}

const z = (list: MovedSeries[]): number => Math.max(0, list[0]?.z ?? 0);

function metricParts(d: Dossier, file: CaseFile, inferred: number): Part[] {
  const m = d.metrics;
  if (!m) return [];
  const out: Part[] = [];
  const own = z(m.symptoms);
  const share = Math.round(m.blame * 100);
  // Of the alerting service the metrics say that it suffers; where requests are traced, those say whether it is to blame.
  const messenger = file.hasTraces && d.entity.name === file.alerting;
  if (!messenger)
    out.push({
      modality: 'metrics',
      means: 'blame',
      weight: m.blame * inferred,
      // A share of next to nothing is nothing: both ends must have moved.
      strength:
        m.blame * squash(Math.min(file.fleet?.rootZ ?? 0, own), 3) * (d.entity.name === file.alerting ? ITSELF : 1),
      reason: `${share}% of the harm is accounted for here${m.symptoms[0] ? `: ${describeMove(m.symptoms[0])}` : ''}`,
    });
  const telling = tellingOf(m);
  out.push({
    modality: 'metrics',
    means: 'self',
    weight: SELF * inferred * squash(z(m.self), HALF_Z) + (m.saturated ? SATURATED : 0),
    strength: Math.max(0, ...m.self.map(beliefOf)),
    reason: telling ? `${describeMove(telling)} (${digits(telling.z)} scales)` : '',
  });
  out.push({
    modality: 'metrics',
    means: 'network',
    weight: NETWORK * inferred * m.network,
    strength: 0.3 * m.network,
    reason: 'it sends more packets than it receives, or its sockets close',
  });
  return out;
}

function traceParts(d: Dossier): Part[] {
  const t = d.trace;
  if (!t) return [];
  const time = Math.max(0, t.own + t.gap + t.out);
  const strength = squash(traceScore(t), 0.2);
  const reason = describeTrace(t);
  const gap = t.gap + t.out > t.own;
  return [
    { modality: 'trace', means: gap ? 'gap' : 'own-time', weight: time, strength, reason },
    { modality: 'trace', means: 'flow', weight: 2 * t.flow, strength, reason },
    { modality: 'trace', means: 'failing', weight: t.failing, strength, reason },
  ];
}

function recordParts(d: Dossier, inferred: number): Part[] {
  const out: Part[] = [];
  const log = d.logs.reduce((best, l) => (squash(l.z, HALF_Z) > best.size ? { l, size: squash(l.z, HALF_Z) } : best), {
    l: d.logs[0],
    size: 0,
  });
  if (log.l) {
    const said = log.l.exception ? `${log.l.exception.type}: ${log.l.exception.message}` : log.l.exemplar;
    out.push({
      modality: 'log',
      means: 'log',
      weight: LOG * inferred * log.size,
      strength: 0.6 * log.size,
      reason: oneLine(`${log.l.isNew ? 'new' : 'more'} ${log.l.level || 'log'} lines: ${said}`, 200),
    });
  }
  const state = d.states.reduce((best, s) => (s.strength > (best?.strength ?? 0) ? s : best), d.states[0]);
  if (state) {
    const reason = oneLine(`${state.object}: ${state.rule} (${state.quote})`, 200);
    const modality = state.textual ? 'log' : 'state';
    out.push({ modality, means: 'state', weight: STATE * state.strength, strength: state.strength, reason });
  }
  const event = d.events.reduce((best, e) => (e.strength > (best?.strength ?? 0) ? e : best), d.events[0]);
  if (event && event.strength > 0) {
    out.push({
      modality: 'event',
      means: 'event',
      weight: EVENT * event.strength,
      strength: event.strength,
      reason: event.title,
    });
  }
  return out;
}

export function changeParts(c: ChangeData): Part[] {
  const what = changeName(c);
  return [
    {
      modality: 'change',
      means: 'canary',
      weight: squash(c.did ?? 0, HALF_Z),
      strength: squash(c.did ?? 0, HALF_Z),
      reason: `instances of ${what} fare worse than the old ones (${digits(c.did ?? 0)} scales)`,
    },
    {
      modality: 'change',
      means: 'dead',
      weight: c.dead ? DEAD : 0,
      strength: c.dead ? DEAD : 0,
      reason: `instances of ${what} never served`,
    },
    {
      modality: 'change',
      means: 'diff',
      weight: DIFF * c.match,
      strength: 0.5 * c.match,
      reason: `the diff of ${what} speaks of ${c.words.slice(0, 4).join(', ')}`,
    },
  ];
}
