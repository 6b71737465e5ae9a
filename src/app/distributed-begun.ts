/** What the first process of a distributed run decides, so that every later one, on whatever worker, decides nothing else. */
import type { Config, ConfigFlags } from '../config/load.ts';
import { canonical } from '../core/canonical.ts';
import { PROGRAM } from '../core/program.ts';
import { parseDuration } from '../core/time.ts';
import type { ToolSpec } from '../core/types.ts';
import type { OpenSource } from '../tools/tool.ts';
import type { Match } from '../workflow/match.ts';
import type { Further } from './agent.ts';
import type { OpenedSources } from './sources.ts';

export interface Begun {
  /** When it began, ms. */
  at: number;
  program: string;
  tools: ToolSpec[];
  unavailable: OpenedSources['unavailable'];
  playbook: { name: string; hash: string; why: string };
  gate: Config['gate'];
  /** Limits and the model as the config of the first worker says them; a limit that is absent is none. */
  config: Pick<Config, 'wallMs'>;
  model?: Omit<Further, 'open'>;
}

/** What a worker brings to a run: its own config, with what the order says of this one run. */
export interface Mine {
  config: Config;
  opened: OpenedSources;
  match: Match;
  further: Further | undefined;
}

/** What whoever sent the order wants of this run alone: how sure it must be, how long it may take, no model. */
export function asOrdered(
  own: { config: Config; further?: Further },
  settings: Record<string, unknown>,
  noModel?: false,
): Pick<Mine, 'config' | 'further'> {
  const { confidence, wall, model } = (settings.flags ?? {}) as ConfigFlags;
  const wallMs = wall === undefined ? undefined : parseDuration(wall);
  return {
    config: {
      ...own.config,
      ...(wallMs === undefined ? {} : { wallMs }),
      ...(confidence === undefined ? {} : { gate: { ...own.config.gate, confidence: Number(confidence) } }),
    },
    further: model === false || noModel === false ? undefined : own.further,
  };
}

/** What this worker would begin a run with. */
export function begunOn({ config, opened, match, further }: Mine, at: number): Begun {
  const { open: _, ...model } = further ?? { open: undefined };
  return {
    at,
    program: PROGRAM,
    tools: opened.sources.flatMap((s) =>
      s.tools.map(({ name, source, capability, description, version }) => ({
        name,
        source,
        capability,
        description,
        version,
      })),
    ),
    unavailable: opened.unavailable,
    playbook: { name: match.playbook.name, hash: match.playbook.hash, why: match.why },
    gate: config.gate,
    config: config.wallMs === undefined ? {} : { wallMs: config.wallMs },
    ...(further ? { model: model as Omit<Further, 'open'> } : {}),
  };
}

/**
 * This worker's part in a run that another one began: what that one decided wins over the config here. Throws where
 * something is missing here: no UserError, for another worker may have it.
 */
export function goingOn(begun: Begun, mine: Mine): Mine {
  const here = begunOn(mine, begun.at);
  const versions = new Map(here.tools.map((t) => [t.name, t.version]));
  const named = (b: Begun): string => canonical([b.model?.name, b.model?.second?.model]);
  const lacking = [
    ...(begun.program === here.program ? [] : [`the program ${begun.program}`]),
    ...(begun.playbook.hash === here.playbook.hash ? [] : [`the playbook ${begun.playbook.name}`]),
    ...begun.tools.filter((t) => versions.get(t.name) !== t.version).map((t) => t.name),
    ...(named(begun) === named(here) ? [] : [begun.model ? `the model ${begun.model.name}` : 'no model']),
  ];
  if (lacking.length > 0)
    throw new Error(`this worker is not set up as the one that began the run: ${lacking.join(', ')}`);
  const { wallMs: _, ...config } = mine.config;
  return {
    config: { ...config, ...begun.config, gate: begun.gate },
    opened: { ...mine.opened, sources: asBegun(begun.tools, mine.opened.sources), unavailable: begun.unavailable },
    match: { ...mine.match, why: begun.playbook.why },
    further: mine.further && begun.model && { ...begun.model, open: mine.further.open },
  };
}

/** The tools that the run began with, in that order and in those words: a model is shown both. */
function asBegun(tools: ToolSpec[], sources: OpenSource[]): OpenSource[] {
  const place = new Map(tools.map((t, i) => [t.name, i]));
  const first = (s: OpenSource): number => place.get(s.tools[0]?.name ?? '') ?? tools.length;
  return sources
    .map((s) => ({
      ...s,
      tools: s.tools
        .filter((t) => place.has(t.name))
        .sort((a, b) => place.get(a.name)! - place.get(b.name)!)
        .map((t) => ({ ...t, description: tools[place.get(t.name)!]!.description })),
    }))
    .sort((a, b) => first(a) - first(b));
}
