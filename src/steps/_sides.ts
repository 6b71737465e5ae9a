/** The two sides that records are compared on: since the incident began, and before. */

import { findingsOf } from '../analysis/findings.ts';
import { range, toIso, toMs } from '../core/time.ts';
import type { StepContext } from '../core/types.ts';
import { alertMs, baselinesOf } from './_ask.ts';

/** An alert that is asked about at once has no time after it: then the window counts as after. */
const AFTER_MIN = 60_000;

/** The span of time in which the incident is visible, and what it is compared with. */
export function sides(
  ctx: StepContext,
  source: string,
): { from: string; to: string; baseline: { from: string; to: string }[] } {
  const alert = alertMs(ctx);
  const onset = findingsOf(ctx.findings, 'fleet').at(-1)?.data;
  const early = onset && !onset.alertKept ? toMs(onset.onset.at) : alert;
  const from = toMs(ctx.now) - alert < AFTER_MIN ? Math.min(early, toMs(ctx.window.from)) : Math.min(alert, early);
  const known = baselinesOf(ctx, source).filter((b) => toMs(b.from) < from);
  const recent = { from: ctx.window.baseline.from, to: toIso(from) };
  // The minutes just before are comparable; known fault-free times are there in case those are not recorded.
  return { ...range(from, toMs(ctx.now)), baseline: [...known, ...(toMs(recent.from) < from ? [recent] : [])] };
}
