/** Claude by the Messages API: streaming, prompt caching, summaries of its thinking. The only file that loads the SDK. */
import type Sdk from '@anthropic-ai/sdk';
import { UserError } from '../core/errors.ts';
import {
  keyOf,
  type Message,
  type ModelConfig,
  type ModelPlugin,
  type ModelRequest,
  type Part,
  type Reply,
  type ReplyStop,
  type Usage,
} from '../core/model.ts';
import { priceOf } from './_prices.ts';
import { failed, stopOf } from './_reply.ts';

/** Further tries of one request by the SDK, which honours Retry-After. */
const RETRIES = 2;
const TIMEOUT_MS = 120_000;
/** Models from before thinking was adaptive. */
const FIXED_THINKING = /^claude-(haiku|sonnet|opus)-4-5|^claude-3/;

export const model: ModelPlugin = {
  title: 'Claude (Messages API)',
  async open(config, env) {
    const { url } = config;
    const apiKey = keyOf(config);
    if (!apiKey) {
      throw new UserError('the model has no key', {
        hints: ['Set ANTHROPIC_API_KEY, or "model": { "apiKey": { "env": "NAME" } } in the config.'],
        exit: 3,
      });
    }
    const { default: Anthropic } = await import('@anthropic-ai/sdk');
    const origin = new URL(url ?? 'https://api.anthropic.com').origin;
    const client = new Anthropic({
      apiKey,
      authToken: null,
      baseURL: url ?? 'https://api.anthropic.com',
      maxRetries: RETRIES,
      timeout: TIMEOUT_MS,
      logger: SILENT,
      logLevel: 'off',
      // The model's origin is the only one; a redirect would take the key elsewhere.
      fetch: (input, init) => {
        const to = new URL(input instanceof Request ? input.url : String(input));
        if (to.origin !== origin) return Promise.reject(new Error(`not the model's origin: ${to.origin}`));
        return env.fetch(input, { ...init, redirect: 'error' });
      },
    });
    const price = priceOf(config);
    return {
      name: `anthropic:${config.name}`,
      ...(price ? { price } : {}),
      async count(request, signal) {
        const { max_tokens: _m, cache_control: _c, ...body } = bodyOf(config, request);
        return client.messages.countTokens(body, { signal }).then(
          (r) => r.input_tokens,
          () => undefined,
        );
      },
      async turn(request, onText, signal) {
        const begun = env.now();
        const ms = (): number => env.now() - begun;
        let seen: Sdk.Message | undefined;
        try {
          const stream = client.messages.stream(bodyOf(config, request), { signal });
          stream.on('streamEvent', (_event, snapshot) => {
            seen = snapshot;
            onText('');
          });
          stream.on('text', onText);
          const message = await stream.finalMessage();
          return replyOf(message, stream.request_id, ms());
        } catch (e) {
          return failureOf(Anthropic, e, { config, seen, ms: ms(), aborted: signal.aborted });
        }
      },
    };
  },
};

const nothing = (): void => {};
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** The request as the API wants it: no forced tool, no sampling parameters, caching of everything that stays. */
function bodyOf(config: ModelConfig, r: ModelRequest): Sdk.MessageCreateParamsNonStreaming {
  const thinks = config.thinking ?? !FIXED_THINKING.test(config.name);
  const effort = config.effort ? { effort: config.effort } : {};
  return {
    model: config.name,
    max_tokens: r.maxTokens,
    system: [{ type: 'text', text: r.system, cache_control: { type: 'ephemeral' } }],
    messages: r.messages.map(messageOf),
    ...(r.tools.length > 0
      ? {
          tools: r.tools.map((t) => ({
            name: t.name,
            description: t.description,
            input_schema: { ...t.schema, type: 'object' as const },
          })),
          tool_choice: { type: r.mayCall ? 'auto' : 'none' },
        }
      : {}),
    ...(thinks ? { thinking: { type: 'adaptive', display: 'summarized' } } : {}),
    output_config: { ...effort, format: { type: 'json_schema', schema: r.answer.schema } },
    cache_control: { type: 'ephemeral' },
  };
}

const messageOf = (m: Message): Sdk.MessageParam => ({ role: m.role, content: m.parts.map(blockOf) });

function blockOf(p: Part): Sdk.ContentBlockParam {
  if (p.type === 'text') return { type: 'text', text: p.text };
  if (p.type === 'call') return { type: 'tool_use', id: p.id, name: p.name, input: p.input };
  if (p.type === 'result')
    return { type: 'tool_result', tool_use_id: p.id, content: p.text, ...(p.failed ? { is_error: true } : {}) };
  return p.block as Sdk.ContentBlockParam;
}

const STOPS: Record<Sdk.StopReason, ReplyStop> = {
  end_turn: 'answered',
  stop_sequence: 'answered',
  tool_use: 'calls',
  max_tokens: 'max-tokens',
  pause_turn: 'paused',
  refusal: 'refused',
  model_context_window_exceeded: 'context-full',
};

function replyOf(m: Sdk.Message, requestId: string | null | undefined, ms: number): Reply {
  const parts = m.content.flatMap(partOf);
  const stop = m.stop_reason === null ? 'cut-off' : STOPS[m.stop_reason];
  const thought = m.content.flatMap((b) => (b.type === 'thinking' && b.thinking ? [b.thinking] : [])).join('\n');
  const bare = !parts.some((p) => p.type !== 'opaque');
  const empty = stop === 'answered' && (bare || !parts.some((p) => p.type === 'text' && p.text.trim() !== ''));
  const why = m.stop_details && 'explanation' in m.stop_details ? m.stop_details.explanation : undefined;
  return {
    stop: empty || (stop === 'calls' && !parts.some((p) => p.type === 'call')) ? 'empty' : stop,
    parts,
    usage: usageOf(m.usage),
    model: m.model,
    ms,
    ...(requestId ? { requestId } : {}),
    ...(thought ? { thinking: thought } : {}),
    ...(why ? { problem: why } : {}),
  };
}

function partOf(b: Sdk.ContentBlock): Part[] {
  // The API refuses empty text in a message that comes back.
  if (b.type === 'text') return b.text === '' ? [] : [{ type: 'text', text: b.text }];
  if (b.type === 'tool_use') return [{ type: 'call', id: b.id, name: b.name, input: b.input }];
  return [{ type: 'opaque', block: b }];
}

function usageOf(u: Sdk.Usage | undefined): Usage {
  const thinking = u?.output_tokens_details?.thinking_tokens;
  return {
    input: u?.input_tokens ?? 0,
    output: u?.output_tokens ?? 0,
    cacheRead: u?.cache_read_input_tokens ?? 0,
    cacheWrite: u?.cache_creation_input_tokens ?? 0,
    ...(thinking ? { thinking } : {}),
  };
}

/** Any throw of the SDK as a reply: typed by class and status, never by its message. */
function failureOf(
  A: typeof Sdk,
  e: unknown,
  o: { config: ModelConfig; seen: Sdk.Message | undefined; ms: number; aborted: boolean },
): Reply {
  const { config, seen, ms } = o;
  // What was billed before it broke off is known as far as it was told.
  const more = { ...(seen ? { usage: usageOf(seen.usage) } : {}) };
  const because = (stop: ReplyStop, problem: string, requestId?: string | null): Reply =>
    failed(stop, config.name, ms, problem, { ...more, ...(requestId ? { requestId } : {}) });
  if (o.aborted || e instanceof A.APIUserAbortError) return because('aborted', 'the call was stopped');
  if (e instanceof A.APIConnectionTimeoutError) return because('timeout', `no answer within ${TIMEOUT_MS / 1000} s`);
  if (e instanceof A.APIError && typeof e.status === 'number') {
    return because(stopOf(e.status), e.apiMessage ?? `HTTP ${e.status}`, e.requestID);
  }
  if (e instanceof A.APIError && e.type === 'overloaded_error')
    return because('overloaded', 'overloaded while it answered');
  if (e instanceof A.APIError && e.type === 'rate_limit_error')
    return because('rate-limited', 'limited while it answered');
  // A broken connection is a TypeError of fetch; whatever else the SDK wraps is an answer that it could not read.
  const unread = e instanceof A.AnthropicError && e.cause instanceof Error && !(e.cause instanceof TypeError);
  if (e instanceof SyntaxError || (unread && !(e instanceof A.APIError)))
    return because('malformed', 'the answer was no JSON');
  if (seen) return because('cut-off', 'the answer broke off');
  if (e instanceof A.APIConnectionError) return because('failed', 'the model could not be reached');
  if (e instanceof A.AnthropicError) return because('malformed', 'the answer could not be read');
  return because('failed', e instanceof Error ? e.name : 'no answer');
}
