/** Findings of all steps, put together by the entity that they tell of. */
import { byText } from '../core/canonical.ts';
import type { Claim } from '../core/claims.ts';
import type { Entity } from '../core/telemetry.ts';
import type { Finding } from '../core/types.ts';
import type { ChangeData, EventData, LogData, RecordData, StateData, TraceData } from './finding-data.ts';
import { findingsOf, type Typed } from './findings.ts';
import type { FleetData, MetricsData } from './metrics-data.ts';
import { clearOnset, type Interval } from './timing.ts';

export interface Dossier {
  entity: Entity;
  metrics?: MetricsData;
  trace?: TraceData;
  logs: LogData[];
  states: StateData[];
  events: EventData[];
  record?: RecordData;
  /** Changes that reached it before the onset. */
  changes: ChangeData[];
  /** Evidence ids by the kind of finding that cites them. */
  cites: Partial<Record<'metrics' | 'trace' | 'log' | 'state' | 'event' | 'change', string[]>>;
  /** Claims that findings bring along, by kind. */
  claims: Partial<Record<'trace' | 'log' | 'state' | 'event', Claim[]>>;
}

export interface CaseFile {
  /** Service that alerts. */
  alerting?: string;
  dossiers: Dossier[];
  calls: [string, string][];
  fleet?: FleetData;
  /** When it began, as exactly as spans or metrics tell it; absent where nothing moved clearly. */
  began?: Interval;
  changes: Typed<'change'>[];
  /** Enough requests were traced on both sides to say where they lose time. */
  hasTraces: boolean;
  findings: Finding[];
}

/** Requests traced on a side from which on traces outweigh what metrics only let infer. */
const ROOTS_MIN = 20;

/** One dossier an entity, in order of level and name. */
export function openCase(findings: Finding[], alerting?: string): CaseFile {
  const all = new Map<string, Dossier>();
  const of = (entity: Entity): Dossier => {
    const key = `${entity.level} ${entity.name}`;
    let d = all.get(key);
    if (!d) {
      d = { entity, logs: [], states: [], events: [], changes: [], cites: {}, claims: {} };
      all.set(key, d);
    }
    return d;
  };
  const cite = (d: Dossier, kind: keyof Dossier['cites'], ids: string[]): void => {
    d.cites[kind] = [...new Set([...(d.cites[kind] ?? []), ...ids])];
  };
  const fleets = findingsOf(findings, 'fleet');
  // The look at the whole fleet is worth more than that at one service.
  const fleet = fleets.find((f) => f.data.scope === 'all')?.data ?? fleets[0]?.data;
  for (const m of fleet?.quiet ?? []) of({ name: m.name, level: m.level }).metrics = m;
  for (const f of findingsOf(findings, 'metrics')) {
    if (fleet && f.data.scope !== fleet.scope) continue;
    const d = of(f.entity);
    d.metrics = f.data;
    cite(d, 'metrics', f.cites);
  }
  for (const { data, cites } of findingsOf(findings, 'traces')) {
    for (const t of data.quiet) {
      const d = of({ name: t.service, level: 'service' });
      d.trace = t;
      cite(d, 'trace', cites);
    }
  }
  for (const f of findingsOf(findings, 'trace')) {
    const d = of(f.entity);
    d.trace = f.data;
    cite(d, 'trace', f.cites);
    if (f.claim) d.claims.trace = [f.claim];
  }
  for (const f of findingsOf(findings, 'log')) {
    const d = of(f.entity);
    d.logs.push(f.data);
    cite(d, 'log', f.cites);
    if (f.claim) d.claims.log = [...(d.claims.log ?? []), f.claim];
  }
  for (const f of findingsOf(findings, 'record')) {
    const d = of(f.entity);
    d.record = f.data;
    cite(d, 'log', f.cites);
    if (f.claim) d.claims.log = [f.claim, ...(d.claims.log ?? [])];
  }
  for (const f of findingsOf(findings, 'state')) {
    const d = of(f.entity);
    d.states.push(f.data);
    cite(d, 'state', f.cites);
    if (f.claim) d.claims.state = [...(d.claims.state ?? []), f.claim];
  }
  for (const f of findingsOf(findings, 'event')) {
    if (f.entity.level === 'other') continue;
    const d = of(f.entity);
    d.events.push(f.data);
    cite(d, 'event', f.cites);
    if (f.claim) d.claims.event = [...(d.claims.event ?? []), f.claim];
  }
  const changes = findingsOf(findings, 'change');
  for (const f of changes) {
    if (f.data.late) continue;
    for (const service of f.data.services) {
      const d = of({ name: service, level: 'service' });
      d.changes.push(f.data);
      cite(d, 'change', f.cites);
    }
  }
  const dossiers = [...all.values()].sort(
    (a, b) => byText(a.entity.name, b.entity.name) || byText(a.entity.level, b.entity.level),
  );
  const began = clearOnset(fleet, dossiers);
  return {
    dossiers,
    calls: findingsOf(findings, 'topology').flatMap((f) => f.data.calls),
    ...(alerting === undefined ? {} : { alerting }),
    ...(fleet ? { fleet } : {}),
    ...(began ? { began } : {}),
    changes,
    hasTraces: findingsOf(findings, 'traces').some(
      ({ data: { roots } }) => Math.min(roots.before, roots.after) >= ROOTS_MIN,
    ),
    findings,
  };
}

/** Whether an entity shows itself, or only others speak of it. */
export const isSeen = (d: Dossier): boolean =>
  (d.metrics?.ownSeries ?? 0) > 0 ||
  d.logs.length > 0 ||
  d.states.length > 0 ||
  d.trace?.traced === true ||
  d.events.some((e) => e.strength > 0);
