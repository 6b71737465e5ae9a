/** A deploy tag as a change: against the previous tag of the same service, with the commits in between. */
import { filesBetween, listCommits } from './_git-commits.ts';
import { type Compared, type Draft, deployDraft } from './_git-draft.ts';
import { git, type Repository } from './_git-run.ts';
import type { ServiceMap } from './_git-services.ts';
import type { DeployTag } from './_git-tags.ts';

const COMMITS_MAX = 200;

/** The deploy that a tag tells of. A lightweight tag has no time of its own: its commit's time is used, and said. */
export async function deployOf(
  repository: Repository,
  tag: DeployTag,
  previous: DeployTag | undefined,
  service: string | undefined,
  map: ServiceMap,
  signal: AbortSignal,
): Promise<Draft> {
  const differs = previous !== undefined && previous.commit !== tag.commit;
  const compared = differs ? await compare(repository, previous.commit, tag.commit, signal) : undefined;
  const light =
    'the tag is lightweight and has no time of its own: this is the time of its commit, the deploy may be later';
  return deployDraft(tag, previous, compared, { service, map, notes: tag.annotated ? [] : [light] });
}

async function compare(repository: Repository, from: string, to: string, signal: AbortSignal): Promise<Compared> {
  const { commits, cut } = await listCommits(repository, [`^${from}`, to], { most: COMMITS_MAX }, signal);
  const files = await filesBetween(repository, from, to, signal);
  const back = await git(repository, ['rev-list', '--count', `^${to}`, from, '--'], signal);
  return { commits, more: cut, files, back: Number(back.text.trim()) };
}
