/** Whether a claim that holds tells of harm: something got clearly worse. That a value moved at all proves nothing. */
import { directionOf, kindOf } from '../analysis/kinds.ts';
import type { Claim } from '../core/claims.ts';
import { seriesWith } from '../core/series.ts';
import { statisticOf } from './changed.ts';
import type { Lookup } from './lookup.ts';

/** In an incident everything moves a little: less than half as much again is no harm. */
const CLEARLY = 1.5;
/** Of what should be high, any loss beyond a hundredth counts. */
const LOSS = 0.99;

/** For claims that were checked and hold. */
export function tellsHarm(claim: Claim, lookup: Lookup): boolean {
  switch (claim.type) {
    case 'slower':
    case 'failing':
    case 'repeated':
    case 'rerouted':
    case 'observed':
      return true;
    case 'changed':
      return gotWorse(claim, lookup);
    default:
      return false;
  }
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
