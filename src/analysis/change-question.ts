/** How the question of the guilty change stands. */
import type { TimeRange } from '../core/capabilities.ts';
import { toMs } from '../core/time.ts';
import type { Basis } from '../core/verdict.ts';
import type { CaseFile, Dossier } from './case-file.ts';
import type { ChangeData } from './finding-data.ts';
import { isLock } from './kinds.ts';
import { changeParts, tellingOf } from './parts.ts';
import { OTHERWISE, type RankedChange } from './rank-changes.ts';
import type { RankedCandidate } from './ranking.ts';
import { coinciding, noneNear } from './timing.ts';

/** A canary that is so much worse proves. */
const PROVEN = 0.3;

export function changeQuestion(
  file: CaseFile,
  o: {
    lead: Dossier | undefined;
    category: RankedCandidate['category'];
    accused: ChangeData | undefined;
    /** Best first. */
    changes: RankedChange[];
  },
): Basis['change'] {
  const { lead, category, accused, changes } = o;
  const all = file.changes.map((f) => f.data);
  // Somebody holds the lock that it waits for, and no look showed who.
  const waits = lead?.metrics && tellingOf(lead.metrics);
  if (!accused && waits && waits.z > 0 && isLock(waits)) return 'open';
  if (all.every((c) => c.late)) {
    // Where the alert's own time had to do for the onset, a change of who leads may only seem to come after it.
    const kept = file.fleet?.alertKept !== false;
    return kept && all.some((c) => lead && c.services.includes(lead.entity.name)) ? 'open' : 'none in question';
  }
  const onset = file.began;
  if (accused) {
    if (changes[0]?.data !== accused) return 'suspected';
    // Instances that never served prove nothing: they may never have been meant to, or their names be written otherwise.
    if (changeParts(accused).some((p) => p.means === 'canary' && p.strength >= PROVEN)) return 'proven';
    const same = coinciding(all, onset) ?? coinciding(all, onset && fillingOf(lead));
    return same && isOne(same, accused) ? 'coincides' : 'suspected';
  }
  if (changes[0]?.id !== 'none') return 'open';
  if (changes[0].score >= OTHERWISE) return 'none in question';
  // Who behaves like changed code was changed by something that nobody listed.
  const unlisted = category === 'code-change' || category === 'config-change' || category === 'unknown';
  return !unlisted && lead?.changes.length === 0 && noneNear(all, onset) ? 'none in question' : 'open';
}

/** A commit and the deploy that carried it are one: they took effect at the same moment, for the same services. */
const isOne = (a: ChangeData, b: ChangeData): boolean =>
  a === b || ((a.effective ?? a.time) === (b.effective ?? b.time) && a.services.some((s) => b.services.includes(s)));

/** When the first of its stocks began to fill. */
const fillingOf = (lead: Dossier | undefined): TimeRange | undefined =>
  (lead?.metrics?.self ?? []).flatMap((m) => m.filling ?? []).sort((a, b) => toMs(a.to) - toMs(b.to))[0];
