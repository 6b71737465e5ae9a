/** The engine section of the config: where a distributed engine is, and what its workers share. */
import { UserError } from '../core/errors.ts';
import { Secret } from '../safety/secret.ts';
import type { FileConfig } from './schema.ts';
import { checkUrl } from './url.ts';

export interface EngineConfig {
  type: 'restate';
  ingress: string;
  admin: string;
  token?: Secret;
  identityKeys: string[];
  limits: EngineLimits;
}

/** What one worker may do: the config's limits, divided among the workers. By name of the source; `*` = each other one. */
export interface EngineLimits {
  concurrency: Record<string, number>;
  perMinute: Record<string, number>;
  dollarsPerHour?: number;
}

type Section = NonNullable<FileConfig['engine']>;
type Env = Record<string, string | undefined>;

/**
 * The engine; undefined where neither the config nor `wanted` (a flag) names one. Throws UserError for an engine that
 * is none, an address that is none, and a token that is not set.
 */
export function engineConfig(
  wanted: string | undefined,
  env: Env,
  section: Section | undefined,
  token: string | undefined,
): EngineConfig | undefined {
  if (wanted !== undefined && wanted !== 'restate' && wanted !== 'local') {
    throw new UserError(`--engine: there is no engine "${wanted}"`, { hints: ['Known: local, restate'] });
  }
  if (wanted === 'local' || (wanted === undefined && section === undefined)) return undefined;
  const ingress = section?.ingress ?? env.INQUEST_ENGINE_INGRESS ?? 'http://127.0.0.1:8080';
  const admin = section?.admin ?? env.INQUEST_ENGINE_ADMIN ?? 'http://127.0.0.1:9070';
  return {
    type: 'restate',
    ingress: checkUrl(ingress, 'engine.ingress'),
    admin: checkUrl(admin, 'engine.admin'),
    ...(token === undefined ? {} : { token: new Secret('engine.token', token) }),
    identityKeys: section?.identityKeys ?? [],
    limits: divided(section),
  };
}

/** A share of less than one question at once is one; a share of a rate or of money may be a fraction. */
function divided(section: Section | undefined): EngineLimits {
  const { workers = 1, limits = {} } = section ?? {};
  const each = (all: Record<string, number> | undefined, share: (n: number) => number): Record<string, number> =>
    Object.fromEntries(Object.entries(all ?? {}).map(([name, n]) => [name, share(n)]));
  return {
    concurrency: each(limits.concurrency, (n) => Math.max(1, Math.floor(n / workers))),
    perMinute: each(limits.perMinute, (n) => n / workers),
    ...(limits.dollarsPerHour === undefined ? {} : { dollarsPerHour: limits.dollarsPerHour / workers }),
  };
}
