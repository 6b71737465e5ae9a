/** One repository: its history, read once for a window, and what means a deploy there. */
import { byText } from '../../core/canonical.ts';
import { plural } from '../../core/text.ts';
import { HOUR, toIso, toMs } from '../../core/time.ts';
import { Refused } from '../_refused.ts';
import { sharedReads } from '../_shared-reads.ts';
import type { Client } from './_client.ts';
import type { GithubConfig, Repo } from './_config.ts';
import { deployRuns, fromDeployments, fromReleases, fromRuns, fromTags, type GithubDeploy } from './_deploys.ts';
import type { DeploymentState, History, WorkflowRun } from './_history.ts';
import { type HistoryRange, historyByGraphql } from './_history-graphql.ts';
import { historyByRest } from './_history-rest.ts';
import { inProduction, type Naming } from './_naming.ts';
import type { Asking } from './_octokit.ts';

/** A deploy is compared with the one before it, which may be this much older than the window. */
const BEFORE = 7 * 24 * HOUR;
const RUNS = 100;

export interface Told {
  history: History;
  /** Oldest first; those before the window too, to compare with. */
  deploys: GithubDeploy[];
  /** What was taken for a deploy, in words. */
  means: string;
  /** What is missing, in words. */
  gaps: string[];
}

export interface Repository {
  repo: Repo;
  /** All that it tells of a window; asked once for a window and all within it. Throws `Refused`. */
  tell(range: { from: number; to: number }, asking: Asking): Promise<Told>;
}

/** What all repositories of a source share. */
export interface Manner {
  client: Client;
  config: Pick<GithubConfig, 'environment' | 'tagPattern' | 'deployWorkflows'>;
  naming: Naming;
  /** GraphQL answers: without a token it never does, and who denies it once denies it always. */
  graphql: { answers: boolean };
}

export function openRepository(repo: Repo, manner: Manner): Repository {
  let widest: { from: number; to: number } | undefined;
  const shared = sharedReads();
  return {
    repo,
    tell(range, asking) {
      const within = widest && widest.from <= range.from && widest.to >= range.to ? widest : range;
      widest = within;
      const told = shared.read(`${within.from} ${within.to}`, asking, (ctx) => tell(repo, manner, within, ctx));
      // What failed may be asked again, of a shorter time.
      told.catch(() => {
        if (widest === within) widest = undefined;
      });
      return told;
    },
  };
}

async function tell(repo: Repo, manner: Manner, range: { from: number; to: number }, asking: Asking): Promise<Told> {
  const { config, naming } = manner;
  const { environment, tagPattern, deployWorkflows } = config;
  const history = await historyOf(
    repo,
    manner,
    { ...range, ...(environment !== undefined && { environment }) },
    asking,
  );
  const gaps = [...history.gaps];
  const late = (since: number, what: string): string[] =>
    since > range.from ? [`${what} of ${repo.full} before ${toIso(since)} were not read`] : [];
  const told = (deploys: GithubDeploy[], means: string): Told => {
    const { commits } = history.since;
    // Where something deploys, commits that none carried are a side show; else they are the changes.
    if (deploys.length === 0) return { history, deploys, means, gaps: [...gaps, ...late(commits, 'commits')] };
    return {
      history,
      deploys,
      means: commits > range.from ? `${means}, commits since ${toIso(commits)}` : means,
      gaps,
    };
  };
  if (tagPattern !== undefined) return told(fromTags(history, naming, tagPattern), `tags ${tagPattern}`);

  const all = history.deployments.filter((d) => d.createdAt < range.to);
  const { chosen, left } = environment === undefined ? inProduction(all) : { chosen: all, left: [] };
  if (deployWorkflows === undefined && chosen.length > 0) {
    gaps.push(...late(history.since.deployments, 'deployments'));
    const { deploys, waiting } = fromDeployments(history, chosen, naming, range.to);
    const where = environment ?? [...new Set(chosen.map((d) => d.environment))].sort(byText).join(', ');
    const other = left.length === 0 ? '' : ` (not ${left.slice(0, 5).join(', ')})`;
    return told(deploys, `deployments to ${where}${other}${waiting > 0 ? `, ${waiting} never began` : ''}`);
  }
  const runs = await runsOf(repo, manner.client, range, asking, gaps);
  const deploying = deployRuns(runs, deployWorkflows);
  if (deployWorkflows !== undefined || deploying.length > 0) {
    const names = [...new Set(deploying.map((r) => r.name))].slice(0, 5).join(', ');
    return told(fromRuns(history, deploying, naming), `runs of ${names || deployWorkflows?.join(', ')}`);
  }
  const releases = fromReleases(history, naming);
  if (releases.length > 0) return told(releases, 'releases');
  const tags = fromTags(history, naming, undefined);
  return tags.length > 0 ? told(tags, 'tags') : told([], 'commits of the main line alone');
}

async function historyOf(repo: Repo, manner: Manner, range: HistoryRange, asking: Asking): Promise<History> {
  const { client, graphql } = manner;
  if (graphql.answers) {
    try {
      return await historyByGraphql(client, repo, range, asking);
    } catch (e) {
      if (!(e instanceof Refused) || !elsewhere(e)) throw e;
      const history = await historyByRest(client, repo, range, asking);
      graphql.answers = false;
      return history;
    }
  }
  return historyByRest(client, repo, range, asking);
}

/** Whether REST may answer where GraphQL did not: not for a bad token, a spent rate or a server that is not there. */
function elsewhere({ refusal }: Refused): boolean {
  const { status, code } = refusal;
  if (status === 'rate-limited' || status === 'partial' || code === 401) return false;
  return status === 'denied' || code !== undefined;
}

async function runsOf(
  repo: Repo,
  client: Client,
  range: { from: number; to: number },
  asking: Asking,
  gaps: string[],
): Promise<WorkflowRun[]> {
  try {
    const created = `${toIso(range.from - BEFORE).slice(0, 19)}Z..${toIso(range.to).slice(0, 19)}Z`;
    const { total_count: all, workflow_runs: runs } = await client.runs(repo, { created, size: RUNS }, asking);
    const oldest = toMs(runs.at(-1)?.created_at ?? '');
    if (runs.length < all && oldest > range.from)
      gaps.push(`only the newest ${plural(runs.length, 'workflow run')} of ${all} of ${repo.full} were read`);
    return runs.map((r) => runOf(r, range.to));
  } catch (e) {
    if (!(e instanceof Refused)) throw e;
    gaps.push(`workflow runs of ${repo.full}: ${e.refusal.problem}`);
    return [];
  }
}

type Run = Awaited<ReturnType<Client['runs']>>['workflow_runs'][number];

/** A run as it stood at `until`. */
const runOf = (r: Run, until: number): WorkflowRun => ({
  id: r.id,
  name: r.name ?? '',
  path: r.path,
  title: r.display_title,
  event: r.event,
  state: stateOf(r, until),
  startedAt: toMs(r.run_started_at ?? r.created_at),
  endedAt: toMs(r.updated_at),
  sha: r.head_sha,
  branch: r.head_branch ?? '',
  actor: r.actor?.login ?? '',
});

function stateOf({ status, conclusion, updated_at }: Run, until: number): DeploymentState {
  if (status === 'in_progress' || toMs(updated_at) >= until) return 'in_progress';
  if (status !== 'completed') return 'queued';
  if (conclusion === 'success') return 'success';
  return conclusion === 'failure' || conclusion === 'timed_out' ? 'failure' : 'inactive';
}
