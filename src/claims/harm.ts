/** Whether a claim that holds tells of harm: something got clearly worse. That a value moved at all proves nothing. */
import { directionOf, kindOf } from '../analysis/kinds.ts';
import { REMARKABLE, readObjects } from '../analysis/kube-rules.ts';
import { clearlySlower, extraCalls, failingShares } from '../analysis/span-shifts.ts';
import { canonical } from '../core/canonical.ts';
import type { Answers, OperationStats } from '../core/capabilities.ts';
import type { Claim, SpansRef } from '../core/claims.ts';
import { toMs } from '../core/time.ts';
import { seriesWith, statisticOf } from './changed.ts';
import type { Lookup } from './lookup.ts';
import { statsOf } from './spans.ts';

type Observed = Extract<Claim, { type: 'observed' }>;

/** In an incident everything moves a little: less than half as much again is no harm. */
const CLEARLY = 1.5;
/** Of what should be high, any loss beyond a hundredth counts. */
const LOSS = 0.99;

/**
 * For claims that were checked and hold.
 * @param told claims of the workflow's own findings: what it found wrong with an object may rest on several answers
 */
export function tellsHarm(claim: Claim, lookup: Lookup, told: Iterable<Claim> = []): boolean {
  switch (claim.type) {
    case 'slower':
      return onSpans(claim, lookup, clearlySlower);
    case 'failing':
      return onSpans(claim, lookup, failsClearly);
    case 'repeated':
      return onSpans(claim, lookup, (o) => extraCalls(o) > 0);
    case 'rerouted':
      return true;
    case 'observed':
      return isFault(claim, lookup, told);
    case 'changed':
      return gotWorse(claim, lookup);
    default:
      return false;
  }
}

function onSpans(claim: SpansRef, lookup: Lookup, isHarm: (o: OperationStats) => boolean): boolean {
  const stats = statsOf(claim, lookup);
  return stats !== undefined && isHarm(stats);
}

/** Of the spans that should succeed fewer do. */
function failsClearly(o: OperationStats): boolean {
  const shares = failingShares(o);
  return shares !== undefined && 1 - shares.after < LOSS * (1 - shares.before);
}

/** The field is one by which a rule finds the object at fault; that a pod runs, or has a name, is no harm. */
function isFault(claim: Observed, lookup: Lookup, told: Iterable<Claim>): boolean {
  const same = (kind: string, object: string, field: string[], is: string | null): boolean =>
    canonical([kind, object, field, is]) === canonical([claim.kind, claim.object, claim.field, claim.is]);
  for (const c of told) if (c.type === 'observed' && same(c.kind, c.object, c.field, c.is)) return true;
  const evidence = lookup(claim.evidence);
  if (evidence?.data === undefined) return false;
  const { objects } = evidence.data as Answers['state.list'];
  return readObjects(objects, { now: toMs(evidence.input.to) }).some(
    (r) => r.strength >= REMARKABLE && r.field !== undefined && same(r.kind, r.object, r.field.path, r.field.is),
  );
}

function gotWorse(claim: Extract<Claim, { type: 'changed' }>, lookup: Lookup): boolean {
  const series = seriesWith(lookup(claim.series.evidence)?.data, claim.series.labels);
  const from = series && statisticOf(series, claim.from, claim.statistic);
  const to = series && statisticOf(series, claim.to, claim.statistic);
  if (!series || from === undefined || to === undefined) return false;
  const bad = directionOf(kindOf(series), series.labels.__name__ ?? '');
  const rose = to > from && (from <= 0 || to >= CLEARLY * from);
  if (bad === -1) return to < LOSS * from;
  return bad === 1 ? rose : rose || to <= from / CLEARLY;
}
