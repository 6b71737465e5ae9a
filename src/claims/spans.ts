/** The claims on spans: `slower`, `failing`, `repeated`, `rerouted`. Both sides come from the journalled summary. */
import type { OperationStats, TraceSummary } from '../core/capabilities.ts';
import type { Claim, SpansRef } from '../core/claims.ts';
import { digits, oneLine, quantity } from '../core/text.ts';
import { type Lookup, type Outcome, usable } from './lookup.ts';

type Of<T extends Claim['type']> = Extract<Claim, { type: T }>;
type Found = { stats: OperationStats; who: string; cites: string[] } | { why: string; cites: string[] };

/** The median time is longer than before, by more than rounding. */
export function checkSlower(claim: SpansRef, lookup: Lookup): Outcome {
  const found = find(claim, lookup);
  if ('why' in found) return { ok: false, ...found };
  const { stats, who, cites } = found;
  const [before, after] = [ms(stats.before.medianMs), ms(stats.after.medianMs)];
  if (stats.before.count === 0 || stats.after.medianMs <= stats.before.medianMs || before === after) {
    return { ok: false, why: `${who} did not get slower: ${before} to ${after}`, cites };
  }
  const spans = `${stats.before.count} and ${stats.after.count} spans`;
  return { ok: true, sentence: `${who} took ${before} before and ${after} since, at the median of ${spans}`, cites };
}

/** A larger share of the spans fails than before. */
export function checkFailing(claim: SpansRef, lookup: Lookup): Outcome {
  const found = find(claim, lookup);
  if ('why' in found) return { ok: false, ...found };
  const { stats, who, cites } = found;
  const [before, after] = [share(stats.before), share(stats.after)];
  const said = `${stats.after.errors} of ${stats.after.count} spans failed, ${stats.before.errors} of ${stats.before.count} before`;
  if (!(after > before)) return { ok: false, why: `${who} does not fail more often: ${said}`, cites };
  return { ok: true, sentence: `${who}: ${said}`, cites };
}

/** One request makes more calls than before. */
export function checkRepeated(claim: SpansRef, lookup: Lookup): Outcome {
  const found = find(claim, lookup);
  if ('why' in found) return { ok: false, ...found };
  const { stats, who, cites } = found;
  const { before, after } = stats.perParent ?? { before: 0, after: 0 };
  if (!(before > 0 && after > before) || digits(before) === digits(after)) {
    return { ok: false, why: `${who} is not called more often by a request`, cites };
  }
  return { ok: true, sentence: `${who}: ${digits(before)} calls a request before, ${digits(after)} since`, cites };
}

/** Inside an operation, `b` follows `a` in a larger share of the spans than before. */
export function checkRerouted(claim: Of<'rerouted'>, lookup: Lookup): Outcome {
  const cites = [claim.evidence];
  const found = usable(lookup, claim.evidence);
  if ('why' in found) return { ok: false, why: found.why, cites };
  const { service, operation, a, b } = claim;
  const flows = (found.evidence.data as TraceSummary | undefined)?.flows ?? [];
  const flow = flows.find((f) => f.service === service && f.operation === operation && f.a === a && f.b === b);
  const step = `"${oneLine(b, 80)}" after "${oneLine(a, 80)}" in ${service} ${oneLine(operation, 60)}`;
  if (!flow) return { ok: false, why: `${claim.evidence} knows no ${step}`, cites };
  const percent = (x: { share: number; of: number }): string => `${Math.round(x.share * 100)}% of ${x.of} spans`;
  if (!(flow.after.share > flow.before.share))
    return { ok: false, why: `${step} is no more common than before`, cites };
  return { ok: true, sentence: `${step}: ${percent(flow.after)}, before ${percent(flow.before)}`, cites };
}

/** The row of a trace summary that a claim speaks of. */
export const statsOf = (claim: SpansRef, lookup: Lookup): OperationStats | undefined => {
  const found = find(claim, lookup);
  return 'why' in found ? undefined : found.stats;
};

function find(claim: SpansRef, lookup: Lookup): Found {
  const cites = [claim.evidence];
  const found = usable(lookup, claim.evidence);
  if ('why' in found) return { why: found.why, cites };
  const { service, operation, caller } = claim;
  const data = found.evidence.data as TraceSummary | undefined;
  const who = caller === undefined ? `${service} ${operation}` : `${caller} to ${service}, ${operation}`;
  const stats =
    caller === undefined
      ? data?.operations.find((o) => o.service === service && o.name === operation)
      : data?.gaps.find((g) => g.service === service && g.name === operation && g.caller === caller);
  return stats ? { stats, who: oneLine(who, 120), cites } : { why: `${claim.evidence} knows no ${who}`, cites };
}

const ms = (x: number): string => quantity(x / 1000, 's');
const share = (s: { count: number; errors: number }): number => (s.count > 0 ? s.errors / s.count : 0);
