/** The plain reference methods: what any analysis must beat, run on the same files in the same way. */
import { byText, canonical, sha256 } from '../../core/canonical.ts';
import type { Change, Entity, Series } from '../../core/telemetry.ts';
import type { CaseAnswer } from '../answer.ts';
import { latestChanges } from './latest-change.ts';
import type { MethodOptions } from './options.ts';
import { chosen, type Incident, pooled, split } from './samples.ts';
import { isConstant, score } from './scores.ts';

/** Ranks the entities of an incident. A method always says `cause` and has neither confidence nor category. */
export function runMethod(
  options: MethodOptions,
  incident: Incident,
  data: { series: Series[]; changes: Change[] },
): CaseAnswer {
  const latest = latestChanges(data.changes, incident, options);
  const ranking =
    options.name === 'latest-change'
      ? servicesOf(latest)
      : changedFirst(anomalies(options.name, data.series, incident, options), options, data.changes);
  // A deploy is blamed through the commits that it put into production, where it says which.
  const changes = options.name === 'latest-change' ? [...new Set(latest.flatMap((c) => c.deployed ?? [c.id]))] : null;
  const answer = { outcome: 'cause' as const, confidence: null, category: null, ranking, changes };
  return { ...answer, reportHash: sha256(canonical(answer)) };
}

/** Entities by the score of their worst series; equal ones by name. */
function anomalies(method: 'nsigma' | 'baro', all: Series[], incident: Incident, options: MethodOptions): Entity[] {
  const worst = new Map<string, { entity: Entity; score: number }>();
  for (const s of options.poolInstances ? pooled(all) : all) {
    const entity = entityOf(s);
    if (!entity) continue;
    const key = canonical(entity);
    const best = worst.get(key) ?? { entity, score: Number.NEGATIVE_INFINITY };
    worst.set(key, { entity, score: Math.max(best.score, scoreOf(method, s, incident, options)) });
  }
  return [...worst.values()]
    .sort((a, b) => (a.score === b.score ? 0 : b.score - a.score) || byText(a.entity.name, b.entity.name))
    .map((w) => w.entity);
}

function scoreOf(method: 'nsigma' | 'baro', s: Series, incident: Incident, options: MethodOptions): number {
  const nothing = Number.NEGATIVE_INFINITY;
  if (!chosen(s, incident, options)) return nothing;
  const [before, after] = split(s, incident, options);
  if (before.length === 0 || after.length === 0) return nothing;
  if (!options.keepConstant && (isConstant(before) || isConstant(after))) return nothing;
  return score(method, before, after, options.absolute);
}

function entityOf({ labels }: Series): Entity | undefined {
  if (labels.service !== undefined) return { name: labels.service, level: 'service' };
  return labels.node === undefined ? undefined : { name: labels.node, level: 'node' };
}

function changedFirst(ranking: Entity[], options: MethodOptions, changes: Change[]): Entity[] {
  if (!options.changedFirst) return ranking;
  const changed = new Set(changes.map((c) => c.service));
  return [...ranking.filter((e) => changed.has(e.name)), ...ranking.filter((e) => !changed.has(e.name))];
}

const servicesOf = (changes: Change[]): Entity[] =>
  [...new Set(changes.flatMap((c) => c.service ?? []))].map((name) => ({ name, level: 'service' }));
