/** Wires a run: sources behind the toolbox, activities on the local engine, the workflow on top, sinks below. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config/load.ts';
import { UserError } from '../core/errors.ts';
import type { Event, EventOf } from '../core/events.ts';
import { ulid } from '../core/ids.ts';
import type { Blobs, Io, Load, Log, Sink } from '../core/ports.ts';
import { PROGRAM } from '../core/program.ts';
import type { State } from '../core/state.ts';
import { openStream } from '../core/stream.ts';
import { toIso, toMs } from '../core/time.ts';
import type { Step, StepContext } from '../core/types.ts';
import { loader, localEngine } from '../engines/local.ts';
import { type OpenJournal, openJournal } from '../journal/open.ts';
import { createRedactor } from '../safety/redact.ts';
import type { OpenSource } from '../tools/tool.ts';
import { toolbox } from '../tools/toolbox.ts';
import { DEFAULT_THRESHOLDS } from '../workflow/gate.ts';
import type { Match } from '../workflow/match.ts';
import { type Investigation, investigate, type Result } from '../workflow/run.ts';

/** What a run is made of, whoever starts it. */
export interface Wiring {
  run: string;
  config: Config;
  sources: OpenSource[];
  unavailable: { source: string; why: string }[];
  steps: ReadonlyMap<string, Step>;
  playbook: Match;
  baselines: StepContext['baselines'];
  /** Events that an earlier process of this run has journalled. */
  past: Event[];
  log: Log;
  blobs: Blobs;
  sinks: Sink[];
  signal: AbortSignal;
  now: () => number;
  provisional: boolean;
}

export type Facts = Pick<Investigation, 'alert' | 'window' | 'now' | 'origin' | 'settings'>;

export interface Finished extends Result {
  state: State;
  load: Load;
}

/** Runs the investigation to its end. The journal, if any, must already be open. */
export async function runWired(w: Wiring, facts: Facts): Promise<Finished> {
  const limits = {
    ...(w.config.timeoutMs ? { timeoutMs: w.config.timeoutMs } : {}),
    ...(w.config.retries === undefined ? {} : { retries: w.config.retries }),
  };
  const redact = createRedactor(w.config.secrets);
  const box = toolbox(
    w.sources.flatMap((s) => s.tools),
    { redact, now: w.now, limits },
  );
  const stream = openStream({ log: w.log, sinks: w.sinks, now: w.now, past: w.past });
  const { run, blobs, past, signal, now } = w;
  const durable = localEngine({ run, emit: stream.emit, blobs, past, activities: box.activities, signal, now });
  const wall = w.config.wallMs ?? w.playbook.playbook.budget.wallMs;
  try {
    if (past.some((e) => e.type === 'run.started'))
      await stream.emit({ type: 'run.resumed', from: past.length, program: PROGRAM });
    const result = await investigate({
      ...redact.value(facts).value,
      baselines: w.baselines,
      playbook: w.playbook,
      steps: w.steps,
      tools: box.specs,
      unavailable: w.unavailable,
      thresholds: { ...DEFAULT_THRESHOLDS, ...w.config.gate },
      deadline: now() + wall,
      durable,
      emit: stream.emit,
      provisional: w.provisional,
    });
    return { ...result, state: stream.state(), load: loader(blobs) };
  } finally {
    await stream.close();
  }
}

/** A new run folder with its journal open. */
export async function newRun(runs: string, io: Io): Promise<{ run: string; folder: string; journal: OpenJournal }> {
  const run = ulid(io.now());
  const folder = join(runs, run);
  return { run, folder, journal: await openRun(runs, run, io) };
}

export function openRun(runs: string, run: string, io: Io): Promise<OpenJournal> {
  const { pid, now, alive } = io;
  return openJournal(join(runs, run), run, { pid, host: hostname(), program: PROGRAM, now, alive });
}

/** What a run was started with. Throws UserError where the journal stops before that. */
export function startOf(past: Event[], run: string): EventOf<'run.started'> {
  const start = past.find((e): e is EventOf<'run.started'> => e.type === 'run.started');
  if (start) return start;
  throw new UserError(`run ${run} was stopped before it had read its alert`, {
    hints: ['Nothing is lost: start it again.'],
  });
}

/** The facts of a started run, for going on with it. */
export function factsOf(start: EventOf<'run.started'>): Facts {
  const { alert, window, now, origin, settings } = start;
  return { alert, window, now: toIso(toMs(now)), origin, settings };
}
