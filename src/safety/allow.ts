/** The allow table: every read that a source may send over HTTP. What is not in it cannot be asked. */
import { UserError } from '../core/errors.ts';
import { userinfoOf } from '../core/userinfo.ts';
import { type BodyRule, bodyFault } from './allow-body.ts';
import { DATADOG_READS } from './allow-datadog.ts';
import { GITHUB_READS } from './allow-github.ts';
import { fitsTemplate, pathFault } from './allow-path.ts';

/** One permitted request: `:name` in the path stands for one encoded segment (its kinds: allow-path.ts). */
export interface Read {
  method: 'GET' | 'POST';
  path: `/${string}`;
  /** What a POST may carry. */
  body?: BodyRule;
  /** What the vendor calls the permission for it. */
  permission?: string;
}

const get = (path: Read['path']): Read => ({ method: 'GET', path });
/** A read whose query is too long for an address. */
const form = (path: Read['path']): Read => ({
  method: 'POST',
  path,
  body: { form: ['query', 'time', 'start', 'end', 'step', 'timeout'] },
});

/** Reads by kind of source. Never here: `/api/v1/admin`, `/-/reload`, `/-/quit`, `/federate`, anything that writes. */
export const READS = {
  prometheus: [
    get('/-/ready'),
    get('/api/v1/query'),
    get('/api/v1/query_range'),
    form('/api/v1/query'),
    form('/api/v1/query_range'),
    get('/api/v1/series'),
    get('/api/v1/label/:name/values'),
    get('/api/v1/metadata'),
    get('/api/v1/rules'),
    get('/api/v1/alerts'),
    get('/api/v1/status/buildinfo'),
    get('/api/v1/status/flags'),
  ],
  alertmanager: [get('/-/ready'), get('/api/v2/status'), get('/api/v2/alerts'), get('/api/v2/silences')],
  datadog: DATADOG_READS,
  github: GITHUB_READS,
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
  // `http://2852039166` is 169.254.169.254: an address that is meant is written as people read it.
  const numeric = /^\d+(?:\.\d+){3}$/.test(url.hostname) && !text.includes(url.hostname);
  if (numeric) throw bad(`has a "url" that means ${url.hostname}: write it so`);
  const base = url.origin + url.pathname.replace(/\/+$/, '');
  if (url.username === '' && url.password === '') return { base };
  return { base, basic: userinfoOf(url) };
}

/** A request as it would be sent: the path is encoded and has its query. */
export interface Asked {
  method: string;
  path: string;
  body?: string | undefined;
  contentType?: string | undefined;
}

/** Why a request was not sent. Data may lead here (a service named `..`), so it is no bug. */
export class NotAllowed extends Error {
  override name = 'NotAllowed';
}

/**
 * The row of the table that permits a request, and its address below the origin. Throws `NotAllowed` where there is none.
 * `queries`: the exact texts of the GraphQL queries that the source may send.
 */
export function permitted(
  kind: ReadKind,
  origin: Origin,
  asked: Asked,
  queries: readonly string[] = [],
): { read: Read; url: string } {
  const path = asked.path.split('?')[0] ?? '';
  const no = (why: string): NotAllowed =>
    new NotAllowed(`${asked.method} ${path.slice(0, 120)} is no permitted read of ${kind}: ${why}`);
  const fault = pathFault(asked.path);
  if (fault !== undefined) throw no(fault);
  const rows: readonly Read[] = READS[kind];
  // A literal row wins over one with a placeholder: `/monitor/search` is no monitor.
  const fits = rows.filter((r) => r.method === asked.method && fitsTemplate(r.path, path));
  const read = fits.find((r) => r.path === path) ?? fits[0];
  if (read === undefined) throw no('it is not in the table');
  const wrong = bodyFault(read.body, asked.body, asked.contentType, queries);
  if (wrong !== undefined) throw no(wrong);
  const base = kind === 'github' && read.path === '/graphql' ? origin.base.replace(/\/api\/v3$/, '/api') : origin.base;
  return { read, url: base + asked.path };
}

/** The encoded path of a read; `names` fill its placeholders. Whether it may be sent is for `permitted` to say. */
export const fillPath = (path: Read['path'], names: Record<string, string> = {}): string =>
  path.replace(/:(\w+)/g, (_all, name: string) => encodeURIComponent(names[name] ?? ''));
