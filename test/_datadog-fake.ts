/**
 * A Datadog with a recorded incident in its account (BUNDLE.md, fixtures/incidents). It answers the question that is asked:
 * what it does not understand it refuses with Datadog's 400, without both keys with 403, what is unknown with 404; it pages
 * and tells its rate limits. `test/datadog-contract.test.ts` holds it to Datadog's own description.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Asked, logCounts, logs, NotFound, spanCounts, spans, trace, writeExact } from './_datadog-answers.ts';
import * as catalog from './_datadog-answers-catalog.ts';
import { metrics, query, timeseries } from './_datadog-answers-metrics.ts';
import * as things from './_datadog-answers-things.ts';
import type { Json } from './_datadog-bundle.ts';
import { BadQuery } from './_datadog-language.ts';
import { webhookOf } from './_datadog-monitors.ts';
import { openStore, type Store } from './_datadog-store.ts';

export const API_KEY = 'dd-api-key-cAnAry-4f0b9c7de1a2';
export const APP_KEY = 'dd-app-key-cAnAry-77aa51c3e9d0b2f4';

export interface FakeRequest {
  method: string;
  /** With its query. */
  url: string;
  status: number;
  body: string;
}

export interface FakeDatadog {
  url: string;
  readonly store: Store;
  /** What its monitor posts to a webhook. */
  readonly webhook: Json;
  /** Holds another incident from now on. */
  hold(dir: string): void;
  /** Everything that was asked so far. */
  requests: FakeRequest[];
  close(): Promise<void>;
}

type Handler = (store: Store, asked: Asked) => unknown;

const ROUTES: [method: string, path: RegExp, handler: Handler][] = [
  ['GET', /^\/api\/v1\/validate$/, () => ({ valid: true })],
  ['GET', /^\/api\/v2\/validate_keys$/, () => ({ status: 'ok' })],
  ['GET', /^\/api\/v1\/query$/, query],
  ['POST', /^\/api\/v2\/query\/timeseries$/, timeseries],
  ['GET', /^\/api\/v2\/metrics$/, metrics],
  ['POST', /^\/api\/v2\/logs\/events\/search$/, logs],
  ['POST', /^\/api\/v2\/logs\/analytics\/aggregate$/, logCounts],
  ['POST', /^\/api\/v2\/spans\/events\/search$/, spans],
  ['POST', /^\/api\/v2\/spans\/analytics\/aggregate$/, spanCounts],
  ['GET', /^\/api\/v2\/trace\/\w+$/, trace],
  ['POST', /^\/api\/v2\/events\/search$/, things.events],
  ['POST', /^\/api\/v2\/audit\/events\/search$/, things.nothing],
  ['POST', /^\/api\/v2\/ci\/pipelines\/events\/search$/, things.nothing],
  ['GET', /^\/api\/v1\/monitor$/, things.monitors],
  ['GET', /^\/api\/v1\/monitor\/\d+$/, things.monitor],
  ['POST', /^\/api\/v2\/error-tracking\/issues\/search$/, things.errorIssues],
  ['POST', /^\/api\/v2\/dora\/deployments$/, things.deployments],
  ['GET', /^\/api\/v2\/catalog\/relation$/, catalog.relations],
  ['GET', /^\/api\/v1\/slo\/search$/, catalog.slos],
  ['GET', /^\/api\/v2\/incidents\/search$/, catalog.incidents],
  ['GET', /^\/api\/v1\/hosts$/, catalog.hosts],
];

/** Opens it on a free port of the loopback. `open` leaves the check of keys out: another server in front holds them. */
export async function fakeDatadog(dir: string, { open = false } = {}): Promise<FakeDatadog> {
  let store = openStore(dir);
  const requests: FakeRequest[] = [];
  let left = 1000;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString();
      const keyed =
        request.headers['dd-api-key'] === API_KEY &&
        // Whether the API key is one is told to whoever has it.
        (request.headers['dd-application-key'] === APP_KEY || request.url === '/api/v1/validate');
      const { status, answer } =
        keyed || open ? answerTo(store, request.method ?? '', request.url ?? '', body) : FORBIDDEN;
      requests.push({ method: request.method ?? '', url: request.url ?? '', status, body });
      left--;
      response.writeHead(status, {
        'content-type': 'application/json',
        'x-ratelimit-limit': '1000',
        'x-ratelimit-period': '3600',
        'x-ratelimit-remaining': String(left),
        'x-ratelimit-reset': '1800',
        'x-ratelimit-name': (request.url ?? '').split('?')[0]!.replaceAll('/', '_'),
      });
      response.end(writeExact(JSON.stringify(answer)));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    get store() {
      return store;
    },
    get webhook() {
      return webhookOf(store);
    },
    hold(other) {
      store = openStore(other);
    },
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

const FORBIDDEN = { status: 403, answer: { errors: ['Forbidden'] } as unknown };

function answerTo(store: Store, method: string, target: string, body: string): { status: number; answer: unknown } {
  const url = new URL(target, 'http://fake');
  const route = ROUTES.find(([m, path]) => m === method && path.test(url.pathname));
  const errors = (status: number, why: string): { status: number; answer: unknown } => ({
    status,
    answer: { errors: [why] },
  });
  if (!route) return errors(404, `the fake has no ${method} ${url.pathname}`);
  try {
    const read = body === '' ? {} : (JSON.parse(body) as Json);
    return { status: 200, answer: route[2](store, { path: url.pathname, params: url.searchParams, body: read }) };
  } catch (e) {
    if (e instanceof BadQuery) return errors(400, e.message);
    if (e instanceof NotFound) return errors(404, e.message);
    throw e;
  }
}
