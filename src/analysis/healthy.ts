/** Is anything wrong at all? Only enough complete looks that found nothing, and an alert that is over, make it healthy. */
import { MINUTE } from '../core/time.ts';
import type { Weight } from '../core/types.ts';
import type { CaseFile } from './case-file.ts';
import { HALF_Z, MOVED_Z } from './describe.ts';
import { findingsOf } from './findings.ts';
import type { Part } from './parts.ts';
import type { Ranking } from './ranking.ts';

/** Evidence of trouble up to this strength is the weather. */
const CALM = 0.35;
/** What lasted longer was an incident, even when it is over: its cause is still asked for. */
const BLIP_MS = 2 * MINUTE;
/** Score of an alert that is over while nothing else is remarkable, and of one that only nobody can confirm. */
const OVER = 0.9;
const QUIET = 0.7;

/** Every symptom is back where it was. A process that was started again is well only until its memory is full again. */
export const isCalmNow = ({ fleet, dossiers }: CaseFile): boolean =>
  fleet !== undefined &&
  fleet.nowZ < MOVED_Z &&
  !dossiers.some((d) => d.metrics?.self.some((m) => m.filling !== undefined && m.z >= HALF_Z));

/** `parts` are those of all candidates. */
export function healthOf(file: CaseFile, parts: Part[]): Ranking['healthy'] {
  const reasons: Weight[] = [];
  const normal = findingsOf(file.findings, 'normal');
  for (const f of normal) reasons.push({ reason: f.title, weight: 0.2, cites: f.cites });
  for (const f of findingsOf(file.findings, 'traces')) {
    if (f.data.calm) reasons.push({ reason: f.title, weight: 0.2, cites: f.cites });
  }
  const calm = reasons.length;
  const states = findingsOf(file.findings, 'alert-state');
  const still = file.fleet !== undefined && Math.max(file.fleet.rootZ, file.fleet.nowZ) < MOVED_Z;
  // A rule that fires at anything is out of range half of the time: what it alerts for is nothing where nothing moved.
  const flapping = still ? states.find((f) => f.data.state === 'flapping') : undefined;
  const alert = flapping ?? states.at(-1);
  const monitors = findingsOf(file.findings, 'monitors').at(-1);
  const over = alert?.data.state === 'recovered' || alert?.data.state === 'flapping';
  const allOk = monitors !== undefined && monitors.data.alerting === 0;
  if (alert && over) reasons.push({ reason: alert.title, weight: 0.5, cites: alert.cites });
  if (monitors && allOk) reasons.push({ reason: monitors.title, weight: 0.5, cites: monitors.cites });
  const quiet = findingsOf(file.findings, 'fleet').filter((f) => f.kind === 'normal' && f.data.scope === 'all');
  for (const f of quiet) reasons.push({ reason: f.title, weight: 0.3, cites: f.cites });
  // What was, is over: the alert's own signal and every symptom are back where they were.
  const blip = (alert?.data.lastedMs ?? Number.POSITIVE_INFINITY) <= BLIP_MS;
  const passed = over && blip && isCalmNow(file);
  if (passed) reasons.push({ reason: 'every symptom is back at its level of before', weight: 0.5, cites: [] });
  const looks = calm + quiet.length + [over, allOk, passed].filter(Boolean).length;
  const trouble = passed ? 0 : Math.max(0, ...parts.map((p) => p.strength));
  const breached = alert?.data.state === 'breached' || (monitors !== undefined && !allOk);
  const score = trouble > CALM || breached || looks === 0 ? 0 : (over || allOk ? OVER : QUIET) * (1 - trouble);
  return { score: Number(score.toFixed(4)), looks, reasons, claims: [] };
}
