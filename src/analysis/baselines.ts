/** Which samples of a signal are its normal time, and which lie after the onset. */
import { MINUTE } from '../core/time.ts';
import { BASELINE_MIN } from './severity.ts';
import { between, likeness, type Signal } from './signals.ts';

/** A baseline is this many samples, or this long, whichever is more: recent enough for the hour of the day. */
const SAMPLES = 40;
const LENGTH_MS = 40 * MINUTE;
/** Fewer known fault-free samples than this are not worth restricting to. */
const KEEP_MIN = 3;

export interface Sides {
  baseline: number[];
  after: number[];
  /** Time range of the baseline, ms. */
  from: number;
  to: number;
  /** The baseline is that of the other instances: this one is new. */
  borrowed: boolean;
}

/**
 * @param until end of the normal time: the onset, or the first change that may have caused it
 * @param keep times known to be fault-free; all when absent
 * @param alone nothing is borrowed from other instances
 */
export function splitter(
  signals: Signal[],
  opts: { onset: number; until: number; now: number; step: number; keep?: (t: number) => boolean; alone?: boolean },
): (s: Signal) => Sides | undefined {
  const { onset, until, now, step, keep } = opts;
  const length = Math.max(SAMPLES * step, LENGTH_MS);
  const siblings = new Map<string, Signal[]>();
  for (const s of signals) {
    if (s.instance === undefined) continue;
    const list = siblings.get(family(s)) ?? [];
    if (list.length === 0) siblings.set(family(s), list);
    list.push(s);
  }
  const normal = (s: Signal): number[] => {
    if (keep) {
      const kept = between(s, 0, Math.min(until, onset), keep);
      if (kept.length >= KEEP_MIN) return kept;
    }
    const recent = between(s, until - length, until);
    return recent.length >= BASELINE_MIN ? recent : between(s, onset - length, onset);
  };
  return (s) => {
    const after = between(s, onset, now + 1);
    if (after.length === 0) return undefined;
    const baseline = normal(s);
    const range = { from: until - length, to: until };
    if (baseline.length >= BASELINE_MIN || (keep && baseline.length >= KEEP_MIN)) {
      return { baseline, after, ...range, borrowed: false };
    }
    if (opts.alone) return undefined;
    const others = (siblings.get(family(s)) ?? []).filter((o) => o !== s).flatMap(normal);
    return others.length >= BASELINE_MIN ? { baseline: others, after, ...range, borrowed: true } : undefined;
  };
}

/** The same series of the same service on its instances. */
const family = (s: Signal): string => `${s.owner}\n${s.edge?.caller ?? ''}\n${s.edge?.callee ?? ''}\n${likeness(s)}`;
