/** The OpenAI-compatible adapter against a real HTTP server of the chat protocol that checks what it is sent. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Model, Reply } from '../src/core/model.ts';
import { model as openai } from '../src/models/openai.ts';
import { bench } from './_bench.ts';
import { answersIn, briefIn, conclusionOf, isRefutation, NOT_REFUTED, SOLVED } from './_policies.ts';

type Json = Record<string, unknown>;
interface Message {
  role: string;
  content: string | null;
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
}
interface Sent {
  messages: Message[];
  tools?: Json[];
  tool_choice?: string;
  response_format: { json_schema: { name: string } };
  max_tokens: number;
}
type Play = { delta?: Json; finish?: string | null; status?: number; raw?: string; cut?: boolean };

let close: (() => void) | undefined;
afterEach(() => close?.());

async function serve(
  play: (r: Sent, n: number) => Play,
): Promise<{ model: Model; refused: string[]; paths: (string | undefined)[] }> {
  const refused: string[] = [];
  const paths: (string | undefined)[] = [];
  let n = 0;
  const server = createServer((req, res) => {
    let text = '';
    req.on('data', (part) => (text += String(part)));
    req.on('end', () => {
      paths.push(req.url);
      const sent = JSON.parse(text) as Sent;
      const wrong = problemOf(sent);
      if (wrong) {
        refused.push(wrong);
        return void res.writeHead(400).end(JSON.stringify({ error: { message: wrong } }));
      }
      answer(res, sent, play(sent, ++n));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`;
  const model = await openai.open({ provider: 'openai', name: 'llama', url }, { fetch, now: () => Date.now() });
  return { model, refused, paths };
}

/** What such servers refuse: calls without their answers, answers to no call, a forced tool. */
function problemOf(r: Sent): string | undefined {
  if (!Number.isInteger(r.max_tokens)) return 'max_tokens';
  if (r.tool_choice && !['auto', 'none'].includes(r.tool_choice)) return 'tool_choice is forced';
  if (r.messages[0]?.role !== 'system') return 'no system message first';
  const open = new Set<string>();
  for (const m of r.messages) {
    if (m.role === 'tool') {
      if (!open.delete(m.tool_call_id ?? '')) return `an answer to no call: ${m.tool_call_id}`;
    } else if (open.size > 0) return `calls without answers: ${[...open].join(' ')}`;
    for (const c of m.tool_calls ?? []) open.add(c.id);
  }
  return undefined;
}

function answer(res: ServerResponse, r: Sent, p: Play): void {
  if (p.status) return void res.writeHead(p.status).end('{"error":{"message":"no"}}');
  res.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req-1' });
  if (p.raw !== undefined) return void res.end(p.raw);
  const send = (choice: Json, more: Json = {}): void =>
    void res.write(`data: ${JSON.stringify({ model: 'llama-real', choices: [choice], ...more })}\n\n`);
  send({ index: 0, delta: p.delta ?? {} });
  if (p.cut) return void res.write('', () => res.socket?.destroy());
  send({ index: 0, delta: {}, finish_reason: p.finish ?? 'stop' });
  const prompt = Math.ceil(JSON.stringify(r).length / 4);
  res.write(
    `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: prompt, completion_tokens: 20, prompt_tokens_details: { cached_tokens: 5 } } })}\n\n`,
  );
  res.end('data: [DONE]\n\n');
}

describe('a server of the chat protocol', () => {
  test('settles an incident', async () => {
    const s = SOLVED['yarrow-gull']!;
    const { model, refused, paths } = await serve((r) => {
      if (r.response_format.json_schema.name === 'refutation')
        return { delta: { content: JSON.stringify(NOT_REFUTED) } };
      const told = r.messages.findLast((m) => m.role === 'tool');
      if (!told)
        return {
          delta: {
            tool_calls: [
              { index: 0, id: 'call_1', function: { name: s.ask.name, arguments: JSON.stringify(s.ask.input) } },
            ],
          },
          finish: 'tool_calls',
        };
      const parts = (text: string | null) => [{ type: 'text' as const, text: text ?? '' }];
      const request = {
        messages: [{ role: 'user', parts: parts(r.messages[1]!.content) }],
        answer: { name: 'conclusion' },
      } as never;
      const [answered] = answersIn({
        messages: [{ role: 'user', parts: [{ type: 'result', id: '', text: told.content ?? '' }] }],
      } as never);
      expect(isRefutation(request)).toBe(false);
      return { delta: { content: JSON.stringify(conclusionOf(s, briefIn(request), answered!.evidence)) } };
    });
    const { looked } = await (await bench('yarrow-gull')).look(model);
    expect(refused).toEqual([]);
    expect(new Set(paths)).toEqual(new Set(['/v1/chat/completions']));
    expect(looked.verdict).toMatchObject({
      outcome: 'cause',
      entity: { name: 'payments' },
      agent: { stop: 'concluded', model: 'openai:llama' },
    });
    // Nobody knows its price: tokens are bounded, dollars are not told.
    expect(looked.verdict.agent).not.toHaveProperty('dollars');
  });

  const words = { content: 'some words' };
  test.each<[string, Play, Partial<Reply>]>([
    ['an answer', { delta: words }, { stop: 'answered', model: 'llama-real', requestId: 'req-1' }],
    [
      'calls',
      { delta: { tool_calls: [{ id: 'c', function: { name: 'look', arguments: '{}' } }] }, finish: 'tool_calls' },
      { stop: 'calls' },
    ],
    [
      'calls that say stop',
      { delta: { tool_calls: [{ id: 'c', function: { name: 'look', arguments: '{}' } }] } },
      { stop: 'calls' },
    ],
    ['its limit', { delta: words, finish: 'length' }, { stop: 'max-tokens' }],
    [
      'its limit in the middle of a call',
      { delta: { tool_calls: [{ id: 'c', function: { name: 'look', arguments: '{"a": "b' } }] }, finish: 'length' },
      { stop: 'max-tokens', parts: [], usage: expect.objectContaining({ output: 20, cacheRead: 5 }) as never },
    ],
    [
      'its limit in the middle of a line',
      {
        raw: `data: ${JSON.stringify({ choices: [{ delta: words, finish_reason: 'length' }] })}\n\ndata: {"usage": {"pro\n\n`,
      },
      { stop: 'max-tokens' },
    ],
    ['a filter', { delta: words, finish: 'content_filter' }, { stop: 'refused' }],
    ['nothing', { delta: {} }, { stop: 'empty' }],
    [
      'calls without JSON',
      {
        delta: { tool_calls: [{ id: 'c', function: { name: 'look', arguments: '{"a": oops' } }] },
        finish: 'tool_calls',
      },
      { stop: 'malformed' },
    ],
    ['no JSON', { raw: 'data: {"choices": oops\n\n' }, { stop: 'malformed' }],
    ['half a stream', { delta: words, cut: true }, { stop: 'cut-off' }],
    [
      'a stream without end',
      { raw: `data: ${JSON.stringify({ choices: [{ delta: words }] })}\n\n` },
      { stop: 'cut-off' },
    ],
    ['401', { status: 401 }, { stop: 'denied' }],
    ['404', { status: 404 }, { stop: 'rejected' }],
    ['429', { status: 429 }, { stop: 'rate-limited' }],
    ['500', { status: 500 }, { stop: 'failed' }],
    ['503', { status: 503 }, { stop: 'overloaded' }],
  ])('ends with %s, typed', async (_name, play, expected) => {
    const { model } = await serve(() => play);
    const request = {
      system: 's',
      messages: [{ role: 'user' as const, parts: [{ type: 'text' as const, text: 'go' }] }],
      tools: [],
      mayCall: false,
      answer: { name: 'a', schema: {} },
      maxTokens: 300,
    };
    const told: string[] = [];
    const reply = await model.turn(request, (t) => told.push(t), new AbortController().signal);
    expect(reply).toMatchObject(expected);
    const stopped = await model.turn(request, () => {}, AbortSignal.abort());
    expect(stopped.stop).toBe('aborted');
  });
});
