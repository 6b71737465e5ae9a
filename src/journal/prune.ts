/** Retention: which runs go, and removing them. A run that somebody holds is never touched. */
import { readdirSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toMs } from '../core/time.ts';
import type { RunSummary } from './runs.ts';

export interface PruneRules {
  /** Runs that started earlier go. */
  olderThanMs?: number;
  /** All runs together may be this large; the oldest go first. */
  bytes?: number;
  /** Outcomes (or `unfinished`, `unreadable`) that stay, whatever their age or size. */
  keep: string[];
}

export interface Doomed {
  run: RunSummary;
  bytes: number;
  /** `older than 90d`, `over the size`. */
  why: 'age' | 'size';
}

export const outcomeOf = (r: RunSummary): string => (r.state === 'finished' ? (r.outcome ?? 'unreadable') : r.state);

/** Bytes of a run folder, payloads included. */
export function sizeOf(folder: string): number {
  let sum = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    sum += entry.isDirectory() ? sizeOf(path) : (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  }
  return sum;
}

/**
 * What would go. `runs` newest first, as they are listed; a run without a readable start has the age of its folder.
 * @param busy whether a process holds the run
 */
export function doomed(
  folder: string,
  runs: RunSummary[],
  rules: PruneRules,
  o: { now: number; busy: (run: RunSummary) => boolean },
): Doomed[] {
  const out: Doomed[] = [];
  let total = 0;
  for (const run of runs) {
    const path = join(folder, run.id);
    const bytes = sizeOf(path);
    const started = run.startedAt ? toMs(run.startedAt) : statSync(path).mtimeMs;
    const spared = rules.keep.includes(outcomeOf(run)) || o.busy(run);
    const old = rules.olderThanMs !== undefined && o.now - started > rules.olderThanMs;
    if (old && !spared) {
      out.push({ run, bytes, why: 'age' });
      continue;
    }
    total += bytes;
    if (rules.bytes === undefined || total <= rules.bytes || spared) continue;
    out.push({ run, bytes, why: 'size' });
    total -= bytes;
  }
  return out;
}

/** Removes a run. Its name goes first, so that a crash leaves no half of a run in the list. */
export async function removeRun(folder: string, id: string): Promise<void> {
  const gone = join(folder, `.pruned-${id}`);
  await rename(join(folder, id), gone);
  await rm(gone, { recursive: true, force: true });
}

/** What a crash left of earlier removals. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of readdirSync(folder)) {
    if (name.startsWith('.pruned-')) await rm(join(folder, name), { recursive: true, force: true });
  }
}
