/** From the ranking to the verdict: claims are checked, the gate decides, the exit code follows. */
import type { Ranking } from '../analysis/ranking.ts';
import { checkClaim } from '../claims/check.ts';
import type { CheckedClaim, Claim } from '../core/claims.ts';
import { EXIT, type ExitCode } from '../core/errors.ts';
import type { Emit } from '../core/ports.ts';
import type { Evidence, Hypothesis } from '../core/types.ts';
import type { Verdict } from '../core/verdict.ts';
import { decide, type Thresholds, UNCONFIRMED_CAP } from './gate.ts';
import { hypothesesOf } from './hypotheses.ts';
import { coverageOf, isOutside, verdictOf } from './verdict.ts';

/** Tells the final ranking, the claims and the gate, and puts the verdict together. */
export async function conclude(o: {
  ranking: Ranking;
  /** Names of the steps that the ranking rests on. */
  after: string[];
  evidence: Evidence[];
  notChecked: Verdict['notChecked'];
  /** Set when no source knows the alerting service. */
  stranger: Verdict['notChecked'][number] | undefined;
  thresholds: Thresholds;
  outOfTime: boolean;
  emit: Emit;
}): Promise<{ verdict: Verdict; exit: ExitCode; hypotheses: Hypothesis[] }> {
  const { evidence, thresholds, outOfTime, emit, stranger } = o;
  const notChecked = stranger ? [stranger, ...o.notChecked] : o.notChecked;
  const byId = new Map(evidence.map((e) => [e.id, e]));
  const check = (claims: Claim[]): CheckedClaim[] => claims.map((c) => checkClaim(c, (id) => byId.get(id)));
  const leadClaims = check(o.ranking.candidates[0]?.claims ?? []);
  const holding = leadClaims.filter((c) => c.ok);
  const confirmed = !o.ranking.textual && holding.some((c) => c.trust === 'clean');
  // What an outsider could have written convinces nobody beyond the cap, whatever the analysis made of it.
  const believed = confirmed ? o.ranking.confidence : Math.min(o.ranking.confidence, UNCONFIRMED_CAP);
  const ranking = { ...o.ranking, confidence: believed };
  const hypotheses = hypothesesOf(ranking);
  await emit({ type: 'hypotheses.ranked', after: o.after, final: true, hypotheses });
  const gate = decide({
    ranking,
    hypotheses,
    coverage: coverageOf(evidence),
    unconfirmed: confirmed ? undefined : o.ranking.confidence,
    supported: holding.length > 0,
    stranger: stranger?.what,
    thresholds,
  });
  const claims = gate.outcome === 'healthy' ? check(ranking.healthy.claims) : leadClaims;
  for (const [n, claim] of claims.entries()) await emit({ type: 'claim.checked', n: n + 1, claim });
  await emit({ type: 'gate.decided', gate });
  const verdict = verdictOf({ ranking, hypotheses, claims, gate, confirmed, notChecked });
  return { verdict, exit: exitOf(verdict, evidence.filter(isOutside), outOfTime), hypotheses };
}

function exitOf(verdict: Verdict, looks: Evidence[], outOfTime: boolean): ExitCode {
  if (verdict.outcome !== 'inconclusive') return EXIT.done;
  const answered = looks.some((e) => e.status === 'ok' || e.status === 'empty' || e.status === 'partial');
  if (!answered && looks.length > 0) {
    return looks.every((e) => e.status === 'denied') ? EXIT.credentials : EXIT.sources;
  }
  return outOfTime ? EXIT.budget : EXIT.inconclusive;
}
