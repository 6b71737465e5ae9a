/** Secrets of the config: read from where it names them, wrapped at once, and told to the redactor. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorCode, UserError } from '../core/errors.ts';
import { Secret } from '../safety/secret.ts';
import type { Env } from './credentials.ts';
import { inHome } from './paths.ts';

/** Where secrets are kept: files that the config names, and places where it holds one itself. */
export interface Kept {
  files: string[];
  written: string[];
}

interface SecretContext {
  env: Env;
  /** Folder of the config file. */
  cwd: string;
  /** For messages: `FILE: sources.prometheus`. */
  where: string;
  /** Gets every secret in plain text, for the redactor. */
  secrets: string[];
  kept: Kept;
}

/** Keys whose value is a secret even where it is written down in plain text. */
const SECRET_KEYS = new Set(['bearer', 'password', 'token', 'apiKey', 'appKey', 'proxy', 'webhook', 'secret']);

/** Replaces `{ "env": "NAME" }` and `{ "file": "path" }` by what they name, and collects every secret. */
export async function resolveSecrets(value: unknown, ctx: SecretContext, key = ''): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((v) => resolveSecrets(v, ctx, key)));
  if (value === null || typeof value !== 'object') {
    if (typeof value !== 'string' || !SECRET_KEYS.has(key)) return value;
    ctx.secrets.push(value);
    ctx.kept.written.push(`${ctx.where}.${key}`);
    return new Secret(key, value);
  }
  const o = value as Record<string, unknown>;
  if (SECRET_KEYS.has(key)) {
    const plain = typeof o.env === 'string' ? ctx.env[o.env]?.trim() : await readSecret(String(o.file), ctx);
    if (!plain) {
      const where = typeof o.env === 'string' ? `the variable ${o.env} is not set` : `the file ${o.file} is empty`;
      throw new UserError(`${ctx.where}.${key}: ${where}`, {
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

async function readSecret(file: string, ctx: SecretContext): Promise<string> {
  const path = resolve(ctx.cwd, inHome(file, ctx.env));
  ctx.kept.files.push(path);
  return (
    await readFile(path, 'utf8').catch((e: unknown) => {
      throw new UserError(`${ctx.where}: cannot read the secret file ${file}: ${errorCode(e) ?? e}`, { exit: 3 });
    })
  ).trim();
}
