/** Findings → ranked explanations: whom, by what, how sure, which change, or nothing at all. Pure. */
import { byText } from '../core/canonical.ts';
import { toMs } from '../core/time.ts';
import type { Alert, Finding, Window } from '../core/types.ts';
import { type Standing, toCandidate } from './candidate.ts';
import { type CaseFile, type Dossier, isSeen, openCase } from './case-file.ts';
import { categoryOf } from './category.ts';
import { changeQuestion } from './change-question.ts';
import { basisOf, confidenceOf } from './confidence.ts';
import { HALF_Z } from './describe.ts';
import type { ChangeData } from './finding-data.ts';
import { healthOf, isCalmNow } from './healthy.ts';
import { type Modality, partsOf } from './parts.ts';
import { OTHERWISE, type RankedChange, rankChanges } from './rank-changes.ts';
import type { Ranking } from './ranking.ts';
import { findSurge } from './surge.ts';
import { timedPart } from './timed-part.ts';

/**
 * Where some changed service shows harm, services that nobody touched are held back. .1 wins a benchmark in which the
 * guilty change is always recorded; .5 is what survives when it is not.
 */
const NOT_CHANGED = 0.5;
/** Harm of a changed service that lets the restriction begin. */
const HARM_MIN = 0.1;
/** Evidence that is fully believed. */
const STRONG = 0.5;
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
  // Where nothing is strong, being the strongest means little.
  const strongest = Math.max(0, ...standing.flatMap((s) => s.parts.map((p) => p.strength)));
  const believed = Math.min(1, strongest / STRONG);
  const shareOf = (service?: string): number =>
    most > 0 ? ((service === undefined ? most : (unchanged.get(service) ?? 0)) / most) * believed : 0;
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
  const textual = restsOnText(standing);
  const accused = new Map(standing.map((s, i) => [s, accusedOf(s, changes, i === 0)]));
  const surging = standing.some((s) => s.parts.some((p) => p.means === 'surge'));
  const readings = standing.map((s) => categoryOf(s.dossier, s.parts, accused.get(s), surging));
  const [lead] = standing;
  const basis = basisOf(standing, readings[0] ?? { category: 'unknown', certainty: 0 }, {
    change: changeQuestion(file, {
      lead: lead?.dossier,
      category: readings[0]?.category ?? 'unknown',
      accused: lead && accused.get(lead),
      changes,
    }),
    seen: lead === undefined || isSeen(lead.dossier),
    ...(lead && hasPassed(file, lead.dossier) ? { passed: true } : {}),
  });
  const { confidence, kind } = confidenceOf(basis);
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
    kind,
    ...(textual ? { textual } : {}),
    unknown: Number(Math.max(UNKNOWN_MIN, 1 - confidence).toFixed(4)),
    basis,
  };
}

function standings(file: CaseFile, weights: Record<string, number>): Standing[] {
  const surge = findSurge(file);
  const timed = timedPart(file);
  return file.dossiers.map((dossier) => {
    const more = timed?.service === dossier.entity.name ? [timed.part] : [];
    const parts = [...partsOf(dossier, file, surge), ...more].map((p) => ({
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

/** Whether somebody else would lead if nobody had written a log line. */
function restsOnText(standing: Standing[]): boolean {
  const clean = (s: Standing): number =>
    s.parts.reduce((x, p) => x + (p.modality === 'log' ? 0 : p.weight), 0) * s.factor;
  const [lead, ...others] = standing;
  return lead !== undefined && (clean(lead) === 0 || others.some((s) => clean(s) > clean(lead)));
}

/** What the alert or the lead complained about moved clearly, and is back. */
const hasPassed = (file: CaseFile, lead: Dossier): boolean =>
  Math.max(file.fleet?.rootZ ?? 0, lead.metrics?.symptoms[0]?.z ?? 0) >= HALF_Z && isCalmNow(file);

const otherwise = (standing: Standing[]): number =>
  standing.some((s) => s.parts.some((p) => p.means === 'surge' || p.means === 'outside')) ? OTHERWISE : 0;

/** The change that a candidate accuses: the best of its own, where it is better than `none of these`. */
function accusedOf(s: Standing, changes: RankedChange[], isLead: boolean): ChangeData | undefined {
  const none = changes.find((c) => c.id === 'none')?.score ?? 0;
  // A change that names no service is laid at the door of where it hurts most.
  // So is one at the other end of the calls in which the lead loses its time.
  const { trace, changes: own } = s.dossier;
  const end = isLead && trace?.proof && 'caller' in trace.proof ? trace.proof.service : undefined;
  const fits = (d: ChangeData): boolean =>
    own.includes(d) || (isLead && !d.late && (d.services.length === 0 || d.services.some((x) => x === end)));
  return changes.find((c) => c.data && c.score > none && fits(c.data))?.data;
}
