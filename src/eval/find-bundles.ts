/** Finds the bundles below the folders given, and the set that each belongs to. */
import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { byText } from '../core/canonical.ts';
import { errorCode, UserError } from '../core/errors.ts';

export interface FoundBundle {
  /** Name of its folder. */
  name: string;
  /** Name of the folder that holds it, with as many parents as tell it from the other sets. */
  set: string;
  /** Absolute, symbolic links resolved. */
  dir: string;
}

/**
 * Every folder with a bundle.json at or below `dirs`, each once, by set and name.
 * Throws UserError for a folder that cannot be read or holds no bundle at all.
 */
export async function findBundles(dirs: string[], cwd: string): Promise<FoundBundle[]> {
  const found = new Set<string>();
  for (const dir of dirs) {
    const below: string[] = [];
    await walk(await rootOf(resolve(cwd, dir), dir), below, new Set());
    if (below.length === 0) throw noBundle(dir);
    for (const bundle of below) found.add(bundle);
  }
  const names = setNames([...new Set([...found].map((dir) => dirname(dir)))]);
  return [...found]
    .map((dir) => ({ name: basename(dir), set: names.get(dirname(dir)) as string, dir }))
    .sort((a, b) => byText(a.set, b.set) || byText(a.name, b.name) || byText(a.dir, b.dir));
}

async function rootOf(path: string, said: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (e) {
    if (errorCode(e) === undefined) throw e;
    throw new UserError(`cannot read ${said}: ${errorCode(e) === 'ENOENT' ? 'there is no such folder' : errorCode(e)}`);
  }
}

/** Collects bundles depth first; what lies inside a bundle belongs to it. `seen` ends cycles of symbolic links. */
async function walk(dir: string, found: string[], seen: Set<string>): Promise<void> {
  if (seen.has(dir)) return;
  seen.add(dir);
  const entries = await readdir(dir, { withFileTypes: true }).catch((e: unknown) => {
    if (errorCode(e) === 'ENOTDIR') throw new UserError(`${dir} is no folder`, { hints: [WHAT_A_BUNDLE_IS] });
    if (errorCode(e) === 'EACCES') throw new UserError(`${dir} may not be read`);
    throw e;
  });
  if (entries.some((e) => /^bundle\.json(\.gz)?$/.test(e.name))) {
    found.push(dir);
    return;
  }
  for (const e of entries) {
    if (e.name.startsWith('.') || e.name === 'node_modules') continue;
    const path = join(dir, e.name);
    if (e.isDirectory()) await walk(path, found, seen);
    else if (e.isSymbolicLink()) {
      const target = await realpath(path).catch(() => undefined);
      const isFolder = target !== undefined && (await readdir(target).catch(() => undefined)) !== undefined;
      if (isFolder) await walk(target, found, seen);
    }
  }
}

/** The shortest ends of the paths that differ from each other. */
function setNames(folders: string[]): Map<string, string> {
  const end = (path: string, n: number): string => path.split(sep).filter(Boolean).slice(-n).join('/') || '/';
  const names = new Map<string, string>();
  for (const folder of folders) {
    let n = 1;
    while (n < 64 && folders.some((other) => other !== folder && end(other, n) === end(folder, n))) n++;
    names.set(folder, end(folder, n));
  }
  return names;
}

const WHAT_A_BUNDLE_IS =
  'A bundle is a folder with bundle.json and alert.json, and what was recorded beside them: metrics.jsonl, logs.jsonl, traces.jsonl, changes.jsonl … (each may be .gz).';

const noBundle = (dir: string): UserError =>
  new UserError(`there is no bundle in or below ${dir}`, {
    hints: [WHAT_A_BUNDLE_IS],
  });
