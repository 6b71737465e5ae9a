/** Secrets of the config: read from where it names them, wrapped at once, and told to the redactor. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorCode, UserError } from '../core/errors.ts';
import { Secret } from '../safety/secret.ts';

type Env = Record<string, string | undefined>;

/** Keys whose value is a secret even where it is written down in plain text. */
const SECRET_KEYS = new Set(['bearer', 'password', 'token', 'apiKey', 'appKey', 'proxy', 'webhook', 'secret']);

/** Replaces `{ "env": "NAME" }` and `{ "file": "path" }` by what they name, and collects every secret. */
export async function resolveSecrets(
  value: unknown,
  ctx: { env: Env; cwd: string; where: string; secrets: string[] },
  key = '',
): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((v) => resolveSecrets(v, ctx, key)));
  if (value === null || typeof value !== 'object') {
    if (typeof value !== 'string' || !SECRET_KEYS.has(key)) return value;
    ctx.secrets.push(value);
    return new Secret(key, value);
  }
  const o = value as Record<string, unknown>;
  if (SECRET_KEYS.has(key)) {
    const plain = typeof o.env === 'string' ? ctx.env[o.env] : await readSecret(String(o.file), ctx);
    if (!plain) {
      throw new UserError(`${ctx.where}.${key}: the variable ${String(o.env)} is not set`, {
        hints: [`Set it, or take ${key} out of the config.`],
        exit: 3,
      });
    }
    ctx.secrets.push(plain);
    return new Secret(typeof o.env === 'string' ? o.env : key, plain);
  }
  const out: Record<string, unknown> = {};
  for (const [k, v] of Object.entries(o)) out[k] = await resolveSecrets(v, ctx, k);
  return out;
}

async function readSecret(file: string, ctx: { cwd: string; where: string }): Promise<string> {
  return (
    await readFile(resolve(ctx.cwd, file), 'utf8').catch((e: unknown) => {
      throw new UserError(`${ctx.where}: cannot read the secret file ${file}: ${errorCode(e) ?? e}`, { exit: 3 });
    })
  ).trim();
}
