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
  };
}
