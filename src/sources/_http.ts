/**
 * The HTTP reads of sources: each through the allow table, with a timeout, a size limit and no redirects.
 * On node:http(s) instead of fetch: fetch cannot trust an own certificate authority without another package, hides
 * why a connection failed, and unpacks a body before its size can be limited.
 */
import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { resolve } from 'node:path';
import { errorCode, UserError } from '../core/errors.ts';
import { formatDuration } from '../core/time.ts';
import { parseOrigin, type Read, type ReadKind, readUrl } from '../safety/allow.ts';
import type { Secret } from '../safety/secret.ts';
import { type Answered, answered, readBody } from './_http-body.ts';
import { networkRefusal, Refused } from './_refused.ts';

/** What the config says of a server. Secrets are revealed for the headers alone. */
export interface HttpConfig {
  url: string;
  bearer?: Secret | string;
  basic?: { user: string; password: Secret | string };
  /** Tenant, sent as X-Scope-OrgID. */
  orgId?: string;
  /** Certificate authority: PEM text, or the path of a PEM file. */
  ca?: string;
  /** Longest wait for one response; 10 s. */
  timeoutMs?: number;
}

export interface Http {
  /** The configured URL without credentials. */
  base: string;
  /** Throws `Refused` for anything but JSON, and the signal's reason where that was aborted. */
  read(read: Read, more: Ask): Promise<Answered>;
  close(): void;
}

export interface Ask {
  signal: AbortSignal;
  /** Segments for the `:name` parts of the path. */
  names?: Record<string, string>;
  /** Query parameters in their order; the body of a POST. */
  query?: [string, string][];
  /** The answer may be text: only its being there counts. */
  text?: boolean;
}

const TIMEOUT_MS = 10_000;
const SLOW = 'Is it overloaded, or does a firewall swallow the question?';
/** A server that asks for a longer pause is left alone. */
const MAX_PAUSE_MS = 5_000;

/** Prepares the reads of one server; asks it nothing. Throws UserError for a config that cannot work. */
export function openHttp(name: string, kind: ReadKind, config: HttpConfig, cwd: string): Http {
  const origin = parseOrigin(name, config.url);
  const ca = config.ca === undefined ? undefined : readAuthority(name, config.ca, cwd);
  const https = origin.base.startsWith('https:');
  const agent = https
    ? new HttpsAgent({ keepAlive: true, maxSockets: 4, ...(ca !== undefined && { ca }) })
    : new HttpAgent({ keepAlive: true, maxSockets: 4 });
  const headers = headersOf(config, origin.basic);
  const timeoutMs = config.timeoutMs ?? TIMEOUT_MS;

  async function once(read: Read, more: Ask): Promise<IncomingMessage & { text: string }> {
    const url = readUrl(kind, origin, read, more.names);
    const query = new URLSearchParams(more.query).toString();
    if (read.method === 'GET') url.search = query;
    const limit = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([more.signal, limit]);
    try {
      return await new Promise((done, fail) => {
        const form = read.method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
        const options = { method: read.method, agent, headers: { ...headers, ...form }, signal };
        const sent = (https ? httpsRequest : httpRequest)(url, options, (response) => {
          readBody(origin.base, response).then((text) => done(Object.assign(response, { text })), fail);
        });
        sent.on('error', fail);
        sent.end(read.method === 'POST' ? query : undefined);
      });
    } catch (e) {
      if (more.signal.aborted) throw more.signal.reason;
      if (limit.aborted) {
        const waited = formatDuration(timeoutMs);
        throw new Refused('timeout', `${origin.base} gave no answer within ${waited}: ${read.path}`, true, SLOW);
      }
      throw e instanceof Refused ? e : networkRefusal(origin.base, e);
    }
  }

  return {
    base: origin.base,
    async read(read, more) {
      let response = await once(read, more);
      if (response.statusCode === 429) {
        const pause = pauseOf(response);
        if (pause > MAX_PAUSE_MS) throw limited(origin.base, pause);
        await sleep(pause, more.signal);
        response = await once(read, more);
        if (response.statusCode === 429) throw limited(origin.base, pauseOf(response));
      }
      return answered(origin.base, response, more.text ?? false);
    },
    close: () => agent.destroy(),
  };
}

function headersOf(config: HttpConfig, fromUrl: HttpConfig['basic']): Record<string, string> {
  const basic = config.basic ?? fromUrl;
  const credentials = basic && Buffer.from(`${basic.user}:${plain(basic.password)}`).toString('base64');
  return {
    accept: 'application/json',
    'accept-encoding': 'gzip',
    'user-agent': 'inquest',
    ...(credentials && { authorization: `Basic ${credentials}` }),
    ...(config.bearer && { authorization: `Bearer ${plain(config.bearer)}` }),
    ...(config.orgId && { 'x-scope-orgid': config.orgId }),
  };
}

const plain = (secret: Secret | string): string => (typeof secret === 'string' ? secret : secret.reveal());

function readAuthority(name: string, ca: string, cwd: string): string {
  if (ca.includes('-----BEGIN')) return ca;
  try {
    return readFileSync(resolve(cwd, ca), 'utf8');
  } catch (e) {
    throw new UserError(`the source "${name}" names a "ca" that cannot be read: ${ca} (${errorCode(e)})`);
  }
}

/** The pause that a 429 asks for, ms; one second where it does not say. */
function pauseOf(response: IncomingMessage): number {
  const said = response.headers['retry-after'] ?? '1';
  const seconds = Number(said);
  if (!Number.isNaN(seconds)) return Math.max(0, seconds * 1000);
  const until = Date.parse(said) - Date.parse(response.headers.date ?? '');
  return Number.isNaN(until) ? 1000 : Math.max(0, until);
}

const limited = (base: string, pause: number): Refused =>
  new Refused('rate-limited', `${base} limits our rate (429); it asks for a pause of ${formatDuration(pause)}`, true);

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const stop = (): void => {
      clearTimeout(timer);
      fail(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      done();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
