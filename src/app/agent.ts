/** Wires the model-driven part: the model behind a journalled activity, the loop on the workflow's own engine and tools. */
import type { Bench } from '../agent/loop.ts';
import type { Purse } from '../agent/purse.ts';
import type { Voice } from '../agent/talk.ts';
import type { AgentLimits, AgentStop } from '../core/agent.ts';
import { UserError } from '../core/errors.ts';
import type { CallAnswer, Event, EventOf } from '../core/events.ts';
import type { AskHuman } from '../core/human.ts';
import type { Model, ModelConfig, ModelEnv, ModelPlugin, ModelRequest, Price, Reply } from '../core/model.ts';
import { NO_USAGE } from '../core/model.ts';
import type { Activity, Durable, Emit, Load } from '../core/ports.ts';
import { isModelCall } from '../core/turns.ts';
import type { ActivityResult, ToolSpec } from '../core/types.ts';
import { priceOf } from '../models/_prices.ts';
import type { Redactor } from '../safety/redact.ts';
import { asker } from '../workflow/ask.ts';
import type { LookFurther } from '../workflow/escalate.ts';
import { Desk } from './desk.ts';
import { activitiesOf } from './model-activities.ts';
import { loadPlugin } from './plugins.ts';
import { answerOf } from './recorded.ts';

/** The model of a run: its name is known at once, it is opened when the gate escalates. */
export interface Further {
  /** `anthropic:claude-opus-5-5`. */
  name: string;
  limits: AgentLimits;
  price?: Price;
  /** A person may be asked for more budget, and has so long to answer, ms. */
  ask?: { withinMs: number };
  open(): Promise<{ model: Model; second?: Model }>;
}

/** The model that the config names; undefined where it names none. */
export function furtherOf(
  root: string,
  config: { model?: ModelConfig; second?: ModelConfig; limits: AgentLimits; ask?: { withinMs: number } } | undefined,
  env: ModelEnv,
): Further | undefined {
  const { model, second } = config ?? {};
  if (!config || !model) return undefined;
  const open = async (m: ModelConfig): Promise<Model> =>
    (await loadPlugin<ModelPlugin>(root, 'models', m.provider, 'model', 'model provider')).open(m, env);
  const price = priceOf(model);
  return {
    name: `${model.provider}:${model.name}`,
    limits: config.limits,
    ...(price ? { price } : {}),
    ...(config.ask ? { ask: config.ask } : {}),
    open: async () => ({ model: await open(model), ...(second ? { second: await open(second) } : {}) }),
  };
}

/** The model of a journal, playing what it said then; undefined where none was configured. */
export function recordedFurther(root: string, events: Event[], load: Load, now: () => number): Further | undefined {
  const agent = events.find((e): e is EventOf<'run.started'> => e.type === 'run.started')?.agent;
  if (!agent) return undefined;
  const { model: name, limits, price, ask } = agent;
  const requests = new Map<string, string>();
  const replies = new Map<string, CallAnswer[]>();
  for (const e of events) {
    if (e.type === 'call.started' && isModelCall(e) && e.activity.endsWith('.turn'))
      requests.set(e.key, (e.input as { request: string }).request);
    const request = e.type === 'call.finished' ? requests.get(e.key) : undefined;
    // A request that failed and was sent again has several replies, in their order.
    if (e.type === 'call.finished' && request) replies.set(request, [...(replies.get(request) ?? []), e]);
  }
  const recorded = async (request: ModelRequest): Promise<Reply | undefined> => {
    const { requestHash } = await import('../agent/talk.ts');
    const [next] = replies.get(requestHash(request))?.splice(0, 1) ?? [];
    return next && ((await answerOf(next, load)).data as unknown as Reply);
  };
  const env: ModelEnv = { fetch: () => Promise.reject(new Error('no network in a replay')), now, recorded };
  const config: ModelConfig = { provider: 'recorded', name, ...(price ? { price } : {}) };
  const open = async (): Promise<{ model: Model }> => {
    const plugin = await loadPlugin<ModelPlugin>(root, 'models', 'recorded', 'model', 'model provider');
    return { model: await plugin.open(config, env) };
  };
  return { name, limits, ...(price ? { price } : {}), ...(ask ? { ask } : {}), open };
}

/** Looks further with a model; every call of it is an activity of `activities`, which the engine runs. */
export function agentOn(o: {
  further: Further;
  activities: Map<string, Activity<unknown, ActivityResult>>;
  redact: Redactor;
  tools: ToolSpec[];
  emit: Emit;
  durable: Durable;
  /** Wall-clock limit given by a person, ms since the epoch. */
  deadline: number | undefined;
  /** The person at the screen, and the gate at which people are asked. */
  desk?: Desk;
  gate?: AskHuman;
}): LookFurther {
  return async (c) => {
    const { lookFurther } = await import('../agent/loop.ts');
    const { askForMore, raiseOf } = await import('../agent/more.ts');
    const { further, redact, tools, durable, desk: person = new Desk() } = o;
    const desk = { redact, now: () => durable.now(), calling: () => person.calling() };
    const { voice, second, file } = await openVoices(further, o.activities, desk);
    const begun = durable.now();
    let added = 0;
    // Time in which a person was waited for is no work of the model.
    const deadline = (): number =>
      Math.min(o.deadline ?? Number.POSITIVE_INFINITY, begun + further.limits.timeMs + added) + person.waitedMs;
    const ask = asker({ n: c.step, step: 'agent', tools, durable, deadline, heard: () => {} });
    const { gate } = o;
    const more = async (what: AgentStop, purse: Purse): Promise<boolean> => {
      if (!gate || !(await person.waiting(() => askForMore(what, purse, further.limits, gate)))) return false;
      added += raiseOf(further.limits).timeMs;
      return true;
    };
    const bench: Bench = {
      ...{ durable, emit: o.emit, file, voice, second, ask, steer: person, ...(gate ? { more } : {}) },
      // Read whenever something is asked: a person may have added to it.
      get deadline() {
        return deadline();
      },
    };
    return lookFurther({ ...c, limits: further.limits }, bench);
  };
}

/** The models of a run as voices: each call of theirs becomes one of `activities`. */
export async function openVoices(
  further: Further,
  activities: Map<string, Activity<unknown, ActivityResult>>,
  desk: Omit<Parameters<typeof activitiesOf>[1], 'requests'>,
): Promise<Pick<Bench, 'voice' | 'second' | 'file'>> {
  const { requestHash } = await import('../agent/talk.ts');
  const requests = new Map<string, ModelRequest>();
  const register = (model: Model): Voice => {
    const made = activitiesOf(model, { ...desk, requests });
    for (const a of made) activities.set(a.name, a);
    const [turn, count] = made.map((a) => a.name);
    return {
      name: model.name,
      turn: turn!,
      ...(count ? { count } : {}),
      ...(model.price ? { price: model.price } : {}),
    };
  };
  const opened = await openOrSay(further);
  const voice = register(opened.model);
  const file = (request: ModelRequest): string => {
    const hash = requestHash(request);
    requests.set(hash, request);
    return hash;
  };
  return { voice, second: opened.second ? register(opened.second) : voice, file };
}

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
