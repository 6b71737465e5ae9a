/** `inquest schema`: the JSON Schemas of what other programs read, as the package ships them. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../core/errors.ts';
import type { Io } from '../core/ports.ts';

const FILE = /^([a-z-]+)\.v\d+\.json$/;

/** Prints one schema; without a name, the names. */
export async function schemaCommand(io: Io, name: string | undefined): Promise<void> {
  const folder = join(io.root, '..', 'schemas');
  const files = (await readdir(folder)).filter((f) => FILE.test(f)).sort();
  const known = files.map((f) => FILE.exec(f)![1]!);
  if (name === undefined) {
    io.stdout.write(known.map((n) => `${n}\n`).join(''));
    return;
  }
  const file = files[known.lastIndexOf(name)];
  if (file === undefined) {
    throw new UserError(`there is no schema of "${name}"`, { hints: [`Known: ${known.join(', ')}`] });
  }
  io.stdout.write(await readFile(join(folder, file), 'utf8'));
}
