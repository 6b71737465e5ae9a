/**
 * What the screen, the plain lines and the reports say alike: pure functions of the State, no colour, no layout.
 * The strings still hold what outsiders wrote; whoever shows them hands in a State that went through `safeText`.
 */
import { shortId } from './ids.ts';
import type { EvidenceState, State, StepState } from './run-state.ts';
import { compareIds } from './run-state.ts';
import { count, oneLine, plural } from './text.ts';
import { clock, formatDuration, HOUR, MINUTE, toMs } from './time.ts';
import type { ActivityResult, Alert, Finding, Hypothesis } from './types.ts';
import type { Verdict } from './verdict.ts';

/** The name people type: the end of the run id. */
export const runName = (state: State): string => shortId(state.run);

/** `service  env  severity`, as far as the alert tells. */
export const alertFacts = (alert: Alert): string =>
  [alert.service ?? 'no service named', alert.env, alert.severity]
    .flatMap((x) => (x ? [oneLine(x, 60)] : []))
    .join('  ');

/** `2 min ago`, `in 5 min`; `just now` within half a minute. */
export function age(iso: string, now: string): string {
  const ms = toMs(now) - toMs(iso);
  if (Number.isNaN(ms)) return 'at an unknown time';
  const abs = Math.abs(ms);
  if (abs < MINUTE / 2) return 'just now';
  const [n, unit] =
    abs < 90 * MINUTE ? [abs / MINUTE, 'min'] : abs < 48 * HOUR ? [abs / HOUR, 'h'] : [abs / (24 * HOUR), 'days'];
  const text = `${count(Math.round(n))} ${unit}`;
  return ms < 0 ? `in ${text}` : `${text} ago`;
}

/** `2026-11-20 02:54Z`: with the day, for lines that are read later. */
export const dayAndClock = (iso: string, seconds = false): string => `${iso.slice(0, 10)} ${clock(iso, seconds)}`;

/** `02:51Z to 02:59Z`, with the days where they differ. */
export function span(from: string, to: string): string {
  return from.slice(0, 10) === to.slice(0, 10)
    ? `${clock(from)} to ${clock(to)}`
    : `${dayAndClock(from)} to ${dayAndClock(to)}`;
}

/** `02:51:00Z (between 02:50:30Z and 02:51:30Z)`. */
export const onsetText = (onset: NonNullable<Verdict['onset']>): string =>
  onset.from === onset.to
    ? clock(onset.at, true)
    : `${clock(onset.at, true)} (between ${clock(onset.from, true)} and ${clock(onset.to, true)})`;

/** How sure a decided verdict is, for people: where it cannot tell the kind of cause, how sure it is of the rest. */
export function confidenceText({ outcome, category, confidence, gate }: Verdict): string {
  const part = outcome === 'cause' && category === 'unknown';
  return part ? `confidence ${gate.confidence.toFixed(2)}, kind unknown` : `confidence ${confidence.toFixed(2)}`;
}

export const confidenceWord = (confidence: number): 'high' | 'medium' | 'low' =>
  confidence >= 0.85 ? 'high' : confidence >= 0.6 ? 'medium' : 'low';

/** Which kind of thing was asked for: `metrics.range` → `metrics`. */
export const topicOf = (capability: string): string => capability.split('.')[0] ?? capability;

/** Whether an answer was complete: only then does it speak for or against anything. */
export const isComplete = (e: EvidenceState): boolean => e.status === 'ok' || e.status === 'empty';

/** One line for an answer; an answer that is not complete says so first. */
export function evidenceText(e: EvidenceState): string {
  if (e.state === 'running') return `asking: ${oneLine(e.why, 300)}`;
  const summary = oneLine(e.summary ?? '', 300);
  if (isComplete(e)) return summary;
  const why = oneLine(e.problem ?? '', 300);
  const text = e.status === 'partial' && summary !== '' ? (why ? `${summary} (${why})` : summary) : why || summary;
  return `${e.status ?? 'no answer'}: ${text}`;
}

/** What a step found abnormal, the most abnormal first, of equals in its own order. */
export const foundBy = (state: State, step: string): Finding[] =>
  state.findings
    .filter((f) => f.step === step && f.finding.kind !== 'normal')
    .map((f) => f.finding)
    .sort((a, b) => b.severity - a.severity);

/** The most abnormal finding of a step. */
export const topFinding = (state: State, step: string): Finding | undefined => foundBy(state, step)[0];

/** The answers that a step got, in program order. */
export const evidenceOf = (state: State, step: string): EvidenceState[] =>
  state.evidence.filter((e) => e.step === step).sort((a, b) => compareIds(a.id, b.id));

/** How many answers of a step were not complete. */
export const gapsOf = (state: State, step: string): number =>
  evidenceOf(state, step).filter((e) => e.state === 'done' && !isComplete(e)).length;

/** How a step stands, `limited` = it ended, but an answer was not complete. */
export function stepStanding(state: State, step: StepState): StepState['state'] | 'limited' {
  return step.state === 'done' && gapsOf(state, step.name) > 0 ? 'limited' : step.state;
}

/** One line for a step: what it found, does, or why it did not. */
export function stepText(state: State, step: StepState): string {
  const asked = evidenceOf(state, step.name);
  switch (step.state) {
    case 'waiting':
      return 'waiting';
    case 'skipped':
      return `skipped: ${oneLine(step.why ?? '', 200)}`;
    case 'failed':
      return `failed: ${oneLine(step.why ?? '', 200)}`;
    case 'running': {
      const open = asked.filter((e) => e.state === 'running');
      if (open.length === 0) return asked.length === 0 ? 'starting' : 'reading the answers';
      const answered = asked.length > 1 ? `${asked.length - open.length} of ${asked.length} answered, ` : '';
      return `${answered}asking: ${oneLine(open[0]?.why ?? '', 200)}`;
    }
    case 'done': {
      const found = topFinding(state, step.name);
      const lost = asked.filter((e) => !isComplete(e));
      const gap = lost[0] ? evidenceText(lost[0]) : '';
      if (found) return oneLine(found.title);
      if (lost.length > 0) return lost.length > 1 ? `${gap} (and ${lost.length - 1} more)` : gap;
      const normal = state.findings.filter((f) => f.step === step.name);
      if (normal.length === 1) return oneLine(normal[0]!.finding.title);
      return asked.length === 1 ? evidenceText(asked[0]!) : `nothing unusual in ${plural(asked.length, 'look')}`;
    }
  }
}

/** How many steps are over, of how many. */
export function stepsDone(state: State): { done: number; of: number } {
  const done = state.steps.filter((s) => s.state !== 'waiting' && s.state !== 'running').length;
  return { done, of: state.steps.length };
}

/** The strongest hypothesis that names a cause. */
export const leadOf = (state: State): Hypothesis | undefined =>
  state.hypotheses
    .filter((h) => h.state !== 'unknown')
    .reduce<Hypothesis | undefined>((a, h) => (!a || h.score > a.score ? h : a), undefined);

/** Everything that has a time, oldest first: the alert, the onset, what the findings date. */
export function timeline(state: State): { at: string; what: string; cites: string[] }[] {
  const rows: { at: string; what: string; cites: string[] }[] = [];
  if (state.alert)
    rows.push({ at: state.alert.startsAt, what: `alert fired: ${oneLine(state.alert.title, 200)}`, cites: [] });
  const onset = state.verdict?.onset;
  if (onset) rows.push({ at: onset.at, what: `broken since ${onsetText(onset)}`, cites: [] });
  for (const { finding: f } of state.findings)
    if (f.at && f.kind !== 'normal') rows.push({ at: f.at, what: oneLine(f.title), cites: f.cites });
  const key = (r: { at: string; what: string }): string => `${r.at}\n${r.what}`;
  const seen = new Set<string>();
  return rows
    .filter((r) => !seen.has(key(r)) && seen.add(key(r)))
    .sort((a, b) => toMs(a.at) - toMs(b.at) || (a.what < b.what ? -1 : 1));
}

/** The requests that were sent for an answer, a line each: method, path, what came back. */
export function requestLines({
  requests = [],
  requestsMore,
}: Pick<ActivityResult, 'requests' | 'requestsMore'>): string[] {
  const tries = (n: number): string => (n > 1 ? `, ${n} tries` : '');
  return [
    ...requests.map(
      (r) => `${r.method} ${r.path}  ${r.status ?? 'no answer'} in ${formatDuration(r.ms)}${tries(r.tries)}`,
    ),
    ...(requestsMore ? [`and ${count(requestsMore)} more`] : []),
  ];
}
