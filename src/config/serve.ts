/** The serve section of the config. Its secrets are read by `serve` alone: no other command needs them. */
import { dirname, resolve } from 'node:path';
import { defined } from '../core/defined.ts';
import { UserError } from '../core/errors.ts';
import { parseDuration } from '../core/time.ts';
import type { Secret } from '../safety/secret.ts';
import { type ConfigFlags, readFileConfig } from './load.ts';
import type { FileConfig } from './schema.ts';
import { resolveSecrets } from './secrets.ts';

type Section = NonNullable<FileConfig['serve']>;
export type HookConfig = NonNullable<Section['hooks']>[string];

export interface HookSecrets extends Omit<HookConfig, 'secrets' | 'path'> {
  name: string;
  secrets: string[];
  path?: string;
}

export interface ServeConfig {
  host: string;
  port: number;
  hooks: HookSecrets[];
  viewers: string[];
  hosts: string[];
  concurrency?: number;
  queue?: number;
  windowMs?: number;
  debounceMs?: number;
  cooldownMs?: number;
  graceMs?: number;
  perHour?: Section['perHour'];
  perService?: Section['perService'];
  /** Who is told of every investigation. */
  notify: string[];
  otlp?: { endpoint: string; bearer?: string };
  /** Every secret in plain text, for the redactor. */
  secrets: string[];
  /** The file that it stands in. */
  file: string;
}

/** Reads the section, the project's file before the user's. Throws UserError where there is none. */
export async function loadServe(
  flags: ConfigFlags & { listen?: string },
  env: Record<string, string | undefined>,
  cwd: string,
  userFile: string,
): Promise<ServeConfig> {
  const project = resolve(cwd, flags.config ?? env.INQUEST_CONFIG ?? 'inquest.config.json');
  const named = (flags.config ?? env.INQUEST_CONFIG) !== undefined;
  const layers = [
    [await readFileConfig(project, named), project],
    [await readFileConfig(userFile, false), userFile],
  ] as const;
  const [layer, file] = layers.find(([l]) => l?.serve !== undefined) ?? [undefined, project];
  const section: Section = layer?.serve ?? {};
  const secrets: string[] = [];
  const context = { env, cwd: dirname(file), secrets, kept: { files: [], written: [] } };
  const plain = async (s: unknown, where: string): Promise<string> => {
    return ((await resolveSecrets(s, { ...context, where: `${file}: serve.${where}` }, 'secret')) as Secret).reveal();
  };
  const hooks: HookSecrets[] = [];
  for (const [name, { secrets: given = [], path, ...rest }] of Object.entries(section.hooks ?? {})) {
    const where = `hooks.${name}`;
    const each = await Promise.all(given.map((s) => plain(s, where)));
    const end = path === undefined ? {} : { path: await plain(path, where) };
    hooks.push({ name, ...rest, secrets: each, ...end });
    checkHook(hooks.at(-1)!, file);
  }
  const { window, debounce, cooldown, grace, otlp } = section;
  const ms = (text: string | undefined): number | undefined => (text === undefined ? undefined : parseDuration(text));
  const endpoint = otlp?.endpoint ?? env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const bearer = otlp?.bearer === undefined ? {} : { bearer: await plain(otlp.bearer, 'otlp') };
  const { concurrency, queue, perHour, perService } = section;
  return defined<ServeConfig>({
    ...address(flags.listen ?? section.listen ?? '127.0.0.1:8787'),
    hooks,
    viewers: await Promise.all((section.viewers ?? []).map((s) => plain(s, 'viewers'))),
    hosts: section.hosts ?? [],
    notify: section.notify ?? [],
    ...{ concurrency, queue, perHour, perService, secrets, file },
    windowMs: ms(window),
    debounceMs: ms(debounce),
    cooldownMs: ms(cooldown),
    graceMs: ms(grace),
    otlp: endpoint ? { endpoint, ...bearer } : undefined,
  });
}

/** A hook without a secret would be open to everybody. */
function checkHook({ name, type, secrets, topics, auth, header, path }: HookSecrets, file: string): void {
  const wrong = (what: string, hint: string): UserError =>
    new UserError(`${file}: serve.hooks.${name} ${what}`, { hints: [hint] });
  if (type === 'cloudwatch' && auth === undefined) {
    if (topics?.length) return;
    throw wrong('names no topic', 'Write "topics": ["arn:aws:sns:eu-west-1:123456789012:alarms"].');
  }
  if (secrets.length === 0 || secrets.some((s) => s.length < 8)) {
    throw wrong(
      'has no secret of 8 characters or more',
      'Write "secrets": [{ "env": "NAME" }]; openssl rand -hex 24 makes one.',
    );
  }
  if (auth === 'header' && header === undefined) throw wrong('names no header', 'Write "header": "X-Inquest-Token".');
  if (path !== undefined && !/^[A-Za-z0-9._~-]{16,128}$/.test(path)) {
    throw wrong('has a path that is no secret', 'Use 16 to 128 letters, digits, - and _.');
  }
}

/** `127.0.0.1:8787`, `[::1]:8787`, `:8787`, `8787`. */
function address(text: string): { host: string; port: number } {
  const match = /^(?:(\[[0-9a-f:.]+\]|[A-Za-z0-9.-]*):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (!match || port > 65_535) {
    throw new UserError(`--listen: "${text}" is no address`, {
      hints: ['Write 127.0.0.1:8787, [::1]:8787 or 0.0.0.0:8787.'],
    });
  }
  return { host: match[1]?.replace(/^\[|\]$/g, '') || '127.0.0.1', port };
}
