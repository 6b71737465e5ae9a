/** Commits with the files they touched, and the differences between two of them. */
import { cut } from '../core/text.ts';
import { DIFF_OPTIONS, git, type Repository } from './_git-run.ts';

export interface TouchedFile {
  path: string;
  added: number;
  deleted: number;
  binary: boolean;
}

/** `at` is when it was committed (not written), in ms. Files of a merge are those that it brought to its first parent. */
export interface Commit {
  id: string;
  parents: string[];
  at: number;
  author: string;
  title: string;
  body: string;
  files: TouchedFile[];
}

const FORMAT = ['H', 'P', 'ct', 'an', 's', 'b'];
const NUMSTAT = /^\n?(\d+|-)\t(\d+|-)\t([\s\S]*)$/;
const STAT = ['-r', '-z', '--numstat', '--no-renames', ...DIFF_OPTIONS];

/** Commits reachable from these revisions (`^x` excludes), newest first, at most `most`; `cut`: there are more. */
export async function listCommits(
  repository: Repository,
  revisions: string[],
  { since, until, most, firstParent }: { since?: string; until?: string; most: number; firstParent?: boolean },
  signal: AbortSignal,
): Promise<{ commits: Commit[]; cut: boolean }> {
  const args = [
    'log',
    '--no-decorate',
    '--encoding=UTF-8',
    '--diff-merges=first-parent',
    `--format=tformat:${FORMAT.map((f) => `%${f}`).join('%x00')}`,
    `--max-count=${most + 1}`,
    ...STAT,
    ...(since === undefined ? [] : [`--since=${since}`]),
    ...(until === undefined ? [] : [`--until=${until}`]),
    ...(firstParent ? ['--first-parent'] : []),
    ...revisions,
    '--',
  ];
  const output = await git(repository, args, signal);
  const commits = parseLog(output.text, output.cut);
  return { commits: commits.slice(0, most), cut: output.cut || commits.length > most };
}

function parseLog(text: string, incomplete: boolean): Commit[] {
  const tokens = text.split('\0');
  const commits: Commit[] = [];
  let i = 0;
  while (i + FORMAT.length < tokens.length) {
    const [id, parents, at, author, title, body] = tokens.slice(i, i + FORMAT.length) as [string, ...string[]];
    i += FORMAT.length;
    const files: TouchedFile[] = [];
    for (; i < tokens.length; i++) {
      const m = NUMSTAT.exec(tokens[i]!);
      if (m === null) break;
      files.push(touched(m));
    }
    commits.push({
      id: id.trim(),
      parents: (parents ?? '').split(' ').filter((p) => p !== ''),
      at: Number(at) * 1000,
      author: author ?? '',
      title: title ?? '',
      body: body ?? '',
      files,
    });
  }
  // What git was printing when it was stopped is no whole commit.
  return incomplete ? commits.slice(0, -1) : commits;
}

const touched = (m: RegExpExecArray): TouchedFile => ({
  path: m[3]!,
  added: m[1] === '-' ? 0 : Number(m[1]),
  deleted: m[2] === '-' ? 0 : Number(m[2]),
  binary: m[1] === '-',
});

/** Files that differ between two commits, by path. */
export async function filesBetween(
  repository: Repository,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<TouchedFile[]> {
  const { text } = await git(repository, ['diff-tree', ...STAT, from, to, '--'], signal);
  return text
    .split('\0')
    .map((token) => NUMSTAT.exec(token))
    .filter((m) => m !== null)
    .map(touched);
}

const PATCH_FILES = 60;
/** A file with more changed lines is generated, vendored or moved: its patch tells nobody anything. */
const PATCH_LINES = 3000;
const PATCH_OUTPUT = 2 * 1024 * 1024;

/** The patches of these files between two commits (no `from`: since nothing), each cut to `most` characters. */
export async function patchesBetween(
  repository: Repository,
  from: string | undefined,
  to: string,
  files: TouchedFile[],
  most: number,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const paths = files
    .filter((f) => !f.binary && f.added + f.deleted <= PATCH_LINES)
    .slice(0, PATCH_FILES)
    .map((f) => f.path);
  if (paths.length === 0) return new Map();
  const trees = from === undefined ? ['--root', '--no-commit-id', to] : [from, to];
  const args = ['diff-tree', '-r', '-p', '-U3', '--no-renames', ...DIFF_OPTIONS, ...trees, '--', ...paths];
  const { text } = await git(repository, args, signal, PATCH_OUTPUT);
  const headers = new Map(paths.map((path) => [`a/${path} b/${path}`, path]));
  const patches = new Map<string, string>();
  for (const part of text.split(/^diff --git /m).slice(1)) {
    const path = headers.get(part.slice(0, part.indexOf('\n')));
    const hunk = part.search(/^@@ /m);
    if (path !== undefined && hunk >= 0 && !patches.has(path)) patches.set(path, cut(part.slice(hunk), most));
  }
  return patches;
}
