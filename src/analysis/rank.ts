/** Findings → ranked explanations: whom, by what, how sure, which change, or nothing at all. Pure. */
import { byText } from '../core/canonical.ts';
import { oneLine } from '../core/text.ts';
import { toMs } from '../core/time.ts';
import type { Alert, Claim, Finding, Weight, Window } from '../core/types.ts';
import { type CaseFile, type Dossier, openCase } from './case-file.ts';
import { categoryOf } from './category.ts';
import { basisOf, confidenceOf } from './confidence.ts';
import type { ChangeData, MovedSeries } from './findings.ts';
import { healthOf } from './healthy.ts';
import { changeParts, type Modality, type Part, partsOf } from './parts.ts';
import { type RankedChange, rankChanges } from './rank-changes.ts';
import type { Basis, RankedCandidate, Ranking } from './ranking.ts';
import { findSurge } from './surge.ts';

/**
 * Where some changed service shows harm, services that nobody touched are held back. .1 wins a benchmark in which the
 * guilty change is always recorded; .5 is what survives when it is not.
 */
const NOT_CHANGED = 0.5;
/** Harm of a changed service that lets the restriction begin. */
const HARM_MIN = 0.1;
/** Candidates handed on. */
const CANDIDATES = 20;
/** Share of belief that the unknown keeps even against the best explanation. */
const UNKNOWN_MIN = 0.05;

/** Steps whose playbook weight scales a kind of part. */
const STEP_OF: Record<Modality, string> = {
  metrics: 'dependencies',
  trace: 'traces',
  log: 'log-patterns',
  state: 'state',
  event: 'events',
  change: 'changes',
};

interface Standing {
  dossier: Dossier;
  parts: Part[];
  score: number;
  factor: number;
}

export function rankCandidates(input: {
  findings: Finding[];
  alert: Alert;
  window: Window;
  now: string;
  weights: Record<string, number>;
}): Ranking {
  const file = openCase(input.findings, input.alert.service);
  const onset = file.fleet?.onset;
  const standing = standings(file, input.weights);
  const restricted = restriction(file, standing);
  for (const s of standing) {
    s.factor = restricted && s.dossier.changes.length === 0 ? NOT_CHANGED : 1;
    s.score = s.parts.reduce((sum, p) => sum + p.weight, 0) * s.factor;
  }
  const unchanged = new Map<string, number>();
  for (const s of standing) {
    unchanged.set(
      s.dossier.entity.name,
      s.parts.reduce((x, p) => x + (p.modality === 'change' ? 0 : p.weight), 0),
    );
  }
  const most = Math.max(0, ...unchanged.values());
  const shareOf = (service: string): number => (most > 0 ? (unchanged.get(service) ?? 0) / Math.max(1, most) : 0);
  const at = toMs(onset?.at ?? input.alert.startsAt);
  const changes = rankChanges(file, shareOf, at, otherwise(standing));
  // Equal scores: the service with more harm, then by name.
  const harm = (s: Standing): number => Math.max(0, ...Object.values(s.dossier.metrics?.harm ?? {}).map((h) => h.x));
  const recency = (s: Standing): number =>
    changes.find((c) => c.data && s.dossier.changes.includes(c.data))?.score ?? 0;
  standing.sort(
    (a, b) =>
      b.score - a.score ||
      recency(b) - recency(a) ||
      harm(b) - harm(a) ||
      byText(a.dossier.entity.name, b.dossier.entity.name),
  );
  const accused = new Map(standing.map((s) => [s, accusedOf(s, changes)]));
  const readings = standing.map((s) => categoryOf(s.dossier, s.parts, accused.get(s)));
  const [lead] = standing;
  const basis = basisOf(
    standing,
    readings[0] ?? { category: 'unknown', certainty: 0 },
    changeQuestion(file, lead && accused.get(lead), changes),
  );
  const confidence = confidenceOf(basis);
  const candidates = standing
    .filter((s) => s.score > 0)
    .slice(0, CANDIDATES)
    .map((s, i) => toCandidate(s, readings[i]!.category, accused.get(s), file, input));
  return {
    candidates,
    changes: changes.map(({ id, score }) => ({ id, score: Number(score.toFixed(6)) })),
    healthy: healthOf(
      file,
      standing.flatMap((s) => s.parts),
    ),
    confidence,
    unknown: Number(Math.max(UNKNOWN_MIN, 1 - confidence).toFixed(4)),
    basis,
  };
}

function standings(file: CaseFile, weights: Record<string, number>): Standing[] {
  const surge = findSurge(file);
  return file.dossiers.map((dossier) => {
    const parts = partsOf(dossier, file, surge).map((p) => ({
      ...p,
      weight: p.weight * (weights[STEP_OF[p.modality]] ?? 1),
    }));
    return { dossier, parts, score: 0, factor: 1 };
  });
}

/** Whether changes explain enough that services without any are held back. */
function restriction(file: CaseFile, standing: Standing[]): boolean {
  const deployed = file.changes.some((f) => !f.data.late && f.data.kind !== 'commit' && f.data.service !== undefined);
  if (!deployed) return false;
  return standing.some(
    (s) =>
      s.dossier.changes.length > 0 &&
      ((s.dossier.metrics?.blame ?? 0) >= HARM_MIN ||
        s.parts.some((p) => p.means === 'dead' || (p.means === 'canary' && p.strength >= 0.25))),
  );
}

/** An explanation that needs no change: demand, names, certificates, machines. Its worth against a change's share. */
const OTHERWISE = 0.9;
/** A canary that is so much worse, or dead, proves. */
const PROVEN = 0.3;
const otherwise = (standing: Standing[]): number =>
  standing.some((s) => s.parts.some((p) => p.means === 'surge' || p.means === 'outside')) ? OTHERWISE : 0;

/** How the question of the guilty change stands. */
function changeQuestion(file: CaseFile, accused: ChangeData | undefined, changes: RankedChange[]): Basis['change'] {
  if (!file.changes.some((f) => !f.data.late)) return 'none in question';
  if (accused) {
    const proven = changeParts(accused).some((p) => p.means !== 'diff' && p.strength >= PROVEN);
    return proven && changes[0]?.data === accused ? 'proven' : 'suspected';
  }
  return changes[0]?.id === 'none' && changes[0].score >= OTHERWISE ? 'none in question' : 'open';
}

/** The change that a candidate accuses: the best of its own, where it is better than `none of these`. */
function accusedOf(s: Standing, changes: { id: string; score: number; data?: ChangeData }[]): ChangeData | undefined {
  const none = changes.find((c) => c.id === 'none')?.score ?? 0;
  return changes.find((c) => c.data && c.score > none && s.dossier.changes.includes(c.data))?.data;
}

function toCandidate(
  s: Standing,
  category: RankedCandidate['category'],
  change: ChangeData | undefined,
  file: CaseFile,
  input: { now: string },
): RankedCandidate {
  const { dossier } = s;
  const weights = s.parts
    .map(
      (p): Weight => ({
        reason: p.reason,
        weight: Number((p.weight * s.factor).toFixed(4)),
        cites: dossier.cites[p.modality] ?? [],
      }),
    )
    .filter((w) => w.weight > 0);
  const against: Weight[] = [];
  if (s.factor < 1) {
    const lost = s.parts.reduce((x, p) => x + p.weight, 0) * (1 - s.factor);
    against.push({
      reason: 'nothing was changed here, while services that were changed show harm',
      weight: Number(lost.toFixed(4)),
      cites: [],
    });
  }
  return {
    entity: dossier.entity,
    category,
    ...(change ? { change: change.id } : {}),
    score: Number(s.score.toFixed(6)),
    sentence: sentenceOf(s, category, change),
    for: weights,
    against,
    claims: claimsOf(dossier, change, file, input.now),
    ...(file.fleet ? { onset: file.fleet.onset } : {}),
  };
}

const WHAT: Record<RankedCandidate['category'], string> = {
  'code-change': 'runs code that behaves differently',
  'config-change': 'is configured wrongly',
  'resource-exhaustion': 'is short of a resource',
  dependency: 'suffers from a dependency',
  traffic: 'gets more requests than it can serve',
  infrastructure: 'has trouble below it (network, machine)',
  data: 'fails on certain data',
  none: 'is well',
  unknown: 'is where it comes from',
};

function sentenceOf(s: Standing, category: RankedCandidate['category'], change: ChangeData | undefined): string {
  const best = s.parts.reduce<Part | undefined>((a, p) => (!a || p.weight > a.weight ? p : a), undefined);
  const what = change
    ? `${change.kind} ${oneLine(change.id, 60)} broke ${s.dossier.entity.name}`
    : `${s.dossier.entity.name} ${WHAT[category]}`;
  return oneLine(`${what}${best ? `: ${best.reason}` : ''}`, 300);
}

const CLAIMS_MAX = 5;

/** Facts that code can check again on the evidence: moved series, the change, log lines. */
function claimsOf(d: Dossier, change: ChangeData | undefined, file: CaseFile, now: string): Claim[] {
  const claims: Claim[] = [];
  const series = [d.metrics?.symptoms[0], d.metrics?.saturated ?? d.metrics?.self[0], d.metrics?.symptoms[1]];
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
