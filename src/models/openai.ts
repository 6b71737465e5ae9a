/** Any server of the OpenAI chat protocol (llama.cpp, vLLM, Ollama, gateways): by fetch, streamed. */
import { UserError } from '../core/errors.ts';
import type { Message, ModelConfig, ModelPlugin, ModelRequest, Part, Reply, ReplyStop, Usage } from '../core/model.ts';
import { keyOf, NO_USAGE } from '../core/model.ts';
import { priceOf } from './_prices.ts';
import { failed, stopOf } from './_reply.ts';
import { events } from './_sse.ts';

/** Characters of one reply; a server that never ends is cut. */
const REPLY_MAX = 4 * 1024 * 1024;

export const model: ModelPlugin = {
  title: 'OpenAI-compatible (chat completions)',
  async open(config, env) {
    const { url } = config;
    const apiKey = keyOf(config);
    if (!url || !URL.canParse(url)) {
      throw new UserError('an OpenAI-compatible model needs its address', {
        hints: ['Write "model": { "provider": "openai", "url": "http://127.0.0.1:11434/v1" } in the config.'],
      });
    }
    const target = `${url.replace(/\/+$/, '')}/chat/completions`;
    const price = priceOf(config);
    return {
      name: `openai:${config.name}`,
      ...(price ? { price } : {}),
      async turn(request, onText, signal) {
        const begun = env.now();
        const ms = (): number => env.now() - begun;
        const gathered = newGathered(config.name);
        try {
          const headers = {
            'content-type': 'application/json',
            ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
          };
          const body = JSON.stringify(bodyOf(config, request));
          const response = await env.fetch(target, { method: 'POST', headers, body, signal, redirect: 'error' });
          gathered.requestId = response.headers.get('x-request-id') ?? undefined;
          if (!response.ok || !response.body) {
            await response.body?.cancel();
            return failed(stopOf(response.status), config.name, ms(), `HTTP ${response.status}`);
          }
          for await (const data of events(response.body, REPLY_MAX)) {
            if (data === '[DONE]') break;
            gather(gathered, JSON.parse(data), onText);
          }
          return replyOf(gathered, ms());
        } catch (e) {
          if (signal.aborted)
            return failed('aborted', config.name, ms(), 'the call was stopped', { usage: gathered.usage });
          // What the limit cut off is seldom whole JSON.
          const unread: ReplyStop = gathered.finish === 'length' ? 'max-tokens' : 'malformed';
          const stop: ReplyStop = e instanceof SyntaxError ? unread : gathered.begun ? 'cut-off' : 'failed';
          return failed(stop, config.name, ms(), SAYS[stop] ?? stop, { usage: gathered.usage });
        }
      },
    };
  },
};

const SAYS: Partial<Record<ReplyStop, string>> = {
  malformed: 'the answer was no JSON',
  'max-tokens': 'the answer was cut off at its limit',
  'cut-off': 'the answer broke off',
  failed: 'the model could not be reached',
};

function bodyOf(config: ModelConfig, r: ModelRequest): Record<string, unknown> {
  const tools = r.tools.map((t) => ({
    type: 'function',
    function: { name: t.name, description: t.description, parameters: t.schema },
  }));
  return {
    model: config.name,
    max_tokens: r.maxTokens,
    stream: true,
    stream_options: { include_usage: true },
    messages: [{ role: 'system', content: r.system }, ...r.messages.flatMap(messagesOf)],
    ...(tools.length > 0 ? { tools, tool_choice: r.mayCall ? 'auto' : 'none' } : {}),
    response_format: { type: 'json_schema', json_schema: { name: r.answer.name, schema: r.answer.schema } },
  };
}

/** One of our messages is several of theirs: each result of a call stands alone. */
function messagesOf(m: Message): Record<string, unknown>[] {
  const words = m.parts.flatMap((p) => (p.type === 'text' ? [p.text] : [])).join('\n');
  if (m.role === 'assistant') {
    const calls = m.parts.flatMap((p) =>
      p.type === 'call'
        ? [{ id: p.id, type: 'function', function: { name: p.name, arguments: JSON.stringify(p.input) } }]
        : [],
    );
    return [{ role: 'assistant', content: words || null, ...(calls.length > 0 ? { tool_calls: calls } : {}) }];
  }
  const results = m.parts.flatMap((p) =>
    p.type === 'result' ? [{ role: 'tool', tool_call_id: p.id, content: p.text }] : [],
  );
  return words ? [...results, { role: 'user', content: words }] : results;
}

interface Gathered {
  begun: boolean;
  text: string;
  calls: { id: string; name: string; arguments: string }[];
  finish?: string;
  usage: Usage;
  model: string;
  requestId?: string | undefined;
}

const newGathered = (name: string): Gathered => ({ begun: false, text: '', calls: [], usage: NO_USAGE, model: name });

interface Chunk {
  model?: string;
  choices?: {
    delta?: {
      content?: string | null;
      tool_calls?: { index?: number; id?: string; function?: { name?: string; arguments?: string } }[];
    };
    finish_reason?: string | null;
  }[];
  usage?: {
    prompt_tokens?: number;
    completion_tokens?: number;
    prompt_tokens_details?: { cached_tokens?: number };
  } | null;
}

function gather(g: Gathered, chunk: Chunk, onText: (text: string) => void): void {
  g.begun = true;
  if (chunk.model) g.model = chunk.model;
  const cached = chunk.usage?.prompt_tokens_details?.cached_tokens ?? 0;
  if (chunk.usage) {
    const { prompt_tokens: input = 0, completion_tokens: output = 0 } = chunk.usage;
    g.usage = { input: Math.max(0, input - cached), output, cacheRead: cached, cacheWrite: 0 };
  }
  for (const { delta, finish_reason } of chunk.choices ?? []) {
    if (finish_reason) g.finish = finish_reason;
    if (delta?.content) g.text += delta.content;
    onText(delta?.content ?? '');
    for (const c of delta?.tool_calls ?? []) {
      const at = c.index ?? g.calls.length;
      if (at > 63) continue;
      g.calls[at] ??= { id: c.id ?? `call-${at}`, name: '', arguments: '' };
      g.calls[at].name += c.function?.name ?? '';
      g.calls[at].arguments += c.function?.arguments ?? '';
    }
  }
}

const FINISHES: Record<string, ReplyStop> = {
  stop: 'answered',
  tool_calls: 'calls',
  function_call: 'calls',
  length: 'max-tokens',
  content_filter: 'refused',
};

function replyOf(g: Gathered, ms: number): Reply {
  const { usage, requestId } = g;
  const more = { usage, ...(requestId ? { requestId } : {}) };
  if (g.finish === undefined) return failed('cut-off', g.model, ms, 'the answer broke off', more);
  const calls = g.calls
    .filter(Boolean)
    .map((c): Part => ({ type: 'call', id: c.id, name: c.name, input: JSON.parse(c.arguments || '{}') }));
  const parts: Part[] = [...(g.text.trim() ? [{ type: 'text' as const, text: g.text }] : []), ...calls];
  const said = FINISHES[g.finish] ?? 'failed';
  const stop = said === 'answered' && calls.length > 0 ? 'calls' : said;
  const bare = (stop === 'answered' && parts.length === 0) || (stop === 'calls' && calls.length === 0);
  return { stop: bare ? 'empty' : stop, parts, model: g.model, ms, ...more };
}
