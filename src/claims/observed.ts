/** The claim on objects of the orchestrator, `observed`: a field of theirs, read again from the journalled objects. */
import { namespaceOf } from '../analysis/kube-objects.ts';
import type { Answers } from '../core/capabilities.ts';
import type { Claim } from '../core/claims.ts';
import { fieldOf } from '../core/fields.ts';
import { oneLine } from '../core/text.ts';
import { type Lookup, type Outcome, usable } from './lookup.ts';

/** The named object is in the evidence, and its field has this value or none. */
export function checkObserved(claim: Extract<Claim, { type: 'observed' }>, lookup: Lookup): Outcome {
  const cites = [claim.evidence];
  const found = usable(lookup, claim.evidence);
  if ('why' in found) return { ok: false, why: found.why, cites };
  const { kind, object, namespace, field, is } = claim;
  const objects = (found.evidence.data as Answers['state.list'] | undefined)?.objects ?? [];
  const named = objects
    .filter((o) => o.kind === kind)
    .flatMap((o) => o.items)
    .filter((item) => fieldOf(item, ['metadata', 'name'])[0] === object)
    .filter((item) => namespace === undefined || namespaceOf(item) === namespace);
  const what = `${field.join('.')} of ${kind} ${object}`;
  if (named.length === 0) return { ok: false, why: `${claim.evidence} holds no ${kind} ${object}`, cites };
  const values = named.map((item) => fieldOf(item, field));
  const says = (v: string[]): boolean => (is === null ? v.length === 0 : v.includes(is));
  // Where namespaces hold several of this name and none is meant, it is said of all of them.
  const holds = new Set(named.map(namespaceOf)).size > 1 ? values.every(says) : values.some(says);
  if (!holds) return { ok: false, why: `${what} is ${oneLine(values.flat().join(', ') || 'not there', 80)}`, cites };
  return { ok: true, sentence: `${what} is ${is === null ? 'not there' : oneLine(is, 80)}`, cites };
}
