/** The port to a language model: one turn in, one reply out. All of it is JSON, so that a turn can be journalled. */

export type JsonSchema = Record<string, unknown>;

/** A part of a message. An `opaque` block (thinking) belongs to the provider and is handed back as it came. */
export type Part =
  | { type: 'text'; text: string }
  | { type: 'call'; id: string; name: string; input: unknown }
  | { type: 'result'; id: string; text: string; failed?: boolean }
  | { type: 'opaque'; block: unknown };

export interface Message {
  role: 'user' | 'assistant';
  parts: Part[];
}

export interface ModelTool {
  name: string;
  description: string;
  schema: JsonSchema;
}

export interface ModelRequest {
  /** Our own words only; what came from outside stands in the messages. */
  system: string;
  messages: Message[];
  tools: ModelTool[];
  /** Whether tools may be called now. They are never forced: current models refuse that. */
  mayCall: boolean;
  /** The shape of the final answer: structured output, not a tool. */
  answer: { name: string; schema: JsonSchema };
  /** Most tokens of the reply, thinking included. */
  maxTokens: number;
}

/** Tokens. `input` are those that no cache held. */
export interface Usage {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  /** Part of `output`. */
  thinking?: number;
}

/**
 * How a turn ended. `answered`: text and no call. `calls`: tools are asked for. `paused`: send it back to go on.
 * From `aborted` on nothing of the reply may be used.
 */
export type ReplyStop =
  | 'answered'
  | 'calls'
  | 'paused'
  | 'max-tokens'
  | 'context-full'
  | 'refused'
  | 'empty'
  | 'aborted'
  | 'timeout'
  | 'rate-limited'
  | 'overloaded'
  | 'cut-off'
  | 'malformed'
  | 'denied'
  | 'rejected'
  | 'failed';

export interface Reply {
  stop: ReplyStop;
  parts: Part[];
  usage: Usage;
  /** The model that really answered. */
  model: string;
  requestId?: string;
  /** What the model said of its thinking, where it says so. */
  thinking?: string;
  problem?: string;
  /** How long it took, ms. */
  ms: number;
}

/** Dollars for a million tokens. */
export interface Price {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  /** Another price from this length of the prompt on. */
  above?: { tokens: number; input: number; output: number };
}

export interface Model {
  /** `anthropic:claude-opus-5-5`: provider and model. */
  name: string;
  /** Undefined where nobody knows it: then only tokens are bounded. */
  price?: Price;
  /** Tokens of a request as the provider counts them; undefined where it cannot say. */
  count?(request: ModelRequest, signal: AbortSignal): Promise<number | undefined>;
  /**
   * One turn. A failure of the provider is a reply with its kind and problem; only bugs are thrown.
   * @param onText told whenever a piece of the reply arrives
   */
  turn(request: ModelRequest, onText: (text: string) => void, signal: AbortSignal): Promise<Reply>;
}

/** A credential that prints as its name; the value comes out where the request is built, and nowhere else. */
interface Credential {
  reveal(): string;
}

/** What the config says of the model. */
export interface ModelConfig {
  provider: string;
  name: string;
  apiKey?: string | Credential;
  url?: string;
  effort?: 'low' | 'medium' | 'high' | 'xhigh' | 'max';
  /** Whether thinking is asked for; on where the model can. */
  thinking?: boolean;
  price?: Partial<Price>;
}

/** The key in plain text, for the client that sends it. */
export const keyOf = ({ apiKey }: ModelConfig): string | undefined =>
  typeof apiKey === 'object' ? apiKey.reveal() : apiKey;

/** What a plug-in of `models/` exports as `model`. */
export interface ModelPlugin {
  title: string;
  /** Opens it without asking the network. Throws UserError for a config that cannot work. */
  open(config: ModelConfig, env: ModelEnv): Promise<Model>;
}

/** What a model plug-in may use of the outside. */
export interface ModelEnv {
  fetch: typeof fetch;
  now(): number;
  /** Replies that were journalled, by the hash of their request; for `recorded`. */
  recorded?(request: ModelRequest): Promise<Reply | undefined>;
  /** Tokens that the provider counted then; for `recorded`, where anything was counted. */
  counted?(request: ModelRequest): Promise<number | undefined>;
}

export const NO_USAGE: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

/** All tokens of a turn, read from a cache or not. */
export const tokensOf = (u: Usage): number => u.input + u.output + u.cacheRead + u.cacheWrite;

/** What a turn cost, dollars; undefined without a price. */
export function dollarsOf(u: Usage, price: Price | undefined): number | undefined {
  if (!price) return undefined;
  const prompt = u.input + u.cacheRead + u.cacheWrite;
  const dear = price.above && prompt > price.above.tokens ? price.above : price;
  // A cache costs in proportion to what the prompt costs.
  const scale = price.input > 0 ? dear.input / price.input : 1;
  const sum =
    u.input * dear.input +
    u.output * dear.output +
    (u.cacheRead * price.cacheRead + u.cacheWrite * price.cacheWrite) * scale;
  return sum / 1e6;
}

/** What a reply says in words, thinking and calls left out. */
export const wordsOf = (reply: Reply): string =>
  reply.parts.flatMap((p) => (p.type === 'text' ? [p.text] : [])).join('');
