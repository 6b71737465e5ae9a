/** The claims on records: `precedes`, `count`, `mentions`, `deployed`, `absent`. */

import { canonical } from '../core/canonical.ts';
import type { Claim } from '../core/claims.ts';
import type { Change, LogPattern, LogRecord, TelemetryEvent } from '../core/telemetry.ts';
import { changeName, oneLine, plural } from '../core/text.ts';
import { clock, formatDuration, toMs } from '../core/time.ts';
import { type Lookup, type Outcome, usable } from './lookup.ts';
import { momentsAt } from './moments.ts';

type Of<T extends Claim['type']> = Extract<Claim, { type: T }>;

/** Two moments, each found in the evidence it cites under these words, in this order. */
export function checkPrecedes(claim: Of<'precedes'>, lookup: Lookup): Outcome {
  const cites = [claim.a.evidence, claim.b.evidence];
  for (const side of [claim.a, claim.b]) {
    const found = usable(lookup, side.evidence);
    if ('why' in found) return { ok: false, why: found.why, cites };
    if (!momentsAt(found.evidence, side.at).some((m) => m.what === side.what))
      return { ok: false, why: `${side.evidence} holds no ${oneLine(side.what, 80)} at ${side.at}`, cites };
  }
  const gap = toMs(claim.b.at) - toMs(claim.a.at);
  if (!(gap >= 0)) return { ok: false, why: `${claim.a.what} does not come before ${claim.b.what}`, cites };
  const sentence = `${claim.a.what} at ${clock(claim.a.at, true)}, ${formatDuration(gap)} before ${claim.b.what} at ${clock(claim.b.at, true)}`;
  return { ok: true, sentence, cites };
}

/** At least so many records of an evidence match a text. */
export function checkCount(claim: Of<'count'>, lookup: Lookup): Outcome {
  const cites = [claim.evidence];
  const found = usable(lookup, claim.evidence);
  if ('why' in found) return { ok: false, why: found.why, cites };
  const data = found.evidence.data as Record<string, unknown> | undefined;
  const n = countOf(claim, data);
  if (n < claim.atLeast)
    return {
      ok: false,
      why: `${claim.evidence} holds ${n} of "${oneLine(claim.match, 60)}", not ${claim.atLeast}`,
      cites,
    };
  return {
    ok: true,
    sentence: `${plural(n, noun[claim.what])} of "${oneLine(claim.match, 100)}" ${since(claim.what, found.evidence.input)}`,
    cites,
  };
}

/** Templates are counted since the onset; everything else in the window that was asked for. */
const since = (what: Of<'count'>['what'], asked: { from: string; to: string }): string =>
  what === 'records' || what === 'spans' ? `from ${clock(asked.from)} to ${clock(asked.to)}` : 'after the onset';

const noun = {
  records: 'log record',
  patterns: 'log record',
  changes: 'change',
  events: 'event',
  spans: 'span',
} as const;

function countOf(claim: Of<'count'>, data: Record<string, unknown> | undefined): number {
  if (claim.match === '') return 0;
  switch (claim.what) {
    case 'records':
      return ((data?.records ?? []) as LogRecord[]).filter((r) => r.body.includes(claim.match)).length;
    case 'patterns':
      return ((data?.patterns ?? []) as LogPattern[])
        .filter((p) => p.template === claim.match)
        .reduce((sum, p) => sum + p.after, 0);
    case 'changes':
      return ((data?.changes ?? []) as Change[]).filter((c) => c.title.includes(claim.match)).length;
    case 'events':
      return ((data?.events ?? []) as TelemetryEvent[]).filter((e) => e.title.includes(claim.match)).length;
    case 'spans':
      return ((data?.spans ?? []) as { name: string }[]).filter((s) => s.name.includes(claim.match)).length;
  }
}

/** The evidence holds the quote, byte for byte: in a text, or in the flat facts of a record (`{"customer":17,"lines":3}`). */
export function checkMentions(claim: Of<'mentions'>, lookup: Lookup): Outcome {
  const cites = [claim.evidence];
  const found = usable(lookup, claim.evidence);
  if ('why' in found) return { ok: false, why: found.why, cites };
  if (claim.quote.length < 8)
    return { ok: false, why: `the quote "${claim.quote}" is too short to prove anything`, cites };
  const { tool, data } = found.evidence;
  if (!holds(data, claim.quote))
    return { ok: false, why: `${claim.evidence} does not hold "${oneLine(claim.quote, 80)}"`, cites };
  return { ok: true, sentence: `${tool.split('.')[0]} says "${oneLine(claim.quote, 160)}"`, cites };
}

/** Whether a text of this value, or its flat facts, hold the quote. */
export function holds(value: unknown, quote: string): boolean {
  if (typeof value === 'string') return value.includes(quote);
  if (value === null || typeof value !== 'object') return false;
  const inside = Object.values(value);
  if (inside.some((v) => holds(v, quote))) return true;
  // Numbers stand in no text; with their keys beside them they can be quoted all the same.
  const flat = !Array.isArray(value) && inside.every((v) => v === null || typeof v !== 'object');
  return flat && quote.includes('":') && canonical(value).includes(quote);
}

/** A change with this id, for this service, at this time, stands in the evidence. */
export function checkDeployed(claim: Of<'deployed'>, lookup: Lookup): Outcome {
  const cites = [claim.evidence];
  const found = usable(lookup, claim.evidence);
  if ('why' in found) return { ok: false, why: found.why, cites };
  const changes = (found.evidence.data as { changes?: Change[] } | undefined)?.changes ?? [];
  const change = changes.find((c) => c.id === claim.change);
  if (!change) return { ok: false, why: `${claim.evidence} lists no change ${claim.change}`, cites };
  if (change.time !== claim.time || (claim.service && change.service !== claim.service)) {
    return { ok: false, why: `${claim.change} is another time or service in ${claim.evidence}`, cites };
  }
  const version = change.version
    ? ` ${change.previousVersion ? `${change.previousVersion} to ` : ''}${change.version}`
    : '';
  const what = `${changeName(change)}${change.service ? ` of ${change.service}` : ''}${version}`;
  return { ok: true, sentence: `${what} at ${clock(change.time, true)}: "${oneLine(change.title, 100)}"`, cites };
}

/** Asked, complete, and nothing there: the only thing that supports an absence. */
export function checkAbsent(claim: Of<'absent'>, lookup: Lookup): Outcome {
  const cites = [claim.evidence];
  const evidence = lookup(claim.evidence);
  if (!evidence) return { ok: false, why: `there is no evidence ${claim.evidence} in this run`, cites };
  if (evidence.status !== 'empty' || evidence.truncated) {
    return { ok: false, why: `${claim.evidence} is ${evidence.status}, which proves no absence`, cites };
  }
  return {
    ok: true,
    sentence: `no ${claim.what} from ${clock(evidence.input.from)} to ${clock(evidence.input.to)}`,
    cites,
  };
}
