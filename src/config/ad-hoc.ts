/** Sources that flags and environment variables name, without a config file. */
import { UserError } from '../core/errors.ts';
import { withoutUserinfo } from '../core/userinfo.ts';
import { Secret } from '../safety/secret.ts';
import {
  checkSite,
  type Env,
  parseRepository,
  type Repository,
  siteIn,
  tokenVariable,
  variableOf,
  variablesFor,
} from './credentials.ts';
import type { Config, ConfigFlags } from './load.ts';
import { checkUrl } from './url.ts';

/** A flag wins over its variable. Throws UserError for what is no URL, site or repository, and for a missing key. */
export function adHoc(flags: ConfigFlags, env: Env, secrets: string[]): Config['sources'] {
  const out: Config['sources'] = {};
  const bearer = env.INQUEST_PROMETHEUS_BEARER?.trim();
  if (bearer) secrets.push(bearer);
  for (const type of ['prometheus', 'alertmanager'] as const) {
    const variable = `INQUEST_${type.toUpperCase()}_URL`;
    const url = flags[type] ?? env[variable];
    if (!url) continue;
    checkUrl(url, flags[type] ? `--${type}` : variable);
    const from = flags[type] ? `flag --${type}` : variable;
    out[type] = {
      type,
      config: { url, ...(bearer ? { bearer: new Secret('INQUEST_PROMETHEUS_BEARER', bearer) } : {}) },
      from,
    };
  }
  const many = (values: string[] | undefined, variable: string, flag: string): [values: string[], from: string] =>
    values && values.length > 0
      ? [values, `flag ${flag}`]
      : [env[variable]?.split(',').filter(Boolean) ?? [], variable];
  const [repositories, gitFrom] = many(flags.git, 'INQUEST_GIT', '--git');
  for (const [i, path] of repositories.entries()) {
    out[i === 0 ? 'git' : `git-${i + 1}`] = { type: 'git', config: { path }, from: gitFrom };
  }
  const [logs, logsFrom] = many(flags.logs, 'INQUEST_LOGS', '--logs');
  if (logs.length > 0) out.logs = { type: 'logfile', config: { paths: logs }, from: logsFrom };
  return { ...out, ...datadog(flags, env, secrets), ...github(flags, env, secrets) };
}

function datadog(flags: ConfigFlags, env: Env, secrets: string[]): Config['sources'] {
  if (flags.datadog === undefined) return {};
  const where = typeof flags.datadog === 'string' ? checkSite(flags.datadog, '--datadog') : fromEnvironment(env);
  const keys = ['datadogApiKey', 'datadogAppKey'] as const;
  const missing = keys.filter((what) => variableOf(env, what) === undefined);
  if (missing.length > 0) {
    throw new UserError(`--datadog: ${missing.map((what) => `${variablesFor(what)} is not set`).join(', and ')}`, {
      hints: ['Set both keys in the environment, or let "inquest init" keep them in a file of yours.'],
      exit: 3,
    });
  }
  const [apiKey, appKey] = keys.map((what) => secretOf(env, variableOf(env, what)!, secrets));
  return { datadog: { type: 'datadog', config: { ...where, apiKey, appKey }, from: 'flag --datadog' } };
}

function fromEnvironment(env: Env): { site: string } | { url: string } {
  const { site, from } = siteIn(env);
  return from === undefined ? { site } : checkSite(site, from);
}

function github(flags: ConfigFlags, env: Env, secrets: string[]): Config['sources'] {
  const out: Config['sources'] = {};
  const servers = new Map<string, Repository[]>();
  for (const text of flags.github ?? []) {
    const found = parseRepository(text, env);
    if (!found) {
      throw new UserError(`--github: "${withoutUserinfo(text)}" is no repository`, {
        hints: ['Write OWNER/REPO such as acme/shop, or its URL on an own server.'],
      });
    }
    servers.set(found.host, [...(servers.get(found.host) ?? []), found]);
  }
  for (const [host, found] of servers) {
    const variable = tokenVariable(env, host);
    const config = {
      repos: found.map((r) => r.repo),
      ...(found[0]!.url ? { url: found[0]!.url } : {}),
      // Public repositories can be read without one, slowly.
      ...(variable ? { token: secretOf(env, variable, secrets) } : {}),
    };
    const name = out.github === undefined ? 'github' : `github-${Object.keys(out).length + 1}`;
    out[name] = { type: 'github', config, from: 'flag --github' };
  }
  return out;
}

function secretOf(env: Env, variable: string, secrets: string[]): Secret {
  const plain = env[variable]!.trim();
  secrets.push(plain);
  return new Secret(variable, plain);
}
