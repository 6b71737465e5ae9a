/** The notify section of the config: who may be told of a run. What is missing for one is said only when it is used. */
import { dirname, resolve } from 'node:path';
import { UserError } from '../core/errors.ts';
import { Secret } from '../safety/secret.ts';
import type { Env } from './credentials.ts';
import type { FileConfig } from './schema.ts';
import { type Kept, resolveSecrets } from './secrets.ts';

export interface NotifierConfig {
  /** Name of its plug-in. */
  type: string;
  /** With each secret as a `Secret`. */
  config: Record<string, unknown>;
  /** The file that names it. */
  from: string;
  /** Why it cannot be used: a variable that is not set, a half definition. */
  broken?: UserError;
}

/** What becomes part of a path or names a place, after variables were filled in. */
const SHAPES: Record<string, [pattern: RegExp, what: string]> = {
  issue: [/^[1-9]\d{0,9}$/, 'a number of an issue or pull request'],
  incident: [/^[A-Z0-9]{4,20}$/, 'an id of an incident such as PT4KHLK'],
  channel: [/^#?[\w-]{1,80}$/, 'a channel'],
};

/** All notifiers of all layers, a later layer over an earlier one of the same name. `secrets` gets their credentials. */
export async function notifyConfig(
  layers: readonly (readonly [FileConfig | undefined, string])[],
  { env, secrets, kept }: { env: Env; secrets: string[]; kept: Kept },
): Promise<Record<string, NotifierConfig>> {
  const out: Record<string, NotifierConfig> = {};
  for (const [layer, file] of layers) {
    for (const [name, { type, ...definition }] of Object.entries(layer?.notify ?? {})) {
      const where = `${file}: notify.${name}`;
      try {
        const cwd = dirname(file);
        const told = await resolveSecrets(definition, { env, cwd, where, secrets, kept });
        out[name] = { type, config: filled(told as Record<string, unknown>, { type, where, cwd, env }), from: file };
      } catch (e) {
        if (!(e instanceof UserError)) throw e;
        out[name] = { type, config: {}, from: file, broken: e };
      }
    }
  }
  return out;
}

function filled(
  config: Record<string, unknown>,
  { type, where, cwd, env }: { type: string; where: string; cwd: string; env: Env },
): Record<string, unknown> {
  const out = { ...config };
  for (const [key, [pattern, what]] of Object.entries(SHAPES)) {
    const value = out[key];
    if (value === undefined) continue;
    const variable = typeof value === 'object' && value !== null ? (value as { env: string }).env : undefined;
    const text = variable === undefined ? String(value) : (env[variable]?.trim() ?? '');
    if (variable !== undefined && text === '') {
      throw new UserError(`${where}.${key}: the variable ${variable} is not set`, { exit: 3 });
    }
    if (!pattern.test(text)) throw new UserError(`${where}.${key}: "${text.slice(0, 40)}" is not ${what}`);
    out[key] = text;
  }
  if (type === 'slack' && (out.webhook === undefined) === (out.token === undefined || out.channel === undefined)) {
    throw new UserError(`${where}: a Slack notifier needs "webhook", or "token" and "channel"`);
  }
  if (typeof out.folder === 'string') out.folder = resolve(cwd, out.folder);
  return out;
}

/** The comment that a CI job asks for with a flag: its repository, the number, and the token that the job was given. */
export function commentNotifier(
  on: { repo: string; issue: string } | undefined,
  env: Env,
  secrets: string[],
): Record<string, NotifierConfig> {
  if (on === undefined) return {};
  const { GITHUB_TOKEN: token, GITHUB_API_URL: url } = env;
  const from = 'flag --comment';
  if (!token) {
    const broken = new UserError('--comment: the variable GITHUB_TOKEN is not set', {
      hints: ['Give the step the token of the job in its env, and the job the permission pull-requests: write.'],
      exit: 3,
    });
    return { [COMMENT]: { type: 'github', config: {}, from, broken } };
  }
  secrets.push(token);
  const config = { ...on, token: new Secret('GITHUB_TOKEN', token), ...(url ? { url } : {}) };
  return { [COMMENT]: { type: 'github', config, from } };
}

/** Name under which `--comment` notifies. */
export const COMMENT = 'comment';
