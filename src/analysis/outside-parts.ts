/** Explanations that need no change of the team's: demand, names, certificates, machines, one poisonous record. */
import { oneLine } from '../core/text.ts';
import type { Dossier } from './case-file.ts';
import { describeMove } from './describe.ts';
import { readText } from './event-rules.ts';
import type { Part } from './parts.ts';
import type { Surge } from './surge.ts';

/** Demand that every service feels explains harm anywhere. */
const SURGE = 1;
/** Plain statements of names, certificates and machines in error lines. */
const OUTSIDE = 0.6;
/** Such a statement must be made by this share of the service's telling lines. */
const OUTSIDE_SHARE = 0.3;

export const surgePart = (s: Surge): Part => ({
  modality: 'metrics',
  means: 'surge',
  weight: SURGE,
  strength: 0.7,
  reason: `${s.services} services get a multiple of their requests: ${describeMove(s.moved)}`,
});

/** Causes that no change of the team's explains: names, certificates, machines, one record. */
export function outsideParts(d: Dossier): Part[] {
  const out: Part[] = [];
  const all = d.logs.reduce((s, l) => s + l.after, 0);
  const read = d.logs.map((l) => ({ l, said: readText(l.exemplar) })).filter((r) => r.said?.outside);
  const lines = read.reduce((s, r) => s + r.l.after, 0);
  const first = read[0];
  if (first && lines >= 2 && lines >= OUTSIDE_SHARE * all) {
    const { strength } = first.said!;
    const reason = oneLine(first.l.exemplar, 160);
    out.push({ modality: 'log', means: 'outside', weight: OUTSIDE * strength, strength: 0.8 * strength, reason });
  }
  const event = d.events.find((e) => e.outside);
  if (event) {
    const { strength, title } = event;
    out.push({
      modality: 'event',
      means: 'outside',
      weight: OUTSIDE * strength,
      strength: 0.8 * strength,
      reason: title,
    });
  }
  if (d.record) {
    const reason = `the errors name one record again and again: ${d.record.record}`;
    out.push({
      modality: 'log',
      means: 'outside',
      weight: OUTSIDE * d.record.share,
      strength: 0.6 * d.record.share,
      reason,
    });
  }
  return out;
}
