/** The changes of a repository in a window: deploys by tag, commits of the main line, and what the deploys brought. */
import type { Questions } from '../core/capabilities.ts';
import { toIso, toMs } from '../core/time.ts';
import type { ServiceConfig } from '../tools/tool.ts';
import { type Commit, listCommits } from './_git-commits.ts';
import { deployOf } from './_git-deploy.ts';
import { commitDraft, type Draft, previousOf, tellOnce } from './_git-draft.ts';
import { git, type Repository } from './_git-run.ts';
import { serviceMap } from './_git-services.ts';
import { type DeployTag, deployTags, type TagParts } from './_git-tags.ts';
import { Refused } from './_refused.ts';

/** Changes in one answer, and deploys that are compared with the one before. */
const CHANGES_MAX = 500;
const DEPLOYS_COMPARED = 50;

export interface GitSource {
  repository: Repository;
  parse(name: string): TagParts | undefined;
  services: Record<string, ServiceConfig>;
  /** The whole repository is this one service. */
  whole?: string;
  /** Nothing later exists, ms. */
  now: number;
}

export interface Listed {
  /** Deploys first, then commits; each newest first: the order in which they are worth showing. */
  drafts: Draft[];
  /** More commits exist in the window than were read. */
  cut: boolean;
  /** What stands in the way of a complete answer. */
  problem?: string;
}

/** All changes in the window of the question; of one service: also those that belong to no service in particular. */
export async function listChanges(
  source: GitSource,
  question: Questions['changes.list'],
  signal: AbortSignal,
): Promise<Listed> {
  const { repository, whole, now } = source;
  const from = toMs(question.from);
  const to = Math.min(toMs(question.to), now + 1);
  const tags = (await deployTags(repository, source.parse, signal)).tags.filter((t) => t.at <= now);
  const map = serviceMap(source.services, services(tags), whole);
  const names = namesOf(source, question.service);
  const concerns = (touched: string[]) =>
    names === undefined || touched.length === 0 || touched.some((s) => names.has(s));

  const inside = tags
    .filter((t) => t.at >= from && t.at < to && concerns(serviceOf(t, whole)))
    .toReversed()
    .slice(0, CHANGES_MAX);
  const deploys: Draft[] = [];
  for (const tag of inside.slice(0, DEPLOYS_COMPARED)) {
    const [service] = serviceOf(tag, whole);
    deploys.push(await deployOf(repository, tag, previousOf(tags, tag), service, map, signal));
  }
  const head = await headOf(repository, signal);
  const revisions = [...head, ...inside.map((t) => t.commit)];
  const window = { since: toIso(from), until: toIso(to - 1), most: CHANGES_MAX, firstParent: true };
  const found = revisions.length === 0 ? undefined : await listCommits(repository, revisions, window, signal);

  const commits = new Map<string, Commit>();
  for (const c of found?.commits ?? []) if (c.at >= from && c.at < to) commits.set(c.id, c);
  // What a deploy brought belongs to the answer whenever it was written.
  for (const c of deploys.flatMap((d) => d.commits)) if (c.at <= now) commits.set(c.id, c);
  tellOnce(deploys, commits);
  const drafts = [...commits.values()]
    .sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1))
    .filter((c) => concerns(map.touched(c.files.map((f) => f.path))))
    .map((c) => commitDraft(c, { map, names, deployed: tags.map((t) => t.service ?? whole) }));
  const problem = await missingHistory(repository, head, from, signal);
  const uncompared = inside.length > DEPLOYS_COMPARED;
  return { drafts: [...deploys, ...drafts], cut: (found?.cut ?? false) || uncompared, ...(problem && { problem }) };
}

const services = (tags: DeployTag[]): string[] => tags.map((t) => t.service).filter((s) => s !== undefined);

const serviceOf = (tag: DeployTag, whole: string | undefined): string[] => {
  const service = tag.service ?? whole;
  return service === undefined ? [] : [service];
};

function namesOf({ services }: GitSource, service: string | undefined): ReadonlySet<string> | undefined {
  return service === undefined ? undefined : new Set([service, ...(services[service]?.aliases ?? [])]);
}

/** The main line: HEAD, or where HEAD names a branch that does not exist (a bare repository may), all branches. */
async function headOf(repository: Repository, signal: AbortSignal): Promise<string[]> {
  try {
    const { text } = await git(repository, ['rev-parse', '--quiet', '--verify', 'HEAD^{commit}'], signal);
    return [text.trim()];
  } catch (e) {
    if (!(e instanceof Refused)) throw e;
    const { text } = await git(repository, ['for-each-ref', '--format=%(objectname)', 'refs/heads'], signal);
    return text
      .split('\n')
      .filter((line) => line !== '')
      .slice(0, 100);
  }
}

/** A shallow clone may begin within the window: then nothing can be said of what was before. */
async function missingHistory(
  repository: Repository,
  head: string[],
  from: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { text } = await git(repository, ['rev-parse', '--is-shallow-repository'], signal);
  if (text.trim() !== 'true' || head.length === 0) return undefined;
  const args = ['log', '--format=%H', '--max-count=1', `--until=${toIso(from)}`, ...head, '--'];
  if ((await git(repository, args, signal)).text !== '') return undefined;
  return `${repository.path} is a shallow clone that does not reach back to ${toIso(from)}. \`git fetch --unshallow\` there.`;
}
