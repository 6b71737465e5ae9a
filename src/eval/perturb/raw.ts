/** A bundle as the JSON of its files, to be changed and written elsewhere. What is no JSON is left out. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { byText } from '../../core/canonical.ts';
import { errorCode, UserError } from '../../core/errors.ts';

export type Line = Record<string, unknown>;
const LINE_FILES = ['metrics', 'logs', 'traces', 'changes', 'events'] as const;
const JSON_FILES = ['bundle', 'alert', 'topology', 'truth'] as const;
type JsonFile = (typeof JSON_FILES)[number];

export interface RawBundle {
  /** By name without `.jsonl`; an absent file is undefined, an empty one an empty list. */
  lines: Partial<Record<(typeof LINE_FILES)[number], Line[]>>;
  json: Partial<Record<JsonFile, unknown>>;
  /** What `kubectl get <kind> -o json` printed, by kind. */
  kubernetes: Record<string, unknown>;
  /** It holds the recorded answers of a run, which cannot be changed consistently. */
  answers: boolean;
}

/** Reads every file of the bundle, plain or gzip. Throws UserError for a file that cannot be read. */
export async function readRaw(dir: string): Promise<RawBundle> {
  const names = await namesIn(dir);
  const raw: RawBundle = {
    lines: {},
    json: {},
    kubernetes: {},
    answers: names.some((n) => n.startsWith('answers.jsonl')),
  };
  for (const name of LINE_FILES) {
    const text = await textOf(dir, names, `${name}.jsonl`);
    if (text !== undefined) raw.lines[name] = text.split('\n').map(asJson).filter(isObject);
  }
  for (const name of JSON_FILES) {
    const value = asJson(await textOf(dir, names, `${name}.json`));
    if (value !== undefined) raw.json[name] = value;
  }
  const state = join(dir, 'kubernetes');
  const kinds = await namesIn(state);
  for (const kind of new Set(kinds.map((n) => n.replace(/\.json(\.gz)?$/, '')))) {
    const value = asJson(await textOf(state, kinds, `${kind}.json`));
    if (value !== undefined) raw.kubernetes[kind] = value;
  }
  return raw;
}

/** Which of the files of lines the bundle has, by name without `.jsonl`. */
export async function lineFilesOf(dir: string): Promise<string[]> {
  const names = await namesIn(dir);
  return LINE_FILES.filter((name) => names.some((n) => n === `${name}.jsonl` || n === `${name}.jsonl.gz`));
}

/** Writes all that is there as plain files into a new folder. */
export async function writeRaw(dir: string, raw: RawBundle): Promise<void> {
  await mkdir(join(dir, 'kubernetes'), { recursive: true });
  const write = (file: string, text: string): Promise<void> => writeFile(join(dir, file), text);
  for (const [name, lines] of Object.entries(raw.lines)) {
    await write(`${name}.jsonl`, lines.map((l) => `${JSON.stringify(l)}\n`).join(''));
  }
  for (const [name, value] of Object.entries(raw.json)) await write(`${name}.json`, JSON.stringify(value));
  for (const [kind, value] of Object.entries(raw.kubernetes)) {
    await write(join('kubernetes', `${kind}.json`), JSON.stringify(value));
  }
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).sort(byText);
  } catch (e) {
    if (errorCode(e) === 'ENOENT') return [];
    throw e;
  }
}

/** The text of `name` or `name.gz`; of a gzip file that was cut off, what stands before the cut. */
async function textOf(dir: string, names: string[], name: string): Promise<string | undefined> {
  const file = [name, `${name}.gz`].find((n) => names.includes(n));
  if (!file) return undefined;
  try {
    const bytes = await readFile(join(dir, file));
    const whole = file.endsWith('.gz') ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes;
    return whole.toString('utf8');
  } catch (e) {
    throw new UserError(`${file} cannot be read: ${errorCode(e) ?? (e as Error).message}`);
  }
}

function asJson(text: string | undefined): unknown {
  if (text === undefined || text.trim() === '') return undefined;
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

export const isObject = (value: unknown): value is Line =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The texts among some values. */
export const textsOf = (values: readonly unknown[]): string[] =>
  values.filter((v): v is string => typeof v === 'string' && v !== '');
