/** What the agent starts from: everything that the workflow found, with all evidence at hand. */
import type { AgentLimits } from '../core/agent.ts';
import { byText } from '../core/canonical.ts';
import type { Answers } from '../core/capabilities.ts';
import type { CheckedClaim } from '../core/claims.ts';
import type { Change } from '../core/telemetry.ts';
import type { Alert, Evidence, Finding } from '../core/types.ts';
import { entitiesOf } from '../tools/entities.ts';
import type { Escalated } from '../workflow/escalate.ts';

/** A case that the gate has escalated, and what may be spent on it. */
export interface OpenCase extends Escalated {
  limits: AgentLimits;
}

/** Findings that hold something typed, the most abnormal first. */
export const factsOf = (findings: Finding[]): Finding[] =>
  findings.filter((f) => f.claim !== undefined).sort((a, b) => b.severity - a.severity);

/** Names of services that some source has told us of, sorted: nothing else can be asked for or accused. */
export function servicesOf(evidence: Iterable<Evidence>, alert: Alert): string[] {
  const names = new Set<string>(alert.service === undefined ? [] : [alert.service]);
  for (const e of evidence) for (const name of entitiesOf(e).services) names.add(name);
  return [...names].sort(byText);
}

/** Every change that some answer lists. */
export const changesIn = (e: Evidence): Change[] =>
  e.capability === 'changes.list' && e.data !== undefined ? (e.data as Answers['changes.list']).changes : [];

/** Names of hosts, pods and nodes in the evidence. */
export const instancesOf = (evidence: Iterable<Evidence>): Set<string> =>
  new Set([...evidence].flatMap((e) => entitiesOf(e).instances));

/** Whether one of two services calls the other, as far as some answer tells; a service is its own neighbour. */
export function areNeighbours(a: string, b: string, evidence: Iterable<Evidence>): boolean {
  if (a === b) return true;
  const joins = (x: string | undefined, y: string | undefined): boolean => (x === a && y === b) || (x === b && y === a);
  for (const e of evidence) {
    if (e.data === undefined) continue;
    if (e.capability === 'topology.get' && (e.data as Answers['topology.get']).calls.some(([x, y]) => joins(x, y)))
      return true;
    if (e.capability !== 'metrics.range') continue;
    if ((e.data as Answers['metrics.range']).series.some((s) => joins(s.labels.caller, s.labels.callee))) return true;
  }
  return false;
}

/** The claims that hold. */
export const holding = (claims: CheckedClaim[]): CheckedClaim[] => claims.filter((c) => c.ok);
