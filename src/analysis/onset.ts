/**
 * When it began: the single change point that most of the strongest series share, with the alert's time as prior.
 * The gain of a split is the likelihood ratio of a shift in mean (Scott and Knott 1974; binary segmentation), summed
 * over series; samples are scaled by their own history and clipped, so that one wild series does not decide.
 */
import { byText } from '../core/canonical.ts';
import { MINUTE } from '../core/time.ts';
import { isSymptom } from './kinds.ts';
import { inScales, scaleOf } from './severity.ts';
import type { Signal } from './signals.ts';
import { clip, mean } from './stats.ts';

/** How far before the alert the onset is looked for; real alerts wait a few minutes before they fire. */
const BACK_MS = 10 * MINUTE;
/** How far after: the clocks of alert and metrics differ, and an alert hardly precedes its cause. */
const FORWARD_MS = 3 * MINUTE;
/** At least this share of the time before the alert stays history. */
const HISTORY_SHARE = 0.3;
/** The alert's own time is kept where it explains nearly as much as the best split. */
const KEEP_ALERT = 0.8;
/** Splits as good as this belong to the interval in which the onset lies. */
const INTERVAL = 0.9;
/** Only the strongest series vote: most series have nothing to do with the incident. */
const VOTERS = 10;
const CLIP = 10;
const HISTORY_MIN = 5;
const HISTORY_SAMPLES = 20;

export interface Onset {
  /** ms since the epoch. */
  at: number;
  /** The interval that the data allow. */
  from: number;
  to: number;
  /** The alert's time was as good as any: the data moved nothing. */
  alertKept: boolean;
  /** Gain of the split, in units of a series at the clip for one sample; 0 = nothing moved. */
  gain: number;
}

/**
 * @param step median sampling distance, ms
 * @param keep times that may serve as history (known fault-free windows); all when absent
 * @param wellUntil it was still well then, so it began later
 * @param atAlert nothing is searched: it began when the alert says
 */
export function findOnset(
  signals: Signal[],
  opts: {
    alert: number;
    now: number;
    step: number;
    pooled: (s: Signal) => number;
    keep?: (t: number) => boolean;
    wellUntil?: number;
    atAlert?: boolean;
  },
): Onset {
  const { now, step, pooled, keep } = opts;
  const alert = Math.min(opts.alert, now);
  if (opts.atAlert) return { at: alert, from: alert - spacing(step), to: alert, alertKept: true, gain: 0 };
  const first = signals.reduce((m, s) => Math.min(m, s.times[0] ?? m), alert);
  const back = Math.min(Math.max(BACK_MS, 2 * step), (1 - HISTORY_SHARE) * (alert - first));
  const start = Math.max(alert - back, Math.min(alert, opts.wellUntil ?? 0));
  const end = Math.min(Math.max(now - step, start), alert + FORWARD_MS);
  const times = candidates(signals, start, end, step, alert);
  const history = start - back - Math.max(HISTORY_SAMPLES * step, BACK_MS);

  const votes: { gains: number[]; best: number; id: string }[] = [];
  for (const s of signals) {
    const gains = gainsOf(s, times, { history, start, now, pooled: pooled(s), ...(keep ? { keep } : {}) });
    if (gains) votes.push({ gains, best: Math.max(...gains), id: s.id });
  }
  votes.sort((a, b) => b.best - a.best || byText(a.id, b.id));
  const voters = votes.slice(0, VOTERS);
  const total = times.map((_, i) => voters.reduce((sum, v) => sum + v.gains[i]!, 0));
  const best = Math.max(0, ...total);
  const atAlert = times.indexOf(alert);
  if (best === 0) return { at: alert, from: start, to: alert, alertKept: true, gain: 0 };
  const alertKept = total[atAlert]! >= KEEP_ALERT * best;
  const chosen = alertKept ? atAlert : total.indexOf(best);
  const near = times.filter((_, i) => total[i]! >= INTERVAL * Math.min(best, total[chosen]!));
  const at = times[chosen]!;
  return {
    at,
    from: Math.min(at, ...near) - Math.max(step, spacing(step)),
    to: Math.max(at, ...near),
    alertKept,
    gain: best,
  };
}

/** Least distance between two candidate onsets, ms: the stated interval is never narrower than it. */
function spacing(step: number): number {
  return Math.max(0.9 * step, 5000);
}

/** Sample times between start and end, thinned to one a step, and the alert's time; ascending. */
function candidates(signals: Signal[], start: number, end: number, step: number, alert: number): number[] {
  const all = new Set<number>();
  for (const s of signals) for (const t of s.times) if (t >= start && t <= end) all.add(t);
  const sorted = [...all].sort((a, b) => a - b);
  const apart = spacing(step);
  const out: number[] = [];
  for (const t of sorted) if (out.length === 0 || t - out.at(-1)! >= apart) out.push(t);
  if (!out.includes(alert)) out.push(alert);
  return out.sort((a, b) => a - b);
}

function gainsOf(
  s: Signal,
  times: number[],
  opts: { history: number; start: number; now: number; pooled: number; keep?: (t: number) => boolean },
): number[] | undefined {
  const base: number[] = [];
  const x: number[] = [];
  const at: number[] = [];
  for (let i = 0; i < s.times.length; i++) {
    const t = s.times[i]!;
    if (t < opts.history || t > opts.now) continue;
    if (t < opts.start && (!opts.keep || opts.keep(t))) base.push(s.values[i]!);
    at.push(t);
    x.push(s.values[i]!);
  }
  if (base.length < HISTORY_MIN || x.length <= base.length) return undefined;
  const centre = mean(base);
  const scale = scaleOf(s, base, opts.pooled);
  const prefix = [0];
  for (const v of x) prefix.push(prefix.at(-1)! + clip(inScales(v - centre, scale), -CLIP, CLIP));
  const n = x.length;
  const either = s.direction === 0 && !isSymptom(s.kind);
  let k = 0;
  return times.map((t) => {
    while (k < n && at[k]! < t) k++;
    if (k === 0 || k === n) return 0;
    const rise = (prefix[n]! - prefix[k]!) / (n - k) - prefix[k]! / k;
    const bad = either ? Math.abs(rise) : rise * (s.direction || 1);
    return bad > 0 ? ((k * (n - k)) / n) * bad * bad : 0;
  });
}
