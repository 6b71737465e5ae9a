/** What kind of cause it is, from what speaks for it; `unknown` where nothing tells. */
import type { Category } from '../core/types.ts';
import { type Dossier, isSeen } from './case-file.ts';
import { readText } from './event-rules.ts';
import type { ChangeData } from './finding-data.ts';
import { isLock } from './kinds.ts';
import { isSlowOnTheWay } from './network.ts';
import { type Part, tellingOf } from './parts.ts';
import { isDemand } from './surge.ts';

export interface CategoryReading {
  category: Category;
  /** Share of what tells a category that tells this one: 0 to 1. */
  certainty: number;
}

/** The kind of cause that a change usually is. */
export const BY_CHANGE: Record<ChangeData['kind'], Category> = {
  deploy: 'code-change',
  commit: 'code-change',
  config: 'config-change',
  flag: 'config-change',
  scale: 'config-change',
  infra: 'infrastructure',
};

/** A service that got so many times more requests is loaded, not broken. */
const SURGE = 2;

const ACCUSED = 4;
/** What comes from outside and explains the rest: full queues and pools are its consequence. */
const OUTSIDE = 2;
const UNSEEN = 0.5;
/** What else an inferred category could be. */
const INFERRED = 0.5;

/** Least weight that tells anything. */
const TELLS = 0.05;

/** @param surging demand rose everywhere, so that more of it came from outside */
export function categoryOf(
  d: Dossier,
  parts: Part[],
  change: ChangeData | undefined,
  surging = false,
): CategoryReading {
  const votes = new Map<Category, number>();
  const vote = (c: Category, weight: number): void => {
    if (weight > 0) votes.set(c, (votes.get(c) ?? 0) + weight);
  };
  // What a change breaks shows as a resource or a flow: where one is accused, that is the kind.
  if (change) {
    vote(change.schema ? 'data' : BY_CHANGE[change.kind], ACCUSED);
    // A release whose diff nobody showed may have brought a setting as well as code.
    if (change.kind === 'deploy' && change.effect === 'unseen') vote('config-change', ACCUSED * UNSEEN);
  }
  for (const p of parts) {
    switch (p.means) {
      case 'self':
        if (isResource(d)) vote('resource-exhaustion', p.strength * (d.metrics?.saturated ? 2 : 1));
        break;
      case 'blame':
        if (d.metrics && d.trace?.traced !== true && isSlowOnTheWay(d.metrics)) {
          vote('infrastructure', p.strength);
          vote('code-change', INFERRED * p.strength);
        }
        break;
      case 'network':
        vote('infrastructure', p.weight);
        break;
      case 'gap':
        // Of somebody whom no span shows, the time on the way is his own.
        vote(d.trace?.traced === true ? 'infrastructure' : 'dependency', p.strength);
        break;
      case 'flow':
        vote('code-change', p.strength);
        break;
      case 'state': {
        const top = [...d.states].sort((a, b) => b.strength - a.strength)[0]!;
        vote(top.category, p.strength);
        break;
      }
      case 'surge':
        vote('traffic', OUTSIDE);
        break;
      case 'outside': {
        const said = d.logs.map((l) => readText(l.exemplar)).find((r) => r?.outside) ?? d.events.find((e) => e.outside);
        if (d.record) vote('data', OUTSIDE);
        else if (said?.category) vote(said.category, OUTSIDE);
        break;
      }
      case 'event': {
        const top = [...d.events].sort((a, b) => b.strength - a.strength)[0]!;
        if (top.category) vote(top.category, p.strength);
        break;
      }
      default:
        break;
    }
  }
  // Of somebody whom only his callers see nothing more can be said.
  if (!isSeen(d) && parts.length > 0) return { category: 'dependency', certainty: 1 };
  const traffic = d.metrics?.traffic.find(isDemand);
  if (traffic && traffic.after >= SURGE * traffic.before && traffic.z >= 3) vote('traffic', surging ? OUTSIDE : 0.5);
  const ranked = [...votes].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const total = ranked.reduce((s, [, v]) => s + v, 0);
  const best = ranked[0];
  if (!best || best[1] < TELLS) return { category: 'unknown', certainty: 0 };
  return { category: best[0], certainty: best[1] / total };
}

/** What moved most is something that runs out. */
function isResource(d: Dossier): boolean {
  const telling = d.metrics && tellingOf(d.metrics);
  return telling !== undefined && RESOURCES.has(telling.kind) && !isLock(telling);
}

const RESOURCES = new Set(['cpu', 'memory', 'disk', 'saturation']);
