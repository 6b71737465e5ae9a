/** A run on another engine: the same workflow on this worker's sources, its questions put through the engine, its events kept there. */
import type { Config } from '../config/load.ts';
import { UserError } from '../core/errors.ts';
import type { EventBody } from '../core/events.ts';
import { PROGRAM } from '../core/program.ts';
import type { State } from '../core/run-state.ts';
import { toIso } from '../core/time.ts';
import type { Step, StepContext, ToolSpec } from '../core/types.ts';
import { openWaves, type WaveOps, type Within } from '../engines/_waves.ts';
import type { RunSummary } from '../journal/runs.ts';
import { choosePlaybook, type Match } from '../workflow/match.ts';
import type { Playbook } from '../workflow/playbook.ts';
import type { Further } from './agent.ts';
import { Desk } from './desk.ts';
import { openTelling } from './distributed-telling.ts';
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

/** What the first process of a run decides for all that come after it. */
interface Begun {
  at: number;
  program: string;
  tools: ToolSpec[];
  unavailable: OpenedSources['unavailable'];
  playbook: { name: string; hash: string; why: string };
}

/** Runs it on the engine to its end; gives the line of it that lists show. Throws UserError for what trying again cannot mend. */
export async function runDistributed<P>(
  handed: {
    run: string;
    input: unknown;
    ops: WaveOps<P>;
    set(name: string, value: unknown): void;
    signal: AbortSignal;
  },
  bench: Bench,
): Promise<RunSummary> {
  const { run, ops, signal } = handed;
  const order = handed.input as Order;
  const { facts } = order;
  const opened = await bench.open(Date.parse(facts.now), run);
  signal.addEventListener('abort', () => void opened.close(), { once: true });
  const match = choosePlaybook(facts.alert, bench.playbooks, order.playbook);
  const tools = opened.sources.flatMap((s) => s.tools);
  const mine = (): Promise<Begun> =>
    Promise.resolve({
      at: bench.now(),
      program: PROGRAM,
      tools: tools.map(({ name, source, capability, description, version }) => ({
        name,
        source,
        capability,
        description,
        version,
      })),
      unavailable: opened.unavailable,
      playbook: { name: match.playbook.name, hash: match.playbook.hash, why: match.why },
    });
  const [begun] = (await ops.all([ops.run('begun', mine)])) as [Begun];
  fits(begun, await mine(), match);
  const telling = openTelling(begun, run, handed.set);
  for (const [hash, text] of Object.entries(order.blobs ?? {})) {
    if ((await telling.blobs.put(text)).blob !== hash) throw new UserError('a payload of the order is damaged');
  }
  const waves = openWaves(ops, { run, begun: begun.at, clock: bench.now, within: bench.within, telling, signal });
  const known = new Set(begun.tools.map((t) => t.name));
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
  const further = order.model === false ? undefined : bench.further;
  desk.someone = further?.ask !== undefined;
  const work = waves.drive(
    runWired(
      {
        run,
        config: bench.config,
        sources: opened.sources.map((s) => ({ ...s, tools: s.tools.filter((t) => known.has(t.name)) })),
        unavailable: begun.unavailable,
        steps: bench.steps,
        playbook: { ...match, why: begun.playbook.why },
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
    if (!isCancelled(e)) throw e;
    await telling.interrupt(ops, 'cancelled', waves.now());
    throw e;
  });
  await opened.close();
  const summary = summaryOf(first, finished.state);
  handed.set('summary', summary);
  return summary;
}

/** The engine tells of a cancellation as an error with the status of a conflict. */
const isCancelled = (e: unknown): boolean => e instanceof Error && (e as { code?: unknown }).code === 409;

/** A worker that brings other tools or another playbook is not the one that this run began on. */
function fits(begun: Begun, mine: Begun, match: Match): void {
  const versions = new Map(mine.tools.map((t) => [t.name, t.version]));
  const missing = begun.tools.filter((t) => versions.get(t.name) !== t.version).map((t) => t.name);
  const other = begun.playbook.hash !== match.playbook.hash ? [`the playbook ${begun.playbook.name}`] : [];
  const lacking = [...other, ...missing];
  // Not for a person to mend at once: another worker may have what this one lacks.
  if (lacking.length > 0)
    throw new Error(`this worker is not set up as the one that began the run: ${lacking.join(', ')}`);
}

function summaryOf(first: RunSummary, { verdict, exit }: State): RunSummary {
  if (!verdict) return first;
  const { outcome, headline, confidence } = verdict;
  return { ...first, state: 'finished', outcome, headline, confidence, ...(exit === undefined ? {} : { exit }) };
}
