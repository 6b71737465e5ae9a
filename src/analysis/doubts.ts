/** What speaks against an explanation, and what would overturn it: said with every hypothesis, weighed where it can be. */
import { changeName } from '../core/text.ts';
import { formatDuration, toMs } from '../core/time.ts';
import type { Category, Weight } from '../core/types.ts';
import type { Standing } from './candidate.ts';
import { type CaseFile, isSeen } from './case-file.ts';
import { MOVED_Z } from './describe.ts';
import type { ChangeData } from './finding-data.ts';
import { coinciding } from './timing.ts';

/** Reasons against a standing, heaviest first; weight 0 = already in the confidence, and told because a person wants to know. */
export function doubtsOf(s: Standing, change: ChangeData | undefined, file: CaseFile): Weight[] {
  const { dossier: d } = s;
  const doubts: Weight[] = [];
  const say = (reason: string, weight = 0, cites: string[] = []): void => {
    doubts.push({ reason, weight: Number(weight.toFixed(4)), cites });
  };
  if (s.factor < 1) {
    const lost = s.parts.reduce((x, p) => x + p.weight, 0) * (1 - s.factor);
    say('nothing was changed here, while services that were changed show harm', lost);
  }
  const cites = d.cites.metrics ?? [];
  if (!isSeen(d)) say('only its callers speak of it; nothing of its own was seen', 0, cites);
  else if (d.metrics && d.metrics.ownSeries > 0 && (d.metrics.symptoms[0]?.z ?? 0) < MOVED_Z)
    say('no latency, error or availability of its own moved', 0, cites);
  const onset = file.began;
  if (change && onset) {
    const all = file.changes.map((f) => f.data);
    const before = toMs(onset.from) - toMs(change.effective ?? change.time);
    if (before > 0 && coinciding(all, onset) !== change)
      say(`${changeName(change)} took effect ${formatDuration(before)} before it began`, 0, d.cites.change);
  }
  return doubts;
}

/** What would show that an explanation is wrong, for a person to try. */
export function refutedBy(entity: string, category: Category, change: string | undefined): string {
  if (change !== undefined) return `if the alert goes on for five minutes after ${change} is undone, it was not this`;
  return `if ${REFUTED[category].replaceAll('%', entity)}, it was not this`;
}

const REFUTED: Record<Category, string> = {
  'code-change': '% runs the very code that it ran when all was well',
  'config-change': 'the settings of % are those of when all was well',
  'resource-exhaustion': '% has room again and the alert goes on',
  dependency: 'other callers of % are well, and its own view shows neither errors nor waits',
  traffic: 'the requests to % fall back and the alert goes on',
  infrastructure: 'others on the same node, network or name as % are well',
  data: 'the records that fail in % are handled well elsewhere',
  none: '% is not well',
  unknown: '% is well by its own measure while the alert goes on',
};
