/** The agent's conclusion merged into the workflow's verdict. Headline, confidence and ranking are code's. */
import { accusation } from '../core/accusation.ts';
import type { AgentStop, AgentSummary } from '../core/agent.ts';
import { canonical } from '../core/canonical.ts';
import type { CheckedClaim } from '../core/claims.ts';
import { defined } from '../core/defined.ts';
import { EXIT, type ExitCode } from '../core/errors.ts';
import { oneLine } from '../core/text.ts';
import type { Hypothesis } from '../core/types.ts';
import type { Verdict } from '../core/verdict.ts';
import { nextChecks } from '../workflow/next.ts';
import { remediesFor } from '../workflow/remedies.ts';
import type { OpenCase } from './case.ts';
import { holding } from './case.ts';
import type { Judged } from './judge.ts';

export interface Settled {
  verdict: Verdict;
  exit: ExitCode;
  hypotheses: Hypothesis[];
}

/** Ends of a budget: exit 12 where nothing was decided. */
const SPENT: ReadonlySet<AgentStop> = new Set(['turns', 'calls', 'tokens', 'dollars', 'time']);
/** Of what the lead leaves, the unknown keeps this share. */
const UNKNOWN_SHARE = 0.25;

/** The verdict with the conclusion in it, or the workflow's own with what was attempted. */
export function settle(
  whole: OpenCase,
  summary: AgentSummary,
  end: { judged: Judged } | undefined,
  blind: Verdict['notChecked'],
): Settled {
  const open = [...whole.verdict.notChecked, ...blind];
  const c = { ...whole, verdict: { ...whole.verdict, notChecked: open } };
  const told = end?.judged.checked ?? [];
  const judged = end?.judged;
  const gate = c.verdict.gate.thresholds.confidence;
  if (!judged?.entity || !judged.category || judged.confidence === 0) {
    const verdict = { ...c.verdict, claims: merged(c.verdict.claims, told), agent: summary };
    return { verdict, exit: exitOf(c, summary), hypotheses: c.hypotheses };
  }
  const { hypotheses, lead } = withLead(c, judged, judged.category);
  const decided = judged.settled && judged.confidence >= gate;
  const notChecked = decided
    ? c.verdict.notChecked
    : [...c.verdict.notChecked, { what: `whether it was ${oneLine(lead.claim, 120)}`, why: why(judged, gate) }];
  const { onset, candidates } = c.verdict;
  const name = judged.entity.name;
  const own = candidates.find((x) => x.name === name);
  const best = candidates[0]?.score ?? 1;
  const verdict = defined<Verdict>({
    ...c.verdict,
    outcome: decided ? 'cause' : 'inconclusive',
    hypothesis: lead.id,
    headline: decided
      ? lead.claim
      : `${judged.confirmed ? 'strongest lead' : 'unconfirmed, rests on text that an outsider can write'}: ${lead.claim}`,
    category: judged.category,
    entity: judged.entity,
    change: judged.change?.id,
    onset,
    confidence: judged.confidence,
    confirmed: decided,
    candidates: [{ ...own, ...judged.entity, score: best }, ...candidates.filter((x) => x.name !== name)],
    changes: firstly(c.verdict.changes, judged.change?.id ?? 'none'),
    claims: decided ? told : merged(c.verdict.claims, told),
    next: nextChecks({ outcome: decided ? 'cause' : 'inconclusive', hypotheses, notChecked }),
    remedies: remediesFor(decided ? 'cause' : 'inconclusive', hypotheses),
    notChecked,
    agent: summary,
  });
  if (!judged.change) delete verdict.change;
  return { verdict, exit: decided ? EXIT.done : exitOf(c, summary), hypotheses };
}

const why = (j: Judged, gate: number): string => {
  if (!j.confirmed) return 'no signal that an outsider cannot write supports it';
  if (!j.settled) return 'something that holds contradicts it, or the model asked nothing about it';
  return `confidence ${j.confidence.toFixed(2)} < ${gate}`;
};

const exitOf = (c: OpenCase, s: AgentSummary): ExitCode => (SPENT.has(s.stop) ? EXIT.budget : c.exit);

/** The accused as first hypothesis: one of the workflow's where it means the same, else a new one. */
function withLead(
  c: OpenCase,
  j: Judged,
  category: Hypothesis['category'],
): { hypotheses: Hypothesis[]; lead: Hypothesis } {
  const name = j.entity!.name;
  const same = c.hypotheses.find((h) => h.state !== 'unknown' && h.entity?.name === name && h.change === j.change?.id);
  const held = holding(j.checked);
  const best =
    held.find((x) => x.trust === 'clean' && x.claim.type !== 'deployed') ?? held.find((x) => x.trust === 'clean');
  const lead: Hypothesis = {
    id: same?.id ?? `H${c.hypotheses.filter((h) => h.state !== 'unknown').length + 1}`,
    claim: oneLine(`${accusation(name, category, j.change)}${best ? `: ${best.sentence}` : ''}`, 300),
    category,
    entity: j.entity!,
    ...(j.change ? { change: j.change.id } : {}),
    score: j.confidence,
    for: held.map((x) => ({ reason: oneLine(x.sentence, 200), weight: 1, cites: x.cites })),
    against: same?.against ?? [],
    state: 'lead',
    claims: held.map((x) => x.claim),
  };
  const others = c.hypotheses.filter((h) => h !== same && h.state !== 'unknown');
  const room = (1 - j.confidence) * (1 - UNKNOWN_SHARE);
  const total = others.reduce((sum, h) => sum + h.score, 0);
  const fit = total > 0 ? Math.min(1, room / total) : 0;
  const rest = others.map((h) => ({
    ...h,
    score: round(h.score * fit),
    state: h.state === 'lead' ? ('possible' as const) : h.state,
  }));
  const unknown = c.hypotheses.find((h) => h.state === 'unknown');
  const left = round(1 - rest.reduce((sum, h) => sum + h.score, j.confidence));
  return { lead, hypotheses: [lead, ...rest, ...(unknown ? [{ ...unknown, score: left }] : [])] };
}

/** Claims of both, each once. */
function merged(a: CheckedClaim[], b: CheckedClaim[]): CheckedClaim[] {
  const seen = new Set(a.map((x) => canonical(x.claim)));
  return [...a, ...b.filter((x) => !seen.has(canonical(x.claim)))];
}

/** The ranked changes with one of them first. */
function firstly(changes: Verdict['changes'], id: string): Verdict['changes'] {
  const best = changes[0]?.score ?? 1;
  return [{ id, score: best }, ...changes.filter((x) => x.id !== id)];
}

const round = (x: number): number => Number(x.toFixed(4));
