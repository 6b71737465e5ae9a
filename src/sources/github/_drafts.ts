/** Deploys and commits of one repository as changes, each with what GitHub alone knows of it. */
import type { Change } from '../../core/telemetry.ts';
import { toIso } from '../../core/time.ts';
import type { ServiceConfig } from '../../tools/tool.ts';
import { commitDraft, type Draft, deployDraft, previousOf, tellOnce } from '../_git-draft.ts';
import type { ServiceMap } from '../_git-services.ts';
import type { Client } from './_client.ts';
import { byPull, type Difference, ofCommit, type PulledCommit, pullNote, told } from './_compare.ts';
import type { GithubDeploy } from './_deploys.ts';
import type { Differences, Wanted } from './_differences.ts';
import type { MainCommit } from './_history.ts';
import { ownersOf } from './_owners.ts';
import type { Repository, Told } from './_repository.ts';

export interface Github {
  client: Client;
  repositories: Repository[];
  differences: Differences;
  services: Record<string, ServiceConfig>;
  /** All repositories are this one service. */
  whole?: string;
  /** Nothing later exists, ms. */
  now: number;
}

export interface PatchedDraft extends Draft {
  patches: Map<string, string>;
}

export interface Context {
  github: Github;
  told: Told;
  map: ServiceMap;
  names: ReadonlySet<string> | undefined;
  window: { from: number; to: number };
}

export interface DeployIn {
  context: Context;
  deploy: GithubDeploy;
  previous: GithubDeploy | undefined;
}

/** Deploys of a window that may concern the service that is asked for, each with the one before it that took effect. */
export function deploysIn(context: Context): DeployIn[] {
  const { told: found, names, window } = context;
  const took = (d: GithubDeploy, self: GithubDeploy): boolean => d === self || d.state === 'live';
  return found.deploys
    .filter((d) => d.at >= window.from && d.at < window.to)
    .filter((d) => names === undefined || d.service === undefined || names.has(d.service))
    .map((deploy) => ({
      context,
      deploy,
      previous: previousOf(
        found.deploys.filter((d) => took(d, deploy)),
        deploy,
      ),
    }));
}

/**
 * Commits that are to be read for a deploy: of several, those that no pull request tells the files of, for which of them
 * it was could not be said; where no deploy before it is known, its own, which is better than no diff at all. A deploy of
 * a whole repository is not told by the files of one commit.
 */
export function filesUnknown(d: DeployIn & { difference: Difference | undefined }): Wanted[] {
  const { context, difference, deploy, previous } = d;
  const { repo, commits } = context.told.history;
  if (!previous) return deploy.service === undefined ? [] : [{ repo, commit: { id: deploy.commit, files: [] } }];
  if (!difference || difference.commits.length < 2) return [];
  const known = new Set(commits.filter((c) => c.pull?.files).map((c) => c.id));
  return difference.commits.filter((c) => !known.has(c.id)).map((commit) => ({ repo, commit }));
}

export interface DeployDraft {
  context: Context;
  draft: PatchedDraft;
  /** SHAs that it carried, and those of its commits that can be told one by one. */
  carried: string[];
  units: { commit: PulledCommit; patches: Map<string, string> }[];
}

export function deployed(d: DeployIn & { difference: Difference | undefined }): DeployDraft[] {
  const { context, deploy, previous } = d;
  const { history } = context.told;
  const alone =
    previous || deploy.service === undefined
      ? undefined
      : context.github.differences.commit(history.repo, deploy.commit);
  const difference = d.difference ?? (alone && ofCommit(alone));
  const main = new Map(history.commits.map((c) => [c.id, c]));
  const touched = context.map.touched((difference?.files ?? []).map((f) => f.path));
  const { names } = context;
  if (deploy.service === undefined && names && touched.length > 0 && !touched.some((s) => names.has(s))) return [];
  const service = deploy.service ?? (touched.length === 1 ? touched[0] : undefined);
  const { units, patchesOf, unitOf } = byPull(
    difference?.commits ?? [],
    main,
    difference?.patches ?? new Map(),
    (sha) => context.github.differences.commit(history.repo, sha),
  );
  const compared = difference && { ...difference, commits: units };
  const draft = deployDraft(deploy, previous, compared, { service, map: context.map, notes: [] });
  const ours = new Set(draft.commits.map((c) => c.id));
  const own = units.filter((u) => ours.has(u.id));
  draft.change = {
    ...draft.change,
    ...factsOf({ ...d, difference }, draft, own, service === undefined ? touched : []),
  };
  tellOnce([draft], new Map());
  const apart = own.length > 1 && own.every((u) => u.files.length > 0);
  return [
    {
      context,
      draft: { ...draft, ...(alone && { diff: { to: deploy.commit } }), patches: difference?.patches ?? new Map() },
      carried: d.difference
        ? d.difference.commits.map((c) => c.id).filter((id) => ours.has(unitOf.get(id) ?? ''))
        : [deploy.commit],
      units: apart ? own.map((commit) => ({ commit, patches: patchesOf.get(commit.id)! })) : [],
    },
  ];
}

/** What GitHub knows of a deploy beyond what every repository tells: its state and page, pull request, code owners. */
function factsOf(
  { context, deploy, previous, difference }: DeployIn & { difference: Difference | undefined },
  { change, files }: Draft,
  [only, ...more]: PulledCommit[],
  touched: string[],
): Partial<Change> {
  const { history } = context.told;
  const owners =
    history.owners === undefined
      ? []
      : ownersOf(
          history.owners,
          files.map((f) => f.path),
        );
  const notes = [
    ...deploy.notes,
    ...(touched.length > 1 ? [`touches ${touched.slice(0, 10).join(', ')}`] : []),
    ...(only?.pull && more.length === 0 ? [pullNote(only.pull)] : []),
    ...(owners.length > 0 ? [`code owners: ${owners.join(', ')}`] : []),
    ...(!previous && difference ? ['these are the files of its commit alone'] : []),
    ...(difference?.filesCut ? ['GitHub tells no more files of it than these'] : []),
    ...(previous && previous.commit !== deploy.commit && !difference ? [`not compared with ${previous.name}`] : []),
  ];
  const status = deploy.state === 'live' ? change.status : deploy.state;
  const page = `${context.github.client.pages}/${history.repo.full}/commit/${deploy.commit}`;
  const [first = '', ...rest] = (change.body ?? '').split('\n');
  return {
    body: [[first, ...notes].filter((part) => part !== '').join('; '), ...rest].join('\n'),
    url: difference?.url || page,
    ...(status !== undefined && { status }),
    ...(deploy.startedAt !== undefined && { startedAt: toIso(deploy.startedAt) }),
  };
}

export interface LooseCommit {
  commit: PulledCommit;
  /** Known without reading the commit itself. */
  patches?: Map<string, string>;
}

/** Commits to be told on their own: those that a deploy of several brought, and those of the window that none carried. */
export function commitsIn({ told: found, window }: Context, deploys: DeployDraft[]): LooseCommit[] {
  const carried = new Set(deploys.flatMap((d) => d.carried));
  const others = found.history.commits.filter((c) => !carried.has(c.id) && c.at >= window.from && c.at < window.to);
  const seen = new Set<number>();
  const once = others.flatMap((c: MainCommit) => {
    if (!c.pull) return [c];
    if (seen.has(c.pull.number)) return [];
    seen.add(c.pull.number);
    return [told(c, c.pull)];
  });
  // Several deploys may have brought the same commit, to other places.
  const all: LooseCommit[] = [...deploys.flatMap((d) => d.units), ...once.map((commit) => ({ commit }))];
  return [...new Map(all.map((c) => [c.commit.id, c])).values()];
}

export function loose({ commit, patches }: LooseCommit, context: Context): PatchedDraft | undefined {
  const { github, told: found, map, names } = context;
  const { repo } = found.history;
  const read = github.differences.commit(repo, commit.id);
  const files = read?.files ?? commit.files;
  const concerned = map.touched(files.map((f) => f.path));
  if (names && concerned.length > 0 && !concerned.some((s) => names.has(s))) return undefined;
  const notes = [
    ...(commit.pull ? [pullNote(commit.pull)] : []),
    ...(files.length === 0 ? ['its files were not read'] : []),
  ];
  const deploys = found.deploys.map((d) => d.service);
  const draft = commitDraft({ ...commit, files }, { map, names, deployed: deploys, notes });
  const url = `${github.client.pages}/${repo.full}/commit/${commit.id}`;
  const known = read?.patches ?? patches;
  const { diff, ...without } = draft;
  return {
    ...without,
    ...(known && diff && { diff }),
    change: { ...draft.change, url },
    patches: known ?? new Map(),
  };
}
