/** The changes of all repositories in a window: deploys with what each brought, and commits that none carried. */
import type { Questions } from '../../core/capabilities.ts';
import { plural } from '../../core/text.ts';
import { toIso, toMs } from '../../core/time.ts';
import type { ServiceConfig } from '../../tools/tool.ts';
import { commitDraft, type Draft, deployDraft, previousOf, tellOnce } from '../_git-draft.ts';
import { type ServiceMap, serviceMap } from '../_git-services.ts';
import { Refused } from '../_refused.ts';
import type { Client } from './_client.ts';
import { byPull, type Difference, type PulledCommit, pullNote, told } from './_compare.ts';
import type { GithubDeploy } from './_deploys.ts';
import type { Differences } from './_differences.ts';
import type { MainCommit } from './_history.ts';
import type { Asking } from './_octokit.ts';
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

export interface Listed {
  /** Deploys first, then commits; each newest first: the order in which they are worth showing. */
  drafts: PatchedDraft[];
  /** What was taken for a deploy, by repository. */
  means: string[];
  /** What is missing, in words. */
  gaps: string[];
  /** Of the deploys that differ from the one before, how many were compared with it. */
  compared: { kept: number; of: number };
}

interface Context {
  github: Github;
  told: Told;
  map: ServiceMap;
  names: ReadonlySet<string> | undefined;
  window: { from: number; to: number };
  asking: Asking;
}

/** Throws `Refused` where no repository answers. */
export async function listChanges(
  github: Github,
  question: Questions['changes.list'],
  asking: Asking,
): Promise<Listed> {
  const window = { from: toMs(question.from), to: Math.min(toMs(question.to), github.now + 1) };
  const { service } = question;
  const names = service === undefined ? undefined : new Set([service, ...(github.services[service]?.aliases ?? [])]);
  const listed: Listed = { drafts: [], means: [], gaps: [], compared: { kept: 0, of: 0 } };
  const refused: Refused[] = [];
  const contexts: Context[] = [];
  for (const repository of github.repositories) {
    try {
      const found = await repository.tell(window, asking);
      const known = found.deploys.map((d) => d.service).filter((s) => s !== undefined);
      const map = serviceMap(github.services, known, github.whole);
      contexts.push({ github, told: found, map, names, window, asking });
      listed.means.push(`${repository.repo.full}: ${found.means}`);
      listed.gaps.push(...found.gaps);
    } catch (e) {
      if (!(e instanceof Refused)) throw e;
      refused.push(e);
      listed.gaps.push(`${repository.repo.full}: ${e.refusal.problem}`);
    }
  }
  if (contexts.length === 0 && refused[0]) throw refused[0];
  const all = contexts.flatMap((c) => deploysIn(c)).sort((a, b) => b.deploy.at - a.deploy.at);
  const differing = all.filter((d) => d.previous && d.previous.commit !== d.deploy.commit);
  const chosen = await github.differences.read(
    differing.map((d) => ({ repo: d.context.told.history.repo, from: d.previous!.commit, to: d.deploy.commit })),
    asking,
    listed.gaps,
  );
  const drafts = all.map((d) => ({ ...d, difference: chosen(d.previous?.commit, d.deploy.commit) }));
  listed.compared = { kept: drafts.filter((d) => d.difference).length, of: differing.length };
  const deploys = drafts.flatMap((d) => deployed(d));
  const rest = contexts.map((c) =>
    commitsIn(
      c,
      deploys.filter((d) => d.context === c),
    ),
  );
  await github.differences.readCommits(
    rest.flatMap((found, i) =>
      found.filter((c) => !c.patches).map(({ commit }) => ({ repo: contexts[i]!.told.history.repo, commit })),
    ),
    asking,
    listed.gaps,
  );
  const commits = rest
    .flatMap((found, i) => found.map((c) => loose(c, contexts[i]!)))
    .filter((d) => d !== undefined)
    .sort((a, b) => toMs(b.change.time) - toMs(a.change.time));
  listed.drafts = [...deploys.map((d) => d.draft), ...commits];
  return listed;
}

interface DeployIn {
  context: Context;
  deploy: GithubDeploy;
  previous: GithubDeploy | undefined;
}

/** Deploys of a window that may concern the service that is asked for, each with the one before it that took effect. */
function deploysIn(context: Context): DeployIn[] {
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

interface DeployDraft {
  context: Context;
  draft: PatchedDraft;
  /** SHAs that it carried, and those of its commits that can be told one by one. */
  carried: string[];
  units: { commit: PulledCommit; patches: Map<string, string> }[];
}

function deployed(d: DeployIn & { difference: Difference | undefined }): DeployDraft[] {
  const { context, deploy, previous, difference } = d;
  const { history } = context.told;
  const main = new Map(history.commits.map((c) => [c.id, c]));
  const touched = context.map.touched((difference?.files ?? []).map((f) => f.path));
  const { names } = context;
  if (deploy.service === undefined && names && touched.length > 0 && !touched.some((s) => names.has(s))) return [];
  const service = deploy.service ?? (touched.length === 1 ? touched[0] : undefined);
  const { units, patchesOf } = byPull(difference?.commits ?? [], main, difference?.patches ?? new Map());
  const [only] = units;
  const paths = (difference?.files ?? []).map((f) => f.path);
  const owners = history.owners === undefined ? [] : ownersOf(history.owners, paths);
  const notes = [
    ...deploy.notes,
    ...(deploy.service === undefined && touched.length > 1 ? [`touches ${touched.slice(0, 10).join(', ')}`] : []),
    ...(units.length === 1 && only?.pull ? [pullNote(only.pull)] : []),
    ...(owners.length > 0 ? [`code owners: ${owners.join(', ')}`] : []),
    ...(difference?.filesCut ? ['GitHub tells no more files of it than these'] : []),
    ...(previous && previous.commit !== deploy.commit && !difference ? [`not compared with ${previous.name}`] : []),
  ];
  const compared = difference && { ...difference, commits: units };
  const draft = deployDraft(deploy, previous, compared, { service, map: context.map, notes });
  tellOnce([draft], new Map());
  const status = deploy.state === 'live' ? draft.change.status : deploy.state;
  const page = `${context.github.client.pages}/${history.repo.full}/commit/${deploy.commit}`;
  draft.change = {
    ...draft.change,
    url: difference?.url ?? page,
    ...(status !== undefined && { status }),
    ...(deploy.startedAt !== undefined && { startedAt: toIso(deploy.startedAt) }),
  };
  const apart = units.length > 1 && units.every((u) => u.files.length > 0);
  return [
    {
      context,
      draft: { ...draft, patches: difference?.patches ?? new Map() },
      carried: [deploy.commit, ...(difference?.commits ?? []).map((c) => c.id)],
      units: apart ? units.map((commit) => ({ commit, patches: patchesOf.get(commit.id)! })) : [],
    },
  ];
}

interface LooseCommit {
  commit: PulledCommit;
  /** Known without reading the commit itself. */
  patches?: Map<string, string>;
}

/** Commits to be told on their own: those that a deploy of several brought, and those of the window that none carried. */
function commitsIn({ told: found, window }: Context, deploys: DeployDraft[]): LooseCommit[] {
  const carried = new Set(deploys.flatMap((d) => d.carried));
  const others = found.history.commits.filter((c) => !carried.has(c.id) && c.at >= window.from && c.at < window.to);
  const seen = new Set<number>();
  const once = others.flatMap((c: MainCommit) => {
    if (!c.pull) return [c];
    if (seen.has(c.pull.number)) return [];
    seen.add(c.pull.number);
    return [told(c, c.pull)];
  });
  return [...deploys.flatMap((d) => d.units), ...once.map((commit) => ({ commit }))];
}

function loose({ commit, patches }: LooseCommit, context: Context): PatchedDraft | undefined {
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

/** What is missing, as the problem of a partial answer. */
export const problemOf = (gaps: string[]): string =>
  `not all of it could be read: ${gaps.slice(0, 3).join('; ')}${gaps.length > 3 ? `; ${plural(gaps.length - 3, 'more gap')}` : ''}`;
