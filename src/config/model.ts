/** The model section of the config: which model, its key, its budget. Flag > environment > project file > user file. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type AgentLimits, DEFAULT_AGENT_LIMITS } from '../core/agent.ts';
import { defined } from '../core/defined.ts';
import { UserError } from '../core/errors.ts';
import type { ModelConfig } from '../core/model.ts';
import { parseDuration } from '../core/time.ts';
import { Secret } from '../safety/secret.ts';
import { inHome } from './paths.ts';
import type { FileConfig } from './schema.ts';

export type Mode = 'workflow' | 'hybrid' | 'agent' | 'specialists';
export const MODES: readonly Mode[] = ['workflow', 'hybrid', 'agent', 'specialists'];
/** Several take their turns side by side, and what each may need at most is reserved for all of them at once. */
const SPECIALISTS = { turns: 16, dollars: 2 };
const PROVIDERS = ['anthropic', 'openai'];
export const KEYS: Record<string, string> = { anthropic: 'ANTHROPIC_API_KEY', openai: 'OPENAI_API_KEY' };
const URLS: Record<string, string> = { anthropic: 'ANTHROPIC_BASE_URL', openai: 'OPENAI_BASE_URL' };

/** The model that looks further where the gate escalates. */
export interface AgentConfig {
  model: ModelConfig;
  /** A cheaper one for the second pass. */
  second?: ModelConfig;
  limits: AgentLimits;
  /** Several look, each at one kind of evidence. */
  team?: boolean;
  /** It may ask a person for more budget; so long the question stands, ms. */
  ask?: { withinMs: number };
}

/** How long a question to a person stands where the config does not say. */
const ANSWER_WITHIN = '15m';

type Env = Record<string, string | undefined>;
type Section = NonNullable<FileConfig['model']>;

/**
 * Mode and model; no model where none is named or the mode is `workflow`. A key that is missing is no mistake here: the
 * run says so if it comes to need the model. `secrets` gets the key.
 */
export async function agentConfig(
  flags: { model?: string | false; mode?: string },
  env: Env,
  layers: readonly (readonly [FileConfig | undefined, string])[],
  secrets: string[],
): Promise<{ mode: Mode; agent?: AgentConfig }> {
  const [section, file] = layers.findLast(([layer]) => layer?.model !== undefined) ?? [undefined, ''];
  const told: Partial<Section> = section?.model ?? {};
  const mode = modeOf(flags.mode ?? told.mode ?? 'hybrid');
  const name = flags.model === false ? undefined : (flags.model ?? env.INQUEST_MODEL ?? told.name);
  if ((mode === 'agent' || mode === 'specialists') && name === undefined) {
    throw new UserError(`--mode ${mode} needs a model`, { hints: ['Name one: --model claude-opus-5-5'] });
  }
  if (mode === 'workflow' || name === undefined) return { mode };
  const own = name === told.name;
  const { provider, model } = named(name, own ? told.provider : undefined);
  // What the config says of one provider (its key, address, second model) is nothing to another.
  const same = providerOf(told) === provider;
  const plain = (same ? await keyOf(told, env, file) : undefined) ?? env[KEYS[provider]!]?.trim();
  if (plain) secrets.push(plain);
  const apiKey = plain ? new Secret('apiKey', plain) : undefined;
  const url = (same ? told.url : undefined) ?? env[URLS[provider]!];
  const { effort, thinking, second }: Partial<Section> = same ? told : {};
  const shared = defined({ provider, apiKey, url, effort, thinking });
  const price = told.price && defined(told.price);
  const people = layers.findLast(([layer]) => layer?.agent !== undefined)?.[0]?.agent;
  const withinMs = parseDuration(people?.answerWithin ?? ANSWER_WITHIN) ?? 0;
  const config: AgentConfig = {
    model: { ...shared, name: model, ...(price && own ? { price } : {}) } as ModelConfig,
    limits: limitsOf(told.budget, mode),
    ...(people?.askForBudget ? { ask: { withinMs } } : {}),
  };
  if (mode === 'specialists') config.team = true;
  if (second) config.second = { ...shared, name: second } as ModelConfig;
  return { mode, agent: config };
}

function modeOf(text: string): Mode {
  const mode = MODES.find((m) => m === text);
  if (mode) return mode;
  throw new UserError(`--mode: there is no mode "${text}"`, { hints: [`Known: ${MODES.join(', ')}`] });
}

/** Whose model the config speaks of: named, or told by the model's name; undefined where it does not say. */
function providerOf({ provider, name }: Partial<Section>): string | undefined {
  if (provider !== undefined || name === undefined) return provider;
  const [front = ''] = name.split(':');
  return PROVIDERS.includes(front) ? front : /^claude-/.test(name) ? 'anthropic' : undefined;
}

/** `openai:llama3`, `claude-opus-5-5`: the provider stands in front, or the name tells it. */
function named(text: string, provider: string | undefined): { provider: string; model: string } {
  const [front = '', ...rest] = text.split(':');
  if (PROVIDERS.includes(front) && rest.length > 0) return { provider: front, model: rest.join(':') };
  const known = provider ?? (/^claude-/.test(text) ? 'anthropic' : undefined);
  if (known) return { provider: known, model: text };
  if (PROVIDERS.includes(text)) {
    throw new UserError(`--model: which model of ${text}?`, {
      hints: [`Write ${text}:name, the name as ${text} has it`],
    });
  }
  throw new UserError(`--model: whose is "${text}"?`, {
    hints: [`Write provider:name, such as openai:${text}`, `Known providers: ${PROVIDERS.join(', ')}`],
  });
}

async function keyOf(told: Partial<Section>, env: Env, file: string): Promise<string | undefined> {
  const { apiKey } = told;
  if (apiKey === undefined || typeof apiKey === 'string') return apiKey;
  if ('env' in apiKey) return env[apiKey.env]?.trim() || undefined;
  const text = await readFile(resolve(dirname(file), inHome(apiKey.file, env)), 'utf8').catch(() => undefined);
  return text?.trim() || undefined;
}

function limitsOf(budget: Section['budget'], mode: Mode): AgentLimits {
  const { time, ...rest } = budget ?? {};
  const timeMs = time === undefined ? undefined : parseDuration(time);
  const usual = mode === 'specialists' ? SPECIALISTS : {};
  return { ...DEFAULT_AGENT_LIMITS, ...usual, ...defined(rest), ...(timeMs === undefined ? {} : { timeMs }) };
}
