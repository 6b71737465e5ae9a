/** Which time is looked at and which it is compared with. Every question prints its own window; they all come from here. */
import type { TimeRange } from '../core/capabilities.ts';
import { HOUR, MINUTE, range, toMs } from '../core/time.ts';
import type { Alert, Window } from '../core/types.ts';

/** How far before the alert the incident may have begun. */
const LOOKBACK = 15 * MINUTE;
/** How long the normal time before that is: at five-minute samples still 48 of them. */
const BASELINE = 4 * HOUR;
/** No window is empty. */
const SHORTEST = 1000;
/** An old alert is looked at for this long after its start. */
const AFTERMATH = HOUR;

/**
 * The window of an investigation.
 * @param recorded the time that a recording holds; its start is where the baseline begins
 */
export function planWindow(opts: {
  alert: Alert;
  now: number;
  since?: number;
  until?: number;
  lookbackMs?: number;
  baselineMs?: number;
  recorded?: TimeRange;
}): Window {
  const { alert, now, since, until, lookbackMs = LOOKBACK, baselineMs = BASELINE, recorded } = opts;
  const starts = Math.min(toMs(alert.startsAt), now);
  const ends = alert.endsAt ? Math.max(toMs(alert.endsAt), starts) : starts;
  const to = Math.min(now, until ?? (recorded ? now : Math.max(ends, starts) + AFTERMATH));
  // A short recording still needs something to compare with: half of what lies before the alert.
  const held = recorded ? Math.max(0, starts - toMs(recorded.from)) : Number.POSITIVE_INFINITY;
  const from = Math.min(since ?? starts - Math.min(lookbackMs, held / 2), to - SHORTEST);
  const first = recorded ? Math.min(toMs(recorded.from), from - SHORTEST) : from - baselineMs;
  return { ...range(from, to), baseline: range(first, from) };
}
