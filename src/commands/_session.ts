/** What every command that runs something shares: config, sources, steps, playbooks, the model. */
import { resolve } from 'node:path';
import { type Further, furtherOf } from '../app/agent.ts';
import { historySource, type PastRuns } from '../app/history.ts';
import { loadPlaybooks } from '../app/playbooks.ts';
import { loadPlugins } from '../app/plugins.ts';
import { recordingSources } from '../app/recording.ts';
import { type OpenedSources, openSources } from '../app/sources.ts';
import { seenLines } from '../config/credentials.ts';
import { type Config, type ConfigFlags, loadConfig } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { byText } from '../core/canonical.ts';
import { UserError } from '../core/errors.ts';
import type { Io } from '../core/ports.ts';
import type { Step } from '../core/types.ts';
import { listRuns } from '../journal/runs.ts';
import { guardStream } from '../safety/guard.ts';
import type { OpenSource } from '../tools/tool.ts';
import type { Playbook } from '../workflow/playbook.ts';
import { isFolder } from './_show.ts';

/** The config for these flags. A bundle is looked at alone, unless sources are named on the command line. */
export async function configFor(io: Io, flags: ConfigFlags, bundle?: string): Promise<Config> {
  const config = await loadConfig(flags, io.env, io.cwd, paths(io.env).userConfig);
  for (const stream of [io.stdout, io.stderr]) guardStream(stream, config.secrets);
  if (bundle === undefined) return config;
  const named = Object.entries(config.sources).filter(([, s]) => s.from.startsWith('flag '));
  const sources = Object.fromEntries(named);
  return {
    ...config,
    sources: { ...sources, bundle: { type: 'bundle', config: { dir: bundle }, from: 'flag --bundle' } },
  };
}

/** Opens the sources of a config and our own history beside them. */
export async function sourcesFor(
  io: Io,
  config: Config,
  now: number,
  run: string,
  past: PastRuns = (limit) => listRuns(paths(io.env).runs, limit),
): Promise<OpenedSources> {
  if (Object.keys(config.sources).length === 0) {
    throw new UserError('there is nothing to look at: no source is configured', {
      hints: [
        'Nothing was sent anywhere.',
        ...seenLines(io.env, new Set()),
        'Try it now:      inquest demo',
        'Set it up:       inquest init',
        'Name a source:   inquest alert.json --prometheus http://127.0.0.1:9090 --git ../repo --logs "/var/log/app/*"',
        'Or a config:     inquest help config',
      ],
      exit: 3,
    });
  }
  const broken = Object.values(config.sources).map((s) => s.broken);
  if (broken[0] && broken.every((b) => b !== undefined)) throw broken[0];
  const opened = await openSources(io.root, config, {
    cwd: io.cwd,
    fetch,
    now: () => now,
    services: config.services,
    retries: config.retries,
  });
  const history: OpenSource = historySource(past, run);
  const { bundle } = config.sources;
  const recorded = opened.sources.find((s) => s.name === 'bundle');
  const taped = bundle && recorded && (await recordingSources(String(bundle.config.dir), recorded));
  const sources = taped ? [...opened.sources.filter((s) => s !== recorded), ...taped.sources] : opened.sources;
  const unavailable = [...opened.unavailable, ...(taped?.recording.unavailable ?? [])];
  return { ...opened, sources: [...sources, history], unavailable };
}

/** The types of the configured sources. */
export const typesOf = (config: Config): Set<string> => new Set(Object.values(config.sources).map((s) => s.type));

export const stepsOf = (io: Io): Promise<Map<string, Step>> => loadPlugins<Step>(io.root, 'steps', 'step', 'step');

/** The model of the config, opened only when the gate escalates. */
export function furtherFor(io: Io, config: Config): { further?: Further } {
  const further = furtherOf(io.root, config.agent, { fetch, now: io.now });
  return further ? { further } : {};
}

/** How long a run without somebody at the screen waits for a person. */
export const waitOf = ({ waitMs }: Config): { waitMs?: number } => (waitMs === undefined ? {} : { waitMs });

/** Built-in, then the user's, then the project's playbooks; without steps where the model is to work alone. */
export async function playbooksOf(io: Io, config: Config, steps: ReadonlyMap<string, Step>): Promise<Playbook[]> {
  const project = config.playbooks.map((folder) => resolve(io.cwd, folder));
  for (const folder of project) {
    if (!(await isFolder(folder))) throw new UserError(`playbooks: there is no folder ${folder}`);
  }
  // One broken file of the project must not stop an investigation at night: it is said and left out.
  const broken = (e: UserError): void => void io.stderr.write(`! left out: ${[e.message, ...e.hints].join('. ')}\n`);
  const names = [...steps.keys()].sort(byText);
  const all = await loadPlaybooks(io.root, [paths(io.env).userPlaybooks, ...project], names, broken);
  return config.mode === 'agent' ? all.map((p) => ({ ...p, steps: [] })) : all;
}
