/** The config that `init` writes: valid JSON with remarks, keys in files of their own, all of it or nothing. */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode, UserError } from '../core/errors.ts';
import { isObject } from '../core/fields.ts';
import type { Draft } from './_draft.ts';

/** A key that was typed: its file does not exist yet. */
export interface KeyFile {
  path: string;
  text: string;
}

/** What `inquest init --schema` prints, where editors look for it. */
const SCHEMA = 'inquest.schema.json';
const REMARK = [
  'Written by inquest init. No key is ever in here:',
  'env names a variable, file a file that only its owner can read.',
  'Try it: inquest doctor. What else may stand here: inquest help config.',
];

/** The sources of a config as they stand. */
export const sourcesOf = (config: Record<string, unknown>): Record<string, Record<string, unknown>> =>
  Object.fromEntries(Object.entries(config.sources ?? {}).filter(([, v]) => isObject(v)));

/** Editors find the schema where somebody has put it beside the config. */
export const schemaBeside = (file: string): Promise<string | undefined> =>
  stat(join(dirname(file), SCHEMA)).then(
    () => `./${SCHEMA}`,
    () => undefined,
  );

/** The config with these sources in it; of a source that was there what was not asked about stays. */
export function composed(
  old: Record<string, unknown>,
  drafts: Pick<Draft, 'name' | 'written'>[],
  model: object | undefined,
  schema: string | undefined,
): object {
  const before = sourcesOf(old);
  const sources: Record<string, unknown> = { ...(old.sources as object | undefined) };
  const keys = ['bearer', 'basic', 'apiKey', 'appKey', 'token', 'url', 'site'];
  for (const { name, written } of drafts) {
    const kept = Object.fromEntries(Object.entries(before[name] ?? {}).filter(([key]) => !keys.includes(key)));
    sources[name] = { ...kept, ...written };
  }
  const front = { ...(schema ? { $schema: schema } : {}), ...('//' in old ? {} : { '//': REMARK }) };
  return { ...front, ...old, sources, ...(model ? { model } : {}) };
}

/** JSON with two blanks; where a secret is kept stands on one line. */
export const configText = (config: object): string =>
  `${JSON.stringify(config, null, 2).replace(/\{\s+"(env|file)": ("(?:[^"\\]|\\.)*")\s+\}/g, '{ "$1": $2 }')}\n`;

/** The config that is there; undefined where none is. Throws UserError where it cannot be read. */
export async function readConfigText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (e) {
    if (errorCode(e) === 'ENOENT') return undefined;
    throw new UserError(`cannot read the config ${file}: ${errorCode(e) ?? e}`, { hints: ['Nothing was written.'] });
  }
}

/**
 * Writes the keys and then the config that names them, each whole. `before` is what the config held when it was shown: where
 * somebody changed it since, nothing is written. What was begun is taken back where anything fails.
 */
export async function writeAll(file: string, text: string, before: string | undefined, keys: KeyFile[]): Promise<void> {
  const done: string[] = [];
  try {
    for (const { path, text: key } of keys) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeFile(path, `${key}\n`, { mode: 0o600, flag: 'wx', flush: true });
      done.push(path);
    }
    await writeConfig(file, text, before);
  } catch (e) {
    for (const path of done) await unlink(path).catch(() => {});
    if (e instanceof UserError) throw e;
    throw new UserError(`cannot write ${file}: ${errorCode(e) ?? e}`, {
      hints: ['Nothing was written. May you write in these folders? --config FILE names another one.'],
    });
  }
}

async function writeConfig(file: string, text: string, before: string | undefined): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const draft = join(dirname(file), `.inquest-${randomBytes(6).toString('hex')}`);
  await writeFile(draft, text, { flag: 'wx', flush: true });
  try {
    if ((await readConfigText(file)) !== before) throw changed(file);
    // A link never goes over a file that came meanwhile.
    if (before === undefined) await link(draft, file);
    else await rename(draft, file);
  } catch (e) {
    throw errorCode(e) === 'EEXIST' ? changed(file) : e;
  } finally {
    await unlink(draft).catch(() => {});
  }
}

const changed = (file: string): UserError =>
  new UserError(`${file} was changed by somebody else meanwhile`, { hints: ['Nothing was written. Try again.'] });
