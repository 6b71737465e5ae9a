/** The rows of our GraphQL query, as GitHub answers them, and what they mean. */
import { toMs } from '../../core/time.ts';
import type { Deployment, DeploymentState, MainCommit, Pull, Release, Tag } from './_history.ts';

export interface List<T> {
  nodes?: (T | null)[] | null;
  pageInfo?: { hasNextPage: boolean; endCursor?: string | null };
}
/** One row of a list. */
type Node<L> = L extends List<infer T> ? T : never;
type Login = { login: string } | null;

export interface Repository {
  nameWithOwner: string;
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

export const nodesOf = <T>(list: List<T> | null | undefined): T[] =>
  (list?.nodes ?? []).filter((n): n is NonNullable<typeof n> => n !== null) as T[];

export function deploymentOf(
  d: NonNullable<NonNullable<Repository['deployments']>['nodes']>[number] & object,
): Deployment {
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

export function releaseOf(r: Node<Repository['releases']>): Release[] {
  if (r.isDraft || r.publishedAt === null) return [];
  const sha = r.tagCommit?.oid;
  const author = r.author?.login ?? '';
  return [{ tag: r.tagName, name: r.name ?? '', at: toMs(r.publishedAt), ...(sha !== undefined && { sha }), author }];
}

export function tagOf({ name, target }: Node<Repository['refs']>): Tag[] {
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

export function commitOf(c: MainNode): MainCommit {
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

function pullOf(p: Node<MainNode['associatedPullRequests']>): Pull {
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
