/** Which answers are too old for their kind. */
import { UserError } from '../core/errors.ts';
import type { Event } from '../core/events.ts';
import { baseKey } from '../core/rounds.ts';
import type { EvidenceState, State } from '../core/run-state.ts';
import { HOUR, MINUTE, parseDuration, toMs } from '../core/time.ts';

/** How long an answer keeps, by the first part of its capability, ms. */
export const LIFETIMES: Record<string, number> = {
  metrics: 5 * MINUTE,
  events: 5 * MINUTE,
  state: 5 * MINUTE,
  logs: 15 * MINUTE,
  traces: 15 * MINUTE,
  changes: HOUR,
  errors: 15 * MINUTE,
  slo: 15 * MINUTE,
  topology: HOUR,
  monitors: HOUR,
  incidents: 24 * HOUR,
};

export interface Stale {
  key: string;
  ageMs: number;
  limitMs: number;
}

/** The answers of a run that are too old at `now`. What a recorded incident answers never ages. */
export function staleAnswers(state: State, now: number, config: Record<string, string | undefined> = {}): Stale[] {
  const recording = state.settings.bundle !== undefined;
  return current(state).flatMap((e) => {
    const kind = e.capability.split('.')[0] ?? '';
    const limitMs = parseDuration(config[kind] ?? '') ?? LIFETIMES[kind];
    if (limitMs === undefined || e.fetchedAt === undefined || (recording && e.tool.startsWith('bundle.'))) return [];
    const ageMs = now - toMs(e.fetchedAt);
    return ageMs > limitMs ? [{ key: e.id, ageMs, limitMs }] : [];
  });
}

/** Answers that no newer version has replaced. */
const current = (state: State): EvidenceState[] =>
  state.evidence.filter((e) => e.state === 'done' && e.supersededBy === undefined && e.capability !== 'note');

/**
 * The keys to ask under again.
 * @param wanted `stale`, `all`, or evidence ids separated by commas or blanks
 */
export function keysToRefresh(state: State, wanted: string, stale: Stale[]): string[] {
  const answered = current(state);
  if (wanted === 'all') return answered.map((e) => nextVersion(e.id));
  if (wanted === 'stale') return stale.map((s) => nextVersion(s.key));
  return wanted.split(/[\s,]+/).map((id) => {
    const key = id.trim().replace(/^e/, 'E');
    const found = answered.find((e) => e.id === key || baseKey(e.id) === key);
    if (found) return nextVersion(found.id);
    throw new UserError(`--refresh: this run has no answer ${id}`, {
      hints: [`It has: ${answered.map((e) => e.id).join(' ')}`, 'Or: --refresh (what is stale), --refresh all'],
    });
  });
}

/** `E3.2` → `E3.2v2` → `E3.2v3`. */
function nextVersion(key: string): string {
  const version = Number(/v(\d+)$/.exec(key)?.[1] ?? 1);
  return `${baseKey(key)}v${version + 1}`;
}

/** A pause between two events counts as work up to this long: a closed laptop does not work. */
const LONGEST_WORK = MINUTE;

/** How long the processes of a run have worked on its present round, ms. */
export function workedMs(events: Event[]): number {
  let sum = 0;
  let last: number | undefined;
  for (const e of events) {
    const at = toMs(e.at);
    if (e.type === 'run.started' || e.type === 'run.reopened') sum = 0;
    else if (last !== undefined && e.type !== 'journal.opened') sum += Math.min(Math.max(0, at - last), LONGEST_WORK);
    last = at;
  }
  return sum;
}
