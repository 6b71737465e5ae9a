/** A deploy tag as a change: against the previous tag of the same service, with the commits in between. */
import type { Change } from '../core/telemetry.ts';
import { count, cut, oneLine, plural } from '../core/text.ts';
import { toIso } from '../core/time.ts';
import { type Commit, filesBetween, listCommits, type TouchedFile } from './_git-commits.ts';
import { git, type Repository } from './_git-run.ts';
import { kindOfFiles, type ServiceMap } from './_git-services.ts';
import type { DeployTag } from './_git-tags.ts';

const COMMITS_MAX = 200;
const BODY_MAX = 1200;

/** A change, and what is needed to fetch its patches later, when it is known how many may be shown. */
export interface Draft {
  change: Change;
  files: TouchedFile[];
  /** The two ends of the difference; no `from` = since nothing. Undefined = nothing to compare. */
  diff?: { from?: string; to: string };
  /** Commits that a deploy put into production. */
  commits: Commit[];
}

/**
 * The deploy that a tag tells of. Its kind is always `deploy`, because its time is when something went live; where only
 * configuration changed since the previous tag, `status` says so. Files and commits that belong to other services of the same
 * repository are left out and counted. A lightweight tag has no time of its own: its commit's time is used, and said.
 */
export async function deployOf(
  repository: Repository,
  tag: DeployTag,
  previous: DeployTag | undefined,
  service: string | undefined,
  map: ServiceMap,
  signal: AbortSignal,
): Promise<Draft> {
  const ours = (paths: string[]): boolean => {
    const touched = map.touched(paths);
    return service === undefined || touched.length === 0 || touched.includes(service);
  };
  const notes: string[] = [];
  let files: TouchedFile[] = [];
  let commits: Commit[] = [];
  if (previous === undefined) notes.push('first deploy tag: there is none before it to compare with');
  else if (previous.commit === tag.commit)
    notes.push(`same commit as ${previous.name}: deployed again, or only restarted`);
  else {
    const between = await listCommits(repository, [`^${previous.commit}`, tag.commit], { most: COMMITS_MAX }, signal);
    const all = await filesBetween(repository, previous.commit, tag.commit, signal);
    commits = between.commits.filter((c) => ours(c.files.map((f) => f.path)));
    files = all.filter((f) => ours([f.path]));
    notes.push(await distance(repository, previous, tag, commits.length, between.cut, signal), sizeOf(files));
    const others = all.length - files.length;
    if (others > 0) notes.push(`${plural(others, 'file')} of other services left out`);
  }
  if (!tag.annotated)
    notes.push(
      'the tag is lightweight and has no time of its own: this is the time of its commit, the deploy may be later',
    );
  const paths = files.map((f) => f.path);
  const onlyConfig = kindOfFiles(paths) !== 'code';
  const log = commits.slice(0, 20).map((c) => `${c.id.slice(0, 10)} ${oneLine(c.title, 120)}`);
  const change: Change = {
    id: tag.name,
    time: toIso(tag.at),
    kind: 'deploy',
    ...(service !== undefined && { service }),
    ...(tag.env !== undefined && { env: tag.env }),
    version: tag.version,
    ...(previous !== undefined && { previousVersion: previous.version }),
    ref: tag.commit,
    author: nameOf(tag.author),
    title: titleOf(tag, service, commits),
    body: cut([notes.join('; '), ...log].join('\n'), BODY_MAX),
    ...(onlyConfig && { status: 'configuration only' }),
    deployed: previous === undefined ? [tag.commit] : commits.map((c) => c.id),
  };
  const diff = previous === undefined ? undefined : { from: previous.commit, to: tag.commit };
  return { change, files, commits, ...(diff && { diff }) };
}

async function distance(
  repository: Repository,
  previous: DeployTag,
  tag: DeployTag,
  commits: number,
  more: boolean,
  signal: AbortSignal,
): Promise<string> {
  const args = ['rev-list', '--count', `^${tag.commit}`, previous.commit, '--'];
  const back = Number((await git(repository, args, signal)).text.trim());
  const ahead = `${more ? 'more than ' : ''}${plural(commits, 'commit')} since ${previous.name}`;
  if (back === 0) return ahead;
  const without = `${plural(back, 'commit')} of ${previous.name} ${back === 1 ? 'is' : 'are'} not in it`;
  return commits === 0 ? `goes back: ${without}` : `${ahead}; ${without}`;
}

/** `2 files changed, +12 −4`. */
export function sizeOf(files: TouchedFile[]): string {
  const sum = (of: 'added' | 'deleted') => count(files.reduce((n, f) => n + f[of], 0));
  return files.length === 0
    ? 'no file changed'
    : `${plural(files.length, 'file')} changed, +${sum('added')} −${sum('deleted')}`;
}

function titleOf(tag: DeployTag, service: string | undefined, commits: Commit[]): string {
  const what = service === undefined ? tag.version : `${service} ${tag.version}`;
  const own = tag.subject !== '' && tag.subject !== tag.name ? tag.subject : (commits[0]?.title ?? '');
  return oneLine(own === '' ? what : `${what}: ${own}`, 200);
}

/** The name alone: an address that somebody gave as the name ends before its `@`. */
export const nameOf = (author: string): string => oneLine(author.replace(/<[^>]*>/g, '').replace(/@\S*/g, ''), 80);
