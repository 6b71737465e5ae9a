/**
 * The HTTP side, on fastify: bodies stay raw, slow clients are cut, nothing is parsed before it is verified. The pages
 * are read-only and carry no script.
 */

import type { Readable } from 'node:stream';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { Gone } from './body.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { notFound, type Pages } from './pages.ts';
import type { Receiver } from './receiver.ts';
import type { Viewers } from './viewers.ts';

export interface ServerOptions {
  receiver: Receiver;
  dispatcher: Dispatcher;
  metrics: Metrics;
  pages: Pages;
  viewers: Viewers;
  log: Log;
  now: () => number;
  /** Why nothing can be taken now; undefined where all is well. */
  unready(): string | undefined;
}

/**
 * Slow headers are cut after 3 s, slow requests after 5 s; Node looks every second. A kept connection outlives the 90 s for
 * which Go's client, which is Alertmanager's, keeps it: else a delivery could meet a connection that is just being closed.
 */
const TIMES = {
  headersTimeout: 3000,
  requestTimeout: 5000,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 100_000,
};
const CONNECTIONS = 512;

/** No script, no foreign resource, no frame, no form. */
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

export function openServer(o: ServerOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    http: { ...TIMES, maxHeaderSize: 16 * 1024 },
    requestTimeout: TIMES.requestTimeout,
    keepAliveTimeout: TIMES.keepAliveTimeout,
    maxRequestsPerSocket: 1000,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 200 },
  });
  app.server.maxConnections = CONNECTIONS;
  // The bytes are what is signed: nobody parses them before us.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.setErrorHandler((e, _request, reply) => {
    const status = (e as { statusCode?: number }).statusCode;
    if (status !== undefined && status < 500) return reply.code(status).send({ status: 'not accepted' });
    o.log.warn('request.failed', { why: e instanceof Error ? e.message : String(e) });
    return reply.code(503).header('retry-after', '30').send({ status: 'come back later' });
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).header('connection', 'close').send({ status: 'not found' }),
  );
  app.get('/healthz', (_request, reply) => reply.type('text/plain').send('ok\n'));
  app.get('/readyz', (_request, reply) => {
    const why = o.unready();
    return reply
      .code(why === undefined ? 200 : 503)
      .type('text/plain')
      .send(why === undefined ? 'ready\n' : 'not ready\n');
  });
  app.post('/hooks/:name', (request, reply) => hook(o, request, reply));
  app.post('/hooks/:name/:path', (request, reply) => hook(o, request, reply));
  const page = (path: string, answer: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>): void => {
    app.get(path, (request, reply) => {
      const { host, authorization } = request.headers;
      const fault = o.viewers.fault(host, authorization);
      void reply.headers(PAGE_HEADERS);
      if (fault === undefined) return answer(request, reply);
      if (fault.status === 401) void reply.header('www-authenticate', 'Basic realm="inquest"');
      return reply.code(fault.status).type('text/plain').send(`${fault.why}\n`);
    });
  };
  page('/metrics', (_request, reply) => {
    o.metrics.set('inquest_runs_waiting', o.dispatcher.waiting);
    o.metrics.set('inquest_runs_running', o.dispatcher.running);
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(o.metrics.text()) as never;
  });
  page('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(await o.pages.list()));
  page('/runs/:run', async (request, reply) => {
    const { run } = request.params as { run: string };
    const found = await o.pages.run(run);
    if (!found) return reply.code(404).type('text/html; charset=utf-8').send(notFound);
    return reply.type(found.mime).send(found.text);
  });
  return app;
}

async function hook(o: ServerOptions, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const begun = o.now();
  const { name, path = '' } = request.params as { name: string; path?: string };
  const { headers, ip: address } = request;
  const finish = (status: number): void => {
    o.metrics.delivery(status === 404 ? 'unknown' : name, status, Math.max(0, o.now() - begun) / 1000);
  };
  try {
    const why = o.unready();
    if (why !== undefined) {
      finish(503);
      return reply.code(503).headers({ 'retry-after': '30', connection: 'close' }).send({ status: 'come back later' });
    }
    const body = request.body as Readable | undefined;
    const answer = await o.receiver.receive({ name, path, address, headers, body });
    if (answer.retryAfter !== undefined) void reply.header('retry-after', String(answer.retryAfter));
    if (answer.close) void reply.header('connection', 'close');
    finish(answer.status);
    return reply.code(answer.status).send(answer.body);
  } catch (e) {
    if (!(e instanceof Gone)) throw e;
    finish(499);
    reply.hijack();
    return undefined;
  }
}
