/**
 * The one way in which a source sends a request: through the allow table, paced by what the server says of its limits,
 * tried again within a budget, bounded in time and size, without redirects. Retries live here and nowhere else.
 * On node:http(s) instead of fetch: fetch cannot trust an own certificate authority without another package, hides
 * why a connection failed, and unpacks a body before its size can be limited.
 */
import { type ClientRequest, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { formatDuration } from '../core/time.ts';
import type { SentRequest } from '../core/types.ts';
import { NotAllowed, type Origin, permitted, type Read, type ReadKind } from '../safety/allow.ts';
import { pause } from '../tools/waiting.ts';
import { networkRefusal, Refused } from './_refused.ts';
import { readBody } from './_wire-body.ts';
import { openAgent } from './_wire-connect.ts';
import { openGovernor } from './_wire-governor.ts';
import { checkReply, withoutKeys } from './_wire-reply.ts';
import { retries } from './_wire-retry.ts';

export interface WireLimits {
  /** Longest wait for one whole response, ms. */
  timeoutMs: number;
  /** Requests in flight at once. */
  concurrency: number;
  /** Further tries of one request that failed in a way that may pass. */
  retries: number;
  /** Further tries of all requests together: a server that is down is not asked for ever. */
  retryBudget: number;
  /** A server that wants a longer pause is left alone, ms. */
  maxPauseMs: number;
  /** Of a body, as sent and unpacked. */
  maxBytes: number;
  /** Content types of an answer: a `+json` type counts as JSON, an all-wildcard takes any. */
  accept: readonly string[];
}

const LIMITS: WireLimits = {
  timeoutMs: 10_000,
  concurrency: 4,
  retries: 2,
  retryBudget: 12,
  maxPauseMs: 5_000,
  maxBytes: 32 * 1024 * 1024,
  accept: ['application/json'],
};

export interface WireOptions {
  /** Row of the allow table. */
  kind: ReadKind;
  origin: Origin;
  /** Credentials, asked for at each request: the only place where they are revealed. */
  headers(): Record<string, string>;
  /** Certificate authority, PEM text. */
  ca?: string;
  /** `http(s)://[user:password@]host:port` of a CONNECT proxy. From the config alone, never from the environment. */
  proxy?: string;
  /** Exact texts of the GraphQL queries that may be sent. */
  queries?: readonly string[];
  limits?: Partial<WireLimits>;
}

export interface WireCall {
  method: 'GET' | 'POST';
  /** Below the origin's base, encoded, with its query. */
  path: string;
  /** JSON unless a content-type header says otherwise. */
  body?: string;
  /** `accept`, `content-type`, `user-agent`, the version of an API, a tenant; anything else is left out. */
  headers?: Record<string, string>;
  signal: AbortSignal;
  tell?: ((sent: SentRequest) => void) | undefined;
}

/** An answer of 2xx with an accepted content type. Header names are in lower case. */
export interface WireReply {
  status: number;
  headers: Record<string, string>;
  text: string;
}

export interface Wire {
  /** The configured URL without credentials. */
  base: string;
  /** Throws `Refused` for anything but such an answer, and the signal's reason where that was aborted. */
  send(call: WireCall): Promise<WireReply>;
  close(): void;
}

const SLOW = 'Is it overloaded, or does a firewall swallow the question?';
const CALLERS: ReadonlySet<string> = new Set([
  'accept',
  'content-type',
  'user-agent',
  'x-github-api-version',
  'x-scope-orgid',
]);

/** Prepares the requests to one server; asks it nothing. Throws UserError for a proxy that cannot be one. */
export function openWire(name: string, options: WireOptions): Wire {
  const { kind, origin } = options;
  const limits = { ...LIMITS, ...options.limits };
  const agent = openAgent(name, origin, options, limits);
  const governor = openGovernor(kind, origin.base, limits);
  const budget = retries(limits);
  const send = origin.base.startsWith('https:') ? httpsRequest : httpRequest;

  function rowOf(call: WireCall, contentType: string | undefined): { read: Read; url: string } {
    try {
      return permitted(kind, origin, { ...call, contentType }, options.queries);
    } catch (e) {
      if (!(e instanceof NotAllowed)) throw e;
      throw new Refused('denied', `${origin.base} was not asked: ${e.message}`);
    }
  }

  /** One try: any response whose body could be read. */
  async function once(call: WireCall, url: string, path: string, headers: OutgoingHttpHeaders): Promise<WireReply> {
    const limit = AbortSignal.timeout(limits.timeoutMs);
    const signal = AbortSignal.any([call.signal, limit]);
    let sent: ClientRequest | undefined;
    try {
      const response = await new Promise<IncomingMessage>((done, fail) => {
        sent = send(url, { method: call.method, agent, headers, signal }, done);
        sent.on('error', fail);
        sent.end(call.body);
      });
      const text = await readBody(origin.base, response, limits.maxBytes);
      return { status: response.statusCode ?? 0, headers: plainHeaders(response), text };
    } catch (e) {
      if (call.signal.aborted) throw call.signal.reason;
      if (limit.aborted) {
        const waited = formatDuration(limits.timeoutMs);
        throw new Refused('timeout', `${origin.base} gave no answer within ${waited}: ${path}`, true, SLOW);
      }
      throw e instanceof Refused ? e : networkRefusal(origin.base, e, options.ca !== undefined);
    } finally {
      if (signal.aborted) sent?.destroy();
    }
  }

  return {
    base: origin.base,
    async send(call) {
      call.signal.throwIfAborted();
      const own = callerHeaders(call);
      const { read, url } = rowOf(call, own['content-type']);
      const sent: SentRequest = { method: call.method, path: read.path, ms: 0, tries: 0 };
      const begun = performance.now();
      try {
        for (;;) {
          const leave = await governor.enter(read.path, call.signal);
          try {
            if (sent.tries++ === 0) call.tell?.(sent);
            const secret = options.headers();
            const headers = { ...own, ...secret };
            const reply = withoutKeys(await once(call, url, read.path, headers), secret);
            sent.status = reply.status;
            const asks = governor.learn(read.path, reply);
            checkReply({ kind, base: origin.base, read, reply, asks, limits });
            return reply;
          } catch (e) {
            leave();
            const wait = e instanceof Refused ? budget.wait(e, sent.tries) : undefined;
            if (wait === undefined) throw e;
            await pause(wait, call.signal);
          } finally {
            leave();
          }
        }
      } finally {
        sent.ms = Math.round(performance.now() - begun);
      }
    },
    close: () => agent.destroy(),
  };
}

function callerHeaders({ headers = {}, body }: WireCall): Record<string, string> {
  const given = Object.entries(headers)
    .map(([k, v]) => [k.toLowerCase(), v] as const)
    .filter(([k]) => CALLERS.has(k));
  return {
    accept: 'application/json',
    'user-agent': 'inquest',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...Object.fromEntries(given),
    'accept-encoding': 'gzip',
  };
}

function plainHeaders(response: IncomingMessage): Record<string, string> {
  const one = (v: string | string[] | undefined): string => (Array.isArray(v) ? v.join(', ') : (v ?? ''));
  return Object.fromEntries(Object.entries(response.headers).map(([k, v]) => [k, one(v)]));
}
