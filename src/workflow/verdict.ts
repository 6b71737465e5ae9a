/** The verdict: everything in it was ranked, checked or counted by code. */
import type { Ranking } from '../analysis/ranking.ts';
import type { Capability } from '../core/capabilities.ts';
import type { CheckedClaim } from '../core/claims.ts';
import { defined } from '../core/defined.ts';
import type { Evidence, Hypothesis } from '../core/types.ts';
import type { Candidate, GateReason, Verdict } from '../core/verdict.ts';
import { nextChecks } from './next.ts';
import { remediesFor } from './remedies.ts';

const CANDIDATES = 10;

/** Puts the verdict together. */
export function verdictOf(opts: {
  ranking: Ranking;
  hypotheses: Hypothesis[];
  claims: CheckedClaim[];
  gate: GateReason;
  confirmed: boolean;
  notChecked: Verdict['notChecked'];
}): Verdict {
  const { ranking, hypotheses, claims, gate, confirmed, notChecked } = opts;
  const [lead] = hypotheses.filter((h) => h.state !== 'unknown');
  const [best] = ranking.candidates;
  const candidates = ranking.candidates
    .slice(0, CANDIDATES)
    .map((c): Candidate => defined({ ...c.entity, score: Number(c.score.toFixed(6)), of: c.of }));
  const shared = {
    confidence: confidenceIn(gate, ranking.kind),
    candidates,
    changes: ranking.changes,
    claims,
    next: nextChecks({ outcome: gate.outcome, hypotheses, notChecked }),
    remedies: remediesFor(gate.outcome, hypotheses),
    notChecked,
    gate,
  };
  if (gate.outcome === 'healthy') {
    const { reasons } = ranking.healthy;
    return {
      ...shared,
      outcome: 'healthy',
      headline: 'nothing is wrong now',
      category: 'none',
      confirmed: true,
      reasons,
    };
  }
  return defined<Verdict>({
    ...shared,
    outcome: gate.outcome,
    hypothesis: lead?.id,
    headline: headlineOf(gate, hypotheses, notChecked),
    category: lead?.category ?? 'unknown',
    entity: best?.entity,
    change: best?.change,
    onset: best?.onset,
    confirmed: gate.outcome === 'cause' && confirmed,
  });
}

/** The gate asks who and what was changed; a verdict speaks of the kind of cause as well. Undecided is never sure. */
function confidenceIn(gate: GateReason, kind: number): number {
  if (gate.outcome === 'healthy') return gate.confidence;
  const whole = gate.confidence * kind;
  return Number((gate.outcome === 'cause' ? whole : Math.min(whole, gate.thresholds.confidence)).toFixed(4));
}

/** What an undecided run says first: how blind it was, or how strong its lead is. */
function headlineOf(gate: GateReason, hypotheses: Hypothesis[], notChecked: Verdict['notChecked']): string {
  const [lead] = hypotheses.filter((h) => h.state !== 'unknown');
  const unknown = hypotheses.find((h) => h.state === 'unknown')?.score ?? 1;
  if (gate.outcome === 'cause') return lead!.claim;
  if (gate.coverage === 0) {
    const [first] = notChecked;
    return `nothing could be looked at${first ? `: ${first.what}: ${first.why}` : ''}`;
  }
  if (!lead || lead.score === 0) return 'no lead: what was looked at is as it was before';
  return lead.score > unknown ? `strongest lead: ${lead.claim}` : `no strong lead; the first of several: ${lead.claim}`;
}

/** What could not be looked at: failed questions, skipped steps, sources that did not open. */
export function gaps(
  evidence: Evidence[],
  skipped: { what: string; why: string }[],
  unavailable: { source: string; why: string }[],
): Verdict['notChecked'] {
  const failed = new Map<string, { source: string; status: string; why: string; asked: Set<string>; count: number }>();
  for (const e of evidence) {
    if (e.status === 'ok' || e.status === 'empty') continue;
    const source = e.tool.slice(0, e.tool.length - e.capability.length - 1);
    const why = e.problem ?? e.summary;
    // A part of an answer has its own gap each time; a source that is down says the same for every question.
    const key = e.status === 'partial' ? `${e.tool} partial` : `${source} ${e.status} ${why}`;
    const seen = failed.get(key) ?? { source, status: e.status, why, asked: new Set<string>(), count: 0 };
    seen.asked.add(ASKED[e.capability]);
    seen.count++;
    failed.set(key, seen);
  }
  return [
    ...unavailable.map(({ source, why }) => ({ what: source, why })),
    ...[...failed.values()].map(({ source, status, why, asked, count }) => {
      const what = `${[...asked].join(', ')} of ${source} (${status})`;
      return { what: count > 1 ? `${what}, ${count} questions` : what, why };
    }),
    ...skipped,
  ];
}

/** Capabilities in words that people use. */
const ASKED: Record<Capability, string> = {
  'metrics.range': 'metrics',
  'logs.patterns': 'log patterns',
  'logs.search': 'log records',
  'traces.summary': 'traces',
  'traces.search': 'traces',
  'changes.list': 'changes',
  'topology.get': 'topology',
  'events.list': 'events',
  'errors.list': 'groups of errors',
  'slo.get': 'service level objectives',
  'state.list': 'the state of workloads and nodes',
  'monitors.get': 'alert rules',
  'incidents.similar': 'past runs',
};

/** Our own past runs are no look at the systems. */
export const isOutside = (e: Evidence): boolean => e.capability !== 'incidents.similar';

/** Share of the questions that were answered; a part of an answer counts half. */
export function coverageOf(evidence: Evidence[]): number {
  const outside = evidence.filter(isOutside);
  if (outside.length === 0) return 0;
  const points = outside.map((e) => (e.status === 'ok' || e.status === 'empty' ? 1 : e.status === 'partial' ? 0.5 : 0));
  return points.reduce((a: number, b) => a + b, 0) / outside.length;
}
