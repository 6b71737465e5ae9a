/**
 * What a release does to its own instances: those that run the new version against those that run the old one, at the
 * same time (difference in differences, the old instances being the control), and releases whose instances never served.
 */
import type { Change } from '../core/telemetry.ts';
import { isSymptom } from './kinds.ts';
import { inScales, scaleOf } from './severity.ts';
import { between, likeness, type Signal } from './signals.ts';
import { mean } from './stats.ts';

export interface Canary {
  /** How much worse the new instances are than the old ones, in scales; negative = better, null = cannot be said. */
  did: number | null;
  /** The new instances give no sign of life although instances of others do. */
  dead: boolean;
  why: string;
  signal?: Signal;
}

/** Judges one change. `all` are the changes of the same time: whether any lists instances tells whether lists mean anything. */
export function judgeCanary(change: Change, all: Change[], signals: Signal[], now: number): Canary {
  const own = signals.filter((s) => s.owner === change.service && s.instance !== undefined);
  if (own.length === 0) return { did: null, dead: false, why: 'no series by instance' };
  const since = Date.parse(change.time);
  const fresh = new Set(change.instances ?? []);
  if (fresh.size === 0) {
    const meant = all.some((c) => c.kind === change.kind && (c.instances?.length ?? 0) > 0);
    return { did: null, dead: meant, why: meant ? 'no instance of the release was ever seen' : 'no instances listed' };
  }
  const ofFresh = own.filter((s) => fresh.has(s.instance!));
  if (!ofFresh.some((s) => between(s, since, now + 1).length > 0)) {
    return { did: null, dead: true, why: 'its instances have no sample' };
  }
  const idle = ofFresh.find((s) => {
    const after = between(s, since, now + 1);
    return s.kind === 'memory' && after.length > 0 && after.every((v) => v === 0);
  });
  if (idle) return { did: null, dead: true, why: 'its instances use no memory at all', signal: idle };
  return compare(change, own, fresh, since, now);
}

function compare(change: Change, own: Signal[], fresh: Set<string>, since: number, now: number): Canary {
  const groups = new Map<string, Signal[]>();
  for (const s of own) {
    // What it is asked, not what it asks: the series in which it is the callee, or its own.
    if (!isSymptom(s.kind) || (s.edge && s.edge.callee !== change.service)) continue;
    const key = `${likeness(s)}\n${s.edge?.caller ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), s]);
  }
  let best: { did: number; signal: Signal } | undefined;
  for (const list of groups.values()) {
    const values = (pick: boolean): number[] =>
      list.filter((s) => fresh.has(s.instance!) === pick).flatMap((s) => between(s, since, now + 1));
    const newer = values(true);
    const older = values(false);
    if (newer.length === 0 || older.length === 0) continue;
    const control = list.filter((s) => !fresh.has(s.instance!)).flatMap((s) => between(s, 0, since));
    const signal = list.find((s) => fresh.has(s.instance!))!;
    const scale = scaleOf(signal, control.length >= 2 ? control : older, 0);
    const did = inScales((mean(newer) - mean(older)) * (signal.direction || 1), scale);
    if (!best || did > best.did) best = { did, signal };
  }
  if (!best) return { did: null, dead: false, why: 'nothing to compare its instances with' };
  return { did: best.did, dead: false, why: 'new instances against old ones', signal: best.signal };
}
