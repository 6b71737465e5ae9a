/** Opens what the config names. A source that cannot be opened is said and left out; the others still answer. */
import type { Config, SourceConfig } from '../config/load.ts';
import { byText } from '../core/canonical.ts';
import { UserError } from '../core/errors.ts';
import type { OpenSource, SourceEnv, SourcePlugin } from '../tools/tool.ts';
import { loadPlugin } from './plugins.ts';

export interface OpenedSources {
  sources: OpenSource[];
  unavailable: { source: string; why: string }[];
  close(): Promise<void>;
}

/** Opens all sources of a config, in the order of their names. Asks the network nothing. */
export async function openSources(root: string, config: Config, env: SourceEnv): Promise<OpenedSources> {
  const sources: OpenSource[] = [];
  const unavailable: OpenedSources['unavailable'] = [];
  for (const name of Object.keys(config.sources).sort(byText)) {
    try {
      sources.push(await openSource(root, name, config.sources[name]!, env));
    } catch (e) {
      if (!(e instanceof UserError)) throw e;
      unavailable.push({ source: name, why: [e.message, ...e.hints.slice(0, 1)].join('. ') });
    }
  }
  return {
    sources,
    unavailable,
    async close() {
      const closed = sources.map(async (s) => s.close?.());
      // One that cannot be closed leaves none of the others open.
      await Promise.allSettled(closed);
      await Promise.all(closed);
    },
  };
}

/** Opens one source. Throws UserError where a key of it is missing or its config cannot work. */
export async function openSource(root: string, name: string, s: SourceConfig, env: SourceEnv): Promise<OpenSource> {
  if (s.broken) throw s.broken;
  const plugin = await loadPlugin<SourcePlugin>(root, 'sources', s.type, 'source', 'source');
  return plugin.open(name, s.config, env);
}
