/** The gate: a rule over numbers that says whether the workflow is sure enough. Its reason is printed. */
import type { Ranking } from '../analysis/ranking.ts';
import type { Hypothesis } from '../core/types.ts';
import type { GateReason } from '../core/verdict.ts';

export interface Thresholds {
  /** Least confidence in who the lead is and what was changed. */
  confidence: number;
  /** Least distance of the second candidate's score from the first one's, as a share of the first: no near tie. */
  margin: number;
  /** Least share of the questions that were answered. */
  coverage: number;
}

export const DEFAULT_THRESHOLDS: Thresholds = { confidence: 0.7, margin: 0.05, coverage: 0.5 };

/** A cause that rests on text which an outsider can write is never surer than this. */
export const UNCONFIRMED_CAP = 0.65;
/** While steps have still to answer, nobody leads by more: the confidence speaks of a whole look. */
export const PROVISIONAL_CAP = 0.5;
/** `healthy` needs at least so many successful looks. */
export const HEALTHY_LOOKS = 3;
const HEALTHY_SCORE = 0.75;

/** Decides between verdict and escalation. */
export function decide(opts: {
  ranking: Ranking;
  hypotheses: Hypothesis[];
  /** Share of the questions that were answered: 0 to 1. */
  coverage: number;
  /** What the confidence would be, had the lead a claim that holds and that no outsider could have written. */
  unconfirmed: number | undefined;
  /** Some claim of the lead holds. */
  supported: boolean;
  /** The alerting service, where no source knows it. */
  stranger: string | undefined;
  thresholds: Thresholds;
}): GateReason {
  const { ranking, hypotheses, coverage, unconfirmed, supported, stranger, thresholds } = opts;
  const [first] = hypotheses.filter((h) => h.state !== 'unknown');
  const [best, second] = ranking.candidates;
  const confidence = round(first ? ranking.confidence : 0);
  const margin = best && best.score > 0 ? round(1 - (second?.score ?? 0) / best.score) : 0;
  const { basis } = ranking;
  const numbers = { confidence, margin, coverage: round(coverage), thresholds, ...(basis ? { basis } : {}) };
  const escalated = (reason: string): GateReason => ({
    ...numbers,
    decision: 'escalate',
    outcome: 'inconclusive',
    reason: `escalated: ${reason}`,
  });
  if (stranger) return escalated(`no source knows ${stranger}`);
  const { healthy } = ranking;
  const calm = healthy.score >= HEALTHY_SCORE && healthy.score > confidence;
  if (calm && healthy.looks >= HEALTHY_LOOKS && coverage >= thresholds.coverage) {
    const sure = { ...numbers, confidence: round(healthy.score) };
    return {
      ...sure,
      decision: 'verdict',
      outcome: 'healthy',
      reason: `healthy: ${healthy.looks} successful looks, score ${healthy.score.toFixed(2)}`,
    };
  }
  if (coverage === 0) return escalated('no question was answered');
  if (coverage < thresholds.coverage) return escalated(below('coverage', coverage, thresholds.coverage));
  if (!first) return escalated('nothing abnormal was found that could be a cause');
  if (!supported) return escalated('no claim of the lead could be checked on the evidence');
  if (unconfirmed !== undefined && unconfirmed >= thresholds.confidence) {
    return escalated('the lead rests only on text that an outsider can write');
  }
  if (confidence < thresholds.confidence) return escalated(below('confidence', confidence, thresholds.confidence));
  if (margin < thresholds.margin) return escalated(below('margin', margin, thresholds.margin));
  return {
    ...numbers,
    decision: 'verdict',
    outcome: 'cause',
    reason: `verdict: confidence ${confidence.toFixed(2)} >= ${thresholds.confidence}, margin ${margin.toFixed(2)} >= ${thresholds.margin}, coverage ${coverage.toFixed(2)} >= ${thresholds.coverage}`,
  };
}

const below = (what: string, x: number, least: number): string => `${what} ${x.toFixed(2)} < ${least}`;
const round = (x: number): number => Number(x.toFixed(4));
