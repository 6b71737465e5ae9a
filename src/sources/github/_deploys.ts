/** What of a repository's history means a deploy: deployments, runs of workflows that deploy, releases, or tags. */
import { byText } from '../../core/canonical.ts';
import { oneLine } from '../../core/text.ts';
import { toIso } from '../../core/time.ts';
import type { Deployed } from '../_git-draft.ts';
import type { Deployment, History, WorkflowRun } from './_history.ts';
import { type Naming, partsOf, partsOfTag } from './_naming.ts';

export interface GithubDeploy extends Deployed {
  /** It took effect, it began and failed, or it still goes on. */
  state: 'live' | 'failed' | 'in progress';
  /** When its roll-out began, ms, where that is known and earlier. */
  startedAt?: number;
  notes: string[];
}

/** Deployments that were made real before `until`, oldest first. Those that never began are counted in `waiting`. */
export function fromDeployments(
  history: History,
  deployments: Deployment[],
  naming: Naming,
  until: number,
): { deploys: GithubDeploy[]; waiting: number } {
  let waiting = 0;
  const deploys = deployments.flatMap((d) => {
    const times = effectOf(d, until);
    if (times.length === 0) waiting++;
    const { service, env, version } = partsOf(d, naming);
    const described = d.description === '' ? [] : [`described as "${oneLine(d.description, 120)}"`];
    return times.map(
      (t, i): GithubDeploy => ({
        ...t,
        notes: [...t.notes, ...described],
        name: `deploy/${service ?? history.repo.name}/${version}@${d.id}${i === 0 ? '' : `.${i + 1}`}`,
        ...(service !== undefined && { service }),
        version,
        ...(env !== '' && { env }),
        commit: d.sha,
        author: d.creator,
        subject: i === 0 ? '' : 'made active again',
      }),
    );
  });
  return { deploys: inOrder(deploys), waiting };
}

type Effect = Pick<GithubDeploy, 'at' | 'state' | 'startedAt' | 'notes'>;

/**
 * When a deployment took effect: at each `success` that follows another state. One that failed acted from when it
 * began; one without any status is told at the time it was made. Nothing from `until` on exists.
 */
function effectOf(d: Deployment, until: number): Effect[] {
  const statuses = (d.statuses ?? []).filter((s) => s.at < until);
  const began = statuses.find((s) => s.state === 'in_progress')?.at;
  const started = (at: number) => (began !== undefined && began < at ? { startedAt: began } : {});
  const live = statuses.filter((s, i) => s.state === 'success' && statuses[i - 1]?.state !== 'success');
  if (live.length > 0) {
    const failed = statuses.findLast((s) => s.state === 'failure' || s.state === 'error');
    const notes = failed && failed.at > live.at(-1)!.at ? [`marked as failed at ${toIso(failed.at)}`] : [];
    return live.map(({ at }, i) => ({ at, state: 'live', notes, ...(i === 0 && started(at)) }));
  }
  const failed = statuses.find((s) => s.state === 'failure' || s.state === 'error');
  if (failed) {
    const note = `failed at ${toIso(failed.at)}; it may have reached some instances`;
    return [{ at: began ?? d.createdAt, state: 'failed', notes: [note] }];
  }
  if (began !== undefined) return [{ at: began, state: 'in progress', notes: ['its roll-out has not ended'] }];
  if (statuses.some((s) => s.state !== 'inactive')) return [];
  const note = `${d.statuses ? 'no status says' : 'its statuses were not read'}, so when it took effect is unknown: this is when it was created`;
  return [{ at: d.createdAt, state: 'live', notes: [note] }];
}

/** Runs of workflows as deploys, oldest first. A run that was skipped or called off deployed nothing. */
export function fromRuns(history: History, runs: WorkflowRun[], naming: Naming): GithubDeploy[] {
  return inOrder(
    runs.flatMap((r) => {
      if (r.state !== 'success' && r.state !== 'failure' && r.state !== 'in_progress') return [];
      const tag = partsOfTag(r.branch, naming);
      const service = naming.whole ?? tag?.service;
      const version = tag?.version ?? r.sha.slice(0, 10);
      const live = r.state === 'success';
      const note = live
        ? `workflow ${r.name} ended then`
        : r.state === 'failure'
          ? `workflow ${r.name} failed at ${toIso(r.endedAt)}; it may have reached some instances`
          : `workflow ${r.name} has not ended`;
      return [
        {
          name: `deploy/${service ?? history.repo.name}/${version}@run-${r.id}`,
          ...(service !== undefined && { service }),
          version,
          commit: r.sha,
          at: live ? r.endedAt : r.startedAt,
          ...(live && r.startedAt < r.endedAt && { startedAt: r.startedAt }),
          state: live ? 'live' : r.state === 'failure' ? 'failed' : 'in progress',
          author: r.actor,
          subject: oneLine(r.title, 120),
          notes: [note],
        } satisfies GithubDeploy,
      ];
    }),
  );
}

/** Releases as deploys, oldest first; those without a commit cannot be compared and are left out. */
export function fromReleases(history: History, naming: Naming): GithubDeploy[] {
  return inOrder(
    history.releases.flatMap((r) => {
      const sha = history.tags.find((t) => t.name === r.tag)?.sha ?? r.sha;
      if (sha === undefined) return [];
      const note = 'a release: this is when it was published, the deploy may be later';
      return [named(history, r.tag, sha, naming, { at: r.at, author: r.author, subject: r.name, notes: [note] })];
    }),
  );
}

/** Tags as deploys, oldest first: those that fit the pattern, and without one of the config also versions like v1.2.3. */
export function fromTags(history: History, naming: Naming, pattern: string | undefined): GithubDeploy[] {
  const means = (tag: string): boolean =>
    partsOfTag(tag, naming) !== undefined || (pattern === undefined && /^v?\d+\.\d+/.test(tag));
  return inOrder(
    history.tags.flatMap((t) => {
      if (!means(t.name) || !Number.isFinite(t.at)) return [];
      const note =
        'the tag is lightweight and has no time of its own: this is the time of its commit, the deploy may be later';
      const { at, author, subject } = t;
      return [named(history, t.name, t.sha, naming, { at, author, subject, notes: t.annotated ? [] : [note] })];
    }),
  );
}

function named(
  { repo }: History,
  tag: string,
  commit: string,
  naming: Naming,
  rest: Pick<GithubDeploy, 'at' | 'author' | 'subject' | 'notes'>,
): GithubDeploy {
  const parts = partsOfTag(tag, naming);
  const service = naming.whole ?? parts?.service;
  const env = parts?.env;
  return {
    ...rest,
    name: tag.startsWith('deploy/') ? tag : `deploy/${service ?? repo.name}/${tag}`,
    ...(service !== undefined && { service }),
    ...(env !== undefined && { env }),
    version: parts?.version ?? tag,
    commit,
    state: 'live',
  };
}

const inOrder = (deploys: GithubDeploy[]): GithubDeploy[] =>
  deploys.sort((a, b) => a.at - b.at || byText(a.name, b.name));

/** Workflows that are called like a deploy. */
const DEPLOYS = /deploy|release|roll-?out|publish|promote/i;
/** What is run for a change that is not merged deploys nothing. */
const UNMERGED = new Set(['pull_request', 'pull_request_target', 'merge_group', 'issue_comment']);

/** The runs of workflows that deploy: those that the config names, else those that are called so. */
export function deployRuns(runs: WorkflowRun[], configured: string[] | undefined): WorkflowRun[] {
  const wanted = configured?.map((w) => w.toLowerCase());
  const file = (r: WorkflowRun): string => (r.path.split('@')[0] ?? '').toLowerCase();
  return runs.filter((r) => {
    if (UNMERGED.has(r.event)) return false;
    if (!wanted) return DEPLOYS.test(`${r.name} ${file(r)}`);
    return wanted.some((w) => w === r.name.toLowerCase() || file(r) === w || file(r).endsWith(`/${w}`));
  });
}
