/** Perturbations: the same incident, recorded a little differently. The answer should stay, or become more careful. */
import { basename, join } from 'node:path';
import { readBundleQuestion } from '../../app/bundle-data.ts';
import { sha256 } from '../../core/canonical.ts';
import { toMs } from '../../core/time.ts';
import { shuffled } from './chance.ts';
import { dropped } from './drop.ts';
import { withoutGuilty } from './hide-change.ts';
import { withDecoys } from './mix-decoys.ts';
import { lineFilesOf, type RawBundle, readRaw, writeRaw } from './raw.ts';
import { renamed } from './rename.ts';
import { halved } from './window.ts';

/** What can be asked for by name, and the runs that each means. */
export const PERTURBATIONS = {
  rename: ['rename'],
  drop: ['drop'],
  'hide-change': ['hide-change'],
  'mix-decoys': ['mix-decoys'],
  window: ['window-half', 'window-double'],
} as const;
export type Perturbation = (typeof PERTURBATIONS)[keyof typeof PERTURBATIONS][number];

/** Plain JSON. */
export interface PerturbJob {
  name: Perturbation;
  seed: string;
  /** Folders of the other cases of the set. */
  others: string[];
  /** Folder, present and empty, below which copies are written. */
  scratch: string;
}

export interface PerturbDeps {
  root: string;
  now: () => number;
}

/** A bundle to be investigated in place of another; `lookback` = how much longer the window before the alert is. */
export interface Copy {
  dir: string;
  lookback?: number;
}

/** Writes the perturbed copy of the bundle in `dir` where one is needed; or says why the perturbation does not apply. */
export async function perturbed(dir: string, job: PerturbJob, deps: PerturbDeps): Promise<Copy | { skipped: string }> {
  if (job.name === 'window-double') return { dir, lookback: 2 };
  const raw = await readRaw(dir);
  if (raw.answers) return { skipped: 'recorded answers cannot be changed' };
  const made = await remade(dir, raw, { ...job, name: job.name }, deps);
  if (typeof made === 'string') return { skipped: made };
  // Cases of one name in two sets have a folder each.
  const to = join(job.scratch, `${job.name}-${sha256(dir).slice(0, 16)}`);
  await writeRaw(to, made);
  return { dir: to };
}

async function remade(
  dir: string,
  raw: RawBundle,
  job: PerturbJob & { name: Exclude<Perturbation, 'window-double'> },
  deps: PerturbDeps,
): Promise<RawBundle | string> {
  const seed = `${job.seed} ${job.name} ${basename(dir)}`;
  const startsAt = async (of: string): Promise<number> => toMs((await readBundleQuestion(of, deps)).alert.startsAt);
  switch (job.name) {
    case 'rename':
      return renamed(raw, seed);
    case 'drop':
      return dropped(raw, seed);
    case 'hide-change':
      return withoutGuilty(raw);
    case 'window-half':
      return halved(raw, await startsAt(dir));
    case 'mix-decoys': {
      const own = { raw, startsAt: await startsAt(dir) };
      const byName = new Map(job.others.map((other) => [basename(other), other]));
      for (const name of shuffled(seed, [...byName.keys()])) {
        const other = byName.get(name) as string;
        const held = await lineFilesOf(other);
        if (!held.includes('changes') && !(raw.lines.logs && held.includes('logs'))) continue;
        const mixed = withDecoys(own, { raw: await readRaw(other), startsAt: await startsAt(other) }, seed);
        if (typeof mixed !== 'string') return mixed;
      }
      return 'no other case of the set has changes or log lines for it';
    }
  }
}
