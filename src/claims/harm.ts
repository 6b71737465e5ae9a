/** Whether a claim that holds tells of harm: something got clearly worse. That a value moved at all proves nothing. */
import { directionOf, kindOf } from '../analysis/kinds.ts';
import type { StateReading } from '../analysis/kube-objects.ts';
import { REMARKABLE, readObjects } from '../analysis/kube-rules.ts';
import { clearlySlower, extraCalls, failingShares } from '../analysis/span-shifts.ts';
import { canonical } from '../core/canonical.ts';
import type { Answers, OperationStats } from '../core/capabilities.ts';
import type { Claim, SpansRef } from '../core/claims.ts';
import { seriesWith } from '../core/series.ts';
import { toMs } from '../core/time.ts';
import { statisticOf } from './changed.ts';
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
  for (const c of told) if (c.type === 'observed' && isSame(claim, c)) return true;
  return faultsSeen(claim, lookup).length > 0;
}

/** A namespace that nobody names may be any. */
const isSame = (a: Omit<Observed, 'evidence'>, b: Omit<Observed, 'evidence'>): boolean =>
  (a.namespace === undefined || b.namespace === undefined || a.namespace === b.namespace) &&
  canonical([a.kind, a.object, a.field, a.is]) === canonical([b.kind, b.object, b.field, b.is]);

/** Reasons of Kubernetes are words; shorter values (`1`, `True`) stand everywhere. */
const REASON_MIN = 4;

/** What the rules find wrong in the cited answer by the very field of a claim, or by the reason that stands in it. */
export function faultsSeen(claim: Observed, lookup: Lookup): StateReading[] {
  const evidence = lookup(claim.evidence);
  if (evidence?.data === undefined) return [];
  const { objects } = evidence.data as Answers['state.list'];
  const { kind, object, field, is } = claim;
  return readObjects(objects, { now: toMs(evidence.input.to) }).filter((r) => {
    if (r.strength < REMARKABLE || r.kind !== kind || r.object !== object) return false;
    if (r.field && !r.field.of && isSame(claim, { ...claim, field: r.field.path, is: r.field.is })) return true;
    return field.at(-1) === 'reason' && is !== null && is.length >= REASON_MIN && r.rule.includes(is);
  });
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
