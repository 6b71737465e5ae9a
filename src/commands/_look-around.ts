/** What `init` finds without asking anybody: variables, the configuration of other tools, the repository of the folder. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Env, parseRepository, type Repository, siteOf, variableOf } from '../config/credentials.ts';
import { inHome } from '../config/paths.ts';
import type { Io } from '../core/ports.ts';
import { findRepository, git } from '../sources/_git-run.ts';
import { Refused } from '../sources/_refused.ts';

export interface Found {
  /** Top folder of the repository around the working folder. */
  repository?: string;
  /** Where its `origin` is on GitHub, or may be on a server of one's own. */
  remote?: Repository;
  /** Hosts that gh is logged in to, with the login. Its token is never read. */
  gh: { host: string; user?: string }[];
  /** Keys of Datadog's own command line, in ~/.dogrc. */
  dogrc?: { file: string; apiKey: string; appKey: string; site?: string };
  /** Lines for people: what was found where. */
  told: string[];
}

export async function lookAround(io: Io): Promise<Found> {
  const { env } = io;
  const repository = await repositoryAround(io.cwd);
  const remote = repository ? await remoteOf(repository, io) : undefined;
  const gh = ghHosts(await textOf(join(ghFolder(env), 'hosts.yml')));
  const dogrc = await readDogrc(env);
  const variables = (
    [
      'datadogApiKey',
      'datadogAppKey',
      'githubToken',
      'githubEnterpriseToken',
      'prometheusUrl',
      'alertmanagerUrl',
      'anthropicKey',
    ] as const
  )
    .flatMap((what) => variableOf(env, what) ?? [])
    .concat(Object.keys(env).filter((name) => /^INQUEST_(?:PROMETHEUS|ALERTMANAGER|GIT|LOGS)/.test(name) && env[name]));
  const told = [
    ...(variables.length > 0 ? [`variables    ${variables.join(', ')}`] : []),
    ...gh.map(({ host, user }) => `gh           logged in to ${host}${user ? ` as ${user}` : ''}`),
    ...(dogrc ? [`dog          keys in ${dogrc.file}`] : []),
    ...(repository ? [`repository   ${repository}${remote ? `, ${remote.repo} on ${remote.host}` : ''}`] : []),
  ];
  return {
    ...(repository ? { repository } : {}),
    ...(remote ? { remote } : {}),
    gh,
    ...(dogrc ? { dogrc } : {}),
    told,
  };
}

async function repositoryAround(folder: string): Promise<string | undefined> {
  if (await findRepository(folder)) return folder;
  const above = dirname(folder);
  return above === folder ? undefined : repositoryAround(above);
}

async function remoteOf(path: string, io: Io): Promise<Repository | undefined> {
  const found = await findRepository(path);
  try {
    const { text } = await git(found!, ['config', '--get', 'remote.origin.url'], io.signal);
    return parseRepository(text.trim());
  } catch (e) {
    // No remote, or no git: then nothing is known of it.
    if (e instanceof Refused) return undefined;
    throw e;
  }
}

const ghFolder = (env: Env): string =>
  env.GH_CONFIG_DIR ?? join(env.XDG_CONFIG_HOME ?? join(env.HOME ?? '/', '.config'), 'gh');

/** Hosts and logins of gh's hosts.yml: keys at the margin, and `user:` below each. */
function ghHosts(text: string | undefined): Found['gh'] {
  const hosts: Found['gh'] = [];
  for (const line of text?.split('\n') ?? []) {
    const host = /^"?([\w.-]+(?::\d+)?)"?:\s*$/.exec(line)?.[1];
    const user = /^ {4}user:\s*"?([\w-]+)"?\s*$/.exec(line)?.[1];
    if (host) hosts.push({ host });
    else if (user && hosts.length > 0) hosts.at(-1)!.user = user;
  }
  return hosts;
}

async function readDogrc(env: Env): Promise<Found['dogrc']> {
  const file = '~/.dogrc';
  const text = await textOf(inHome(file, env));
  const value = (name: string): string | undefined =>
    new RegExp(`^\\s*${name}\\s*[=:]\\s*(\\S+)\\s*$`, 'im').exec(text ?? '')?.[1];
  const [apiKey, appKey, host] = [value('apikey'), value('appkey'), value('api_host')];
  if (!apiKey || !appKey) return undefined;
  const site = host && siteOf(host);
  return { file, apiKey, appKey, ...(site ? { site } : {}) };
}

const textOf = (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(() => undefined);
