/** The changes of all repositories in a window: deploys with what each brought, and commits that none carried. */
import type { Questions } from '../../core/capabilities.ts';
import { plural } from '../../core/text.ts';
import { toMs } from '../../core/time.ts';
import { serviceMap } from '../_git-services.ts';
import { Refused } from '../_refused.ts';
import {
  type Context,
  commitsIn,
  deployed,
  deploysIn,
  filesUnknown,
  type Github,
  loose,
  type PatchedDraft,
} from './_drafts.ts';
import type { Asking } from './_octokit.ts';

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
      contexts.push({ github, told: found, map, names, window });
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
  await github.differences.readWhole(drafts.map(filesUnknown), asking, listed.gaps);
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

/** What is missing, as the problem of a partial answer. */
export const problemOf = (gaps: string[]): string =>
  `not all of it could be read: ${gaps.slice(0, 3).join('; ')}${gaps.length > 3 ? `; ${plural(gaps.length - 3, 'more gap')}` : ''}`;
