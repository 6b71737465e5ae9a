/** The allow table: every read that a source may send over HTTP. What is not in it cannot be asked. */
import { UserError } from '../core/errors.ts';

/** One permitted request: `:name` in the path stands for one encoded segment. POST is a read whose query is too long. */
export interface Read {
  method: 'GET' | 'POST';
  path: `/${string}`;
}

const get = (path: Read['path']): Read => ({ method: 'GET', path });
const post = (path: Read['path']): Read => ({ method: 'POST', path });

/** Reads by kind of source. Never here: `/api/v1/admin`, `/-/reload`, `/-/quit`, `/federate`, anything that writes. */
export const READS = {
  prometheus: [
    get('/-/ready'),
    get('/api/v1/query'),
    get('/api/v1/query_range'),
    post('/api/v1/query'),
    post('/api/v1/query_range'),
    get('/api/v1/series'),
    get('/api/v1/label/:name/values'),
    get('/api/v1/metadata'),
    get('/api/v1/rules'),
    get('/api/v1/alerts'),
    get('/api/v1/status/buildinfo'),
    get('/api/v1/status/flags'),
  ],
  alertmanager: [get('/-/ready'), get('/api/v2/status'), get('/api/v2/alerts'), get('/api/v2/silences')],
} as const satisfies Record<string, readonly Read[]>;

export type ReadKind = keyof typeof READS;

/** The one origin of a source, from its config: parsed once, credentials taken out. */
export interface Origin {
  /** Scheme, host, port and path prefix, without a slash at the end. */
  base: string;
  basic?: { user: string; password: string };
}

/** Parses a configured URL. Throws UserError where it cannot be one; user and password leave it. */
export function parseOrigin(name: string, text: unknown): Origin {
  const bad = (why: string): UserError =>
    new UserError(`the source "${name}" ${why}`, { hints: ['Write it as "url": "https://prometheus.example:9090".'] });
  if (typeof text !== 'string' || text === '') throw bad('needs "url"');
  if (!URL.canParse(text)) throw bad('has a "url" that is no URL');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw bad(`has a "url" of ${url.protocol} not http(s)`);
  if (url.search !== '' || url.hash !== '') throw bad('has a "url" with "?" or "#": give scheme, host and path prefix');
  const base = url.origin + url.pathname.replace(/\/+$/, '');
  if (url.username === '' && url.password === '') return { base };
  return { base, basic: { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) } };
}

/**
 * The URL of a permitted read below an origin; `names` fill the `:name` segments. Throws where the table does not hold
 * the read or a segment could leave its place: both are bugs of the caller, never something a user typed.
 */
export function readUrl(kind: ReadKind, origin: Origin, read: Read, names: Record<string, string> = {}): URL {
  const allowed = READS[kind].some((r) => r.method === read.method && r.path === read.path);
  if (!allowed) throw new Error(`not an allowed read of ${kind}: ${read.method} ${read.path}`);
  const path = read.path.replace(/:(\w+)/g, (_all, name: string) => {
    const value = names[name] ?? '';
    if (value === '' || value === '.' || value === '..') throw new Error(`not a path segment: "${value}"`);
    return encodeURIComponent(value);
  });
  const url = new URL(origin.base + path);
  if (!url.href.startsWith(`${origin.base}/`)) throw new Error(`left its origin: ${read.path}`);
  return url;
}
