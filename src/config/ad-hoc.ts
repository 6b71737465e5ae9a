/** Sources that flags and environment variables name, without a config file. */
import { Secret } from '../safety/secret.ts';
import type { Config, ConfigFlags } from './load.ts';
import { checkUrl } from './url.ts';

type Env = Record<string, string | undefined>;

/** A flag wins over its variable. Throws UserError for what is no URL. */
export function adHoc(flags: ConfigFlags, env: Env, secrets: string[]): Config['sources'] {
  const out: Config['sources'] = {};
  const bearer = env.INQUEST_PROMETHEUS_BEARER;
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
  return out;
}
