/** The history of a repository by REST, where GraphQL is denied or absent: more requests for less, and what is left out is said. */
import { toIso, toMs } from '../../core/time.ts';
import { Refused } from '../_refused.ts';
import type { Client } from './_client.ts';
import { commitOf } from './_compare.ts';
import type { Repo } from './_config.ts';
import type { Deployment, DeploymentState, History, MainCommit, Release, Tag } from './_history.ts';
import type { HistoryRange } from './_history-graphql.ts';
import { inProduction } from './_naming.ts';
import type { Asking } from './_octokit.ts';

const PAGE = 100;
/** Deployments whose statuses are asked for: one request each. */
const STATUSES_MAX = 3;

/** Throws `Refused` where nothing at all may be read. What is denied in part is named among the gaps. */
export async function historyByRest(client: Client, repo: Repo, range: HistoryRange, asking: Asking): Promise<History> {
  const gaps: string[] = [];
  const refusals: Refused[] = [];
  async function part<T>(what: string, ask: () => Promise<T[]>): Promise<T[]> {
    try {
      return await ask();
    } catch (e) {
      if (!(e instanceof Refused)) throw e;
      refusals.push(e);
      gaps.push(`${what} of ${repo.full}: ${e.refusal.problem}`);
      return [];
    }
  }
  const { environment } = range;
  const commits = await part('commits', async () =>
    (await client.commits(repo, { until: toIso(range.to), size: PAGE }, asking)).map(commitOf),
  );
  const deployments = await part('deployments', async () =>
    (await client.deployments(repo, { size: PAGE, ...(environment !== undefined && { environment }) }, asking)).map(
      deploymentOf,
    ),
  );
  if (refusals.length === 2) throw refusals[0];
  const inside = deployments.filter((d) => d.createdAt >= range.from && d.createdAt < range.to);
  for (const d of inside.slice(0, STATUSES_MAX)) {
    d.statuses = await part('statuses of deployments', async () =>
      (await client.statuses(repo, d.id, asking))
        .map((s) => ({ state: s.state as DeploymentState, at: toMs(s.created_at) }))
        .sort((a, b) => a.at - b.at),
    );
  }
  if (inside.length > STATUSES_MAX)
    gaps.push(`statuses of ${inside.length - STATUSES_MAX} deployments of ${repo.full} were not read`);
  const none = (environment === undefined ? inProduction(deployments).chosen : deployments).length === 0;
  const releases = none
    ? await part('releases', async () => (await client.releases(repo, asking)).flatMap(releaseOf))
    : [];
  const tags = none ? await part('tags', async () => tagsOf(await client.tags(repo, asking), commits)) : [];
  return {
    repo,
    deployments,
    releases,
    tags,
    commits,
    since: {
      deployments: deployments.length < PAGE ? Number.NEGATIVE_INFINITY : deployments.at(-1)!.createdAt,
      commits: commits.length < PAGE ? Number.NEGATIVE_INFINITY : commits.at(-1)!.at,
    },
    gaps,
  };
}

type Row<K extends 'deployments' | 'releases' | 'tags'> = Awaited<ReturnType<Client[K]>>[number];

const deploymentOf = (d: Row<'deployments'>): Deployment => ({
  id: d.id,
  environment: d.environment,
  createdAt: toMs(d.created_at),
  sha: d.sha,
  ref: d.ref,
  task: d.task,
  payload: d.payload,
  description: d.description ?? '',
  creator: d.creator?.login ?? '',
});

function releaseOf(r: Row<'releases'>): Release[] {
  if (r.draft || !r.published_at) return [];
  // Who makes a release of one commit names it; a branch says nothing of where it stood.
  const sha = /^[0-9a-f]{40}$/.test(r.target_commitish) ? r.target_commitish : undefined;
  const author = r.author?.login ?? '';
  return [{ tag: r.tag_name, name: r.name ?? '', at: toMs(r.published_at), author, ...(sha !== undefined && { sha }) }];
}

/** A list of tags has no times: that of the commit is known where it is among the newest of the main line, else it is NaN. */
function tagsOf(tags: Row<'tags'>[], commits: MainCommit[]): Tag[] {
  return tags.map(({ name, commit }) => {
    const known = commits.find((c) => c.id === commit.sha);
    const at = known?.at ?? Number.NaN;
    return { name, sha: commit.sha, at, annotated: false, author: known?.author ?? '', subject: '' };
  });
}
