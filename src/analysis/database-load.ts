/** One statement that keeps a database busy: its share of the average active sessions, and what they wait for. */
import { byText } from '../core/canonical.ts';
import type { TelemetryEvent } from '../core/telemetry.ts';

/** Average active sessions from which on a statement is a load and not a guest. */
const SESSIONS = 4;
/** Share of the load of all statements. */
const SHARE = 0.6;

export interface Dominant {
  statement: TelemetryEvent;
  sessions: number;
  share: number;
  /** What its sessions wait for most: `CPU:user`. */
  wait?: string;
}

/** Average active sessions of an event about a statement, as load reports of databases call them. */
function sessionsOf(e: TelemetryEvent): number | undefined {
  const load = e.attributes?.dbLoadAvg;
  return /sql|statement|query/i.test(e.kind) && typeof load === 'number' ? load : undefined;
}

/** The statement that makes most of a service's load; undefined where the load is small or shared. */
export function dominantStatement(service: string | undefined, events: TelemetryEvent[]): Dominant | undefined {
  const loads = events
    .filter((e) => service !== undefined && e.service === service)
    .flatMap((statement) => ({ statement, sessions: sessionsOf(statement) ?? 0 }))
    .filter((l) => l.sessions > 0)
    .sort((a, b) => b.sessions - a.sessions || byText(a.statement.title, b.statement.title));
  const [first] = loads;
  if (!first) return undefined;
  const share = first.sessions / loads.reduce((sum, l) => sum + l.sessions, 0);
  if (first.sessions < SESSIONS || share < SHARE) return undefined;
  const wait = waitOf(first.statement);
  return { ...first, share, ...(wait === undefined ? {} : { wait }) };
}

function waitOf(e: TelemetryEvent): string | undefined {
  const waits = e.attributes?.waitEvents;
  if (!Array.isArray(waits)) return undefined;
  const named = waits.filter((w): w is { name: string; dbLoadAvg: number } => typeof w?.name === 'string');
  return named.sort((a, b) => Number(b.dbLoadAvg) - Number(a.dbLoadAvg))[0]?.name;
}
