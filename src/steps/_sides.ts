/** The two sides that records are compared on: since the incident began, and before. */

import { findingsOf } from '../analysis/findings.ts';
import { MINUTE, range, toIso, toMs } from '../core/time.ts';
import type { StepContext } from '../core/types.ts';
import { alertMs, baselinesOf } from './_ask.ts';

/** An alert that is asked about at once has no time after it: then the window counts as after. */
const AFTER_MIN = MINUTE;
/** Unless metrics tell when it began, and so long ago. */
const SEEN_MIN = MINUTE / 2;

/** The minutes just before the alert are left out of the baseline anyway: an onset inside of them changes nothing. */
const GUARD_MS = 3 * MINUTE;

/** Error lines begin before their alert: rules wait some minutes before they fire, and onsets are found late. */
export const LEAD_MS = 5 * MINUTE;

/** The span of time in which the incident is visible, and what it is compared with. */
export function sides(
  ctx: StepContext,
  source: string,
  leadMs = 0,
): { from: string; to: string; baseline: { from: string; to: string }[] } {
  const alert = alertMs(ctx);
  const onset = findingsOf(ctx.findings, 'fleet').at(-1)?.data;
  const found = onset && !onset.alertKept ? toMs(onset.onset.at) : alert;
  const early = alert - found > GUARD_MS ? found : alert;
  const now = toMs(ctx.now);
  const seen = found !== alert && now - found >= SEEN_MIN;
  const atOnce = seen ? found : Math.min(early, toMs(ctx.window.from));
  const begin = now - alert < AFTER_MIN ? atOnce : Math.min(alert, early);
  const from = Math.max(begin - leadMs, Math.min(begin, toMs(ctx.window.baseline.from) + AFTER_MIN));
  const known = baselinesOf(ctx, source).filter((b) => toMs(b.from) < from);
  const recent = { from: ctx.window.baseline.from, to: toIso(from) };
  // The minutes just before are comparable; known fault-free times are there in case those are not recorded.
  return { ...range(from, now), baseline: [...known, ...(toMs(recent.from) < from ? [recent] : [])] };
}
