/**
 * Credentials and addresses that the environment holds for a source, under the names that its own tools use. A variable
 * alone switches no source on: what is seen is said, with what to type.
 */
import { UserError } from '../core/errors.ts';
import { nearest } from '../core/text.ts';
import { withoutUserinfo } from '../core/userinfo.ts';
import { SITES } from './datadog-sites.ts';

export type Env = Record<string, string | undefined>;

/** Variables by what they hold, the first that is set counts. */
const VARIABLES = {
  datadogApiKey: ['DD_API_KEY', 'DATADOG_API_KEY'],
  datadogAppKey: ['DD_APP_KEY', 'DATADOG_APP_KEY', 'DD_APPLICATION_KEY'],
  datadogSite: ['DD_SITE', 'DATADOG_SITE'],
  datadogUrl: ['DATADOG_HOST'],
  githubToken: ['GH_TOKEN', 'GITHUB_TOKEN'],
  githubEnterpriseToken: ['GH_ENTERPRISE_TOKEN', 'GITHUB_ENTERPRISE_TOKEN'],
  githubHost: ['GH_HOST'],
  prometheusUrl: ['PROMETHEUS_URL'],
  alertmanagerUrl: ['ALERTMANAGER_URL'],
  anthropicKey: ['ANTHROPIC_API_KEY'],
} as const;

/** The name of the variable that holds it; undefined where none does. */
export const variableOf = (env: Env, what: keyof typeof VARIABLES): string | undefined =>
  VARIABLES[what].find((name) => env[name]);

/** The names under which it is looked for, for messages. */
export const variablesFor = (what: keyof typeof VARIABLES): string => VARIABLES[what].join(' or ');

export const [DEFAULT_SITE] = SITES;

/** The site that the environment names: DD_SITE, or the host of DATADOG_HOST (`https://api.datadoghq.eu`). */
export function siteIn(env: Env): { site: string; from?: string } {
  const named = variableOf(env, 'datadogSite');
  if (named) return { site: env[named]!.trim(), from: named };
  const host = variableOf(env, 'datadogUrl');
  const site = host && siteOf(env[host]!);
  return site && host ? { site, from: host } : { site: DEFAULT_SITE };
}

/** The site whose application or API lies at this URL. */
export const siteOf = (url: string): string | undefined =>
  SITES.find((s) => URL.canParse(url) && [s, `app.${s}`, `api.${s}`].includes(new URL(url).hostname));

/** Where people look: the older sites have a host for it, the numbered ones are it. */
export const appOf = (site: string): string => `https://${site.split('.').length === 2 ? `app.${site}` : site}`;

/** A site, or the URL of a server that stands in for it. Throws UserError naming `from` and the nearest site. */
export function checkSite(text: string, from: string): { site: string } | { url: string } {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) {
    const site = siteOf(text);
    return site ? { site } : { url: text };
  }
  const site = text.toLowerCase().replace(/^(?:app|api)\./, '');
  if (SITES.some((s) => s === site)) return { site };
  const near = nearest(site, SITES);
  throw new UserError(
    `${from}: "${withoutUserinfo(text)}" is no Datadog site${near ? `; did you mean "${near}"?` : ''}`,
    {
      hints: [
        `Known: ${SITES.join(', ')}`,
        ...(from === '--datadog' ? ['Is it the alert? Put it first: inquest alert.json --datadog'] : []),
      ],
    },
  );
}

export interface Repository {
  /** `owner/name`. */
  repo: string;
  host: string;
  /** Scheme and host of a GitHub Enterprise server; absent for github.com. */
  url?: string;
}

const PUBLIC_HOST = 'github.com';

/** `owner/name`, `https://host/owner/name`, `git@host:owner/name.git`; undefined where it is none of these. */
export function parseRepository(text: string, env: Env = {}): Repository | undefined {
  const path = (rest: string): string | undefined =>
    /^\/?([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(rest)?.[1] ??
    /^\/?([\w.-]+\/[\w.-]+?)\/(?:tree|pull|commit)\//.exec(rest)?.[1];
  const scp = /^(?:[\w.-]+@)?([\w.-]+):(?!\/)(.+)$/.exec(text);
  const url = !scp && URL.canParse(text) ? new URL(text) : undefined;
  const repo = path(scp?.[2] ?? url?.pathname ?? text);
  if (!repo || (url && !/^(?:https?|ssh|git):$/.test(url.protocol))) return undefined;
  const named = variableOf(env, 'githubHost');
  const host = (scp?.[1] ?? url?.host ?? (named ? env[named]! : PUBLIC_HOST)).replace(/^(?:www|ssh)\./, '');
  if (host === PUBLIC_HOST) return { repo, host };
  // The port of ssh:// is none of its web server.
  const web = url?.protocol.startsWith('http') ? `${url.protocol}//${host}` : `https://${host.replace(/:\d+$/, '')}`;
  return { repo, host, url: web };
}

/**
 * The variable whose token is meant for this host, as gh has it: one for github.com and ghe.com, another for own
 * servers, so that no token goes to a host that it is not for. In a workflow of an own server GITHUB_TOKEN is its.
 */
export function tokenVariable(env: Env, host: string): string | undefined {
  if (host === PUBLIC_HOST || host.endsWith('.ghe.com')) return variableOf(env, 'githubToken');
  const own = URL.canParse(env.GITHUB_SERVER_URL ?? '') && new URL(env.GITHUB_SERVER_URL!).host === host;
  return variableOf(env, 'githubEnterpriseToken') ?? (own ? variableOf(env, 'githubToken') : undefined);
}

export interface SeenVariables {
  /** `Datadog`. */
  title: string;
  type: string;
  variables: string[];
  /** What to type for it; or what is missing. */
  typed: string;
}

/** What the environment holds for sources that are not among the configured types. */
export function seenIn(env: Env, configured: ReadonlySet<string>): SeenVariables[] {
  const names = (...what: (keyof typeof VARIABLES)[]): string[] => what.flatMap((w) => variableOf(env, w) ?? []);
  const rows: SeenVariables[] = [];
  const row = (title: string, type: string, variables: string[], typed: string): void => {
    if (variables.length > 0 && !configured.has(type)) rows.push({ title, type, variables, typed });
  };
  const [api, app] = [variableOf(env, 'datadogApiKey'), variableOf(env, 'datadogAppKey')];
  const { site, from } = siteIn(env);
  const flag = from && site !== DEFAULT_SITE ? `--datadog ${site}` : '--datadog';
  const missing = api ? variablesFor('datadogAppKey') : variablesFor('datadogApiKey');
  row(
    'Datadog',
    'datadog',
    names('datadogApiKey', 'datadogAppKey'),
    api && app ? flag : `${flag}, with ${missing} set too`,
  );
  row('GitHub', 'github', names('githubToken', 'githubEnterpriseToken'), '--github OWNER/REPO');
  for (const [title, type, what] of [
    ['Prometheus', 'prometheus', 'prometheusUrl'],
    ['Alertmanager', 'alertmanager', 'alertmanagerUrl'],
  ] as const) {
    const name = variableOf(env, what);
    if (name) row(title, type, [name], `--${type} "$${name}"`);
  }
  return rows;
}

/** One line for each: what was seen, and what to type. */
export const seenLines = (env: Env, configured: ReadonlySet<string>): string[] =>
  seenIn(env, configured).map(
    (s) =>
      `${s.variables.join(' and ')} ${s.variables.length > 1 ? 'are' : 'is'} set: to use ${s.title}, add ${s.typed}`,
  );
