/** The playbooks there are: built in, the user's, the project's. A later one replaces an earlier one of the same name. */
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { byText } from '../core/canonical.ts';
import { errorCode, UserError } from '../core/errors.ts';
import type { Playbook } from '../workflow/playbook.ts';

/** Loads all playbooks. Built-in ones come parsed with the build; `folders` are the user's and the project's. */
export async function loadPlaybooks(
  root: string,
  folders: string[],
  steps: string[],
  broken?: (e: UserError) => void,
): Promise<Playbook[]> {
  const all = new Map<string, Playbook>();
  for (const p of await builtIn(root, steps)) all.set(p.name, p);
  for (const folder of folders) for (const p of await readFolder(folder, steps, broken)) all.set(p.name, p);
  return [...all.values()].sort((a, b) => byText(a.name, b.name));
}

async function builtIn(root: string, steps: string[]): Promise<Playbook[]> {
  const compiled = await readFile(join(root, 'playbooks.json'), 'utf8').catch((e: unknown) => {
    if (errorCode(e) === 'ENOENT') return undefined;
    throw e;
  });
  return compiled ? (JSON.parse(compiled) as Playbook[]) : readFolder(join(root, '..', 'playbooks'), steps);
}

/** Parses every `.md` of a folder; a folder that is not there holds none. A broken file goes to `broken`, or is thrown. */
export async function readFolder(
  folder: string,
  steps: string[],
  broken?: (e: UserError) => void,
): Promise<Playbook[]> {
  const names = await readdir(folder).catch((e: unknown) => {
    if (errorCode(e) === 'ENOENT' || errorCode(e) === 'ENOTDIR') return [];
    throw new UserError(`cannot read the playbooks in ${folder}: ${errorCode(e) ?? e}`);
  });
  const files = names.filter((n) => n.endsWith('.md')).sort(byText);
  if (files.length === 0) return [];
  const { parsePlaybook } = await import('../workflow/parse-playbook.ts');
  const found: Playbook[] = [];
  for (const f of files) {
    try {
      found.push(parsePlaybook(await readFile(join(folder, f), 'utf8'), resolve(folder, f), steps));
    } catch (e) {
      if (!(e instanceof UserError) || !broken) throw e;
      broken(e);
    }
  }
  return found;
}
