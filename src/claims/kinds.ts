/** Which kind of evidence a claim can rest on: an answer of another kind holds nothing of what it speaks of. */
import type { Capability } from '../core/capabilities.ts';
import type { Claim } from '../core/claims.ts';
import type { Lookup } from './lookup.ts';

type Counted = Extract<Claim, { type: 'count' }>['what'];

const COUNTED: Record<Counted, Capability> = {
  records: 'logs.search',
  patterns: 'logs.patterns',
  changes: 'changes.list',
  events: 'events.list',
  spans: 'traces.search',
};

/** Undefined = any kind. */
function kindOf(claim: Claim): Capability | undefined {
  switch (claim.type) {
    case 'changed':
      return 'metrics.range';
    case 'count':
      return COUNTED[claim.what];
    case 'deployed':
      return 'changes.list';
    case 'observed':
      return 'state.list';
    case 'slower':
    case 'failing':
    case 'repeated':
    case 'rerouted':
      return 'traces.summary';
    default:
      return undefined;
  }
}

/** Why a claim cannot rest on the evidence that it names; undefined where it can, or where there is none. */
export function wrongKind(claim: Claim, lookup: Lookup): { why: string; cites: string[] } | undefined {
  const wanted = kindOf(claim);
  const id = claim.type === 'changed' ? claim.series.evidence : 'evidence' in claim ? claim.evidence : '';
  const evidence = lookup(id);
  if (!wanted || !evidence || evidence.capability === wanted) return undefined;
  return { why: `${id} answers ${evidence.capability}, not ${wanted}`, cites: [id] };
}
