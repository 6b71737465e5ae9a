/** Wires the model-driven part: the model behind a journalled activity, the loop on the workflow's own engine and tools. */

import type { Purse } from '../agent/purse.ts';
import type { TeamBench } from '../agent/specialists.ts';
import type { Voice } from '../agent/talk.ts';
import type { AgentLimits, AgentStop } from '../core/agent.ts';
import { defined } from '../core/defined.ts';
import { UserError } from '../core/errors.ts';
import type { CallAnswer, Event, EventOf } from '../core/events.ts';
import type { AskHuman } from '../core/human.ts';
import type { Model, ModelConfig, ModelEnv, ModelPlugin, ModelRequest, Price, Reply } from '../core/model.ts';
import { NO_USAGE } from '../core/model.ts';
import type { Activity, Durable, Emit, Load } from '../core/ports.ts';
import { isModelCall } from '../core/turns.ts';
import type { ActivityResult, StepContext } from '../core/types.ts';
import { priceOf } from '../models/_prices.ts';
import type { Gates } from '../safety/gates.ts';
import { openScope } from '../tools/scope.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import { asker } from '../workflow/ask.ts';
import type { LookFurther } from '../workflow/escalate.ts';
import { Desk } from './desk.ts';
import { activitiesOf, countOf, outward, turnOf } from './model-activities.ts';
import { loadPlugin } from './plugins.ts';
import { answerOf } from './recorded.ts';

/** The model of a run: its name is known at once, it is opened when the gate escalates. */
export interface Further {
  /** `anthropic:claude-opus-5-5`. */
  name: string;
  limits: AgentLimits;
  price?: Price;
  /** Who takes the second pass, where that is another one. */
  second?: { model: string; price?: Price };
  /** Several look, each at one kind of evidence. */
  team?: boolean;
  /** A person may be asked for more budget, and has so long to answer, ms. */
  ask?: { withinMs: number };
  open(): Promise<{ model: Model; second?: Model }>;
}

/** The model that the config names; undefined where it names none. */
export function furtherOf(
  root: string,
  config:
    | { model?: ModelConfig; second?: ModelConfig; limits: AgentLimits; team?: boolean; ask?: { withinMs: number } }
    | undefined,
  env: ModelEnv,
): Further | undefined {
  const { model, second } = config ?? {};
  if (!config || !model) return undefined;
  const open = async (m: ModelConfig): Promise<Model> =>
    (await loadPlugin<ModelPlugin>(root, 'models', m.provider, 'model', 'model provider')).open(m, env);
  const price = priceOf(model);
  return {
    name: nameOf(model),
    limits: config.limits,
    ...(price ? { price } : {}),
    ...(second ? { second: defined({ model: nameOf(second), price: priceOf(second) }) } : {}),
    ...(config.team ? { team: true } : {}),
    ...(config.ask ? { ask: config.ask } : {}),
    open: async () => ({ model: await open(model), ...(second ? { second: await open(second) } : {}) }),
  };
}

const nameOf = (m: ModelConfig): string => `${m.provider}:${m.name}`;

/** The model of a journal, playing what it said then; undefined where none was configured. */
export function recordedFurther(root: string, events: Event[], load: Load, now: () => number): Further | undefined {
  const agent = events.find((e): e is EventOf<'run.started'> => e.type === 'run.started')?.agent;
  if (!agent) return undefined;
  const { model: name, limits, price, ask, second } = agent;
  const requests = new Map<string, string>();
  const counts = new Map<string, CallAnswer>();
  const replies = new Map<string, CallAnswer[]>();
  for (const e of events) {
    if (e.type === 'call.started' && isModelCall(e)) requests.set(e.key, (e.input as { request: string }).request);
    const request = e.type === 'call.finished' ? requests.get(e.key) : undefined;
    if (e.type !== 'call.finished' || !request) continue;
    // A request that failed and was sent again has several replies, in their order.
    if (e.activity.endsWith('.count')) counts.set(request, e);
    else replies.set(request, [...(replies.get(request) ?? []), e]);
  }
  const recorded = async (request: ModelRequest): Promise<Reply | undefined> => {
    const { requestHash } = await import('../agent/talk.ts');
    const [next] = replies.get(requestHash(request))?.splice(0, 1) ?? [];
    return next && ((await answerOf(next, load)).data as unknown as Reply);
  };
  // What a budget allowed then it allows now: the same was counted.
  const counted = async (request: ModelRequest): Promise<number | undefined> => {
    const { requestHash } = await import('../agent/talk.ts');
    const answer = counts.get(requestHash(request));
    return answer && ((await answerOf(answer, load)).data as { tokens?: number } | undefined)?.tokens;
  };
  const fetch = (): Promise<never> => Promise.reject(new Error('no network in a replay'));
  const env: ModelEnv = { fetch, now, recorded, ...(counts.size > 0 ? { counted } : {}) };
  const open: Further['open'] = async () => {
    const plugin = await loadPlugin<ModelPlugin>(root, 'models', 'recorded', 'model', 'model provider');
    const played = (of: { model: string; price?: Price }): Promise<Model> =>
      plugin.open(defined<ModelConfig>({ provider: 'recorded', name: of.model, price: of.price }), env);
    return { model: await played(agent), ...(second ? { second: await played(second) } : {}) };
  };
  const more = {
    ...(price ? { price } : {}),
    ...(second ? { second } : {}),
    ...(ask ? { ask } : {}),
    ...(agent.mode ? { team: true } : {}),
  };
  return { name, limits, ...more, open };
}

/** Looks further with a model; every call of it is an activity of `activities`, which the engine runs. */
export function agentOn(o: {
  further: Further;
  activities: Map<string, Activity<unknown, ActivityResult>>;
  gates: Gates;
  box: Toolbox;
  emit: Emit;
  durable: Durable;
  /** Wall-clock limit given by a person, ms since the epoch. */
  deadline: number | undefined;
  /** The person at the screen, and the gate at which people are asked. */
  desk?: Desk;
  gate?: AskHuman;
}): LookFurther {
  return async (c) => {
    const { askForMore, raiseOf } = await import('../agent/more.ts');
    const { further, gates, box, durable, desk: person = new Desk() } = o;
    // From here on it is a model that asks: only what code has seen, checked at the door.
    const scope = openScope(c.alert, c.window, c.now);
    for (const e of c.evidence) scope.learn(e);
    for (const [name, activity] of box.scoped(scope)) o.activities.set(name, activity);
    const desk = { gates, now: () => durable.now(), calling: () => person.calling() };
    const { voice, second, file } = await openVoices(further, o.activities, desk);
    const begun = durable.now();
    let added = 0;
    // Time in which a person was waited for is no work of the model.
    const deadline = (): number =>
      Math.min(o.deadline ?? Number.POSITIVE_INFINITY, begun + further.limits.timeMs + added) + person.waitedMs;
    const askAs = (n: number): StepContext['ask'] =>
      asker({ n, step: 'agent', tools: box.specs, durable, deadline, heard: () => {} });
    const { gate } = o;
    const more = async (what: AgentStop, purse: Purse): Promise<boolean> => {
      if (!gate || !(await person.waiting(() => askForMore(what, purse, further.limits, gate)))) return false;
      added += raiseOf(further.limits).timeMs;
      return true;
    };
    const open = { ...c, limits: further.limits };
    const bench: TeamBench = {
      ...{ durable, emit: o.emit, file, back: gates.fromModel, voice, second, ask: askAs(c.step), askAs, scope },
      ...{ steer: person, ...(gate ? { more } : {}) },
      // Read whenever something is asked: a person may have added to it.
      get deadline() {
        return deadline();
      },
    };
    if (further.team) return (await import('../agent/specialists.ts')).lookTogether(open, bench);
    return (await import('../agent/loop.ts')).lookFurther(open, bench);
  };
}

/** The models of a run as voices: each call of theirs becomes one of `activities`. */
export async function openVoices(
  further: Further,
  activities: Map<string, Activity<unknown, ActivityResult>>,
  o: { gates: Gates; now: () => number; calling?: () => AbortSignal },
): Promise<Pick<TeamBench, 'voice' | 'second' | 'file'>> {
  const { requestHash } = await import('../agent/talk.ts');
  const requests = new Map<string, ModelRequest>();
  const { gates, ...rest } = o;
  const opened = await openOrSay(further);
  const models = [opened.model, ...(opened.second ? [opened.second] : [])];
  for (const a of activitiesOf(models, { ...rest, requests, redact: gates.answers })) activities.set(a.name, a);
  const file = (request: ModelRequest): string => {
    const hash = requestHash(request);
    // Each request passes the second gate in its turn, recalled or not: so names are numbered alike after a resume.
    requests.set(hash, outward(request, gates));
    return hash;
  };
  const [voice, second = voice] = models.map(voiceOf) as [Voice, Voice?];
  return { voice, second, file };
}

const voiceOf = (model: Model): Voice =>
  defined<Voice>({ name: model.name, turn: turnOf(model), count: countOf(model), price: model.price });

/** A model that cannot be opened is one that is not available: the run says so and goes on without it. */
async function openOrSay(further: Further): Promise<{ model: Model; second?: Model }> {
  try {
    return await further.open();
  } catch (e) {
    if (!(e instanceof UserError)) throw e;
    const problem = [e.message, ...e.hints.slice(0, 1)].join('. ');
    const turn = (): Promise<Reply> =>
      Promise.resolve({ stop: 'denied', parts: [], usage: NO_USAGE, model: further.name, problem, ms: 0 });
    return { model: { name: further.name, turn } };
  }
}
