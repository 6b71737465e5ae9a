/** A policy instead of a model, for tests and eval: a function from what was said to what is answered. No network, no randomness of its own. */
import type { Model, ModelRequest, Part, Price, Reply, ReplyStop } from '../core/model.ts';

/** What a policy answers: calls, words, or a way in which a provider fails. */
export type Policy = (request: ModelRequest, turn: number) => Play;

export interface Play {
  calls?: { name: string; input: unknown }[];
  /** Text, or a value that is sent as JSON. */
  answer?: unknown;
  thinking?: string;
  /** Instead of what the parts say. */
  stop?: ReplyStop;
  /** Tokens of the reply; by default a quarter of its bytes, and never more than the request allows. */
  output?: number;
}

/** Dollars as a middling model takes them. */
export const SCRIPTED_PRICE: Price = { input: 2, output: 10, cacheRead: 0.2, cacheWrite: 2.5 };

/** A model that plays a policy. Tokens are counted as a quarter of the bytes, rounded up. */
export function scripted(policy: Policy, o: { name?: string; price?: Price } = {}): Model {
  let turn = 0;
  return {
    name: `scripted:${o.name ?? 'policy'}`,
    price: o.price ?? SCRIPTED_PRICE,
    turn(request, onText, signal) {
      const play = signal.aborted ? { stop: 'aborted' as const } : policy(request, ++turn);
      const text =
        play.answer === undefined
          ? undefined
          : typeof play.answer === 'string'
            ? play.answer
            : JSON.stringify(play.answer);
      const parts: Part[] = [
        ...(text === undefined ? [] : [{ type: 'text' as const, text }]),
        ...(play.calls ?? []).map((c, i): Part => ({ type: 'call', id: `call_${turn}_${i}`, ...c })),
      ];
      const { tools, answer, system, messages } = request;
      const input = tokens(JSON.stringify([system, messages, tools, answer]));
      const output = Math.min(request.maxTokens, play.output ?? tokens(JSON.stringify(parts)));
      const failed = play.stop !== undefined && !KEEPS.has(play.stop);
      if (text !== undefined) onText(text);
      const reply: Reply = {
        stop: play.stop ?? ((play.calls ?? []).length > 0 ? 'calls' : text === undefined ? 'empty' : 'answered'),
        parts: failed ? [] : parts,
        usage: { input, output: failed ? 0 : output, cacheRead: 0, cacheWrite: 0 },
        model: 'scripted',
        ms: 0,
        ...(play.thinking ? { thinking: play.thinking } : {}),
        ...(failed ? { problem: `scripted: ${play.stop}` } : {}),
      };
      return Promise.resolve(reply);
    },
  };
}

const KEEPS: ReadonlySet<ReplyStop> = new Set(['answered', 'calls', 'paused', 'max-tokens']);
const tokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / 4);
