/** From the config to the rules of `serve`, and to what each investigation is started with. */
import { resolve } from 'node:path';
import type { Config, ConfigFlags } from '../config/load.ts';
import type { HookSecrets, ServeConfig } from '../config/serve.ts';
import { defined } from '../core/defined.ts';
import type { Io } from '../core/ports.ts';
import { HOUR } from '../core/time.ts';
import type { LedgerLimits } from '../serve/ledger.ts';
import { type Budget, DEFAULT_RULES, type Hook, type Rules } from '../serve/rules.ts';
import type { Credentials } from '../serve/verify.ts';

export interface ServeFlags extends ConfigFlags {
  listen?: string;
  /** All investigations look at this recorded incident. */
  bundle?: string;
  dryRun?: string;
  hook?: string;
  json?: boolean;
}

const MIB = 1024 * 1024;
/** The inbox: 8 MiB a segment, 128 MiB in all. */
export const INBOX = { schema: 'inquest.inbox/v1', bytes: 8 * MIB, keep: 128 * MIB };

/** What the desk remembers. An episode that goes on firing is told again for hours. */
export const ledgerLimits = (rules: Rules): LedgerLimits => ({
  forgetMs: Math.max(rules.cooldownMs, 6 * HOUR),
  cases: 2000,
});

export function rulesOf(serve: ServeConfig, config: Config): Rules {
  const { concurrency, queue, windowMs, debounceMs, cooldownMs, graceMs, perHour, perService } = serve;
  const said = defined<Partial<Rules>>({ concurrency, queue, windowMs, debounceMs, cooldownMs, graceMs });
  return {
    ...DEFAULT_RULES,
    ...said,
    perHour: { ...DEFAULT_RULES.perHour, ...defined<Budget>({ ...perHour }) },
    perService: { ...DEFAULT_RULES.perService, ...defined<Budget>({ ...perService }) },
    dollarsPerRun: config.agent?.limits.dollars ?? 0,
    hooks: serve.hooks.map(hookOf),
    calls: Object.entries(config.services).flatMap(([caller, s]) =>
      (s.calls ?? []).map((callee): [string, string] => [caller, callee]),
    ),
  };
}

/** Senders that sign what they send. */
const SIGNED = ['github', 'grafana', 'pagerduty', 'sentry', 'slack', 'standard-webhooks', 'zendesk'] as const;

function hookOf({ name, type, secrets, auth, header, timestampHeader, path, topics, perHour }: HookSecrets): Hook {
  const signed = SIGNED.find((s) => s === type);
  const scheme = auth ?? signed ?? 'bearer';
  const credentials = { scheme, secrets, ...defined({ header, timestampHeader }) } as Credentials;
  const proof = type === 'cloudwatch' && auth === undefined ? { topics: topics ?? [] } : { credentials };
  return { name, type, ...proof, ...defined<Partial<Hook>>({ path, perHour }) };
}

/** The flags of an investigation, with whole paths: they are told to another process. */
export function workerFlags(io: Io, { listen: _l, dryRun: _d, hook: _h, json: _j, ...flags }: ServeFlags): object {
  const { config, git, logs, bundle } = flags;
  const whole = (path: string): string => resolve(io.cwd, path);
  return defined<object>({
    ...flags,
    config: config && whole(config),
    git: git?.map(whole),
    logs: logs?.map(whole),
    bundle: bundle && whole(bundle),
  });
}
