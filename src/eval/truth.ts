/** The answer of a recorded incident. Only eval may open it, and only after the verdict. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { errorCode, UserError } from '../core/errors.ts';

const schema = z.object({
  schema: z.literal('inquest.truth/v1'),
  verdict: z.enum(['cause', 'healthy', 'unknown']),
  level: z.enum(['service', 'instance', 'node', 'change', 'other']),
  /** One name, or several of which each is right. */
  entity: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  /** Id of the guilty change, or `none` where no change is guilty. */
  change: z.string().optional(),
  category: z.string().optional(),
  /** ISO time at which the fault began. */
  onset: z
    .string()
    .refine((t) => !Number.isNaN(Date.parse(t)), 'is no ISO-8601 time')
    .optional(),
});

export type Truth = z.infer<typeof schema>;

/** Reads `truth.json` (or `.gz`); undefined where there is none. Throws UserError where it is broken. */
export async function readTruth(dir: string): Promise<Truth | undefined> {
  const text = await textOf(dir);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (e) {
    throw new UserError(`truth.json is no JSON: ${(e as Error).message}`);
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new UserError(`truth.json: ${issue?.path.join('.') || 'the object'}: ${issue?.message}`);
}

async function textOf(dir: string): Promise<string | undefined> {
  for (const name of ['truth.json', 'truth.json.gz']) {
    try {
      const bytes = await readFile(join(dir, name));
      return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    } catch (e) {
      if (errorCode(e) === 'ENOENT') continue;
      throw new UserError(`${name} cannot be read: ${errorCode(e) ?? (e as Error).message}`);
    }
  }
  return undefined;
}
