/** What the config says of GitHub: which server, which repositories, how they deploy. Mistakes are told in words. */
import { UserError } from '../../core/errors.ts';
import { withoutUserinfo } from '../../core/userinfo.ts';
import { type Origin, parseOrigin } from '../../safety/allow.ts';
import type { Secret } from '../../safety/secret.ts';

export interface GithubConfig {
  /** `owner/name` each; the address of a repository is understood too. */
  repos: string[];
  token?: Secret | string;
  /** Of GitHub Enterprise: `https://ghe.example`. */
  url?: string;
  /** Deployments to this environment count; without it those to what is called like production. */
  environment?: string;
  /** Tags that mean a deploy, as `deploy/{service}/{version}`. Then nothing else does. */
  tagPattern?: string;
  /** Workflows that deploy, by name or file. Then nothing else means a deploy, unless tags do. */
  deployWorkflows?: string[];
  /** `http(s)://[user:password@]host:port` of a CONNECT proxy. */
  proxy?: Secret | string;
  /** Certificate authority: PEM text, or the path of a PEM file. */
  ca?: string;
  /** All repositories are this one service. */
  service?: string;
}

export interface Repo {
  owner: string;
  name: string;
  /** `owner/name`. */
  full: string;
}

export interface GithubServer {
  /** Of the REST API. */
  origin: Origin;
  /** Where people look at it. */
  pages: string;
}

const EXAMPLE = 'For example "repos": ["acme/shop"].';
/** Each costs at least one request of an investigation. */
const REPOS_MAX = 10;

/** The API behind a configured address: github.com, a tenant of ghe.com, or an Enterprise server of one's own. */
export function serverOf(name: string, url: string | undefined): GithubServer {
  if (url === undefined) return { origin: { base: 'https://api.github.com' }, pages: 'https://github.com' };
  const { base } = parseOrigin(name, url);
  const { hostname, pathname, protocol } = new URL(base);
  if (hostname === 'github.com' || hostname === 'api.github.com' || hostname === 'www.github.com')
    return serverOf(name, undefined);
  if (hostname.endsWith('.ghe.com')) {
    const tenant = hostname.replace(/^api\./, '');
    return { origin: { base: `${protocol}//api.${tenant}` }, pages: `${protocol}//${tenant}` };
  }
  const pages = base.replace(/\/api(?:\/v3)?$/, '');
  if (pathname !== '/' && pages === base)
    throw new UserError(`the source "${name}" has a "url" with a path`, {
      hints: [`Give the server alone: "url": "${new URL(base).origin}"; repositories go into "repos".`],
    });
  return { origin: { base: `${pages}/api/v3` }, pages };
}

/** The repositories, each once. Throws UserError for what names none. */
export function reposOf(name: string, repos: unknown, pages: string): Repo[] {
  const bad = (why: string, hint = EXAMPLE): UserError =>
    new UserError(`the source "${name}" ${why}`, { hints: [hint] });
  if (!Array.isArray(repos) || repos.length === 0) throw bad('needs "repos"');
  const found = new Map<string, Repo>();
  for (const text of repos as unknown[]) {
    if (typeof text !== 'string') throw bad('has a repository that is no text');
    const repo = repoOf(text, pages);
    if (repo instanceof Error) throw bad(repo.message);
    found.set(repo.full.toLowerCase(), repo);
  }
  if (found.size > REPOS_MAX)
    throw bad(
      `names ${found.size} repositories, at most ${REPOS_MAX} can be asked`,
      'Make a second source of the rest.',
    );
  return [...found.values()];
}

/** `acme/shop`, `https://github.com/acme/shop/pull/5`, `git@github.com:acme/shop.git`. */
function repoOf(text: string, pages: string): Repo | Error {
  const ssh = /^(?:ssh:\/\/)?git@([^:/]+)[:/](.+)$/.exec(text);
  const web = ssh === null && URL.canParse(text) ? new URL(text) : undefined;
  const host = ssh?.[1] ?? web?.host;
  const shown = withoutUserinfo(text).slice(0, 120);
  if (host !== undefined && host !== new URL(pages).host)
    return new Error(`names "${shown}", which is not on ${pages}: set "url" to its server`);
  const path = (ssh?.[2] ?? web?.pathname ?? text).replace(/^\/+|\/+$/g, '');
  const [owner = '', rest = ''] = path.split('/');
  const name = rest.replace(/\.git$/, '');
  const whole = host !== undefined || path.split('/').length === 2;
  if (!whole || !/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(owner) || !/^[\w.-]{1,100}$/.test(name) || /^\.+$/.test(name))
    return new Error(`names "${shown}", which is no repository: write owner/name`);
  return { owner, name, full: `${owner}/${name}` };
}
