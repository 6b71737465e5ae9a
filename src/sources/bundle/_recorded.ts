/** Which minutes of a question a bundle really recorded: a minute that was not recorded is not a quiet one. */
import type { Capability, TimeRange } from '../../core/capabilities.ts';
import { UserError } from '../../core/errors.ts';
import { datedSpan, formatDuration, timeSpan, toIso, toMs } from '../../core/time.ts';
import type { Answer, Status } from '../../core/types.ts';
import { answer } from '../../tools/tool.ts';
import type { BundleData } from './_data.ts';
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

/** The answer, turned to `partial` where a minute that was asked for was not recorded, or a line could not be read. */
export function recorded<C extends Capability>(
  data: BundleData,
  source: string,
  ranges: readonly TimeRange[],
  complete: Answer<C>,
): Answer<C> {
  const trouble = data.trouble(source)?.problem;
  const missing = [gapsIn(data.info, source, ranges, complete.status), trouble].filter((m) => m !== undefined);
  return missing.length === 0 ? complete : { ...complete, status: 'partial', problem: sentences(missing) };
}

/** Which minutes of a question were not recorded, in words. */
function gapsIn(info: BundleInfo, source: string, ranges: readonly TimeRange[], status: Status): string | undefined {
  const gaps = unrecorded(info, source, ranges);
  if (gaps.length > 0) {
    const length = formatDuration(gaps.reduce((sum, g) => sum + toMs(g.to) - toMs(g.from), 0));
    const days = new Set(ranges.flatMap((r) => [r.from.slice(0, 10), r.to.slice(0, 10)]));
    const listed = gaps.slice(0, 3).map((g) => (days.size > 1 ? datedSpan(g) : timeSpan(g)));
    return `${source} were not recorded for ${length} of it: ${listed.join(', ')}${gaps.length > 3 ? ' …' : ''}`;
  }
  if (status === 'empty' && ranges.some((r) => neverRecorded(info, source, r))) {
    return `the bundle recorded ${datedSpan(info.window)}, the question lies outside`;
  }
  return undefined;
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
    return answer.problem('failed', { summary: e.message, searched, problem: sentences([e.message, ...e.hints]) });
  }
}

/** What a file holds, or why nothing of it can be read. */
export async function readable<T>(
  read: () => Promise<T>,
): Promise<{ read: T; problem?: never } | { read?: never; problem: string }> {
  try {
    return { read: await read() };
  } catch (e) {
    if (!(e instanceof UserError)) throw e;
    return { problem: e.message };
  }
}

/** Parts that each say something, with a full stop between them. */
export const sentences = (parts: readonly string[]): string =>
  parts.map((p, i) => (i < parts.length - 1 && !/[.!?…]$/.test(p) ? `${p}.` : p)).join(' ');

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
