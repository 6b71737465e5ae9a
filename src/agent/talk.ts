/** One turn with the model: reserved, journalled, paid, told. The transcript only grows; nothing of it is ever rewritten. */
import type { AgentCall } from '../core/agent.ts';
import { tightest } from '../core/agent.ts';
import { hashOf } from '../core/canonical.ts';
import {
  dollarsOf,
  type Message,
  type ModelRequest,
  type Part,
  type Price,
  type Reply,
  tokensOf,
} from '../core/model.ts';
import type { Durable, Emit } from '../core/ports.ts';
import { oneLine } from '../core/text.ts';
import type { Answer } from '../core/types.ts';
import { safeText } from '../safety/safe-text.ts';
import { type Counted, charge, metersOf, most, promptBound } from './budget.ts';
import { PROMPT } from './prompt.ts';
import type { Purse } from './purse.ts';
import { failedOf, keeps, sound } from './replies.ts';

/** Time that a request keeps for its way, ms. */
const ROUND_TRIP = 1000;

/** A model as the loop sees it: named, priced, behind an activity. */
export interface Voice {
  /** `anthropic:claude-opus-5-5`. */
  name: string;
  price?: Price;
  /** Name of the journalled activity that takes a turn, and of the one that counts tokens, where there is one. */
  turn: string;
  count?: string;
}

export interface Ports {
  durable: Durable;
  emit: Emit;
  /** The specialist whose turns these are; absent where one model looks at everything. */
  by?: string;
  /** Keeps a whole request for the activity, which is given its hash: the journal holds each message once. */
  file(request: ModelRequest): string;
  /** What the model wrote, with the addresses that its pseudonyms stand for: for questions and quotes, never for prose. */
  back<T>(json: T): T;
  /** Wall-clock limit of everything, ms since the epoch. */
  deadline: number;
}

export interface TurnPlan {
  turn: number;
  aim: string;
  closing: boolean;
}

/** A conversation with one model under one system prompt. */
export class Talk {
  readonly messages: Message[];
  #counted: Counted | undefined;
  #sent = 0;
  readonly voice: Voice;
  readonly ports: Ports;
  readonly system: string;
  constructor(voice: Voice, ports: Ports, system: string, first: string) {
    this.voice = voice;
    this.ports = ports;
    this.system = system;
    this.messages = [{ role: 'user', parts: [{ type: 'text', text: first }] }];
  }

  /** Our own words to the model, in the message that it gets next. */
  say(text: string): void {
    this.hear([{ type: 'text', text }]);
  }

  /** Parts of the message that the model gets next. */
  hear(parts: Part[]): void {
    const last = this.messages.at(-1)!;
    if (last.role !== 'user') this.messages.push({ role: 'user', parts });
    else {
      this.messages[this.messages.length - 1] = { role: 'user', parts: [...last.parts, ...parts] };
      this.#sent = Math.min(this.#sent, this.messages.length - 1);
    }
  }

  request(rest: Pick<ModelRequest, 'tools' | 'mayCall' | 'answer' | 'maxTokens'>): ModelRequest {
    return { system: this.system, messages: [...this.messages], ...rest };
  }

  /** Most tokens of a request. Where that alone would end the talk, the provider is asked to count. */
  async bound(request: ModelRequest, turn: number, fits: (tokens: number) => boolean): Promise<number> {
    const bytes = promptBound(request, this.#counted);
    const { count } = this.voice;
    if (fits(bytes) || count === undefined) return bytes;
    const answer = await this.#call(`${this.#key(turn)}.0`, count, request, 'how long is it?');
    const told = (answer.data as unknown as { tokens?: number } | undefined)?.tokens;
    // Counted by an estimate of the provider's own: a tenth more.
    return told === undefined ? bytes : Math.min(bytes, Math.ceil(told * 1.1));
  }

  /** Takes a turn: what it costs at most must fit already. */
  async turn(request: ModelRequest, plan: TurnPlan, purse: Purse, prompt: number): Promise<Reply> {
    const { voice, ports } = this;
    const key = this.#key(plan.turn);
    const offered = request.mayCall ? request.tools.map((t) => t.name) : [];
    const { turn, aim, closing } = plan;
    await ports.emit({ type: 'turn.started', turn, key, aim, offered, closing, ...this.#by() });
    const answer = await this.#call(key, voice.turn, request, plan.aim);
    const reply = sound((answer.data as unknown as Reply | undefined) ?? failedOf(answer), request.maxTokens);
    const { maxTokens } = request;
    purse.spent = charge(purse.spent, reply, voice.price, most(prompt, maxTokens, voice.price), maxTokens);
    const { input, cacheRead, cacheWrite, output } = reply.usage;
    this.#sent = request.messages.length;
    if (keeps(reply)) this.#keep(reply.parts);
    if (input + cacheRead + cacheWrite > 0 && keeps(reply)) {
      const tokens = input + cacheRead + cacheWrite + output;
      this.#counted = { messages: this.messages.length, tools: JSON.stringify(request.tools), tokens };
    }
    return reply;
  }

  /** What the model said; what it says after a pause belongs to the same message. */
  #keep(parts: Part[]): void {
    const last = this.messages.at(-1)!;
    if (last.role === 'user') this.messages.push({ role: 'assistant', parts });
    else this.messages[this.messages.length - 1] = { role: 'assistant', parts: [...last.parts, ...parts] };
  }

  /** Tells how a turn ended and what is left. */
  async ended(plan: TurnPlan, reply: Reply, calls: AgentCall[], purse: Purse): Promise<void> {
    const { price } = this.voice;
    const dollars = dollarsOf(reply.usage, price);
    const says = reply.thinking ? { says: oneLine(safeText(reply.thinking), 200) } : {};
    await this.ports.emit({
      type: 'turn.finished',
      turn: plan.turn,
      ...this.#by(),
      stop: reply.stop,
      model: reply.model,
      ...(reply.requestId ? { requestId: reply.requestId } : {}),
      calls,
      tokens: tokensOf(reply.usage),
      ...(dollars === undefined ? {} : { dollars: Number(dollars.toFixed(6)) }),
      ...says,
      ...(reply.problem ? { problem: oneLine(reply.problem, 300) } : {}),
    });
    // Of a budget that is shared, whoever shares it out tells.
    if (this.ports.by !== undefined) return;
    const meters = metersOf(purse.spent, purse.limits, price !== undefined);
    const near = tightest(meters)!;
    await this.ports.emit({ type: 'budget.changed', ...near, turn: plan.turn, meters });
  }

  /** `M2`, or `A.logs.T2`: from the plan, so that a turn is found again whenever its answer came. */
  #key(turn: number): string {
    const { by } = this.ports;
    return by === undefined ? `M${turn}` : `A.${by}.T${turn}`;
  }

  #by(): { by?: string } {
    const { by } = this.ports;
    return by === undefined ? {} : { by };
  }

  #call(key: string, activity: string, request: ModelRequest, why: string): Promise<Answer> {
    const { durable, file, deadline } = this.ports;
    const input = {
      // A turn that failed is taken again: that is another question, and not answered from memory.
      turn: key,
      model: this.voice.name,
      prompt: PROMPT,
      request: file(request),
      offered: request.mayCall ? request.tools.map((t) => t.name) : [],
      // Only what is new: the journal holds the transcript once, and the hash of all of it.
      added: request.messages.slice(this.#sent),
    };
    const capability = activity === this.voice.count ? 'model.count' : 'model.turn';
    const at = durable.keyOf?.(key, activity, input) ?? key;
    return durable.call<Answer>(at, activity, input, {
      step: 'agent',
      capability,
      why,
      deadline: deadline - ROUND_TRIP,
    });
  }
}

/** Identity of a request: what was paid for once is found again by it. */
export const requestHash = (request: ModelRequest): string => hashOf(request);
