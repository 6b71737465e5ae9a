/** The verdict: everything in it was ranked, checked or counted by code. */
import type { Ranking } from '../analysis/ranking.ts';
import { defined } from '../core/defined.ts';
import type { Candidate, CheckedClaim, Evidence, GateReason, Hypothesis, Verdict } from '../core/types.ts';
import { nextChecks } from './next.ts';

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
    confidence: gate.confidence,
    candidates,
    changes: ranking.changes,
    claims,
    next: nextChecks({ outcome: gate.outcome, hypotheses, notChecked }),
    notChecked,
    gate,
  };
  if (gate.outcome === 'healthy') {
    return { ...shared, outcome: 'healthy', headline: 'nothing is wrong now', category: 'none', confirmed: true };
  }
  return defined<Verdict>({
    ...shared,
    outcome: gate.outcome,
    hypothesis: lead?.id,
    headline: gate.outcome === 'cause' ? lead!.claim : lead ? `strongest lead: ${lead.claim}` : 'no lead',
    category: gate.outcome === 'cause' ? lead!.category : 'unknown',
    entity: best?.entity,
    change: best?.change,
    onset: best?.onset,
    confirmed: gate.outcome === 'cause' && confirmed,
  });
}

/** What could not be looked at: failed questions, skipped steps, sources that did not open. */
export function gaps(
  evidence: Evidence[],
  skipped: { what: string; why: string }[],
  unavailable: { source: string; why: string }[],
): Verdict['notChecked'] {
  const failed = new Map<string, { count: number; why: string }>();
  for (const e of evidence) {
    if (e.status === 'ok' || e.status === 'empty') continue;
    const what = `${e.tool} (${e.status})`;
    const seen = failed.get(what);
    failed.set(what, { count: (seen?.count ?? 0) + 1, why: seen?.why ?? e.problem ?? e.summary });
  }
  return [
    ...unavailable.map(({ source, why }) => ({ what: source, why })),
    ...[...failed].map(([what, { count, why }]) => ({ what: count > 1 ? `${what}, ${count} questions` : what, why })),
    ...skipped,
  ];
}

/** Our own past runs are no look at the systems. */
export const isOutside = (e: Evidence): boolean => e.capability !== 'incidents.similar';

/** Share of the questions that were answered; a part of an answer counts half. */
export function coverageOf(evidence: Evidence[]): number {
  const outside = evidence.filter(isOutside);
  if (outside.length === 0) return 0;
  const points = outside.map((e) => (e.status === 'ok' || e.status === 'empty' ? 1 : e.status === 'partial' ? 0.5 : 0));
  return points.reduce((a: number, b) => a + b, 0) / outside.length;
}
