/** Evaluates typed claims on the evidence. The sentence comes from here, never from whoever made the claim. */

import { list } from '../analysis/kube-objects.ts';
import { ownPart } from '../analysis/kube-own-words.ts';
import type { Answers } from '../core/capabilities.ts';
import type { CheckedClaim, Claim } from '../core/claims.ts';
import { unreachable } from '../core/errors.ts';
import type { TelemetryEvent } from '../core/telemetry.ts';
import type { Trust } from '../core/types.ts';
import { checkChanged, soundWindows } from './changed.ts';
import { wrongKind } from './kinds.ts';
import type { Lookup, Outcome } from './lookup.ts';
import { checkObserved } from './observed.ts';
import { checkAbsent, checkCount, checkDeployed, checkMentions, checkPrecedes, holds } from './other.ts';
import { checkFailing, checkRepeated, checkRerouted, checkSlower } from './spans.ts';

/** Checks one claim. A claim that fails keeps `ok: false` and says why in its sentence. */
export function checkClaim(claim: Claim, lookup: Lookup): CheckedClaim {
  const outcome = evaluate(claim, lookup);
  const sentence = outcome.ok ? outcome.sentence : `dropped: ${outcome.why}`;
  return { claim, ok: outcome.ok, sentence, cites: outcome.cites, trust: trustOf(claim, outcome.cites, lookup) };
}

function evaluate(claim: Claim, lookup: Lookup): Outcome {
  const wrong = wrongKind(claim, lookup);
  if (wrong) return { ok: false, ...wrong };
  switch (claim.type) {
    case 'changed':
      return soundWindows(claim)
        ? checkChanged(claim, lookup)
        : { ok: false, why: 'its windows are empty', cites: [claim.series.evidence] };
    case 'precedes':
      return checkPrecedes(claim, lookup);
    case 'count':
      return checkCount(claim, lookup);
    case 'mentions':
      return checkMentions(claim, lookup);
    case 'deployed':
      return checkDeployed(claim, lookup);
    case 'absent':
      return checkAbsent(claim, lookup);
    case 'observed':
      return checkObserved(claim, lookup);
    case 'slower':
      return checkSlower(claim, lookup);
    case 'failing':
      return checkFailing(claim, lookup);
    case 'repeated':
      return checkRepeated(claim, lookup);
    case 'rerouted':
      return checkRerouted(claim, lookup);
    default:
      return unreachable(claim);
  }
}

/** What a title or a body says is an outsider's word even where the time beside it is not. */
function trustOf(claim: Claim, cites: string[], lookup: Lookup): Trust {
  if (claim.type === 'mentions' && !isOrchestrators(claim.quote, lookup(claim.evidence))) return 'outsider-writable';
  if (claim.type === 'count' && claim.what === 'events' && isMeasured(claim.match, lookup(claim.evidence)))
    return 'clean';
  return cites.every((id) => lookup(id)?.trust === 'clean') ? 'clean' : 'outsider-writable';
}

/** What the orchestrator itself says of its objects nobody outside can write; every other quote somebody can. */
function isOrchestrators(quote: string, evidence: ReturnType<Lookup>): boolean {
  if (evidence?.capability !== 'state.list') return false;
  const { objects } = (evidence.data ?? { objects: [] }) as Answers['state.list'];
  return objects.some((o) => list(o.items).some((item) => holds(ownPart(o.kind, item), quote)));
}

/** A check's or a monitor's transitions and a database's load are measured: every event that the claim counts is. */
function isMeasured(match: string, evidence: ReturnType<Lookup>): boolean {
  const events = ((evidence?.data as { events?: TelemetryEvent[] } | undefined)?.events ?? []).filter((e) =>
    e.title.includes(match),
  );
  return (
    events.length > 0 &&
    events.every((e) => /^(?:check|monitor)$/i.test(e.kind) || typeof e.attributes?.dbLoadAvg === 'number')
  );
}
