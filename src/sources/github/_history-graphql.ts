/** The history of a repository by GraphQL: one request, and one more for each further page of deployments. */
import { oneLine } from '../../core/text.ts';
import { toIso } from '../../core/time.ts';
import { Refused } from '../_refused.ts';
import type { Client } from './_client.ts';
import type { Repo } from './_config.ts';
import { commitOf, deploymentOf, nodesOf, type Repository, releaseOf, tagOf } from './_graphql-rows.ts';
import type { Deployment, History } from './_history.ts';
import type { Asking } from './_octokit.ts';
import { HISTORY_QUERY } from './_query.ts';

/** Further pages of deployments: those to previews can be many. */
const PAGES_MAX = 3;
/** Earlier commits than all that were read. */
const NOTHING_LEFT = Number.NEGATIVE_INFINITY;

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
  // GraphQL follows a repository to its new name; REST would only say that it moved.
  const [owner = repo.owner, name = repo.name] = repository.nameWithOwner.split('/');
  return {
    repo: { owner, name, full: `${owner}/${name}` },
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
