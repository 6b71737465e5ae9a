/** How claims reach the journalled evidence. */
import type { Capability, TimeRange } from '../core/capabilities.ts';
import type { Evidence } from '../core/types.ts';

/** The evidence with an id, its whole data loaded; undefined where the run has none of that id. */
export type Lookup = (id: string) => Evidence<Capability> | undefined;

export type Outcome = { ok: true; sentence: string; cites: string[] } | { ok: false; why: string; cites: string[] };

/** An evidence can carry a claim only when its question was answered. */
export function usable(lookup: Lookup, id: string): { evidence: Evidence<Capability> } | { why: string } {
  const evidence = lookup(id);
  if (!evidence) return { why: `there is no evidence ${id} in this run` };
  if (evidence.status !== 'ok' && evidence.status !== 'empty' && evidence.status !== 'partial') {
    return { why: `${id} could not be asked (${evidence.status})` };
  }
  return { evidence };
}

export const within = (time: number, r: TimeRange): boolean => time >= Date.parse(r.from) && time < Date.parse(r.to);
