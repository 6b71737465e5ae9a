/** Datadog's client off the main thread: nothing is lost on the way, no key goes there, and what breaks is said. */
import { execFile } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect, promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { bundleDatadog } from '../scripts/_datadog-worker.mjs';
import { parseOrigin } from '../src/safety/allow.ts';
import type { Refused } from '../src/sources/_refused.ts';
import { openWire } from '../src/sources/_wire.ts';
import { clientOver } from '../src/sources/datadog/_client.ts';
import { type DatadogConfig, openDatadog as openFromSources } from '../src/sources/datadog/_open.ts';
import type { DatadogClient, Operation, Operations } from '../src/sources/datadog/_shapes.ts';
import { tempFolder } from './_temp.ts';

type Answer = (request: IncomingMessage, body: string, response: ServerResponse) => unknown;

/** A server of one answer: what the function returns is sent as JSON, unless it wrote the response itself. */
let answer: Answer;
const seen: IncomingMessage[] = [];
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    seen.push(request);
    const json = answer(request, Buffer.concat(chunks).toString(), response);
    if (json !== undefined) response.setHeader('content-type', 'application/json').end(JSON.stringify(json));
  });
});
let url: string;
/** As it ships: bundled, with the bundled worker beside it. */
let dist: string;
let openDatadog: typeof openFromSources;
let client: DatadogClient;

const KEYS = { apiKey: 'api-canary-5b1d', appKey: 'app-canary-77e0' };
const open = (more: DatadogConfig = {}): DatadogClient =>
  openDatadog('datadog', { url, ...KEYS, ...more }, { cwd: '/' }, { retries: 0 });
/** Nothing stops these questions: a test that hangs is ended by its own limit. */
const within = () => ({ signal: new AbortController().signal });
const ask = <K extends Operation>(operation: K, input: Operations[K]['in'], asking: Answer, ctx = within()) => {
  answer = asking;
  return client.call(operation, input, ctx);
};
const WINDOW = { from: 1_767_261_600_000, to: 1_767_265_200_000 };
const LOGS = { ...WINDOW, query: 'service:checkout' };
const QUERY = { ...WINDOW, query: 'avg:x{*}' };
const series = (metric: string) => ({ status: 'ok', series: [{ metric, scope: '*', pointlist: [[1000, 1]] }] });

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  dist = tempFolder();
  await bundleDatadog(dist);
  ({ openDatadog } = (await import(pathToFileURL(join(dist, 'open.js')).href)) as {
    openDatadog: typeof openFromSources;
  });
  client = open();
});
afterAll(async () => {
  await client.close();
  server.closeAllConnections();
  server.close();
});
afterEach(() => vi.restoreAllMocks());

test('fifty questions at once, answered in another order, each get their own answer', async () => {
  const held: (() => void)[] = [];
  const asked = Array.from({ length: 50 }, (_, i) =>
    ask('v1.queryMetrics', { ...QUERY, query: `m${i}` }, (request, _body, response) => {
      const name = new URL(request.url!, url).searchParams.get('query')!;
      held.push(() => response.setHeader('content-type', 'application/json').end(JSON.stringify(series(name))));
      // As many as the wire sends at once are held back, and then answered from the last to the first.
      if (held.length === 2) for (const send of held.splice(0).reverse()) send();
      return undefined;
    }),
  );
  const names = (await Promise.all(asked)).map((a) => a.series[0]!.metric);
  expect(names).toEqual(names.map((_, i) => `m${i}`));
});

test('no key goes to the thread, into an answer or into an error', async () => {
  const post = vi.spyOn(Worker.prototype, 'postMessage');
  vi.stubEnv('DD_API_KEY', KEYS.apiKey);
  vi.stubEnv('DEBUG', '*');
  const other = open();
  answer = (request) => ({ errors: [`who is ${request.headers['dd-api-key']}?`] });
  const failed = await other.call('v2.listLogs', LOGS, within()).catch((e: unknown) => e);
  expect(failed).toMatchObject({ name: 'Refused' });
  answer = () => series('m');
  const right = await other.call('v1.queryMetrics', QUERY, within());
  await other.close();
  vi.unstubAllEnvs();
  expect(seen.at(-1)?.headers).toMatchObject({ 'dd-api-key': KEYS.apiKey, 'dd-application-key': KEYS.appKey });
  expect(post.mock.calls.length).toBeGreaterThanOrEqual(4);
  // An echoed key may stand in the answer that is handed to the thread; nothing else may hold one.
  const letters = post.mock.calls.filter(([letter]) => (letter as { kind: string }).kind !== 'answered');
  expect(inspect([letters, right, failed, other], { depth: 20, showHidden: true })).not.toMatch(/canary/);
});

test('from the sources it works as well: the thread makes its program itself', async () => {
  const other = openFromSources('datadog', { url, ...KEYS }, { cwd: '/' });
  answer = () => series('m');
  expect((await other.call('v1.queryMetrics', QUERY, within())).series[0]?.metric).toBe('m');
  await other.close();
});

test('a bearer token goes instead of the keys', async () => {
  const other = openDatadog('datadog', { url, bearer: 'token-canary' }, { cwd: '/' });
  answer = () => ({ valid: true });
  await other.call('v1.validate', {}, within());
  await other.close();
  expect(seen.at(-1)?.headers.authorization).toBe('Bearer token-canary');
  expect(seen.at(-1)?.headers).not.toHaveProperty('dd-api-key');
});

test('without keys it says which, and how to write them', () => {
  expect(() => openDatadog('dd', { apiKey: 'x' }, { cwd: '/' })).toThrow('the source "dd" needs "appKey"');
  expect(() => openDatadog('dd', {}, { cwd: '/' })).toThrow('the source "dd" needs "apiKey" and "appKey"');
});

test('people are led to where they look: each site has its own', () => {
  const appOf = (site?: string): string => openDatadog('dd', { ...KEYS, ...(site && { site }) }, { cwd: '/' }).app;
  expect(['datadoghq.eu', 'us5.datadoghq.com', 'ddog-gov.com', undefined].map(appOf)).toEqual([
    'https://app.datadoghq.eu',
    'https://us5.datadoghq.com',
    'https://app.ddog-gov.com',
    'https://app.datadoghq.com',
  ]);
});

describe('what breaks', () => {
  const refusalOf = (asked: Promise<unknown>) =>
    asked.then(
      () => undefined,
      (e: Refused) => e.refusal,
    );

  test('an answer that is too much for the thread ends that question, and the next gets a new thread', async () => {
    const line = JSON.stringify({ id: 'x', attributes: { timestamp: '2026-01-01T10:00:00Z', tags: ['a'] } });
    const huge = `{"data":[${Array.from({ length: 260_000 }, () => line).join(',')}]}`;
    const sendHuge: Answer = (_request, _body, response) => {
      response.setHeader('content-type', 'application/json').end(huge);
    };
    const lost = await refusalOf(ask('v2.listLogs', LOGS, sendHuge));
    expect(lost).toMatchObject({
      status: 'failed',
      retryable: true,
      problem: expect.stringContaining('out of memory'),
    });
    expect((await ask('v1.queryMetrics', QUERY, () => series('after'))).series[0]?.metric).toBe('after');
  });

  test('a thread that makes no move is given up, with all that waits for it', async () => {
    const wire = openWire('datadog', { kind: 'datadog', origin: parseOrigin('datadog', url), headers: () => ({}) });
    // From the sources it has to make its program first: longer than this thread may think.
    const hasty = clientOver(wire, { app: '' }, 1);
    const lost = [1, 2].map(() => refusalOf(hasty.call('v1.queryMetrics', QUERY, within())));
    const expected = { status: 'failed', retryable: true, problem: expect.stringContaining('made no move for 1ms') };
    expect(await Promise.all(lost)).toEqual([expect.objectContaining(expected), expect.objectContaining(expected)]);
    await hasty.close();
  });

  test('a question that is aborted ends at once with the reason, and the one beside it is answered', async () => {
    const stop = new AbortController();
    let silent: (() => void) | undefined;
    const reached = new Promise<void>((done) => {
      silent = done;
    });
    const answers: Answer = (request) => {
      if (!request.url?.includes('hang')) return series('beside');
      silent?.();
      return undefined;
    };
    const hanging = ask('v1.queryMetrics', { ...QUERY, query: 'hang' }, answers, { signal: stop.signal });
    await reached;
    const beside = ask('v1.queryMetrics', QUERY, answers);
    const reason = new Error('stopped by a person');
    stop.abort(reason);
    await expect(hanging).rejects.toBe(reason);
    expect((await beside).series[0]?.metric).toBe('beside');
  });

  test('what was aborted before it was asked is not asked', async () => {
    const before = client.sent();
    await expect(ask('v1.queryMetrics', QUERY, () => series('m'), { signal: AbortSignal.abort('no') })).rejects.toBe(
      'no',
    );
    expect(client.sent()).toBe(before);
  });

  test('a closed client fails what is under way, and asks nothing more', async () => {
    const other = open();
    const reached = new Promise<void>((done) => {
      answer = () => void done();
    });
    const under = refusalOf(other.call('v1.queryMetrics', QUERY, within()));
    await reached;
    await other.close();
    expect(await under).toMatchObject({ status: 'failed', problem: expect.stringContaining('closed') });
    await expect(other.call('v1.queryMetrics', QUERY, within())).rejects.toThrow('is closed');
  });

  test.each<[string, Answer, object]>([
    [
      'a page of a login',
      (_q, _b, r) => void r.setHeader('content-type', 'text/html').end('<h1>Sign in</h1>'),
      { status: 'failed' },
    ],
    [
      'another JSON',
      () => ({ hello: 1 }),
      { status: 'failed', problem: expect.stringContaining('it holds no "data"') },
    ],
    [
      'a list of nonsense',
      () => ({ data: [{ a: 1 }] }),
      { status: 'failed', problem: expect.stringContaining('none of its "data"') },
    ],
    [
      'JSON that is cut',
      (_q, _b, r) => void r.setHeader('content-type', 'application/json').end('{"data":['),
      { status: 'failed' },
    ],
    [
      '403',
      (_q, _b, r) => void r.writeHead(403, { 'content-type': 'application/json' }).end('{"errors":["Forbidden"]}'),
      { status: 'denied', code: 403, permission: 'logs_read_data' },
    ],
    [
      '404',
      (_q, _b, r) => void r.writeHead(404, { 'content-type': 'application/json' }).end('{"errors":["Not found"]}'),
      { code: 404 },
    ],
  ])('%s is no empty answer', async (_name, wrong, expected) => {
    expect(await refusalOf(ask('v2.listLogs', LOGS, wrong))).toMatchObject(expected);
  });

  test('an error that Datadog sends with 200 is one', async () => {
    const told = refusalOf(
      ask('v1.queryMetrics', QUERY, () => ({ status: 'error', error: 'Error parsing query', series: [] })),
    );
    expect(await told).toMatchObject({ status: 'failed', problem: expect.stringContaining('Error parsing query') });
  });
});

test('what cannot be read of a page, and what Datadog warns of, is said', async () => {
  const good = { id: '1', attributes: { timestamp: '2026-01-01T10:00:00Z', message: 'm', newField: 1 } };
  const page = await ask('v2.listLogs', LOGS, () => ({
    data: [good, { id: '2' }],
    meta: { status: 'timeout', warnings: [{ title: 'Unknown index', detail: 'main2' }], page: { after: 'next-page' } },
  }));
  expect(page).toEqual({
    items: [{ id: '1', time: 1_767_261_600_000, message: 'm', tags: [], attributes: {} }],
    next: 'next-page',
    incomplete: '1 item of 2 cannot be read; Datadog gave up in time; Unknown index: main2',
  });
});

test('a word that the client does not know yet does not lose the rest', async () => {
  const monitor = await ask('v1.getMonitor', { id: 7 }, () => ({
    id: 7,
    name: 'p99',
    type: 'quantum alert',
    query: 'avg(last_5m):avg:x{*} > 1',
    overall_state: 'Superposed',
    options: { thresholds: { critical: 1 }, variables: [{ data_source: 'quantum', name: 'q' }] },
    state: { groups: { 'host:a': { name: 'host:a', status: 'Alert', last_triggered_ts: 1_767_261_600 } } },
  }));
  expect(monitor).toMatchObject({
    type: 'quantum alert',
    state: 'Superposed',
    thresholds: { critical: 1 },
    variables: [{ data_source: 'quantum', name: 'q' }],
    groups: [{ name: 'host:a', state: 'Alert', triggered: 1_767_261_600_000 }],
  });
});

test('ids of spans keep all of their digits', async () => {
  const span = (spanID: string, parentID: string, name: string): string =>
    `{"spanID": ${spanID}, "parentID":${parentID}, "traceID":12174885344805365765, "name":${JSON.stringify(name)}, ` +
    '"traceIDFull":"000000000000000a8f0000000000000b","service":"s","resource":"r","type":"web","error":1,' +
    '"startTime":1767261600000000000,"endTime":1767261600004218725,"duration":4218725,"meta":{"env":"prod"},"metrics":{"m":1}}';
  const spans = [
    span('9270756141854228303', '0', 'root'),
    span('17551449796724253881', '9270756141854228303', 'a "spanID":17'),
  ];
  const attributes = `{"is_truncated":true,"spans":[${spans.join(',')}]}`;
  const trace = await ask('v2.getTraceByID', { traceId: '000000000000000a8f0000000000000b' }, (_q, _b, response) => {
    const text = `{"data":{"id":"1","type":"trace","attributes":${attributes}}}`;
    response.setHeader('content-type', 'application/json').end(text);
  });
  expect(trace.truncated).toBe(true);
  const ids = trace.spans.map(({ spanId, parentId, name }) => [spanId, parentId, name]);
  expect(ids).toEqual([
    ['9270756141854228303', undefined, 'root'],
    ['17551449796724253881', '9270756141854228303', 'a "spanID":17'],
  ]);
  expect(trace.spans[0]).toMatchObject({ start: 1_767_261_600_000, durationMs: 4.218725, error: true, env: 'prod' });
});

test.each<[Operation, object, string, unknown, unknown]>([
  [
    'v1.listActiveMetrics',
    { from: WINDOW.from, tags: 'service:checkout' },
    '/api/v1/metrics?from=1767261600&tag_filter=service%3Acheckout',
    { from: '1767261600', metrics: ['a', 'b'] },
    { metrics: ['a', 'b'] },
  ],
  [
    'v1.getMetricMetadata',
    { metric: 'trace.http.request' },
    '/api/v1/metrics/trace.http.request',
    { type: 'distribution', unit: 'second', per_unit: null, statsd_interval: 10 },
    { type: 'distribution', unit: 'second', intervalS: 10 },
  ],
  [
    'v2.getServiceList',
    { env: 'prod' },
    '/api/v2/apm/services?filter%5Benv%5D=prod',
    { data: { id: '1', type: 'services_list', attributes: { services: ['checkout', 'orders'] } } },
    { services: ['checkout', 'orders'] },
  ],
  ['v1.validate', {}, '/api/v1/validate', { valid: true }, { valid: true }],
  ['v2.validateKeys', {}, '/api/v2/validate_keys', { status: 'ok' }, { valid: true }],
  [
    'v2.getCurrentUser',
    {},
    '/api/v2/current_user',
    {
      data: { id: 'u', type: 'users', attributes: { handle: 'svc@acme.example', name: 'Service' } },
      included: [
        { id: 'r', type: 'roles', attributes: { name: 'Read Only' } },
        { id: 'p', type: 'permissions', attributes: { name: 'logs_read_data' } },
      ],
    },
    { handle: 'svc@acme.example', name: 'Service', roles: ['Read Only'], permissions: ['logs_read_data'] },
  ],
])('%s asks and reads what Datadog describes', async (operation, input, path, sent, expected) => {
  const out = await ask(operation, input as never, () => sent);
  expect([seen.at(-1)?.url, out]).toEqual([path, expected]);
});

test('an endless cursor stops where the caller stops', async () => {
  let pages = 0;
  const one = { id: '1', attributes: { timestamp: '2026-01-01T10:00:00Z' } };
  const endless: Answer = (_request, body) => {
    pages++;
    expect(JSON.parse(body).page.cursor).toBe(pages === 1 ? undefined : 'again');
    return { data: [one], meta: { page: { after: 'again' } } };
  };
  for (let cursor: string | undefined, i = 0; i < 3; i++) {
    cursor = (await ask('v2.listLogs', { ...LOGS, ...(cursor !== undefined && { cursor }) }, endless)).next;
  }
  expect(pages).toBe(3);
});

test('a program that asked and never closed ends by itself, and one that only opened starts no thread', async () => {
  answer = () => series('m');
  const program = `
    import { openDatadog } from ${JSON.stringify(join(dist, 'open.js'))};
    const client = openDatadog('datadog', ${JSON.stringify({ url, ...KEYS })}, { cwd: '/' });
    if (process.argv[1] === 'ask') {
      const out = await client.call('v1.queryMetrics', ${JSON.stringify(QUERY)}, { signal: new AbortController().signal });
      console.log(out.series[0].metric);
    } else console.log(process.memoryUsage().rss < 150e6 ? 'small' : 'large');`;
  const node = (mode: string) =>
    promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, mode], { timeout: 20_000 });
  expect((await node('ask')).stdout).toBe('m\n');
  expect((await node('open')).stdout).toBe('small\n');
});
