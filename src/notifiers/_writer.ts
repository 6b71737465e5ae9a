/**
 * The one way in which a notifier sends a request: to the target that its config fixes, with its own credential, bounded
 * in time and size, without redirects. It shares nothing with the wire of the sources, which only reads.
 */
import { errorCode, UserError } from '../core/errors.ts';
import { isReadableOnTheWay } from '../core/loopback.ts';
import { Undelivered } from '../core/notify.ts';
import { oneLine } from '../core/text.ts';
import { formatDuration } from '../core/time.ts';

type Method = 'GET' | 'POST' | 'PATCH';

export interface WriterOptions {
  /** For messages: `github acme/shop#12`. */
  target: string;
  /** Scheme, host, port and path prefix. */
  base: string;
  /** All that may be sent: method and path below `base`; `:id` stands for one number. */
  permits: readonly (readonly [method: Method, path: string])[];
  /** The only place where a credential is revealed. */
  headers(): Record<string, string>;
  fetch: typeof fetch;
  now(): number;
}

export interface Sending {
  method: Method;
  path: string;
  query?: Record<string, string>;
  /** JSON, or a text that is sent as it is. */
  body?: unknown;
  headers?: Record<string, string>;
  signal: AbortSignal;
  /** Statuses besides 2xx that the caller reads itself. */
  expects?: readonly number[];
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  /** Undefined where the text is none. */
  json: unknown;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 16 * 1024 * 1024;
/** With these no byte of the request has left. */
const NOT_SENT =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_)/;

export function openWriter(o: WriterOptions): (sending: Sending) => Promise<Reply> {
  const allowed = o.permits.map(([method, path]) => ({ method, path: pathPattern(path) }));

  return async ({ method, path, query, body, headers, signal, expects = [] }) => {
    if (!allowed.some((a) => a.method === method && a.path.test(path))) {
      throw new Error(`not a permitted request of ${o.target}: ${method} ${path}`);
    }
    const search = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`;
    const writes = method !== 'GET';
    const limit = AbortSignal.timeout(TIMEOUT_MS);
    const json = body !== undefined && typeof body !== 'string';
    let reply: Reply;
    try {
      const response = await o.fetch(o.base + path + search, {
        method,
        redirect: 'manual',
        signal: AbortSignal.any([signal, limit]),
        headers: {
          accept: 'application/json',
          'user-agent': 'inquest',
          ...(body !== undefined && { 'content-type': 'application/json; charset=utf-8' }),
          ...headers,
          ...o.headers(),
        },
        ...(body !== undefined && { body: json ? JSON.stringify(body) : (body as string) }),
      });
      const text = await bounded(response, o.target);
      reply = { status: response.status, headers: response.headers, text, json: parsed(text) };
    } catch (e) {
      if (signal.aborted) throw signal.reason;
      if (e instanceof Undelivered) throw e;
      if (limit.aborted) {
        const why = `${o.target} gave no answer within ${formatDuration(TIMEOUT_MS)}`;
        throw new Undelivered(why, { retryable: true, maybeSent: writes });
      }
      const code = errorCode(e) ?? 'unknown error';
      throw new Undelivered(`${o.target} cannot be reached (${code})`, {
        retryable: true,
        maybeSent: writes && !NOT_SENT.test(code),
        fix: 'Check the URL, DNS, the VPN and the certificate.',
      });
    }
    if ((reply.status >= 200 && reply.status < 300) || expects.includes(reply.status)) return reply;
    throw refused(o, reply, writes);
  };
}

const pathPattern = (path: string): RegExp =>
  new RegExp(`^${path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(':id', '\\d{1,20}')}$`);

/** The body as text, at most `MAX_BYTES` of it. */
async function bounded(response: Response, target: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).length;
    if (size > MAX_BYTES) throw new Undelivered(`${target} sent an endless answer`);
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the medium says of itself in an answer that is none. */
function refused(o: WriterOptions, { status, headers, text, json }: Reply, writes: boolean): Undelivered {
  const { message, error } = (json ?? {}) as Record<string, unknown>;
  const inner = (error as Record<string, unknown> | undefined)?.message;
  const told = [message, inner, error].find((x) => typeof x === 'string') ?? (json === undefined ? text : '');
  const said = oneLine(String(told).replace(/<[^>]*>/g, ' '), 160);
  const what = `${o.target} answered ${status}${said === '' ? '' : `: ${said}`}`;
  const pauseMs = pauseOf(headers, o.now());
  const limited = status === 429 || (status === 403 && pauseMs !== undefined);
  if (limited) return new Undelivered(what, { retryable: true, pauseMs });
  if (status === 401 || status === 403)
    return new Undelivered(what, { fix: 'Check the credential of this notifier: is it expired, may it write there?' });
  if (status === 404 || status === 410)
    return new Undelivered(what, {
      fix: 'Check the target in the config; what a credential may not see is answered like this too.',
    });
  if (status >= 300 && status < 400)
    return new Undelivered(what, { fix: 'Redirects are not followed: give the last URL itself.' });
  // A gateway gave up on somebody who may still be working.
  return new Undelivered(what, {
    retryable: status >= 500 || status === 408,
    maybeSent: writes && status === 504,
    pauseMs,
  });
}

/** The pause that is asked for, ms: seconds or a date, or the end of a spent rate. */
function pauseOf(headers: Headers, now: number): number | undefined {
  const after = headers.get('retry-after');
  if (after !== null) {
    const seconds = Number(after);
    const ms = Number.isNaN(seconds) ? Date.parse(after) - now : seconds * 1000;
    return Number.isNaN(ms) ? undefined : Math.max(0, ms);
  }
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN);
  if (headers.get('x-ratelimit-remaining') !== '0' || Number.isNaN(reset)) return undefined;
  return Math.max(0, reset * 1000 - now);
}

/** The configured URL as scheme, host, port and prefix. `secret`: a credential goes there, so it is https beyond loopback. */
export function baseOf(name: string, text: string, { secret }: { secret: boolean }): string {
  const bad = (why: string): UserError => new UserError(`the notifier "${name}" ${why}`);
  if (!URL.canParse(text)) throw bad('has a URL that is none');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw bad('has a URL that is not http(s)');
  if (url.username !== '' || url.password !== '') throw bad('has a URL with a user or a password');
  if (url.search !== '' || url.hash !== '') throw bad('has a URL with "?" or "#": give scheme, host and path');
  if (secret && isReadableOnTheWay(text)) {
    throw bad('would send its credential in plain text: its URL is http:');
  }
  return url.origin + url.pathname.replace(/\/+$/, '');
}

/** ` at HOST` where it is not the usual one, for the name of a target. */
export const at = (base: string, usual: string): string => (base === usual ? '' : ` at ${new URL(base).host}`);
