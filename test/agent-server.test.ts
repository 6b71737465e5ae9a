/** Against a real HTTP peer that refuses what the Messages API refuses: whole investigations, and every way to fail survived and typed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Further } from '../src/app/agent.ts';
import { runBundle } from '../src/app/run-bundle.ts';
import { DEFAULT_AGENT_LIMITS } from '../src/core/agent.ts';
import type { ModelConfig, ModelRequest, Reply } from '../src/core/model.ts';
import type { Verdict } from '../src/core/verdict.ts';
import { model as anthropic } from '../src/models/anthropic.ts';
import { type ModelServer, modelServer, type ServerPlay } from './_model-server.ts';
import { type Sent, SOLVED, serverSolver } from './_policies.ts';
import { ROOT } from './_program.ts';

type Json = Record<string, unknown>;

const src = join(ROOT, 'src');
const dirOf = (name: string): string => join(ROOT, 'fixtures/incidents', name);
const KEY = 'sk-ant-test-0123456789abcdefghij';
const open: ModelServer[] = [];
afterEach(async () => {
  for (const s of open.splice(0)) await s.close();
});

async function serve(
  play: (request: Json, n: number) => ServerPlay,
): Promise<{ server: ModelServer; config: ModelConfig }> {
  const server = await modelServer(play);
  open.push(server);
  return { server, config: { provider: 'anthropic', name: 'claude-opus-5-5', apiKey: KEY, url: server.url } };
}

const further = (config: ModelConfig): Further => ({
  name: `anthropic:${config.name}`,
  limits: DEFAULT_AGENT_LIMITS,
  open: async () => ({ model: await anthropic.open(config, { fetch, now: () => Date.now() }) }),
});

const investigate = async (name: string, config: ModelConfig): Promise<Verdict> =>
  (await runBundle(dirOf(name), { root: src, now: () => Date.now(), further: further(config) })).verdict;

describe('a strict peer that streams', () => {
  test.each(Object.keys(SOLVED))('settles %s', async (name) => {
    const { server, config } = await serve(serverSolver(name));
    const verdict = await investigate(name, config);
    expect(server.refused).toEqual([]);
    expect(verdict).toMatchObject({ outcome: 'cause', confirmed: true, entity: { name: SOLVED[name]!.entity } });
    expect(verdict.change).toBe(SOLVED[name]!.change ?? undefined);
    expect(verdict.agent).toMatchObject({ stop: 'concluded', model: 'anthropic:claude-opus-5-5' });
    // Thinking goes back as it came, the transcript only grows, and nothing of the system prompt is from outside.
    const [first, second] = server.requests as unknown as (Sent & { system: Json[] })[];
    expect(second!.messages.slice(0, 1)).toEqual(first!.messages);
    expect(second!.messages[1]!.content[0]).toMatchObject({ type: 'thinking', signature: 'c2lnbmF0dXJl' });
    expect(JSON.stringify(first!.system)).not.toContain('gateway');
    expect(server.headers[0]!.authorization ?? server.headers[0]!['x-api-key']).toContain(KEY);
  });
});

/** One turn against one play. */
async function turn(play: ServerPlay | ((request: Json, n: number) => ServerPlay)): Promise<Reply> {
  const { config } = await serve(typeof play === 'function' ? play : () => play);
  const model = await anthropic.open(config, { fetch, now: () => Date.now() });
  const request: ModelRequest = {
    system: 'You are a test.',
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'go' }] }],
    tools: [
      { name: 'look', description: 'looks', schema: { type: 'object', properties: {}, additionalProperties: false } },
    ],
    mayCall: true,
    answer: { name: 'a', schema: { type: 'object', properties: {}, required: [], additionalProperties: false } },
    maxTokens: 500,
  };
  return model.turn(request, () => {}, new AbortController().signal);
}

const words = { type: 'text', text: 'some words of an answer' };
const soon = { 'retry-after-ms': '1' };

describe('every end of a turn is typed', () => {
  test.each<[string, ServerPlay, Partial<Reply>]>([
    ['an answer', { content: [words] }, { stop: 'answered' }],
    ['calls', { content: [{ type: 'tool_use', id: 't', name: 'look', input: {} }] }, { stop: 'calls' }],
    ['max_tokens', { content: [words], stop: 'max_tokens' }, { stop: 'max-tokens' }],
    ['pause_turn', { content: [words], stop: 'pause_turn' }, { stop: 'paused' }],
    ['a stop sequence', { content: [words], stop: 'stop_sequence' }, { stop: 'answered' }],
    ['a full context', { content: [words], stop: 'model_context_window_exceeded' }, { stop: 'context-full' }],
    ['empty content', { content: [] }, { stop: 'empty' }],
    ['a text of blanks', { content: [{ type: 'text', text: '  ' }] }, { stop: 'empty' }],
    [
      'a refusal',
      { content: [], stop: 'refusal', stopDetails: { type: 'refusal', category: 'cyber', explanation: 'not this' } },
      { stop: 'refused', problem: 'not this' },
    ],
    ['401', { status: 401 }, { stop: 'denied', requestId: 'req_refused' }],
    ['402', { status: 402 }, { stop: 'denied' }],
    ['403', { status: 403 }, { stop: 'denied' }],
    ['404', { status: 404 }, { stop: 'rejected' }],
    ['413', { status: 413 }, { stop: 'rejected' }],
    ['429 for good', { status: 429, headers: soon }, { stop: 'rate-limited' }],
    ['500 for good', { status: 500, headers: soon }, { stop: 'failed' }],
    ['529 for good', { status: 529, headers: soon }, { stop: 'overloaded' }],
    ['an error in the stream', { content: [words], errorEvent: 'overloaded_error' }, { stop: 'overloaded' }],
    ['a stream that is cut', { content: [words], cutAfter: 4 }, { stop: 'cut-off' }],
    [
      'a stream that ends before its end',
      {
        raw: 'event: message_start\ndata: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"x","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":1}}}\n\n',
      },
      { stop: 'cut-off' },
    ],
    ['no JSON', { raw: 'event: message_start\ndata: {"type":"mess\n\n' }, { stop: 'malformed' }],
    ['an empty body', { raw: '' }, { stop: 'malformed' }],
    [
      'calls without JSON input',
      { content: [{ type: 'tool_use', id: 't', name: 'look', rawInput: '{"a": oops' }] },
      { stop: 'malformed' },
    ],
  ])('%s', async (_name, play, expected) => {
    const reply = await turn(play);
    expect(reply).toMatchObject(expected);
    expect(JSON.stringify(reply)).not.toContain(KEY);
  });

  test('429 and 529 that pass are waited for and then answered', async () => {
    const reply = await turn((_r, n) =>
      n === 1 ? { status: 429, headers: soon } : n === 2 ? { status: 529, headers: soon } : { content: [words] },
    );
    expect(reply).toMatchObject({ stop: 'answered' });
    expect(reply.usage.input).toBeGreaterThan(0);
  });

  test('a server that is not there', async () => {
    const { server, config } = await serve(() => ({}));
    await server.close();
    const model = await anthropic.open(config, { fetch, now: () => Date.now() });
    const request = {
      system: 's',
      messages: [],
      tools: [],
      mayCall: false,
      answer: { name: 'a', schema: {} },
      maxTokens: 300,
    };
    expect(await model.turn(request, () => {}, new AbortController().signal)).toMatchObject({ stop: 'failed' });
  });

  test('what was billed before a stream broke off is counted', async () => {
    const reply = await turn({ content: [words], cutAfter: 4, usage: { input_tokens: 1234 } });
    expect(reply.usage.input).toBe(1234);
  });
});

const data = process.env.INQUEST_DATA;
if (!data) process.stdout.write('SKIP recorded streams of the Messages API: INQUEST_DATA is not set\n');
describe.skipIf(!data)('recorded streams of the real API', () => {
  test.each<[string, Partial<Reply>]>([
    ['basic_response.txt', { stop: 'answered' }],
    ['tool_use_response.txt', { stop: 'calls' }],
    ['stream-a-refusal.sse', { stop: 'refused' }],
    ['stream-b-fallback.sse', { stop: 'answered' }],
    ['incomplete_partial_json_response.txt', { stop: 'max-tokens' }],
  ])('%s', async (file, expected) => {
    const reply = await turn({ raw: readFileSync(join(data!, 'captures', file), 'utf8') });
    expect(reply).toMatchObject(expected);
    expect(reply.usage.input + reply.usage.output).toBeGreaterThan(0);
    if (expected.stop === 'calls')
      expect(reply.parts.some((p) => p.type === 'call' && p.name === 'get_weather')).toBe(true);
  });
});

describe('an investigation survives', () => {
  const NAME = 'yarrow-gull';
  const after = (first: ServerPlay): ((r: Json, n: number) => ServerPlay) => {
    const rest = serverSolver(NAME);
    return (r, n) => (n === 1 ? first : rest(r));
  };

  test.each<[string, ServerPlay]>([
    ['a cut stream', { content: [words], cutAfter: 4 }],
    ['malformed JSON', { raw: 'data: {"type":"mess\n\n' }],
    ['max_tokens', { content: [words], stop: 'max_tokens' }],
    ['empty content', { content: [] }],
    [
      'a paused turn',
      { content: [words, { type: 'server_tool_use', id: 'srvtoolu_1', name: 'x', input: {} }], stop: 'pause_turn' },
    ],
    ['an answer that is no JSON', { content: [words] }],
    ['an unknown tool', { content: [{ type: 'tool_use', id: 'toolu_9', name: 'delete_everything', input: {} }] }],
  ])('%s, and still settles the case', async (_name, first) => {
    const { server, config } = await serve(after(first));
    const verdict = await investigate(NAME, config);
    expect(server.refused).toEqual([]);
    expect(verdict).toMatchObject({ outcome: 'cause', entity: { name: 'payments' }, agent: { stop: 'concluded' } });
  });

  test.each<[string, ServerPlay, string]>([
    ['a refusal', { content: [], stop: 'refusal' }, 'refused'],
    ['no key that is accepted', { status: 401 }, 'model-unavailable'],
    ['a limit for good', { status: 429, headers: soon }, 'model-unavailable'],
    ['overload for good', { status: 529, headers: soon }, 'model-unavailable'],
    ['streams that are always cut', { content: [words], cutAfter: 4 }, 'model-unavailable'],
    ['replies that are always cut short', { content: [words], stop: 'max_tokens' }, 'no-progress'],
    ['a full context', { content: [words], stop: 'model_context_window_exceeded' }, 'tokens'],
  ])('%s: the workflow’s findings stand, and the report says why', async (_name, play, stop) => {
    const { config } = await serve(() => play);
    const verdict = await investigate(NAME, config);
    const alone = (await runBundle(dirOf(NAME), { root: src, now: () => Date.now() })).verdict;
    const { agent, ...rest } = verdict;
    expect(rest).toEqual(alone);
    expect(agent).toMatchObject({ stop });
    expect(agent!.why).not.toBe('');
  });
});
