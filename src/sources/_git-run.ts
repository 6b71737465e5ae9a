/**
 * Runs git: `execFile` with fixed arguments, no shell, and nothing of the repository, the user or the machine that makes
 * git start another program.
 *
 * A repository is outside: its own config and attributes can name programs for hooks, file system monitors, external
 * diffs, text conversion, signature checks, pagers, and lazy fetches of a partial clone. Each of them is turned off here, by
 * options that beat the repository's config. That is also why ownership can be set aside: git refuses a repository of
 * another user (`safe.directory`) to keep that user's config from running programs, and here it cannot. The exception is
 * given for this one path on the command line, which git trusts, and the repository is named by `--git-dir`, so that
 * git never goes looking in parent folders either.
 */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../core/errors.ts';
import { oneLine } from '../core/text.ts';
import { Refused } from './_refused.ts';

/** Bytes of output that are read before git is stopped and the answer is called cut. */
const OUTPUT_LIMIT = 16 * 1024 * 1024;
const FIND_GIT = '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin:/run/current-system/sw/bin';

const FIXED = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.attributesFile=/dev/null',
  'core.pager=cat',
  'core.sshCommand=false',
  'diff.external=',
  'diff.submodule=short',
  'gpg.program=false',
  'gpg.ssh.program=false',
  'gpg.x509.program=false',
  'log.showSignature=false',
  'log.mailmap=false',
  'log.showRoot=true',
  'core.quotePath=false',
  'protocol.allow=never',
  'uploadpack.packObjectsHook=',
];

const ENVIRONMENT = {
  PATH: FIND_GIT,
  LC_ALL: 'C',
  TZ: 'UTC',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  GIT_NO_LAZY_FETCH: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  // Older versions do not know GIT_NO_LAZY_FETCH; without any protocol they cannot fetch either.
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_PAGER: 'cat',
};

/** A repository that was found: where it is and how it is asked. */
export interface Repository {
  path: string;
  gitDir: string;
  /** The git program; undefined = the first on the usual path. */
  program?: string;
}

/** `cut`: there was more than the limit, and git was stopped. */
export interface Output {
  text: string;
  cut: boolean;
}

/** The repository at this very path (bare, with a `.git` folder, or a worktree's `.git` file); undefined = none is there. */
export async function findRepository(path: string, program?: string): Promise<Repository | undefined> {
  const exists = async (name: string) => (await stat(join(path, name)).catch(() => undefined)) !== undefined;
  const found = { path, ...(program !== undefined && { program }) };
  if (await exists('.git')) return { ...found, gitDir: join(path, '.git') };
  if ((await exists('HEAD')) && (await exists('objects'))) return { ...found, gitDir: path };
  return undefined;
}

/**
 * Runs one git command and returns what it printed, at most `limit` bytes. Revisions among the arguments are SHAs that
 * git itself told, or `HEAD`, so none can be taken for an option. Throws `Refused` where git cannot answer, and the
 * signal's reason when it is aborted.
 */
export function git(
  { path, gitDir, program = 'git' }: Repository,
  args: string[],
  signal: AbortSignal,
  limit = OUTPUT_LIMIT,
): Promise<Output> {
  const fixed = ['--no-pager', '--git-dir', gitDir, '--literal-pathspecs', '--no-optional-locks'];
  const config = [...FIXED, `safe.directory=${path}`, `safe.directory=${gitDir}`].flatMap((c) => ['-c', c]);
  const options = { env: ENVIRONMENT, cwd: '/', maxBuffer: limit, signal, encoding: 'utf8' } as const;
  return new Promise((resolve, reject) => {
    execFile(program, [...fixed, ...config, ...args], options, (error, stdout, stderr) => {
      if (signal.aborted) reject(signal.reason as Error);
      else if (error === null) resolve({ text: stdout, cut: false });
      else if (errorCode(error) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') resolve({ text: stdout, cut: true });
      else reject(refusal(error, stderr, path));
    });
  });
}

function refusal(error: Error, stderr: string, path: string): Refused {
  const code = errorCode(error);
  if (code === 'ENOENT') return new Refused('failed', 'git is not installed. Install it, or set "git" to its path.');
  if (code === 'EACCES' || /permission denied/i.test(stderr))
    return new Refused('denied', `${path} may not be read. Give this user read access to it.`);
  const said = oneLine(stderr.replace(/^(?:fatal|error): /, ''), 200) || oneLine(error.message, 200);
  return /not a git repository/.test(said)
    ? notRepository(path)
    : new Refused('failed', `git failed on ${path}: ${said}. \`git fsck\` there says what is wrong with it.`);
}

export const notRepository = (path: string): Refused =>
  new Refused(
    'failed',
    `${path} is not a git repository. Set "path" to a repository's top folder or to a bare one (\`git clone --mirror URL\` makes one).`,
  );

/** Options of every command that shows a difference: no program of the repository's choice, one fixed form. */
export const DIFF_OPTIONS = [
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--ignore-submodules=all',
  '--src-prefix=a/',
  '--dst-prefix=b/',
];
