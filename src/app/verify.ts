/** Today's workflow on yesterday's answers: what would it say now? Nothing outside is asked, nothing is written. */
import type { Event, EventBody } from '../core/events.ts';
import type { Load, Log } from '../core/ports.ts';
import { emptyState, type State } from '../core/run-state.ts';
import { reduce } from '../core/state.ts';
import type { Step, StepContext } from '../core/types.ts';
import { memoryBlobs } from '../journal/blobs.ts';
import { choosePlaybook } from '../workflow/match.ts';
import type { Playbook } from '../workflow/playbook.ts';
import { recordedFurther } from './agent.ts';
import { type Difference, differences, reportHash } from './compare.ts';
import { lookupIn, recordedSources, type Unrecorded } from './recorded.ts';
import { factsOf, runWired, startOf } from './run.ts';
import { answersOf, hintsOf } from './said.ts';

export interface Verified {
  before: State;
  after: State;
  differences: Difference[];
  /** Questions of today's workflow that the journal holds no answer to. */
  unrecorded: Unrecorded[];
  /** Hash of what today's workflow says, times and ids aside. */
  hash: string;
  /** The same of what the journal says. */
  recordedHash: string;
}

const forgetful: Log = { append: () => Promise.resolve() };
/** Recorded answers need no limits of time. */
const AMPLE = 600_000;

/** Runs today's workflow on the answers of a journal. */
export async function verify(o: {
  events: Event[];
  load: Load;
  steps: ReadonlyMap<string, Step>;
  playbooks: Playbook[];
  baselines: StepContext['baselines'];
  /** Folder of the program: plug-ins lie below it. */
  root: string;
  now: () => number;
  signal: AbortSignal;
  before?: (tool: string, question: unknown) => Promise<void>;
}): Promise<Verified> {
  const recorded = o.events.reduce(reduce, emptyState());
  const start = startOf(o.events, recorded.run);
  const unrecorded: Unrecorded[] = [];
  const known = o.playbooks.some((p) => p.name === start.playbook.name);
  const match = choosePlaybook(start.alert, o.playbooks, known ? start.playbook.name : undefined);
  const budget = { wallMs: AMPLE, stepMs: AMPLE };
  // The model alone had no plan.
  const alone = start.agent !== undefined && start.plan.length === 0 ? { steps: [] } : {};
  const more = o.before ? { before: o.before } : {};
  const further = recordedFurther(o.root, o.events, o.load, o.now);
  const { state } = await runWired(
    {
      run: recorded.run,
      config: { ...NO_CONFIG, gate: recorded.gate?.thresholds ?? {} },
      sources: recordedSources(start.tools, lookupIn(o.events, o.load), { unrecorded, ...more }),
      unavailable: start.unavailable,
      steps: o.steps,
      playbook: { playbook: { ...match.playbook, budget, ...alone }, why: start.playbook.why, score: 0 },
      baselines: o.baselines,
      past: [],
      log: forgetful,
      blobs: memoryBlobs(),
      sinks: [],
      signal: o.signal,
      now: o.now,
      provisional: false,
      ...(further ? { further } : {}),
      prelude: [
        ...o.events.flatMap((e): EventBody[] =>
          e.type === 'note.added' ? [{ type: e.type, n: e.n, text: e.text }] : [],
        ),
        ...hintsOf(o.events),
        ...answersOf(o.events),
      ],
    },
    factsOf(start),
  );
  // Nothing is asked here: what was asked then cannot be compared.
  const found = differences(recorded, state).filter((d) => d.part !== 'cost');
  return {
    before: recorded,
    after: state,
    differences: found,
    unrecorded,
    hash: reportHash(state),
    recordedHash: reportHash(recorded),
  };
}

/** A run without sources of its own, without limits and without secrets. */
export const NO_CONFIG = {
  sources: {},
  services: {},
  gate: {},
  playbooks: [],
  secrets: [],
  files: [],
  wallMs: AMPLE,
  timeoutMs: AMPLE,
};
