/** Wires a run: sources behind the toolbox, activities on the local engine, the workflow on top, sinks below. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Ablation } from '../analysis/ablation.ts';
import type { Config } from '../config/load.ts';
import { UserError } from '../core/errors.ts';
import type { Event, EventBody, EventOf } from '../core/events.ts';
import { ulid } from '../core/ids.ts';
import type { Blobs, Durable, Emit, EngineParts, Io, Load, Log, Mailbox, Sink } from '../core/ports.ts';
import { PROGRAM } from '../core/program.ts';
import type { State } from '../core/run-state.ts';
import { openStream } from '../core/stream.ts';
import { steadyClock, toIso, toMs } from '../core/time.ts';
import type { Step, StepContext } from '../core/types.ts';
import { loader, localEngine } from '../engines/local.ts';
import { type OpenJournal, openJournal } from '../journal/open.ts';
import { type Gates, openGates } from '../safety/gates.ts';
import { loadRuleSet } from '../safety/redact-ruleset.ts';
import type { OpenSource } from '../tools/tool.ts';
import { toolbox } from '../tools/toolbox.ts';
import { DEFAULT_THRESHOLDS } from '../workflow/gate.ts';
import type { Match } from '../workflow/match.ts';
import { type Investigation, investigate, type Result } from '../workflow/run.ts';
import { agentOn, type Further } from './agent.ts';
import { Desk } from './desk.ts';
import { humanGate } from './human.ts';

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
  /** Told before the workflow begins: a new round, notes, what a fork shares. */
  prelude?: EventBody[];
  /** Parts of the analysis that are left out. */
  without?: Ablation;
  /** What is left of the time budget, ms; without it the whole budget. */
  wallMs?: number;
  /** The model that looks further where the gate escalates. */
  further?: Further;
  /** The person at the screen, and the letter box of this run for those who are elsewhere. */
  desk?: Desk;
  mail?: Mailbox;
  /** Told how to say more while the run goes on: an alert that joins it. */
  onOpen?: (emit: Emit) => void;
  /** Without somebody at the screen: how long a question to a person is waited for, ms; then exit 11. */
  waitMs?: number;
  /** Another engine than this process: made of the local one's parts. Its clock is `now`; `clock` is that of this machine. */
  engine?: { open(parts: EngineParts, local: (parts: EngineParts) => Durable): Durable; clock: () => number };
}

export type Facts = Pick<Investigation, 'alert' | 'window' | 'now' | 'origin' | 'settings'>;

export interface Finished extends Result {
  state: State;
  load: Load;
  /** The gates of this run: they know what secrets it found. */
  gates: Gates;
}

/** Runs the investigation to its end. The journal, if any, must already be open. */
export async function runWired(w: Wiring, facts: Facts): Promise<Finished> {
  const limits = {
    ...(w.config.timeoutMs ? { timeoutMs: w.config.timeoutMs } : {}),
    ...(w.config.retries === undefined ? {} : { retries: w.config.retries }),
  };
  const gates = openGates(w.config.secrets, await loadRuleSet());
  const redact = gates.answers;
  const { run, blobs, signal } = w;
  // Whatever the clock of the machine does, time goes on from where the journal stands.
  const lastAt = w.past.at(-1)?.at;
  const now = steadyClock(w.now, lastAt === undefined ? undefined : toMs(lastAt));
  const box = toolbox(
    w.sources.flatMap((s) => s.tools),
    { redact, now: w.engine?.clock ?? now, limits },
  );
  const past = [...w.past];
  let begun = false;
  const early: Sink = { on: (e) => void (begun || past.push(e)) };
  const stream = openStream({ log: w.log, sinks: [early, ...w.sinks], now, past: w.past });
  const wall = w.wallMs ?? w.config.wallMs ?? w.playbook.playbook.budget.wallMs;
  try {
    if (w.past.some((e) => e.type === 'run.started')) {
      await stream.emit({ type: 'run.resumed', from: w.past.length, program: PROGRAM });
    }
    const safe = (body: EventBody): EventBody => (body.type === 'answer.shared' ? body : redact.value(body).value);
    await Promise.all((w.prelude ?? []).map((body) => stream.emit(safe(body))));
    begun = true;
    const activities = new Map(box.activities);
    const open = (parts: EngineParts): Durable => (w.engine ? w.engine.open(parts, localEngine) : localEngine(parts));
    const durable = open({
      run,
      emit: stream.emit,
      blobs,
      past,
      activities,
      signal,
      now,
      ...(w.mail ? { mail: w.mail } : {}),
    });
    const desk = w.desk ?? new Desk();
    desk.open({
      past,
      emit: stream.emit,
      safe: (t) => gates.answers.text(t).text,
      now,
      signal,
      ...(w.mail ? { mail: w.mail } : {}),
    });
    w.onOpen?.((body) => stream.emit(safe(body)));
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
      ...furtherWith(w, past, { activities, gates, box, emit: stream.emit, durable, now, desk }),
      ...(w.without && { without: w.without }),
      notes: past.flatMap((e) => (e.type === 'note.added' ? [{ id: `E0.${e.n}`, text: e.text }] : [])),
    });
    return { ...result, state: stream.state(), load: loader(blobs), gates };
  } finally {
    await stream.close();
  }
}

/** The model of a run, on its own engine and tools. A limit of time that a person gave holds for it too. */
function furtherWith(
  w: Wiring,
  past: Event[],
  o: Omit<Parameters<typeof agentOn>[0], 'further' | 'deadline' | 'gate'> & { now: () => number },
): Pick<Investigation, 'further'> {
  const { further, config } = w;
  if (!further) return {};
  const deadline = config.wallMs === undefined ? undefined : o.now() + config.wallMs;
  const { name: model, limits, price, second, ask, team } = further;
  const agent = {
    ...{ model, limits, ...(price ? { price } : {}), ...(second ? { second } : {}), ...(ask ? { ask } : {}) },
    ...(team ? { mode: 'specialists' as const } : {}),
  };
  const people = { someone: o.desk?.someone ?? false, ...(w.waitMs === undefined ? {} : { waitMs: w.waitMs }) };
  const gate = ask && humanGate({ past, durable: o.durable, emit: o.emit, people, withinMs: ask.withinMs });
  return { further: { agent, look: agentOn({ ...o, further, deadline, ...(gate ? { gate } : {}) }) } };
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
