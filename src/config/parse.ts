/** The text of a config file: JSON with remarks in it. The schema and its package are loaded only where there is a file. */
import { UserError } from '../core/errors.ts';
import { scanJson } from '../core/scan-json.ts';
import { nearest } from '../core/text.ts';
import type { FileConfig } from './schema.ts';

/** The text of a config file as what it means. Throws UserError with each mistake, its line and the nearest known key. */
export async function parseConfig(text: string, file: string): Promise<FileConfig> {
  let json: unknown;
  try {
    json = withoutRemarks(JSON.parse(text));
  } catch {
    throw new UserError(`${file} is no JSON: ${faultIn(text)}`, { hints: ['Nothing was sent anywhere.'] });
  }
  const [{ configSchema }, { explain }] = await Promise.all([import('./schema.ts'), import('./mistakes.ts')]);
  const parsed = configSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const hints = explain(parsed.error, nearest, json).map((line) => `${line}${lineOf(text, line)}`);
  throw new UserError(`${file} has ${hints.length === 1 ? 'a mistake' : `${hints.length} mistakes`}`, { hints });
}

/** Where a text stops being JSON. What stands there is not repeated, as JSON.parse does: it may be a key. */
function faultIn(text: string): string {
  const scan = scanJson(text, 0, DEPTH_MAX);
  const at = 'at' in scan ? scan.at : scan.end;
  const lines = text.slice(0, at).split('\n');
  const problem = 'at' in scan ? scan.problem : 'more follows after its end';
  return `line ${lines.length}, column ${lines.at(-1)!.length + 1}: ${problem}`;
}

/** No config is nested so deep. */
const DEPTH_MAX = 64;

/** JSON has no comments: a key "//" holds a remark, in any object. */
function withoutRemarks(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(withoutRemarks);
  if (json === null || typeof json !== 'object') return json;
  const kept = Object.entries(json).filter(([key]) => key !== '//');
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutRemarks(value)]));
}

/** ` (line 12)` of the key that a message quotes, where it stands once in the file. */
function lineOf(text: string, message: string): string {
  const key = /"([^"]+)"/.exec(message)?.[1];
  const at = key ? text.indexOf(`"${key}"`) : -1;
  return at < 0 || text.indexOf(`"${key}"`, at + 1) >= 0 ? '' : ` (line ${text.slice(0, at).split('\n').length})`;
}
