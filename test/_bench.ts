/** An incident that the gate has escalated, held in memory: the model-driven part can be run on it again and again. */
import { join } from 'node:path';
import { agentOn, type Further } from '../src/app/agent.ts';
import { Desk } from '../src/app/desk.ts';
import { takeIn } from '../src/app/intake.ts';
import { loadPlaybooks } from '../src/app/playbooks.ts';
import { loadPlugins } from '../src/app/plugins.ts';
import { openSource } from '../src/app/sources.ts';
import { type AgentLimits, DEFAULT_AGENT_LIMITS } from '../src/core/agent.ts';
import type { Event } from '../src/core/events.ts';
import type { Model } from '../src/core/model.ts';
import type { State } from '../src/core/run-state.ts';
import { openStream } from '../src/core/stream.ts';
import { toIso } from '../src/core/time.ts';
import type { Step } from '../src/core/types.ts';
import { localEngine } from '../src/engines/local.ts';
import { memoryBlobs } from '../src/journal/blobs.ts';
import { openGates } from '../src/safety/gates.ts';
import { toolbox } from '../src/tools/toolbox.ts';
import type { Escalated, Looked } from '../src/workflow/escalate.ts';
import { DEFAULT_THRESHOLDS } from '../src/workflow/gate.ts';
import { choosePlaybook } from '../src/workflow/match.ts';
import { investigate } from '../src/workflow/run.ts';
import { planWindow } from '../src/workflow/window.ts';
import { ROOT } from './_program.ts';

const SRC = join(ROOT, 'src');
const AMPLE = 600_000;
/** The clock stands still: nothing here depends on time. */
const NOW = Date.parse('2026-11-20T12:00:00Z');
const now = (): number => NOW;

export interface Bench {
  name: string;
  open: Escalated;
  /** What the workflow told, up to where the gate has escalated. */
  told: Event[];
  /** Runs the agent, or several specialists, with a model; the state is that of the finished run. */
  look(
    model: Model,
    limits?: Partial<AgentLimits>,
    open?: Escalated,
    team?: boolean,
    person?: (desk: Desk) => void,
  ): Promise<{ looked: Looked; state: State; events: Event[] }>;
}

/** Takes an incident up to its gate, or, `alone`, no step of the workflow; throws where the gate does not escalate. */
export async function bench(name: string, alone = false): Promise<Bench> {
  const folder = join(ROOT, 'fixtures/incidents', name);
  const io = { root: SRC, cwd: folder, now, readStdin: () => Promise.resolve(new Uint8Array()) };
  const subject = await takeIn(undefined, { bundle: folder }, io);
  const steps = await loadPlugins<Step>(SRC, 'steps', 'step', 'step');
  const env = {
    cwd: folder,
    fetch: () => Promise.reject(new Error('no network')),
    now: () => subject.now,
    services: {},
  };
  const source = await openSource(SRC, 'bundle', { type: 'bundle', config: { dir: folder }, from: folder }, env);
  const gates = openGates([], []);
  const box = toolbox(source.tools, { redact: gates.answers, now, limits: { timeoutMs: AMPLE } });
  const playbook = choosePlaybook(subject.alert, await loadPlaybooks(SRC, [], [...steps.keys()]));
  const engineOf = (past: Event[]) => {
    const events = [...past];
    const log = { append: (more: Event[]) => Promise.resolve(void events.push(...more)) };
    const stream = openStream({ log, sinks: [], now, past });
    const activities = new Map(box.activities);
    const signal = new AbortController().signal;
    const durable = localEngine({
      run: 'bench',
      emit: stream.emit,
      blobs: memoryBlobs(),
      past: [],
      activities,
      signal,
      now,
    });
    return { events, stream, activities, durable };
  };
  const first = engineOf([]);
  let open: Escalated | undefined;
  await investigate({
    alert: subject.alert,
    window: planWindow({
      alert: subject.alert,
      now: subject.now,
      ...(subject.recorded ? { recorded: subject.recorded } : {}),
    }),
    now: toIso(subject.now),
    baselines: subject.baselines,
    origin: subject.origin,
    settings: {},
    playbook: {
      ...playbook,
      playbook: { ...playbook.playbook, ...(alone ? { steps: [] } : {}), budget: { wallMs: AMPLE, stepMs: AMPLE } },
    },
    steps,
    tools: box.specs,
    unavailable: [],
    thresholds: DEFAULT_THRESHOLDS,
    deadline: NOW + AMPLE,
    durable: first.durable,
    emit: first.stream.emit,
    provisional: false,
    further: {
      agent: { model: 'bench', limits: DEFAULT_AGENT_LIMITS },
      look: (c) => {
        open = c;
        return Promise.resolve({ verdict: c.verdict, exit: c.exit, calls: 0 });
      },
    },
  });
  if (!open) throw new Error(`the gate does not escalate ${name}`);
  const escalated = open;
  const told = first.events.filter((e) => e.type !== 'run.finished');
  return {
    name,
    open: escalated,
    told,
    async look(model, more = {}, open = escalated, team = false, person = undefined) {
      const { stream, activities, durable, events } = engineOf(told);
      const limits = { ...DEFAULT_AGENT_LIMITS, ...more };
      const further: Further = {
        name: model.name,
        limits,
        ...(team ? { team } : {}),
        ...(model.price ? { price: model.price } : {}),
        open: async () => ({ model }),
      };
      const desk = new Desk();
      if (person) {
        desk.open({ past: told, emit: stream.emit, safe: (t) => t, now, signal: new AbortController().signal });
        person(desk);
      }
      const look = agentOn({
        desk,
        further,
        activities,
        gates,
        box,
        emit: stream.emit,
        durable,
        deadline: undefined,
      });
      const looked = await look(open);
      const { verdict, exit, calls } = looked;
      await stream.emit({ type: 'run.finished', verdict, exit, ms: 0, calls: escalated.evidence.length + calls });
      return { looked, state: stream.state(), events };
    },
  };
}
