/** Plug-ins: in a plug-in folder the file name is the name, `_x` is shared code, a newcomer adds one file. */
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

/** Loads one plug-in by name. `kind` is its word in messages and the name of its export is `member`. */
export async function loadPlugin<T>(
  root: string,
  folder: string,
  name: string,
  member: string,
  kind: string,
): Promise<T> {
  const files = await readdir(join(root, folder));
  const file = files.find((f) => FILE.exec(f)?.[1] === name);
  if (!file) {
    const known = await pluginNames(root, folder);
    const near = nearest(name, known);
    throw new UserError(`there is no ${kind} named "${name}"`, {
      hints: [...(near ? [`Did you mean "${near}"?`] : []), `Known: ${known.join(', ')}`],
    });
  }
  const module = (await import(/* @vite-ignore */ pathToFileURL(join(root, folder, file)).href)) as Record<string, T>;
  const found = module[member];
  if (!found) throw new Error(`${folder}/${file} exports no "${member}"`);
  return found;
}

/** Loads all plug-ins of a folder, by name. */
export async function loadPlugins<T>(
  root: string,
  folder: string,
  member: string,
  kind: string,
): Promise<Map<string, T>> {
  const names = await pluginNames(root, folder);
  const loaded = await Promise.all(names.map((name) => loadPlugin<T>(root, folder, name, member, kind)));
  return new Map(names.map((name, i) => [name, loaded[i]!]));
}
