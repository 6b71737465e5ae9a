/** A standing of the ranking → what people and the gate get: sentence, reasons with their evidence, checkable claims. */

import { accusation } from '../core/accusation.ts';
import type { Claim } from '../core/claims.ts';
import { changeName, oneLine } from '../core/text.ts';
import type { Weight } from '../core/types.ts';
import type { CaseFile, Dossier } from './case-file.ts';
import { doubtsOf, refutedBy } from './doubts.ts';
import type { ChangeData } from './finding-data.ts';
import type { MovedSeries } from './metrics-data.ts';
import { type Part, tellingOf } from './parts.ts';
import type { RankedCandidate } from './ranking.ts';

/** An entity with all that speaks for it. */
export interface Standing {
  dossier: Dossier;
  parts: Part[];
  score: number;
  factor: number;
}

/** The candidate of a standing, accusing `change` where one is given. Weights are in points of the ranking's score. */
export function toCandidate(
  s: Standing,
  category: RankedCandidate['category'],
  change: ChangeData | undefined,
  file: CaseFile,
  input: { now: string },
): RankedCandidate {
  const { dossier } = s;
  const onset = file.began ?? file.fleet?.onset;
  const weights = s.parts
    .map(
      (p): Weight => ({
        reason: p.reason,
        weight: Number((p.weight * s.factor).toFixed(4)),
        cites: dossier.cites[p.modality] ?? [],
      }),
    )
    .filter((w) => w.weight > 0);
  return {
    ...whoOf(s, change),
    category,
    ...(change ? { change: change.id } : {}),
    score: Number(s.score.toFixed(6)),
    sentence: sentenceOf(whoOf(s, change).entity.name, s, category, change),
    for: weights,
    against: doubtsOf(s, change, file),
    refutedBy: refutedBy(whoOf(s, change).entity.name, category, change && changeName(change)),
    claims: claimsOf(dossier, change, file, input.now),
    ...(onset ? { onset } : {}),
  };
}

/** The instance, where one of several moved and no release is accused; else the entity itself. */
function whoOf(s: Standing, change: ChangeData | undefined): Pick<RankedCandidate, 'entity' | 'of'> {
  const { entity, metrics } = s.dossier;
  if (change || metrics?.instance === undefined) return { entity };
  return { entity: { name: metrics.instance, level: 'instance' }, of: entity.name };
}

function sentenceOf(
  name: string,
  s: Standing,
  category: RankedCandidate['category'],
  change: ChangeData | undefined,
): string {
  // Of an accused change the sentence says what it did, not why it is accused.
  const told = change ? s.parts.filter((p) => p.modality !== 'change') : s.parts;
  const best = (told.length > 0 ? told : s.parts).reduce<Part | undefined>(
    (a, p) => (!a || p.weight > a.weight ? p : a),
    undefined,
  );
  const reason = best?.reason.replace(new RegExp(`^${literal(name)}[,:] `), '');
  return oneLine(`${accusation(name, category, change)}${reason ? `: ${reason}` : ''}`, 300);
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const CLAIMS_MAX = 6;

/** Facts that code can check again on the evidence: moved series, the change, log lines. */
function claimsOf(d: Dossier, change: ChangeData | undefined, file: CaseFile, now: string): Claim[] {
  const claims: Claim[] = [...(d.claims.trace ?? [])];
  const series = [d.metrics?.symptoms[0], d.metrics && tellingOf(d.metrics), d.metrics?.symptoms[1]];
  const told = new Set<MovedSeries>();
  for (const m of series) {
    if (!m?.baseline || m.z < 1 || told.has(m) || !file.fleet || m.before === m.after) continue;
    told.add(m);
    claims.push({
      type: 'changed',
      series: { evidence: m.evidence, labels: m.labels },
      statistic: m.statistic,
      from: m.baseline,
      to: { from: file.fleet.onset.at, to: now },
      direction: m.after > m.before ? 'up' : 'down',
    });
  }
  if (change) {
    claims.push({
      type: 'deployed',
      evidence: change.evidence,
      change: change.id,
      ...(change.service === undefined ? {} : { service: change.service }),
      time: change.time,
    });
  }
  claims.push(...(d.claims.state ?? []), ...(d.claims.event ?? []), ...(d.claims.log ?? []));
  return claims.slice(0, CLAIMS_MAX);
}
