/** The history of a repository by GraphQL: one request, and one more for each further page of deployments. */
import { oneLine } from '../../core/text.ts';
import { toIso, toMs } from '../../core/time.ts';
import { Refused } from '../_refused.ts';
import type { Client } from './_client.ts';
import type { Repo } from './_config.ts';
import type { Deployment, DeploymentState, History, MainCommit, Pull, Release, Tag } from './_history.ts';
import type { Asking } from './_octokit.ts';
import { HISTORY_QUERY } from './_query.ts';

/** Further pages of deployments: those to previews can be many. */
const PAGES_MAX = 3;
/** Earlier commits than all that were read. */
const NOTHING_LEFT = Number.NEGATIVE_INFINITY;

interface List<T> {
  nodes?: (T | null)[] | null;
  pageInfo?: { hasNextPage: boolean; endCursor?: string | null };
}
type Login = { login: string } | null;

interface Repository {
  deployments: List<{
    databaseId: number | null;
    environment: string | null;
    createdAt: string;
    commitOid: string;
    task: string | null;
    description: string | null;
    payload: string | null;
    ref: { name: string; prefix: string } | null;
    creator: Login;
    statuses: List<{ state: string; createdAt: string }> | null;
  }> | null;
  releases?: List<{
    name: string | null;
    tagName: string;
    publishedAt: string | null;
    isDraft: boolean;
    author: Login;
    tagCommit: { oid: string } | null;
  }> | null;
  refs?: List<{ name: string; target: TagTarget | null }> | null;
  defaultBranchRef?: { target: { history?: List<MainNode> } | null } | null;
  ownersHere?: { text?: string | null } | null;
  ownersTop?: { text?: string | null } | null;
  ownersDocs?: { text?: string | null } | null;
}

interface TagTarget {
  __typename: string;
  oid: string;
  committedDate?: string;
  author?: { name: string | null } | null;
  message?: string | null;
  tagger?: { name: string | null; date: string | null } | null;
  target?: { __typename: string; oid: string; committedDate?: string };
}

interface MainNode {
  oid: string;
  committedDate: string;
  messageHeadline: string;
  messageBody: string;
  author: { name: string | null } | null;
  parents: List<{ oid: string }>;
  associatedPullRequests: List<{
    number: number;
    title: string;
    author: Login;
    labels: List<{ name: string }> | null;
    files: List<{ path: string; additions: number; deletions: number }> | null;
  }> | null;
}

export interface HistoryRange {
  from: number;
  to: number;
  environment?: string;
}

/** Throws `Refused` where GraphQL gives nothing of the repository: not permitted, or not there. */
export async function historyByGraphql(
  client: Client,
  repo: Repo,
  range: HistoryRange,
  asking: Asking,
): Promise<History> {
  const first = await page(client, repo, range, null, asking);
  const { repository, gaps } = first;
  const deployments = nodesOf(repository.deployments).map(deploymentOf);
  let more = repository.deployments?.pageInfo;
  for (let n = 0; n < PAGES_MAX && more?.hasNextPage && !reaches(deployments, range.from); n++) {
    if (client.room() < 1) break;
    const next = (await page(client, repo, range, more.endCursor ?? null, asking)).repository.deployments;
    deployments.push(...nodesOf(next).map(deploymentOf));
    more = next?.pageInfo;
  }
  const main = repository.defaultBranchRef?.target?.history;
  const commits = nodesOf(main).map(commitOf);
  const { ownersHere, ownersTop, ownersDocs } = repository;
  const owners = ownersHere?.text ?? ownersTop?.text ?? ownersDocs?.text;
  return {
    repo,
    deployments,
    releases: nodesOf(repository.releases).flatMap(releaseOf),
    tags: nodesOf(repository.refs).flatMap(tagOf),
    commits,
    ...(typeof owners === 'string' && { owners }),
    since: {
      deployments: more?.hasNextPage ? (deployments.at(-1)?.createdAt ?? range.to) : NOTHING_LEFT,
      commits: main?.pageInfo?.hasNextPage ? (commits.at(-1)?.at ?? range.to) : NOTHING_LEFT,
    },
    gaps,
  };
}

async function page(
  client: Client,
  repo: Repo,
  { to, environment }: HistoryRange,
  after: string | null,
  asking: Asking,
): Promise<{ repository: Repository; gaps: string[] }> {
  const variables = {
    owner: repo.owner,
    name: repo.name,
    environments: environment === undefined ? null : [environment],
    after,
    whole: after === null,
    until: toIso(to),
  };
  const { data, errors } = await client.graphql<{ repository: Repository | null }>(HISTORY_QUERY, variables, asking);
  if (data?.repository) return { repository: data.repository, gaps: [...new Set(errors.map(gapOf))] };
  const said = oneLine(errors[0]?.message ?? 'it answered nothing', 160);
  throw new Refused('denied', `${client.base}/graphql tells nothing of ${repo.full}: ${said}`);
}

/** `pull requests of commits: Resource not accessible by personal access token`. */
function gapOf({ message, path = [] }: { message: string; path?: (string | number)[] }): string {
  const field = path.filter((p) => typeof p === 'string' && p !== 'repository' && p !== 'nodes').join('.');
  return oneLine(`${field || 'GraphQL'}: ${message}`, 160);
}

/** One more than the window needs: what was deployed before it. */
const reaches = (deployments: Deployment[], from: number): boolean =>
  deployments.filter((d) => d.createdAt < from).length > 10;

const nodesOf = <T>(list: List<T> | null | undefined): T[] =>
  (list?.nodes ?? []).filter((n): n is NonNullable<typeof n> => n !== null) as T[];

function deploymentOf(d: NonNullable<NonNullable<Repository['deployments']>['nodes']>[number] & object): Deployment {
  const ref = d.ref?.name;
  return {
    id: d.databaseId ?? 0,
    environment: d.environment ?? '',
    createdAt: toMs(d.createdAt),
    sha: d.commitOid,
    ...(ref !== undefined && { ref }),
    task: d.task ?? '',
    payload: d.payload,
    description: d.description ?? '',
    creator: d.creator?.login ?? '',
    statuses: nodesOf(d.statuses)
      .map((s) => ({ state: s.state.toLowerCase() as DeploymentState, at: toMs(s.createdAt) }))
      .sort((a, b) => a.at - b.at),
  };
}

function releaseOf(r: {
  name: string | null;
  tagName: string;
  publishedAt: string | null;
  isDraft: boolean;
  author: Login;
  tagCommit: { oid: string } | null;
}): Release[] {
  if (r.isDraft || r.publishedAt === null) return [];
  const sha = r.tagCommit?.oid;
  const author = r.author?.login ?? '';
  return [{ tag: r.tagName, name: r.name ?? '', at: toMs(r.publishedAt), ...(sha !== undefined && { sha }), author }];
}

function tagOf({ name, target }: { name: string; target: TagTarget | null }): Tag[] {
  if (target?.__typename === 'Commit') {
    const at = toMs(target.committedDate ?? '');
    return [{ name, sha: target.oid, at, annotated: false, author: target.author?.name ?? '', subject: '' }];
  }
  if (target?.__typename !== 'Tag' || target.target?.__typename !== 'Commit') return [];
  const { message, tagger, target: commit } = target;
  const at = toMs(tagger?.date ?? commit.committedDate ?? '');
  const subject = (message ?? '').split('\n')[0] ?? '';
  return [{ name, sha: commit.oid, at, annotated: Boolean(tagger?.date), author: tagger?.name ?? '', subject }];
}

function commitOf(c: MainNode): MainCommit {
  const [pull] = nodesOf(c.associatedPullRequests).map(pullOf);
  return {
    id: c.oid,
    parents: nodesOf(c.parents).map((p) => p.oid),
    at: toMs(c.committedDate),
    author: c.author?.name ?? '',
    title: c.messageHeadline,
    body: c.messageBody,
    files: [],
    ...(pull && { pull }),
  };
}

function pullOf(p: NonNullable<NonNullable<NonNullable<MainNode['associatedPullRequests']>['nodes']>[number]>): Pull {
  const files = nodesOf(p.files).map((f) => ({
    path: f.path,
    added: f.additions,
    deleted: f.deletions,
    binary: false,
  }));
  return {
    number: p.number,
    title: p.title,
    author: p.author?.login ?? '',
    labels: nodesOf(p.labels).map((l) => l.name),
    ...(p.files && !p.files.pageInfo?.hasNextPage && { files }),
  };
}
