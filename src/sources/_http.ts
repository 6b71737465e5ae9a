/** The HTTP reads of Prometheus and Alertmanager: a read of the allow table in, JSON out. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorCode, UserError } from '../core/errors.ts';
import type { SentRequest } from '../core/types.ts';
import { fillPath, parseOrigin, type Read, type ReadKind } from '../safety/allow.ts';
import type { Secret } from '../safety/secret.ts';
import type { SourceEnv } from '../tools/tool.ts';
import { openWire } from './_wire.ts';
import { jsonOf, notJson } from './_wire-body.ts';

/** What the config says of a server. Secrets are revealed for the headers alone. */
export interface HttpConfig {
  url: string;
  bearer?: Secret | string;
  basic?: { user: string; password: Secret | string };
  /** Tenant, sent as X-Scope-OrgID. */
  orgId?: string;
  /** Certificate authority: PEM text, or the path of a PEM file. */
  ca?: string;
  /** `http(s)://[user:password@]host:port` of a CONNECT proxy. */
  proxy?: Secret | string;
  /** Longest wait for one response; 10 s. */
  timeoutMs?: number;
}

export interface Http {
  /** The configured URL without credentials. */
  base: string;
  /** Throws `Refused` for anything but JSON, and the signal's reason where that was aborted. */
  read(read: Pick<Read, 'method' | 'path'>, more: Ask): Promise<Answered>;
  close(): void;
}

export interface Ask {
  signal: AbortSignal;
  tell?: ((sent: SentRequest) => void) | undefined;
  /** Segments for the `:name` parts of the path. */
  names?: Record<string, string>;
  /** Query parameters in their order; the body of a POST. */
  query?: [string, string][];
  /** The answer may be text: only its being there counts. */
  text?: boolean;
}

export interface Answered {
  json: unknown;
  /** The server's clock, ms, where it says it. */
  date?: number;
}

/** Prepares the reads of one server; asks it nothing. Throws UserError for a config that cannot work. */
export function openHttp(
  name: string,
  kind: ReadKind,
  config: HttpConfig,
  env: Pick<SourceEnv, 'cwd' | 'retries'>,
): Http {
  const origin = parseOrigin(name, config.url);
  const wire = openWire(name, {
    kind,
    origin,
    headers: () => headersOf(config, origin.basic),
    ...(config.ca !== undefined && { ca: readAuthority(name, config.ca, env.cwd) }),
    ...(config.proxy !== undefined && { proxy: plain(config.proxy) }),
    // What speaks like Prometheus does not always name its type: whether it is JSON is seen in the body.
    limits: {
      accept: ['*/*'],
      ...(config.timeoutMs !== undefined && { timeoutMs: config.timeoutMs }),
      ...(env.retries !== undefined && { retries: env.retries }),
    },
  });
  return {
    base: wire.base,
    async read({ method, path }, { signal, tell, names, query = [], text = false }) {
      const values = new URLSearchParams(query).toString();
      const post = method === 'POST';
      const reply = await wire.send({
        method,
        path: fillPath(path, names) + (post || values === '' ? '' : `?${values}`),
        ...(post && { body: values }),
        headers: {
          ...(post && { 'content-type': 'application/x-www-form-urlencoded' }),
          ...(config.orgId && { 'x-scope-orgid': config.orgId }),
        },
        signal,
        tell,
      });
      const date = Date.parse(reply.headers.date ?? '');
      const when = Number.isNaN(date) ? {} : { date };
      if (text) return { json: reply.text, ...when };
      const json = jsonOf(reply.text);
      if (json === undefined) throw notJson(wire.base, reply.headers['content-type'], reply.text);
      return { json, ...when };
    },
    close: () => wire.close(),
  };
}

function headersOf(config: HttpConfig, fromUrl: HttpConfig['basic']): Record<string, string> {
  const basic = config.basic ?? fromUrl;
  const credentials = basic && Buffer.from(`${basic.user}:${plain(basic.password)}`).toString('base64');
  return {
    ...(credentials && { authorization: `Basic ${credentials}` }),
    ...(config.bearer && { authorization: `Bearer ${plain(config.bearer)}` }),
  };
}

/** A credential of the config, to be sent. */
export const plain = (secret: Secret | string): string => (typeof secret === 'string' ? secret : secret.reveal());

/** The text of a "ca": PEM as it stands there, or of the file that it names. Throws UserError for one that cannot be read. */
export function readAuthority(name: string, ca: string, cwd: string): string {
  if (ca.includes('-----BEGIN')) return ca;
  try {
    return readFileSync(resolve(cwd, ca), 'utf8');
  } catch (e) {
    throw new UserError(`the source "${name}" names a "ca" that cannot be read: ${ca} (${errorCode(e)})`);
  }
}
