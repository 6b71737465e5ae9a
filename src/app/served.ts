/** Runs that `serve` started, by their journals: how one ended, whether somebody is at it, what joins it afterwards. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { JoinedAlert } from '../core/alerts.ts';
import { errorCode, UserError } from '../core/errors.ts';
import type { Io } from '../core/ports.ts';
import { emptyState, questionsOf, type State } from '../core/run-state.ts';
import { reduce } from '../core/state.ts';
import { openStream } from '../core/stream.ts';
import type { Topology } from '../core/telemetry.ts';
import { loader } from '../engines/local.ts';
import { folderBlobs } from '../journal/blobs.ts';
import { isHeld } from '../journal/lock.ts';
import { loadRun } from '../journal/runs.ts';
import { createRedactor } from '../safety/redact.ts';
import { loadRuleSet } from '../safety/redact-ruleset.ts';
import { openRun } from './run.ts';

export interface EndedRun {
  exit: number;
  outcome: string;
  headline: string;
  ms: number;
  calls: number;
  tokens: number;
  dollars: number;
  /** Who calls whom, where the run asked for it. */
  topology: [caller: string, callee: string][];
}

/** The state of a run; undefined where there is none yet. */
export async function stateOfRun(runs: string, run: string): Promise<State | undefined> {
  try {
    return (await loadRun(runs, run)).events.reduce(reduce, emptyState());
  } catch (e) {
    if (errorCode(e) === 'ENOENT') return undefined;
    throw e;
  }
}

/** How a run ended; undefined where it has no verdict, or cannot be read. */
export async function endOfRun(runs: string, run: string): Promise<EndedRun | undefined> {
  const state = await stateOfRun(runs, run).catch((e: unknown) => {
    if (e instanceof UserError) return undefined;
    throw e;
  });
  const { verdict, exit, ms } = state ?? {};
  if (state?.phase !== 'finished' || !verdict || exit === undefined) return undefined;
  const used = (what: string): number => state.meters.find((m) => m.what === what)?.used ?? 0;
  return {
    exit,
    outcome: verdict.outcome,
    headline: verdict.headline,
    ms: ms ?? 0,
    calls: questionsOf(state),
    tokens: used('tokens'),
    dollars: used('dollars'),
    topology: await callsIn(state, join(runs, run, 'blobs')),
  };
}

async function callsIn(state: State, blobs: string): Promise<EndedRun['topology']> {
  const asked = state.evidence.findLast((e) => e.capability === 'topology.get' && e.result);
  if (!asked?.result) return [];
  const load = loader(folderBlobs(blobs));
  const answer = (await load(asked.result).catch(() => undefined)) as Partial<Topology> | undefined;
  return answer?.calls ?? [];
}

/** Whether a process that lives holds the run. */
export const isBusy = (runs: string, run: string, io: Pick<Io, 'alive'>): boolean =>
  isHeld(join(runs, run), hostname(), io.alive);

/** Adds an alert behind the seal of a run; false where somebody else has it open, or it cannot be read. */
export async function joinRun(runs: string, run: string, joined: JoinedAlert, io: Io): Promise<boolean> {
  try {
    const journal = await openRun(runs, run, io);
    try {
      const stream = openStream({ log: journal.log, sinks: [], now: io.now, past: journal.past });
      const safe = createRedactor([], { rules: await loadRuleSet() }).value(joined).value;
      await stream.emit({ type: 'alert.joined', ...safe });
      await stream.close();
    } finally {
      await journal.close();
    }
    return true;
  } catch (e) {
    if (e instanceof UserError) return false;
    throw e;
  }
}
