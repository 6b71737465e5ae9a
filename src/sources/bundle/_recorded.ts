/** Which minutes of a question a bundle really recorded: a minute that was not recorded is not a quiet one. */
import type { Capability, TimeRange } from '../../core/capabilities.ts';
import { UserError } from '../../core/errors.ts';
import { clock, formatDuration, toIso, toMs } from '../../core/time.ts';
import type { Answer } from '../../core/types.ts';
import { answer } from '../../tools/tool.ts';
import type { BundleInfo, Stretch } from './_info.ts';

/** The parts of `ranges` that `source` did not record; nothing where the bundle says nothing of that source. */
function unrecorded(info: BundleInfo, source: string, ranges: readonly TimeRange[]): TimeRange[] {
  const covered = coverageOf(info, source);
  return covered ? ranges.flatMap((r) => minus(r, covered, toMs(info.now))) : [];
}

/** Whether a range lies wholly outside of what was recorded, as far as the bundle says. */
function neverRecorded(info: BundleInfo, source: string, range: TimeRange): boolean {
  const recorded = [...info.coverage, info.window, ...info.baselineWindows].filter((s) => said(s, source));
  return recorded.every((s) => toMs(s.to) < toMs(range.from) || toMs(s.from) > toMs(range.to));
}

const said = (s: Stretch, source: string): boolean => !s.sources || s.sources.includes(source);

/** The answer, turned to `partial` where a minute that was asked for was not recorded. */
export function recorded<C extends Capability>(
  info: BundleInfo,
  source: string,
  ranges: readonly TimeRange[],
  complete: Answer<C>,
): Answer<C> {
  const gaps = unrecorded(info, source, ranges);
  if (gaps.length > 0) {
    const missing = gaps.map((g) => `${clock(g.from, true)}–${clock(g.to, true)}`);
    const length = formatDuration(gaps.reduce((sum, g) => sum + toMs(g.to) - toMs(g.from), 0));
    const listed = missing.length > 3 ? `${missing.slice(0, 3).join(', ')} …` : missing.join(', ');
    return { ...complete, status: 'partial', problem: `${source} were not recorded for ${length} of it: ${listed}` };
  }
  if (complete.status === 'empty' && ranges.some((r) => neverRecorded(info, source, r))) {
    const held = `${clock(info.window.from)}–${clock(info.window.to)}`;
    return { ...complete, status: 'partial', problem: `the bundle recorded ${held}, the question lies outside` };
  }
  return complete;
}

/** What `source` holds, where the bundle says so. */
export function coverageOf(info: BundleInfo, source: string): TimeRange[] | undefined {
  const covered = info.coverage.filter((s) => said(s, source));
  return covered.length === 0 ? undefined : covered.map(({ from, to }) => ({ from, to }));
}

/** The range cut at `now`; where it reaches that far, what happened at `now` itself is inside. */
export const upTo = (range: TimeRange, now: number): TimeRange => ({
  from: range.from,
  to: toMs(range.to) >= now ? toIso(now + 1) : range.to,
});

/** The parts of `ranges` that `source` did record, cut at `now`; all of them where the bundle says nothing of it. */
export function recordedParts(info: BundleInfo, source: string, ranges: readonly TimeRange[]): TimeRange[] {
  const now = toMs(info.now);
  const asked = ranges.map((r) => upTo(r, now)).filter((r) => toMs(r.from) < toMs(r.to));
  const covered = coverageOf(info, source);
  return covered ? asked.flatMap((r) => minus(r, minus(r, covered, now + 1), now + 1)) : asked;
}

/** Runs a read of the bundle; a broken file is a failed answer, so that the other files still speak. */
export async function reading<C extends Capability>(
  searched: string,
  run: () => Promise<Answer<C>>,
): Promise<Answer<C>> {
  try {
    return await run();
  } catch (e) {
    if (!(e instanceof UserError)) throw e;
    const problem = [e.message, ...e.hints].join(' ');
    return answer.problem('failed', { summary: e.message, searched, problem });
  }
}

/** What is left of a range, up to `now`, when the covered stretches are taken out. */
function minus(range: TimeRange, covered: readonly TimeRange[], now: number): TimeRange[] {
  const end = Math.min(toMs(range.to), now);
  const out: TimeRange[] = [];
  let at = toMs(range.from);
  const stretches = covered.map((s) => [toMs(s.from), toMs(s.to)] as const).sort((a, b) => a[0] - b[0]);
  for (const [from, to] of stretches) {
    if (to <= at || from >= end) continue;
    if (from > at) out.push({ from: toIso(at), to: toIso(from) });
    at = Math.max(at, to);
  }
  if (at < end) out.push({ from: toIso(at), to: toIso(end) });
  return out;
}
