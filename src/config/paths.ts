/** Where things lie on disk: XDG base directories, with their fallbacks. */
import { join } from 'node:path';

export interface Paths {
  /** Run folders. */
  runs: string;
  /** Notifications that could not be delivered. */
  deadLetters: string;
  /** The user's config file. */
  userConfig: string;
  /** The user's own playbooks. */
  userPlaybooks: string;
  /** Keys that `init` was given, a file each, readable by the user alone. */
  keys: string;
}

/** Folders from the environment; `INQUEST_HOME` puts everything below one folder. */
export function paths(env: Record<string, string | undefined>): Paths {
  const home = env.HOME ?? '/';
  const state = env.INQUEST_HOME ?? join(env.XDG_STATE_HOME ?? join(home, '.local', 'state'), 'inquest');
  const config = env.INQUEST_HOME ?? join(env.XDG_CONFIG_HOME ?? join(home, '.config'), 'inquest');
  return {
    runs: join(state, 'runs'),
    deadLetters: join(state, 'dead-letters'),
    userConfig: join(config, 'config.json'),
    userPlaybooks: join(config, 'playbooks'),
    keys: join(config, 'keys'),
  };
}

/** A path with `~/` in front, as people write it in a config, below the home folder. */
export const inHome = (file: string, env: Record<string, string | undefined>): string =>
  file.startsWith('~/') && env.HOME ? join(env.HOME, file.slice(2)) : file;

/** The same the other way round: a path below the home folder with `~/` in front. */
export const fromHome = (file: string, env: Record<string, string | undefined>): string =>
  env.HOME && file.startsWith(`${env.HOME}/`) ? `~/${file.slice(env.HOME.length + 1)}` : file;
