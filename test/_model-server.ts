/**
 * A strict peer: a real HTTP server that refuses what the Messages API refuses and streams what it streams. It shares no
 * code with the adapter. What it answers is a script: one play for each request.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Json = Record<string, unknown>;

/** What the server does with a request: blocks to stream, or a way to fail. */
export interface ServerPlay {
  content?: Json[];
  stop?: string;
  usage?: Json;
  stopDetails?: Json;
  /** Instead of an answer: an HTTP status with the API's error body, and headers. */
  status?: number;
  headers?: Record<string, string>;
  /** Instead of an answer: this body as it is, with 200. */
  raw?: string;
  /** An `error` event in the middle of the stream. */
  errorEvent?: string;
  /** Take the request and never answer. */
  hang?: boolean;
  /** Close the connection after so many events. */
  cutAfter?: number;
}

export interface ModelServer {
  url: string;
  /** Bodies of the requests that were taken, in order. */
  requests: Json[];
  /** Why requests were refused. */
  refused: string[];
  headers: IncomingMessage['headers'][];
  counted: number;
  close(): Promise<void>;
}

/** Starts the server; `play` answers request number n (from 1). */
export async function modelServer(play: (request: Json, n: number) => ServerPlay): Promise<ModelServer> {
  const seen: Omit<ModelServer, 'url' | 'close' | 'counted'> = { requests: [], refused: [], headers: [] };
  let counted = 0;
  const server = createServer((req, res) => void handle(req, res));
  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    let text = '';
    for await (const part of req) text += String(part);
    const body = JSON.parse(text) as Json;
    seen.headers.push(req.headers);
    const counting = req.url === '/v1/messages/count_tokens';
    const wrong = counting || req.url === '/v1/messages' ? problemOf(body, counting) : `no such path ${req.url}`;
    if (wrong) {
      seen.refused.push(wrong);
      return error(res, 400, 'invalid_request_error', wrong);
    }
    if (counting) {
      counted++;
      return void res
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ input_tokens: tokensOf(body) }));
    }
    seen.requests.push(body);
    const p = play(body, seen.requests.length);
    if (p.hang) return;
    if (p.status) return error(res, p.status, TYPES[p.status] ?? 'api_error', `scripted ${p.status}`, p.headers);
    if (p.raw !== undefined) return void res.writeHead(200, { 'content-type': 'text/event-stream' }).end(p.raw);
    await stream(res, body, p);
  }
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    ...seen,
    url: `http://127.0.0.1:${port}`,
    get counted() {
      return counted;
    },
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

const TYPES: Record<number, string> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  529: 'overloaded_error',
};

function error(
  res: ServerResponse,
  status: number,
  type: string,
  message: string,
  headers: Record<string, string> = {},
): void {
  res.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_refused', ...headers });
  res.end(JSON.stringify({ type: 'error', error: { type, message }, request_id: 'req_refused' }));
}

/** Tokens as this server counts: a quarter of the bytes, and something for the roles. */
const tokensOf = (body: Json): number => {
  const { system, tools, messages, output_config } = body;
  return 12 + Math.ceil(Buffer.byteLength(JSON.stringify([system, tools, messages, output_config])) / 4);
};

const FIELDS = new Set(
  'model max_tokens messages system tools tool_choice thinking output_config cache_control stream metadata stop_sequences service_tier'.split(
    ' ',
  ),
);
const COUNTED = new Set('model messages system tools tool_choice thinking output_config'.split(' '));

/** What the API would refuse, in words; undefined where it takes the request. */
function problemOf(b: Json, counting: boolean): string | undefined {
  const strange = Object.keys(b).find((k) => !(counting ? COUNTED : FIELDS).has(k));
  if (strange) return `${strange}: Extra inputs are not permitted`;
  if (typeof b.model !== 'string') return 'model: Field required';
  if (!counting && !(Number.isInteger(b.max_tokens) && (b.max_tokens as number) > 0))
    return 'max_tokens: Field required';
  const tools = (b.tools ?? []) as Json[];
  for (const [i, t] of tools.entries()) {
    const extra = Object.keys(t).find(
      (k) => !['name', 'description', 'input_schema', 'cache_control', 'strict'].includes(k),
    );
    if (extra) return `tools.${i}.${extra}: Extra inputs are not permitted`;
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(String(t.name))) return `tools.${i}.name: String should match pattern`;
    if ((t.input_schema as Json | undefined)?.type !== 'object')
      return `tools.${i}.input_schema.type: Input should be 'object'`;
  }
  if (new Set(tools.map((t) => t.name)).size < tools.length) return 'tools: Tool names must be unique.';
  const choice = (b.tool_choice as Json | undefined)?.type;
  if (choice !== undefined && tools.length === 0) return 'tool_choice may only be specified while providing tools';
  if (choice === 'any' || choice === 'tool') return 'tool_choice: forced tool use is not supported on this model';
  const thinking = b.thinking as Json | undefined;
  if (thinking && thinking.type !== 'adaptive')
    return `thinking.type: ${String(thinking.type)} is not supported on this model`;
  return shapeProblem((b.output_config as Json | undefined)?.format as Json | undefined) ?? messagesProblem(b, tools);
}

/** Structured output: every object closed, no bounds on numbers and lists. */
function shapeProblem(format: Json | undefined): string | undefined {
  if (!format) return undefined;
  if (format.type !== 'json_schema') return 'output_config.format.type: must be json_schema';
  const visit = (x: unknown, at: string): string | undefined => {
    if (x === null || typeof x !== 'object') return undefined;
    const o = x as Json;
    if (o.type === 'object' && o.additionalProperties !== false)
      return `${at}: For 'object' type, 'additionalProperties' must be explicitly set to false`;
    for (const k of ['minimum', 'maximum', 'maxItems', 'minItems', 'maxLength', 'minLength'])
      if (k in o && typeof o[k] === 'number') return `${at}: property '${k}' is not supported`;
    for (const [k, v] of Object.entries(o)) {
      const wrong = visit(v, `${at}.${k}`);
      if (wrong) return wrong;
    }
    return undefined;
  };
  return visit(format.schema, 'output_config.format.schema');
}

function messagesProblem(b: Json, tools: Json[]): string | undefined {
  const messages = b.messages as { role: string; content: Json[] }[];
  if (!Array.isArray(messages) || messages.length === 0) return 'messages: at least one message is required';
  if (messages[0]!.role !== 'user') return 'messages: first message must use the "user" role';
  for (const [i, m] of messages.entries()) {
    const next = messages[i + 1];
    if (next && next.role === m.role) return `messages.${i + 1}: roles must alternate between "user" and "assistant"`;
    if (!Array.isArray(m.content) || m.content.length === 0) return `messages.${i}.content: must not be empty`;
    for (const block of m.content) {
      if (block.type === 'text' && String(block.text).trim() === '')
        return `messages.${i}: text content blocks must be non-empty`;
      if (block.type === 'thinking' && typeof block.signature !== 'string')
        return `messages.${i}: thinking.signature: Field required`;
    }
    const uses = m.content.filter((x) => x.type === 'tool_use');
    if (uses.length > 0 && tools.length === 0) return 'tools: Field required where messages hold tool_use';
    if (uses.length > 0 && next) {
      const results = next.content.filter((x) => x.type === 'tool_result').map((x) => x.tool_use_id);
      const missing = uses.find((u) => !results.includes(u.id));
      if (missing)
        return `messages.${i}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${String(missing.id)}`;
      const lead = next.content.findIndex((x) => x.type !== 'tool_result');
      if (lead >= 0 && next.content.slice(lead).some((x) => x.type === 'tool_result'))
        return `messages.${i + 1}: tool_result blocks must come first`;
    }
    const before = messages[i - 1];
    for (const r of m.content.filter((x) => x.type === 'tool_result'))
      if (!before?.content.some((x) => x.type === 'tool_use' && x.id === r.tool_use_id))
        return `messages.${i}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${String(r.tool_use_id)}`;
  }
  const last = messages.at(-1)!;
  // Prefill is gone; only a paused turn may come back as it was, and that one ends in a server's own block.
  const paused = last.content.at(-1)?.type === 'server_tool_use';
  return last.role === 'assistant' && !paused
    ? 'messages: the final message must not be from the assistant (prefill)'
    : undefined;
}

/** Streams a message as the API does: start, blocks in pieces, delta with the reason to stop, stop. */
async function stream(res: ServerResponse, body: Json, p: ServerPlay): Promise<void> {
  const content = p.content ?? [];
  const input = tokensOf(body);
  const usage = {
    input_tokens: input,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: 1,
    ...p.usage,
  };
  const output = Math.min(Number(body.max_tokens), 1 + Math.ceil(JSON.stringify(content).length / 4));
  const id = `msg_${Math.floor(input)}`;
  const message = {
    id,
    type: 'message',
    role: 'assistant',
    model: body.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
  };
  const events: Json[] = [{ type: 'message_start', message }];
  for (const [index, block] of content.entries()) {
    const { start, deltas } = pieces(block);
    events.push({ type: 'content_block_start', index, content_block: start }, { type: 'ping' });
    for (const delta of deltas) events.push({ type: 'content_block_delta', index, delta });
    events.push({ type: 'content_block_stop', index });
  }
  if (p.errorEvent) events.push({ type: 'error', error: { type: p.errorEvent, message: 'scripted' } });
  const stop = p.stop ?? (content.some((b) => b.type === 'tool_use') ? 'tool_use' : 'end_turn');
  const ended = { stop_reason: stop, stop_sequence: null, ...(p.stopDetails ? { stop_details: p.stopDetails } : {}) };
  if (!p.errorEvent)
    events.push(
      { type: 'message_delta', delta: ended, usage: { output_tokens: output, ...p.usage } },
      { type: 'message_stop' },
    );
  res.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': `req_${id}` });
  for (const [i, e] of events.entries()) {
    if (p.cutAfter !== undefined && i >= p.cutAfter) {
      await new Promise((done) => res.write('', done));
      return void res.socket?.destroy();
    }
    res.write(`event: ${String(e.type)}\ndata: ${JSON.stringify(e)}\n\n`);
  }
  res.end();
}

function pieces(block: Json): { start: Json; deltas: Json[] } {
  const halves = (s: string): string[] => [s.slice(0, s.length >> 1), s.slice(s.length >> 1)];
  if (block.type === 'text')
    return {
      start: { type: 'text', text: '' },
      deltas: halves(String(block.text)).map((text) => ({ type: 'text_delta', text })),
    };
  if (block.type === 'tool_use') {
    const json = typeof block.rawInput === 'string' ? block.rawInput : JSON.stringify(block.input);
    const { rawInput: _, ...rest } = block;
    return {
      start: { ...rest, input: {} },
      deltas: halves(json).map((partial_json) => ({ type: 'input_json_delta', partial_json })),
    };
  }
  if (block.type === 'thinking') {
    const thought = halves(String(block.thinking)).map((thinking) => ({ type: 'thinking_delta', thinking }));
    return {
      start: { type: 'thinking', thinking: '', signature: '' },
      deltas: [...thought, { type: 'signature_delta', signature: String(block.signature) }],
    };
  }
  return { start: block, deltas: [] };
}
