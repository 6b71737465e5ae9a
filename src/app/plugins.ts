/** Plug-ins: in a plug-in folder the file name is the name, `_x` is shared code, a newcomer adds one file. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { byText } from '../core/canonical.ts';
import { UserError } from '../core/errors.ts';
import { nearest } from '../core/text.ts';

const FILE = /^([a-z][a-z0-9-]*)\.(ts|tsx|js)$/;

/** Names in a plug-in folder below the program's root, sorted. */
export async function pluginNames(root: string, folder: string): Promise<string[]> {
  const files = await readdir(join(root, folder));
  return files
    .flatMap((f) => FILE.exec(f)?.[1] ?? [])
    .filter((name, i, all) => all.indexOf(name) === i)
    .sort(byText);
}

/** File of the plug-in with this name. Throws UserError with the nearest known name; `kind` is its word in messages. */
export async function pluginFile(root: string, folder: string, name: string, kind: string): Promise<string> {
  const files = await readdir(join(root, folder));
  const file = files.find((f) => FILE.exec(f)?.[1] === name);
  if (file) return join(root, folder, file);
  const known = await pluginNames(root, folder);
  const near = nearest(name, known);
  throw new UserError(`there is no ${kind} named "${name}"`, {
    hints: [...(near ? [`Did you mean "${near}"?`] : []), `Known: ${known.join(', ')}`],
  });
}

/** Loads one plug-in by name; `member` is the name of its export. */
export async function loadPlugin<T>(
  root: string,
  folder: string,
  name: string,
  member: string,
  kind: string,
): Promise<T> {
  const file = await pluginFile(root, folder, name, kind);
  const module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<string, T>;
  const found = module[member];
  if (!found) throw new Error(`${folder}/${name} exports no "${member}"`);
  return found;
}

/** Loads all plug-ins of a folder, by name. The build puts folders that are always loaded whole into one file each. */
export async function loadPlugins<T>(
  root: string,
  folder: string,
  member: string,
  kind: string,
): Promise<Map<string, T>> {
  const whole = join(root, `${folder}.js`);
  if (existsSync(whole)) {
    const { all } = (await import(/* @vite-ignore */ pathToFileURL(whole).href)) as {
      all: Record<string, Record<string, T>>;
    };
    return new Map(Object.entries(all).map(([name, module]) => [name, module[member]!]));
  }
  const names = await pluginNames(root, folder);
  const loaded = await Promise.all(names.map((name) => loadPlugin<T>(root, folder, name, member, kind)));
  return new Map(names.map((name, i) => [name, loaded[i]!]));
}
