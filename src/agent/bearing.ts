/** What claims and answers have to do with whom and with what kind of cause a conclusion accuses. */
import { allows, speaksFor, usualKind } from '../claims/cause-kinds.ts';
import type { CheckedClaim, Claim } from '../core/claims.ts';
import type { Change, Entity } from '../core/telemetry.ts';
import type { Category } from '../core/types.ts';
import { areNeighbours } from './case.ts';
import type { Court } from './judge.ts';

/** Whether a conclusion says just what the workflow leads with. */
export const repeats = (category: Category, entity: Entity, change: Change | undefined, { lead }: Court): boolean =>
  lead?.entity?.name === entity.name && lead.change === change?.id && lead.category === category;

/** Whether an answer is the model's own, and a line that is quoted or of a kind that the workflow's lead does not rest on. */
export function isNews(id: string, claim: Claim, court: Court): boolean {
  const known = new Set(court.lead?.for.flatMap((w) => w.cites.map((x) => court.evidence.get(x)?.capability)));
  return court.own(id) && (claim.type === 'mentions' || !known.has(court.evidence.get(id)?.capability));
}

/** Whether an answer of the model's own asking has to do with the accused: asked of it or a neighbour, or naming it. */
export function bearsOn(id: string, claim: Claim, name: string, court: Court): boolean {
  const { service, node } = (court.evidence.get(id)?.input ?? {}) as { service?: string; node?: string };
  if (node === name || (service !== undefined && areNeighbours(service, name, court.evidence.values()))) return true;
  return speaksOf(claim, name) || wordsOf(claim).some((text) => namesIn(text, name));
}

/** What a claim quotes or counts, and whose change it tells of. */
function wordsOf(c: Claim): string[] {
  switch (c.type) {
    case 'mentions':
      return [c.quote];
    case 'count':
      return [c.match];
    case 'deployed':
      return [c.service ?? ''];
    case 'precedes':
      return [c.a.what, c.b.what];
    default:
      return [];
  }
}

/** The name stands in the text as a word of its own, or as the beginning of an instance's name. */
function namesIn(text: string, name: string): boolean {
  const inWord = /[\p{L}\p{N}_]/u;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (!inWord.test(text[at - 1] ?? '') && !inWord.test(text[at + name.length] ?? '')) return true;
  }
  return false;
}

/** Whether a measurement is of this entity: its own, or of the calls to or from it. */
export function speaksOf(c: Claim, name: string): boolean {
  switch (c.type) {
    case 'changed':
      return ['service', 'instance', 'node', 'pod', 'caller', 'callee'].some((k) => c.series.labels[k] === name);
    case 'slower':
    case 'failing':
    case 'repeated':
      return c.service === name || c.caller === name;
    case 'rerouted':
      return c.service === name;
    case 'observed':
      return c.object === name || c.object.startsWith(`${name}-`);
    default:
      return false;
  }
}

/**
 * The kind of cause that code lets a conclusion have, and what is wrong with the one that it names: the change must
 * allow it; where code reads the lead otherwise, a claim must speak for it, else the kind is code's, or unknown.
 */
export function kindOf(
  named: Category,
  o: { entity: Entity; change: Change | undefined; held: CheckedClaim[]; court: Court },
): { category: Category; problem?: string } {
  const { entity, change, held, court } = o;
  if (change && !allows(change, named)) {
    const problem = `category: ${change.id} is a change of kind "${change.kind}", so the cause cannot be "${named}"`;
    return { category: usualKind(change), problem };
  }
  if (change && usualKind(change) === named) return { category: named };
  const same = court.lead?.entity?.name === entity.name && court.lead.change === change?.id;
  const read = same ? court.lead!.category : 'unknown';
  const lookup = (id: string) => court.evidence.get(id);
  if (read === named || held.some((x) => speaksFor(named, x.claim, lookup))) return { category: named };
  const category = change ? usualKind(change) : read === 'none' ? 'unknown' : read;
  return { category, problem: `category: no claim that holds speaks for a cause of kind "${named}"` };
}
