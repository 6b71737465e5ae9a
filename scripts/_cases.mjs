/** A part of the cases, in a folder of links; and the figures of a program on it. */
import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findBundles } from '../src/eval/find-bundles.ts';

/** Links to every Nth case of each set (or only of `sets`) in a new folder below `work`; and their names. */
export async function sampledCases(dirs, { every = 1, sets }, work) {
  const found = await findBundles(dirs.length > 0 ? dirs : ['fixtures/incidents'], process.cwd());
  const nth = new Map();
  const taken = found.filter(({ set }) => {
    if (sets && !sets.includes(set)) return false;
    const n = nth.get(set) ?? 0;
    nth.set(set, n + 1);
    return n % every === 0;
  });
  const dir = join(work, 'cases');
  // The folder names the set, so each has one, also where two sets have cases of one name.
  for (const { set, name, dir: target } of taken) {
    mkdirSync(join(dir, set), { recursive: true });
    symlinkSync(target, join(dir, set, name));
  }
  return { dir, names: taken.map((f) => `${f.set}/${f.name}`) };
}

/** What `inquest eval --json` of the built program in `root` says. */
export async function evaluation(root, dir, more) {
  const args = [join(root, 'bin/inquest.js'), 'eval', dir, '--json', '--no-timings', ...more];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 30 }).catch((e) => {
    // A case that failed is told in the figures; anything else ends here.
    if (e.code === 1 && e.stdout) return e;
    throw e;
  });
  return JSON.parse(stdout);
}

// Who reads only the first lines is no failure.
process.stdout.on('error', (e) => process.exit(e.code === 'EPIPE' ? 0 : 1));

export const share = (x) => (x === null ? '–' : x.toFixed(3).replace(/^(-?)0/, '$1'));

/** Writes rows of a Markdown table. */
export const row = (cells) => {
  process.stdout.write(`| ${cells.map((c) => String(c).replaceAll('|', '\\|')).join(' | ')} |\n`);
};
