/** The budget: what a turn may cost at most is reserved before it is spent, and the share of the last turn is kept back. */
import { type AgentLimits, type AgentStop, fullBudget, type Meter } from '../core/agent.ts';
import {
  dollarsOf,
  type Message,
  type ModelRequest,
  type Price,
  type Reply,
  type ReplyStop,
  tokensOf,
  type Usage,
} from '../core/model.ts';

/** What is spent so far. */
export interface Spent {
  turns: number;
  calls: number;
  tokens: number;
  dollars: number;
  timeMs: number;
}

export const NOTHING_SPENT: Spent = { turns: 0, calls: 0, tokens: 0, dollars: 0, timeMs: 0 };

/** From here on the model is told to conclude. */
export const NEAR_END = 0.8;
/** Most bytes of answers, as JSON, that one turn may add to the context. */
export const ANSWERS_MAX = 16_000;
/** What a provider adds to a request besides our words: how tools are called, roles. */
const HIDDEN = 1500;

/** What the provider has counted already: the first messages of the transcript, with these tools. */
export interface Counted {
  messages: number;
  tools: string;
  tokens: number;
}

/**
 * Most tokens that a request can have. A token is at least one byte of text, so the bytes are a bound; of what the
 * provider has counted its number is taken.
 */
export function promptBound(request: ModelRequest, sent?: Counted): number {
  const tools = JSON.stringify(request.tools);
  if (!sent) {
    return (
      HIDDEN + bytes(request.system) + bytes(tools) + bytes(JSON.stringify(request.answer)) + sizeOf(request.messages)
    );
  }
  const fresh = sizeOf(request.messages.slice(sent.messages));
  return HIDDEN + sent.tokens + fresh + (tools === sent.tools ? 0 : bytes(tools));
}

const bytes = (s: string): number => Buffer.byteLength(s);
const sizeOf = (messages: Message[]): number => bytes(JSON.stringify(messages));

/** What a prompt of so many tokens and the longest reply would cost at most; caches only make it cheaper or a quarter dearer. */
export function most(prompt: number, reply: number, price: Price | undefined): { tokens: number; dollars: number } {
  const usage = (u: Partial<Usage>): Usage => ({ input: 0, output: reply, cacheRead: 0, cacheWrite: 0, ...u });
  const all = [{ input: prompt }, { cacheWrite: prompt }].map((u) => dollarsOf(usage(u), price) ?? 0);
  return { tokens: prompt + reply, dollars: Math.max(...all) };
}

/**
 * Whether another turn may be taken, with the last one still affordable after it. Undefined = yes, else what stands
 * in the way.
 */
export function blocked(
  spent: Spent,
  limits: AgentLimits,
  need: { prompt: number; price: Price | undefined; closing: boolean },
): Exclude<AgentStop, 'concluded'> | undefined {
  const { prompt, price, closing } = need;
  const now = most(prompt, limits.replyTokens, price);
  // The last turn carries what this one adds: the reply and the answers.
  const last = closing
    ? { tokens: 0, dollars: 0 }
    : most(prompt + limits.replyTokens + ANSWERS_MAX, limits.replyTokens, price);
  const turns = closing ? 1 : 2;
  if (spent.turns + turns > limits.turns) return 'turns';
  if (!closing && spent.calls >= limits.calls) return 'calls';
  if (spent.timeMs >= limits.timeMs * (closing ? 1 : NEAR_END)) return 'time';
  if (spent.tokens + now.tokens + last.tokens > limits.tokens) return 'tokens';
  if (price && spent.dollars + now.dollars + last.dollars > limits.dollars) return 'dollars';
  return undefined;
}

/** Replies that nobody is paid for: the provider did no work. */
const UNPAID: ReadonlySet<ReplyStop> = new Set(['rate-limited', 'overloaded', 'denied', 'rejected', 'failed']);

/** Replies that broke off before the provider told their output: what it told by then is a part of it. */
const UNTOLD: ReadonlySet<ReplyStop> = new Set(['aborted', 'timeout', 'cut-off', 'malformed']);

/** What is spent after a reply of at most `replyTokens`. What it does not say that it used is counted at its most. */
export function charge(
  spent: Spent,
  reply: Reply,
  price: Price | undefined,
  reserved: { tokens: number; dollars: number },
  replyTokens: number,
): Spent {
  const { usage: told, stop } = reply;
  const begun = tokensOf(told) > 0;
  const lost = !begun && !UNPAID.has(stop);
  const untold = UNTOLD.has(stop) || (begun && UNPAID.has(stop));
  const usage = untold ? { ...told, output: Math.max(told.output, replyTokens) } : told;
  return {
    ...spent,
    turns: spent.turns + 1,
    tokens: spent.tokens + (lost ? reserved.tokens : tokensOf(usage)),
    dollars: spent.dollars + (lost ? reserved.dollars : (dollarsOf(usage, price) ?? 0)),
    timeMs: spent.timeMs + reply.ms,
  };
}

/** All budgets; dollars only where a price is known. */
export function metersOf(spent: Spent, limits: AgentLimits, priced: boolean): Meter[] {
  const { turns, calls, tokens, timeMs, dollars } = spent;
  const used = { turns, calls, tokens, time: Math.round(timeMs), dollars: Number(dollars.toFixed(6)) };
  return fullBudget(limits, priced).map((m) => ({ ...m, used: used[m.what] }));
}
