/** What a deploy brought: commits, files and patches between two commits, told by pull request where one is known. */
import { cut } from '../../core/text.ts';
import { toMs } from '../../core/time.ts';
import { PATCH_MAX } from '../_git-answer.ts';
import type { Commit, TouchedFile } from '../_git-commits.ts';
import type { Compared } from '../_git-draft.ts';
import type { Client } from './_client.ts';
import type { MainCommit, Pull } from './_history.ts';

/** A difference that was read: the commits are of `Compared`, each with the pull request it came by. */
export interface Difference extends Compared {
  commits: PulledCommit[];
  /** By path, each cut to size. */
  patches: Map<string, string>;
  /** GitHub lists no more files than these. */
  filesCut: boolean;
  url: string;
}

export interface PulledCommit extends Commit {
  pull?: Pull;
}

type Comparison = Awaited<ReturnType<Client['compare']>>;
type File = NonNullable<Comparison['files']>[number];

/** GitHub tells at most so many files of a comparison. */
const FILES_TOLD = 300;

/** A comparison as GitHub tells it: `files` are those that the newer side brought since both parted. */
export function differenceOf(c: Comparison): Difference {
  const files = c.files ?? [];
  return {
    commits: c.commits.map(commitOf).reverse(),
    more: c.total_commits > c.commits.length,
    files: files.map(touchedOf),
    back: c.behind_by,
    patches: patchesOf(files),
    filesCut: files.length >= FILES_TOLD,
    url: c.html_url,
  };
}

/** Where a deploy only goes back, nothing was brought: what it took away is the other direction, turned round. */
export function goingBack(there: Difference, { back, url }: Difference): Difference {
  return {
    commits: [],
    more: false,
    files: there.files.map((f) => ({ ...f, added: f.deleted, deleted: f.added })),
    back,
    patches: new Map([...there.patches].map(([path, patch]) => [path, turned(patch)])),
    filesCut: there.filesCut,
    url,
  };
}

/** A unified diff in the other direction. */
export function turned(patch: string): string {
  return patch
    .split('\n')
    .map((line) => {
      const hunk = /^@@ -(\S+) \+(\S+) @@(.*)$/.exec(line);
      if (hunk) return `@@ -${hunk[2]} +${hunk[1]} @@${hunk[3]}`;
      if (line.startsWith('+')) return `-${line.slice(1)}`;
      return line.startsWith('-') ? `+${line.slice(1)}` : line;
    })
    .join('\n');
}

/** One commit that was read itself. */
export interface ReadCommit {
  files: TouchedFile[];
  patches: Map<string, string>;
}

export function commitWithFiles(c: Awaited<ReturnType<Client['commit']>>): ReadCommit {
  const files = c.files ?? [];
  return { files: files.map(touchedOf), patches: patchesOf(files) };
}

/** The difference that one commit made, where there is nothing else to compare with. */
export const ofCommit = ({ files, patches }: ReadCommit): Difference => ({
  commits: [],
  more: false,
  files,
  back: 0,
  patches,
  filesCut: files.length >= FILES_TOLD,
  url: '',
});

/** A renamed file counts under its new name; a file without a patch is binary or too large. */
const touchedOf = (f: File): TouchedFile => ({
  path: f.filename,
  added: f.additions,
  deleted: f.deletions,
  binary: f.patch === undefined && f.additions + f.deletions === 0,
});

const patchesOf = (files: File[]): Map<string, string> =>
  new Map(files.flatMap((f) => (f.patch === undefined ? [] : [[f.filename, cut(f.patch, PATCH_MAX)] as const])));

/** A commit as REST tells it in a list: without its files. */
export function commitOf(c: Comparison['commits'][number]): PulledCommit {
  const [title = '', ...body] = c.commit.message.split('\n');
  return {
    id: c.sha,
    parents: c.parents.map((p) => p.sha),
    at: toMs(c.commit.committer?.date ?? ''),
    author: c.commit.author?.name ?? '',
    title,
    body: body.join('\n').trim(),
    files: [],
  };
}

/**
 * Commits of one pull request are one: told by the newest of them, with its title. Where the files of each are known from
 * its pull request, they and the patches of the whole difference are shared out; a patch that several may have made stays
 * with the deploy. A commit that was read itself has its own.
 */
export function byPull(
  commits: PulledCommit[],
  main: ReadonlyMap<string, MainCommit>,
  patches: ReadonlyMap<string, string>,
  read: (sha: string) => ReadCommit | undefined,
): {
  units: PulledCommit[];
  /** By the id of a unit, its patches by path. */
  patchesOf: Map<string, Map<string, string>>;
  /** SHA of a commit → id of its unit. */
  unitOf: Map<string, string>;
} {
  const units = new Map<string, PulledCommit>();
  const unitOf = new Map<string, string>();
  for (const c of commits) {
    const pull = c.pull ?? main.get(c.id)?.pull;
    const key = pull ? `#${pull.number}` : c.id;
    if (!units.has(key)) units.set(key, pull ? told(c, pull) : { ...c, files: read(c.id)?.files ?? c.files });
    unitOf.set(c.id, units.get(key)!.id);
  }
  const touches = new Map<string, number>();
  for (const u of units.values()) for (const f of u.files) touches.set(f.path, (touches.get(f.path) ?? 0) + 1);
  const sharedOut = (u: PulledCommit): Map<string, string> => {
    const only = u.files.map((f) => f.path).filter((path) => touches.get(path) === 1 && patches.has(path));
    return new Map(only.map((path) => [path, patches.get(path)!]));
  };
  const shared = new Map([...units.values()].map((u) => [u.id, read(u.id)?.patches ?? sharedOut(u)]));
  return { units: [...units.values()], patchesOf: shared, unitOf };
}

/** A commit in the words of its pull request, where its own are those of the merge. */
export function told(c: PulledCommit, pull: Pull): PulledCommit {
  const own = c.title.includes(`#${pull.number}`) && !c.title.startsWith('Merge ');
  return { ...c, pull, title: own ? c.title : `${pull.title} (#${pull.number})`, files: pull.files ?? c.files };
}

/** `pull request #418 of jon, labels: db, risk`. */
export function pullNote({ number, author, labels }: Pull): string {
  const by = author === '' ? '' : ` of ${author}`;
  return `pull request #${number}${by}${labels.length === 0 ? '' : `, labels: ${labels.slice(0, 5).join(', ')}`}`;
}
