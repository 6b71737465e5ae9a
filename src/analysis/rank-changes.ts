/** Which change did it, `none` among the answers. Being the latest is a tie-break, never a reason. */
import { byText } from '../core/canonical.ts';
import { MINUTE, toMs } from '../core/time.ts';
import type { CaseFile } from './case-file.ts';
import type { ChangeData } from './finding-data.ts';
import { changeParts } from './parts.ts';
import { clip } from './stats.ts';
import { coinciding } from './timing.ts';

/** `none of these` against a change without any evidence: an incident has more causes than the changes of the day. */
const NONE_PRIOR = 0.3;
/** An explanation that needs no change: demand, names, certificates, machines. Its worth against a change's share. */
export const OTHERWISE = 0.9;
/** A commit that no deploy of the window carried can hardly act. */
const NOT_CARRIED = 0.6;
/** A deploy whose commits are listed is only their carrier. */
const CARRIER = 0.5;
/** A change that names no service may act anywhere: a flag, a shared library. */
const ANYWHERE = 0.5;
/** Where diffs can be read, this much of a change's share it has without meeting the failure. */
const UNMET = 0.25;
/** Worth of taking effect, alone, in the very time in which it must have begun: by chance few do. */
const COINCIDES = 0.5;
/** Worth of being recent: less than any reason. */
const RECENT = 0.02;
const RECENT_MS = 5 * MINUTE;

export interface RankedChange {
  id: string;
  score: number;
  data?: ChangeData;
}

/**
 * @param shareOf share of the best explanation's score that a service has without its changes; of none, that of the best: 0 to 1
 * @param otherwise strength of an explanation that needs no change: 0 to 1
 */
export function rankChanges(
  file: CaseFile,
  shareOf: (service?: string) => number,
  onset: number,
  otherwise: number,
): RankedChange[] {
  const { changes } = file;
  if (changes.length === 0) return [];
  const carried = changes.some((f) => f.data.kind === 'commit' && f.data.effective !== undefined);
  const readable = changes.some((f) => f.data.effect !== 'unseen');
  const same = coinciding(
    changes.map((f) => f.data),
    file.began,
  );
  const ranked = changes
    .map(({ data: c }): RankedChange => {
      if (c.late) return { id: c.id, score: 0, data: c };
      const proven = changeParts(c).reduce((s, p) => s + (p.means === 'diff' ? 0 : p.weight), 0);
      const share = c.services.length === 0 ? ANYWHERE * shareOf() : Math.max(0, ...c.services.map(shareOf));
      const age = onset - toMs(c.effective ?? c.time);
      const loose = carried && c.kind === 'commit' && c.effective === undefined ? NOT_CARRIED : 1;
      const carrier = c.carries > 0 ? CARRIER : 1;
      const met = readable ? UNMET + (1 - UNMET) * c.match : 1;
      const timed = c === same ? COINCIDES : 0;
      const score = proven + timed + share * met * loose * carrier * weightOfEffect(c);
      return { id: c.id, score: score + (score > 0 ? RECENT * Math.exp(-Math.max(0, age) / RECENT_MS) : 0), data: c };
    })
    .sort((a, b) => b.score - a.score || byText(a.id, b.id));
  const best = ranked[0]!.score;
  const none = Math.max(otherwise, NONE_PRIOR * clip(1 - best, 0, 1));
  return [...ranked, { id: 'none', score: none }].sort((a, b) => b.score - a.score || byText(a.id, b.id));
}

/** Docs, tests and log lines do not break production. */
const weightOfEffect = (c: ChangeData): number => (c.effect === 'inert' || c.effect === 'talks' ? 0.1 : 1);
