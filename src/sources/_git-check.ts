/** What `doctor` says of a repository: is it one, which tags mean deploys, which services they name. */
import { byText } from '../core/canonical.ts';
import { count, oneLine, plural } from '../core/text.ts';
import { formatDuration, toIso } from '../core/time.ts';
import type { Check } from '../core/types.ts';
import type { GitSource } from './_git-changes.ts';
import { listCommits } from './_git-commits.ts';
import { git } from './_git-run.ts';
import { serviceMap } from './_git-services.ts';
import { DEFAULT_PATTERN, deployTags } from './_git-tags.ts';
import { Refused } from './_refused.ts';

/** Reads tags and the newest commit. Never throws for the repository's faults. */
export async function checkRepository(
  found: () => Promise<GitSource>,
  path: string,
  tagPattern: string | undefined,
  { signal, service }: { signal: AbortSignal; service?: string },
): Promise<Check[]> {
  try {
    const source = await found();
    return [
      ...(await history(source, path, signal)),
      ...(await deploys(source, tagPattern ?? DEFAULT_PATTERN, signal, service)),
    ];
  } catch (e) {
    if (!(e instanceof Refused)) throw e;
    const [detail = '', ...fix] = e.refusal.problem.split(/(?<=\.) /);
    return [{ what: path, state: 'fail', detail, ...(fix.length > 0 && { fix: fix.join(' ') }) }];
  }
}

async function history({ repository, now }: GitSource, path: string, signal: AbortSignal): Promise<Check[]> {
  const { text } = await git(
    repository,
    ['for-each-ref', '--format=%(objectname)', 'refs/heads', 'refs/remotes'],
    signal,
  );
  const heads = text
    .split('\n')
    .filter((line) => line !== '')
    .slice(0, 100);
  if (heads.length === 0)
    return [
      { what: path, state: 'warn', detail: 'a repository without commits', fix: 'fetch it, or point "path" elsewhere' },
    ];
  const [newest] = (await listCommits(repository, heads, { most: 1 }, signal)).commits;
  const age =
    newest === undefined
      ? ''
      : `, newest commit ${formatDuration(Math.max(0, now - newest.at))} ago (${toIso(newest.at)})`;
  const shallow = (await git(repository, ['rev-parse', '--is-shallow-repository'], signal)).text.trim() === 'true';
  const bare = repository.gitDir === repository.path ? 'bare repository' : 'repository';
  const check: Check = {
    what: path,
    state: 'ok',
    detail: `${bare}, ${plural(heads.length, 'branch', 'branches')}${age}`,
  };
  if (!shallow) return [check];
  return [
    {
      ...check,
      state: 'warn',
      detail: `shallow ${check.detail}`,
      fix: `\`git -C ${path} fetch --unshallow\` brings the history`,
    },
  ];
}

async function deploys(source: GitSource, pattern: string, signal: AbortSignal, service?: string): Promise<Check[]> {
  const { tags, all, others } = await deployTags(source.repository, source.parse, signal);
  const what = `tags ${pattern}`;
  if (tags.length === 0) {
    const examples = others
      .slice(-3)
      .map((t) => oneLine(t, 40))
      .join(', ');
    const detail =
      all === 0
        ? 'the repository has no tags: commits are seen, deploys are not'
        : `none of ${plural(all, 'tag')} matches; there are ${examples}`;
    return [
      {
        what,
        state: 'warn',
        detail,
        fix: 'set "tagPattern" to how a deploy is tagged, such as "v{version}", or tag deploys (`git tag -a deploy/checkout/v42`)',
      },
    ];
  }
  const newest = tags.at(-1)!;
  const names = [...new Set(tags.map((t) => t.service ?? source.whole))].filter((s) => s !== undefined).sort(byText);
  const of = names.length === 0 ? '' : ` of ${names.slice(0, 8).join(', ')}${names.length > 8 ? ' …' : ''}`;
  const light = tags.filter((t) => !t.annotated).length;
  const checks: Check[] = [
    {
      what,
      state: 'ok',
      detail: `${plural(tags.length, 'deploy')}${of}; the newest is ${newest.name} at ${toIso(newest.at)}`,
    },
  ];
  if (light > 0)
    checks.push({
      what,
      state: 'warn',
      detail: `${count(light)} of them are lightweight and have no time of their own`,
      fix: 'tag with `git tag -a`: an annotated tag keeps when it was made',
    });
  if (service !== undefined && !names.includes(service)) {
    const paths = source.services[service]?.paths;
    const mapped = paths !== undefined || serviceMap(source.services, names, source.whole).of(service) !== undefined;
    checks.push({
      what: `service ${service}`,
      state: 'warn',
      detail: `no deploy tag names it${mapped ? '' : ', and no folder is known for it'}`,
      fix: `set services.${service}.paths to its folders, or "service" of this source if the whole repository is its own`,
    });
  }
  return checks;
}
