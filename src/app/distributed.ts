/** A run on another engine: the same workflow on this worker's sources, its questions put through the engine, its events kept there. */
import type { Config } from '../config/load.ts';
import { Interrupted, UserError } from '../core/errors.ts';
import type { EventBody } from '../core/events.ts';
import type { State } from '../core/run-state.ts';
import { toIso, toMs } from '../core/time.ts';
import type { Step, StepContext } from '../core/types.ts';
import { openWaves, type WaveOps, type Within } from '../engines/_waves.ts';
import type { RunSummary } from '../journal/runs.ts';
import { choosePlaybook } from '../workflow/match.ts';
import type { Playbook } from '../workflow/playbook.ts';
import type { Further } from './agent.ts';
import { Desk } from './desk.ts';
import { asOrdered, type Begun, begunOn, goingOn, type Mine } from './distributed-begun.ts';
import { CANCELLED, openTelling } from './distributed-telling.ts';
import { type Facts, runWired } from './run.ts';
import type { OpenedSources } from './sources.ts';

/** What is handed to the engine: plain JSON, without a secret. */
export interface Order {
  facts: Facts;
  baselines: StepContext['baselines'];
  /** Name of a playbook, where the user named one. */
  playbook?: string;
  /** No model may be asked, whatever the workers' config says. */
  model?: false;
  /** What is told before the workflow begins: what a fork shares, notes. Payloads that it names lie in `blobs`. */
  prelude?: EventBody[];
  blobs?: Record<string, string>;
}

/** What a worker brings along. */
export interface Bench {
  config: Config;
  steps: ReadonlyMap<string, Step>;
  playbooks: Playbook[];
  /** Opens the sources for one run; asks the outside nothing. */
  open(now: number, run: string): Promise<OpenedSources>;
  further?: Further;
  within: Within;
  now: () => number;
}

/** A run as the engine hands it over. */
interface Handed<P> {
  run: string;
  input: unknown;
  ops: WaveOps<P>;
  set(name: string, value: unknown): void;
  signal: AbortSignal;
}

/** Runs it on the engine to its end; gives the line of it that lists show. Throws UserError for what trying again cannot mend. */
export async function runDistributed<P>(handed: Handed<P>, bench: Bench): Promise<RunSummary> {
  const { signal } = handed;
  const order = orderIn(handed.input);
  const opened = await bench.open(toMs(order.facts.now), handed.run);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= opened.close();
    return closing;
  };
  // A run that is put to sleep or goes on elsewhere comes to no end here.
  signal.addEventListener('abort', () => void close().catch(() => {}), { once: true });
  try {
    if (signal.aborted) throw new Interrupted('stopped');
    return await runOpened(handed, order, bench, opened);
  } finally {
    await close();
  }
}

async function runOpened<P>(handed: Handed<P>, order: Order, bench: Bench, opened: OpenedSources): Promise<RunSummary> {
  const { run, ops, signal } = handed;
  const { facts } = order;
  const mine: Mine = {
    ...asOrdered(bench, facts.settings, order.model),
    opened,
    match: choosePlaybook(facts.alert, bench.playbooks, order.playbook),
  };
  const [begun] = (await ops.all([ops.run('begun', () => Promise.resolve(begunOn(mine, bench.now())))])) as [Begun];
  const { config, further, match, opened: found } = goingOn(begun, mine);
  const telling = openTelling(begun, run, handed.set);
  for (const [hash, text] of Object.entries(order.blobs ?? {})) {
    if ((await telling.blobs.put(text)).blob !== hash) throw new UserError('a payload of the order is damaged');
  }
  const waves = openWaves(ops, { run, begun: begun.at, clock: bench.now, within: bench.within, telling, signal });
  const { alert } = facts;
  const first: RunSummary = {
    id: run,
    startedAt: toIso(begun.at),
    title: alert.title,
    ...(alert.service ? { service: alert.service } : {}),
    fingerprint: alert.fingerprint,
    state: 'unfinished',
  };
  handed.set('summary', first);
  const desk = new Desk();
  // Somebody may answer through the engine, from anywhere.
  desk.someone = further?.ask !== undefined;
  const work = waves.drive(
    runWired(
      {
        run,
        config,
        sources: found.sources,
        unavailable: found.unavailable,
        steps: bench.steps,
        playbook: match,
        baselines: order.baselines,
        past: telling.past,
        log: telling.log,
        blobs: telling.blobs,
        sinks: [],
        signal,
        now: waves.now,
        engine: { open: waves.open, clock: bench.now },
        provisional: true,
        desk,
        ...(further ? { further } : {}),
        ...(order.prelude ? { prelude: order.prelude } : {}),
      },
      { ...facts, settings: { ...facts.settings, engine: 'restate' } },
    ),
  );
  const finished = await work.catch(async (e: unknown) => {
    const why = endOf(e);
    if (why !== undefined) await telling.interrupt(ops, why, waves.now());
    throw e;
  });
  const summary = summaryOf(first, finished.state);
  handed.set('summary', summary);
  return summary;
}

/** Why the engine will not try again; undefined where it will. It tells of a cancellation as of a conflict. */
function endOf(e: unknown): string | undefined {
  if (e instanceof UserError) return `failed: ${e.message}`;
  if (!(e instanceof Error) || !/^(?:TerminalError|CancelledError)$/.test(e.name)) return undefined;
  return (e as { code?: unknown }).code === 409 ? CANCELLED : `failed: ${e.message}`;
}

/** Reads what was handed over: anybody who reaches the ingress can hand over anything. Throws UserError. */
function orderIn(input: unknown): Order {
  const order = input as Partial<Order> | null | undefined;
  const { facts } = order ?? {};
  const good =
    facts &&
    typeof facts.alert?.title === 'string' &&
    !Number.isNaN(toMs(String(facts.now))) &&
    typeof facts.window?.from === 'string' &&
    typeof facts.settings === 'object' &&
    Array.isArray(order?.baselines);
  if (good) return order as Order;
  throw new UserError('what was handed over is no order of inquest', {
    hints: ['Send alerts by: inquest alert.json --engine restate'],
  });
}

function summaryOf(first: RunSummary, { verdict, exit }: State): RunSummary {
  if (!verdict) return first;
  const { outcome, headline, confidence } = verdict;
  return { ...first, state: 'finished', outcome, headline, confidence, ...(exit === undefined ? {} : { exit }) };
}
