/** Flag > environment > project file > user file; every value knows where it came from. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { defined } from '../core/defined.ts';
import { errorCode, UserError } from '../core/errors.ts';
import { parseDuration } from '../core/time.ts';
import type { Secret } from '../safety/secret.ts';
import { adHoc } from './ad-hoc.ts';
import type { Env } from './credentials.ts';
import { type EngineConfig, engineConfig } from './engine.ts';
import { type AgentConfig, agentConfig, type Mode } from './model.ts';
import { commentNotifier, type NotifierConfig, notifyConfig } from './notify.ts';
import { parseConfig } from './parse.ts';
import type { FileConfig } from './schema.ts';
import { type Kept, resolveSecrets } from './secrets.ts';
import { passwordsIn } from './url.ts';

/** What the command line says of sources and limits. */
export interface ConfigFlags {
  config?: string;
  prometheus?: string;
  alertmanager?: string;
  git?: string[];
  logs?: string[];
  /** Repositories, `owner/name` each. */
  github?: string[];
  /** Its site, or true for the one that the environment names. */
  datadog?: string | true;
  timeout?: string;
  wall?: string;
  confidence?: string;
  model?: string | false;
  mode?: string;
  /** Without a screen: leave the question to a person open (exit 11); a duration: after waiting so long. */
  waitForHuman?: string | boolean;
  /** Where runs are worked on: `local` (this process) or `restate`. */
  engine?: string;
  /** Only `ci --comment`: where the one comment stands. */
  commentOn?: { repo: string; issue: string };
}

export interface SourceConfig {
  type: string;
  /** The definition with each secret as a `Secret`, which prints as its name. */
  config: Record<string, unknown>;
  /** `flag --prometheus`, `INQUEST_PROMETHEUS_URL`, a file. */
  from: string;
  /** Why it cannot be opened: a key of it is missing. The other sources still answer. */
  broken?: UserError;
}

export interface Config {
  sources: Record<string, SourceConfig>;
  services: NonNullable<FileConfig['services']>;
  /** Who may be told of a run, by name. */
  notify?: Record<string, NotifierConfig>;
  gate: { confidence?: number; margin?: number; coverage?: number };
  lookbackMs?: number;
  baselineMs?: number;
  timeoutMs?: number;
  wallMs?: number;
  /** How long a run without somebody at the screen waits for a person before it ends with exit 11; absent = not at all. */
  waitMs?: number;
  retries?: number;
  /** How long an answer keeps, by the first part of its capability: `{ "metrics": "5m" }`. */
  freshness?: NonNullable<FileConfig['freshness']>;
  /** What `prune` removes where no flag says otherwise. */
  retention?: NonNullable<FileConfig['retention']>;
  playbooks: string[];
  /** Whether a model is asked, and where no step is taken before it. */
  mode?: Mode;
  /** The model that looks further where the gate escalates. */
  agent?: AgentConfig;
  /** The distributed engine, where one is configured. */
  engine?: EngineConfig;
  /** Every secret in plain text, for the redactor. */
  secrets: string[];
  /** Where secrets are kept: files that the config names, and places where it holds one itself. */
  kept?: Kept;
  /** Files that were read. */
  files: string[];
}

/** Reads and merges all layers. Throws UserError naming the file, the key and the nearest known one. */
export async function loadConfig(flags: ConfigFlags, env: Env, cwd: string, userFile: string): Promise<Config> {
  const projectFile = resolve(cwd, flags.config ?? env.INQUEST_CONFIG ?? 'inquest.config.json');
  const named = flags.config ?? env.INQUEST_CONFIG;
  const user = await readFileConfig(userFile, false);
  const project = await readFileConfig(projectFile, named !== undefined);
  const files = [user && userFile, project && projectFile].filter((f) => f !== undefined);
  const merged: FileConfig = { ...user, ...project };
  const secrets: string[] = [];
  const kept: Kept = { files: [], written: [] };
  const sources: Config['sources'] = {};
  const layers = [
    [user, userFile],
    [project, projectFile],
  ] as const;
  for (const [layer, file] of layers) {
    for (const [name, { type, ...definition }] of Object.entries(layer?.sources ?? {})) {
      const ctx = { env, cwd: join(file, '..'), where: `${file}: sources.${name}`, secrets, kept };
      sources[name] = await resolveSecrets(definition, ctx).then(
        (config): SourceConfig => ({ type, config: config as Record<string, unknown>, from: file }),
        (e: unknown): SourceConfig => {
          if (!(e instanceof UserError)) throw e;
          return { type, config: {}, from: file, broken: e };
        },
      );
    }
  }
  Object.assign(sources, adHoc(flags, env, secrets));
  for (const { config } of Object.values(sources))
    secrets.push(...passwordsIn(config.url), ...passwordsIn(config.proxy));
  const duration = (text: string | undefined, flag: string): number | undefined => {
    if (text === undefined) return undefined;
    const ms = parseDuration(text);
    if (ms === undefined)
      throw new UserError(`${flag}: "${text}" is no duration`, { hints: ['Write 20s, 15m, 1h30m.'] });
    return ms;
  };
  const confidence = flags.confidence === undefined ? undefined : Number(flags.confidence);
  if (confidence !== undefined && !(confidence >= 0 && confidence <= 1)) {
    throw new UserError(`--confidence: "${flags.confidence}" is no number from 0 to 1`);
  }
  return defined<Config>({
    sources,
    services: { ...user?.services, ...project?.services },
    notify: {
      ...(await notifyConfig(layers, { env, secrets, kept })),
      ...commentNotifier(flags.commentOn, env, secrets),
    },
    gate: { ...user?.gate, ...project?.gate, ...(confidence === undefined ? {} : { confidence }) },
    lookbackMs: duration(merged.window?.lookback, 'window.lookback'),
    baselineMs: duration(merged.window?.baseline, 'window.baseline'),
    timeoutMs: duration(flags.timeout ?? merged.limits?.timeout, '--timeout'),
    wallMs: duration(flags.wall ?? merged.limits?.wall, '--wall'),
    waitMs: flags.waitForHuman === true ? 0 : duration(flags.waitForHuman || undefined, '--wait-for-human'),
    retries: merged.limits?.retries,
    freshness: merged.freshness,
    retention: merged.retention,
    playbooks: merged.playbooks ?? [],
    ...(await agentConfig(flags, env, layers, secrets)),
    engine: await engineOf(flags, env, layers, { secrets, kept }),
    secrets,
    kept,
    files,
  });
}

/** The engine that the flags or the nearest file name; its token is a secret like any other. */
async function engineOf(
  flags: ConfigFlags,
  env: Env,
  layers: readonly (readonly [FileConfig | undefined, string])[],
  found: { secrets: string[]; kept: Kept },
): Promise<EngineConfig | undefined> {
  const [layer, file] = layers.findLast(([l]) => l?.engine !== undefined) ?? [undefined, ''];
  const where = { env, cwd: join(file, '..'), where: `${file}: engine`, ...found };
  const { token } = (await resolveSecrets({ token: layer?.engine?.token }, where)) as { token?: Secret };
  return engineConfig(flags.engine, env, layer?.engine, token?.reveal());
}

/** A file of ours, checked; undefined where there is none and none is required. */
export async function readFileConfig(file: string, required: boolean): Promise<FileConfig | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (e) {
    if ((errorCode(e) === 'ENOENT' || errorCode(e) === 'ENOTDIR') && !required) return undefined;
    throw new UserError(`cannot read the config ${file}: ${errorCode(e) ?? e}`, {
      hints: ['Name another one with --config FILE.'],
    });
  }
  return parseConfig(text, file);
}
