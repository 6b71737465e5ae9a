/** What `inquest.config.json` may hold. The types come from here, and so do the messages for what is wrong (mistakes.ts). */
import { z } from 'zod';
import { SITES } from './datadog-sites.ts';
import { notifier, secret } from './notify-schema.ts';

const duration = z.string().regex(/^(\d+(\.\d+)?(ms|s|m|h|d|w))+$/, 'is no duration such as "20s", "15m", "1h30m"');

export const service = z.strictObject({
  queries: z.record(z.string(), z.string()).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  paths: z.array(z.string()).optional(),
  aliases: z.array(z.string()).optional(),
  calls: z.array(z.string()).optional(),
});

const http = {
  url: z.string(),
  bearer: secret.optional(),
  basic: z.strictObject({ user: z.string(), password: secret }).optional(),
  orgId: z.string().optional(),
  ca: z.string().optional(),
  proxy: secret.optional(),
};

export const source = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('prometheus'), ...http, serviceLabel: z.string().optional() }),
  z.strictObject({ type: z.literal('alertmanager'), ...http }),
  z.strictObject({
    type: z.literal('datadog'),
    site: z.enum(SITES).optional(),
    /** Of a server that stands in for the site's API. */
    url: z.string().optional(),
    apiKey: secret.optional(),
    appKey: secret.optional(),
    /** Instead of the two keys. */
    bearer: secret.optional(),
    proxy: secret.optional(),
    ca: z.string().optional(),
    /** Value of the `env` tag where an alert names none. */
    env: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('git'),
    path: z.string(),
    tagPattern: z.string().optional(),
    /** Path of the git program. */
    git: z.string().optional(),
    service: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('github'),
    /** `owner/name` each. */
    repos: z.array(z.string(), 'is no list such as ["owner/name"]').min(1, 'names no repository: ["owner/name"]'),
    token: secret.optional(),
    /** Of GitHub Enterprise. */
    url: z.string().optional(),
    environment: z.string().optional(),
    tagPattern: z.string().optional(),
    deployWorkflows: z.array(z.string()).min(1).optional(),
    proxy: secret.optional(),
    ca: z.string().optional(),
    service: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('logfile'),
    paths: z.array(z.string()),
    service: z.string().optional(),
    format: z.enum(['auto', 'jsonl', 'text']).optional(),
    /** Zone of time stamps that name none, such as +02:00. */
    utcOffset: z.string().optional(),
  }),
]);

const dollars = z.number().min(0);
const perHour = z.strictObject({
  runs: z.number().int().min(0).optional(),
  calls: z.number().int().min(0).optional(),
  dollars: dollars.optional(),
});
/** Senders that `inquest serve` hears; "standard-webhooks" and "zendesk" carry our own alert format. */
const HOOK_TYPES = [
  ...(['alertmanager', 'cloudwatch', 'datadog', 'github', 'grafana', 'inquest', 'newrelic', 'opsgenie'] as const),
  ...(['pagerduty', 'sentry', 'slack', 'standard-webhooks', 'zendesk'] as const),
] as const;
export const hook = z.strictObject({
  type: z.enum(HOOK_TYPES),
  /** Any of them is accepted, so that they can rotate. */
  secrets: z.array(secret).optional(),
  /** How a sender that signs nothing proves itself. */
  auth: z.enum(['bearer', 'basic', 'header']).optional(),
  header: z
    .string()
    .regex(/^[A-Za-z0-9-]+$/, 'is no name of a header')
    .optional(),
  timestampHeader: z.string().optional(),
  /** A secret end of its URL. */
  path: secret.optional(),
  /** Amazon SNS: whose messages are taken. */
  topics: z.array(z.string()).optional(),
  perHour: perHour.optional(),
});
export const serve = z.strictObject({
  listen: z.string().optional(),
  hooks: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/, 'is no name: a-z, 0-9 and - only'), hook).optional(),
  /** Who may read the pages and the metrics where others than this machine reach them. */
  viewers: z.array(secret).optional(),
  /** Names by which the pages are reached, beside the address listened on. */
  hosts: z.array(z.string()).optional(),
  concurrency: z.number().int().min(1).max(32).optional(),
  queue: z.number().int().min(1).max(10_000).optional(),
  window: duration.optional(),
  debounce: duration.optional(),
  cooldown: duration.optional(),
  grace: duration.optional(),
  perHour: perHour.optional(),
  perService: perHour.optional(),
  /** Names of "notify": told of each investigation that ends, and again when its alert is resolved or fires again. */
  notify: z.array(z.string()).optional(),
  otlp: z.strictObject({ endpoint: z.string(), bearer: secret.optional() }).optional(),
});
export const model = z.strictObject({
  provider: z.enum(['anthropic', 'openai']).optional(),
  name: z.string(),
  apiKey: secret.optional(),
  url: z.string().optional(),
  effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).optional(),
  thinking: z.boolean().optional(),
  /** A cheaper model of the same provider, for the pass that tries to refute. */
  second: z.string().optional(),
  mode: z.enum(['workflow', 'hybrid', 'agent', 'specialists']).optional(),
  /** Dollars for a million tokens, instead of our table. */
  price: z
    .strictObject({
      input: dollars.optional(),
      output: dollars.optional(),
      cacheRead: dollars.optional(),
      cacheWrite: dollars.optional(),
    })
    .optional(),
  budget: z
    .strictObject({
      turns: z.number().int().min(1).max(25).optional(),
      calls: z.number().int().min(0).max(100).optional(),
      tokens: z.number().int().min(1000).optional(),
      dollars: dollars.optional(),
      time: duration.optional(),
      replyTokens: z.number().int().min(256).optional(),
    })
    .optional(),
});

export const engine = z.strictObject({
  type: z.literal('restate'),
  /** Where runs are sent. */
  ingress: z.string().optional(),
  /** Where they are listed, cancelled and resumed. */
  admin: z.string().optional(),
  /** For a proxy in front of both. */
  token: secret.optional(),
  /** Public keys of the server: what it does not sign is refused by workers. */
  identityKeys: z.array(z.string()).optional(),
  /** How many workers share what follows. */
  workers: z.number().int().min(1).optional(),
  limits: z
    .strictObject({
      /** Questions in flight, by name of the source, or for all ("*"). */
      concurrency: z.record(z.string(), z.number().int().min(1)).optional(),
      /** Questions a minute, the same. */
      perMinute: z.record(z.string(), z.number().min(1)).optional(),
      /** Of models, all runs together. */
      dollarsPerHour: dollars.optional(),
    })
    .optional(),
});

export const configSchema = z.strictObject({
  $schema: z.string().optional(),
  sources: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/, 'is no name: a-z, 0-9 and - only'), source).optional(),
  services: z.record(z.string(), service).optional(),
  gate: z
    .strictObject({
      confidence: z.number().min(0).max(1).optional(),
      margin: z.number().min(0).max(1).optional(),
      coverage: z.number().min(0).max(1).optional(),
    })
    .optional(),
  window: z.strictObject({ lookback: duration.optional(), baseline: duration.optional() }).optional(),
  limits: z
    .strictObject({
      timeout: duration.optional(),
      wall: duration.optional(),
      retries: z.number().int().min(0).max(5).optional(),
    })
    .optional(),
  playbooks: z.array(z.string()).optional(),
  notify: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/, 'is no name: a-z, 0-9 and - only'), notifier).optional(),
  model: model.optional(),
  engine: engine.optional(),
  agent: z
    .strictObject({
      /** At its cap the model may ask a person for more budget. */
      askForBudget: z.boolean().optional(),
      /** How long a question to a person stands. */
      answerWithin: duration.optional(),
    })
    .optional(),
  freshness: z
    .strictObject({
      metrics: duration.optional(),
      logs: duration.optional(),
      traces: duration.optional(),
      changes: duration.optional(),
      errors: duration.optional(),
      slo: duration.optional(),
      topology: duration.optional(),
      events: duration.optional(),
      state: duration.optional(),
      monitors: duration.optional(),
      incidents: duration.optional(),
    })
    .optional(),
  serve: serve.optional(),
  retention: z
    .strictObject({
      age: duration.optional(),
      size: z
        .string()
        .regex(/^\d+(\.\d+)? ?([kMGT]i?)?B$/, 'is no size such as "500MB", "2GiB"')
        .optional(),
      keepOutcomes: z.array(z.enum(['cause', 'healthy', 'inconclusive', 'unfinished', 'unreadable'])).optional(),
    })
    .optional(),
});

/** JSON Schema of what may be written, without remarks: see json-schema.ts. */
export const plainJsonSchema = (): object => z.toJSONSchema(configSchema, { io: 'input' });

export type FileConfig = z.infer<typeof configSchema>;
