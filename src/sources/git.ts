/** A local or bare git repository as a source of changes: deploy tags, commits, diffs. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UserError } from '../core/errors.ts';
import { oneLine, plural } from '../core/text.ts';
import { formatDuration, timeSpan, toIso, toMs } from '../core/time.ts';
import type { Answer } from '../core/types.ts';
import { answer, type SourceEnv, type SourcePlugin, tool } from '../tools/tool.ts';
import { FILES_MAX, fitChanges, PATCH_MAX } from './_git-answer.ts';
import { type GitSource, listChanges } from './_git-changes.ts';
import { checkRepository } from './_git-check.ts';
import { patchesBetween } from './_git-commits.ts';
import { findRepository, notRepository } from './_git-run.ts';
import { DEFAULT_PATTERN, tagParser } from './_git-tags.ts';
import { asking } from './_refused.ts';

export interface GitConfig {
  /** The repository's top folder, or a bare repository; relative to where the program was started. */
  path: string;
  /** How a tag that means a deploy is called: `deploy/{service}/{version}`; `{env}` may be part of it. */
  tagPattern?: string;
  /** The whole repository is this one service. */
  service?: string;
  /** Path of the git program, where it is not on the usual path. */
  git?: string;
}

const ABOUT =
  'Deploys (tags that match the pattern, with the diff to the previous tag of the same service) and commits of the main line in the window, oldest first; also the commits that these deploys brought, whatever their time. Changes that touch no known service count for every service. Times, SHAs and tags are facts; titles and messages are whatever their authors wrote.';

export const source: SourcePlugin<GitConfig> = {
  title: 'a git repository: deploy tags, commits, diffs',
  async open(name, config, env) {
    const path = await existingFolder(name, config, env);
    const parse = tagParser(config.tagPattern ?? DEFAULT_PATTERN);
    const found = async (): Promise<GitSource> => {
      const repository = await findRepository(path, config.git);
      if (repository === undefined) throw notRepository(path);
      const { service: whole } = config;
      return { repository, parse, services: env.services, now: env.now(), ...(whole !== undefined && { whole }) };
    };
    const changes = tool(name, 'changes.list', ABOUT, (question, { signal }) => {
      const span = timeSpan(question);
      const searched = `git log and tags ${config.tagPattern ?? DEFAULT_PATTERN} of ${path}, ${question.service ?? 'all services'}, ${span}`;
      return asking<Answer<'changes.list'>>(searched, async () => {
        if (toMs(question.from) > env.now()) return answer.empty({ changes: [] }, none(searched));
        const git = await found();
        const listed = await listChanges(git, question, signal);
        const { changes, truncated } = await fitChanges(listed.drafts, ({ diff, files }) =>
          patchesBetween(git.repository, diff?.from, diff!.to, files.slice(0, FILES_MAX), PATCH_MAX, signal),
        );
        const deploys = changes.filter((c) => c.kind === 'deploy');
        const rest = {
          searched,
          // Tags and times come from those who may push; a title alone confirms nothing.
          trust: 'clean' as const,
          summary: `${plural(deploys.length, 'deploy')}, ${plural(changes.length - deploys.length, 'commit')}`,
          sample: changes.slice(-5).map((c) => oneLine(`${c.time} ${c.kind} ${c.service ?? ''} ${c.title}`)),
          ...(truncated && { truncated }),
        };
        const { problem } = listed;
        if (problem !== undefined) return { status: 'partial', data: { changes }, ...rest, problem };
        if (listed.cut) {
          const cut = `only the newest ${plural(listed.drafts.length, 'change')} were read; ask for a window shorter than ${formatDuration(toMs(question.to) - toMs(question.from))}`;
          return { status: 'partial', data: { changes }, ...rest, problem: cut };
        }
        return changes.length === 0 ? answer.empty({ changes }, none(searched)) : answer.ok({ changes }, rest);
      });
    });
    return { name, tools: [changes], check: (ctx) => checkRepository(found, path, config.tagPattern, ctx) };
  },
};

const none = (searched: string) => ({ summary: 'nothing was changed', searched, trust: 'clean' as const });

async function existingFolder(name: string, config: GitConfig, env: SourceEnv): Promise<string> {
  const example = `For example "${name}": { "path": "../shop.git" }.`;
  if (typeof config.path !== 'string' || config.path === '')
    throw new UserError(`source ${name} has no "path"`, { hints: [example] });
  const path = resolve(env.cwd, config.path);
  const there = await stat(path).catch(() => undefined);
  if (!there?.isDirectory())
    throw new UserError(
      `source ${name}: ${path} is ${there ? 'no folder' : 'not there'} (asked at ${toIso(env.now())})`,
      {
        hints: [
          'Set "path" to a repository\'s top folder or to a bare repository; relative paths start at the working folder.',
          example,
        ],
      },
    );
  return path;
}
