/** What the config may say of those who are told of a run. Each target is fixed here; nothing of a run chooses it. */
import { z } from 'zod';

/** A credential: in plain text, or where it lies. */
export const secret = z.union([z.string(), z.strictObject({ env: z.string() }), z.strictObject({ file: z.string() })]);
/** Something that a CI job knows and a file cannot: from a variable. */
const given = z.strictObject({ env: z.string() });

export const notifier = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('github'),
    repo: z.string().regex(/^[\w.-]+\/[\w.-]+$/, 'is no "owner/name"'),
    /** Number of an issue or a pull request. */
    issue: z.union([z.number().int().min(1), given]),
    token: secret,
    /** Of GitHub Enterprise: https://HOST/api/v3 */
    url: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('slack'),
    /** An incoming webhook, or a bot with token and channel. */
    webhook: secret.optional(),
    token: secret.optional(),
    channel: z.union([z.string(), given]).optional(),
    url: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('pagerduty'),
    incident: z.union([z.string(), given]),
    /** E-mail of the user in whose name the note is written. */
    from: z.string(),
    token: secret,
    url: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('webhook'), url: z.string(), secret }),
  z.strictObject({ type: z.literal('file'), folder: z.string(), format: z.string().optional() }),
]);
