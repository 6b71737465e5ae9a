/** GitHub and GitHub Enterprise: what was deployed when, what changed by it, and who knows about it. */
import type { Questions } from '../core/capabilities.ts';
import { oneLine, plural } from '../core/text.ts';
import { timeSpan, toMs } from '../core/time.ts';
import type { Answer } from '../core/types.ts';
import { answer, type SourceEnv, type SourcePlugin, type ToolContext, tool } from '../tools/tool.ts';
import { fitChanges } from './_git-answer.ts';
import { DEFAULT_PATTERN, tagParser } from './_git-tags.ts';
import { plain, readAuthority } from './_http.ts';
import { asking } from './_refused.ts';
import { openWire } from './_wire.ts';
import { listChanges, problemOf } from './github/_changes.ts';
import { checkGithub } from './github/_check.ts';
import { openClient } from './github/_client.ts';
import { type GithubConfig, reposOf, serverOf } from './github/_config.ts';
import { openDifferences } from './github/_differences.ts';
import type { Github } from './github/_drafts.ts';
import { QUERIES } from './github/_query.ts';
import { type Manner, openRepository } from './github/_repository.ts';

const ABOUT =
  'Deploys in the window (deployments that took effect, else runs of deploying workflows, releases or tags) with the diff to the deploy before, oldest first; also the commits and pull requests that they brought, and commits of the main line that none of them carried. Changes that touch no known service count for every service. Times, SHAs and states are facts; titles and messages are whatever their authors wrote.';

export const source: SourcePlugin<GithubConfig> = {
  title: 'GitHub: deployments, workflow runs, releases, commits, pull requests',
  async open(name, config, env) {
    const { origin, pages } = serverOf(name, config.url);
    const repos = reposOf(name, config.repos, pages);
    const { token } = config;
    const wire = openWire(name, {
      kind: 'github',
      origin,
      headers: () => (token === undefined ? {} : { authorization: `Bearer ${plain(token)}` }),
      queries: QUERIES,
      ...(config.ca !== undefined && { ca: readAuthority(name, config.ca, env.cwd) }),
      ...(config.proxy !== undefined && { proxy: plain(config.proxy) }),
      ...(env.retries !== undefined && { limits: { retries: env.retries } }),
    });
    const client = openClient(wire, pages);
    const manner: Manner = {
      client,
      config,
      naming: namingOf(config, env),
      graphql: { answers: token !== undefined },
    };
    const github: Github = {
      client,
      repositories: repos.map((repo) => openRepository(repo, manner)),
      differences: openDifferences(client),
      services: env.services,
      ...(config.service !== undefined && { whole: config.service }),
      now: env.now(),
    };
    const changes = tool(name, 'changes.list', ABOUT, (question, ctx) => changesOf(github, question, ctx));
    return {
      name,
      tools: [changes],
      check: (ctx) => checkGithub(openClient(wire, pages, Number.POSITIVE_INFINITY), repos, manner, env, ctx),
      close: () => Promise.resolve(wire.close()),
    };
  },
};

/** How services are recognised. Throws UserError for a pattern that cannot be one. */
function namingOf(config: GithubConfig, env: SourceEnv): Manner['naming'] {
  const known = Object.entries(env.services).flatMap(([service, { aliases = [] }]) =>
    [service, ...aliases].map((n) => [n, service] as const),
  );
  return {
    parse: tagParser(config.tagPattern ?? DEFAULT_PATTERN),
    ...(config.service !== undefined && { whole: config.service }),
    known: new Map(known),
  };
}

function changesOf(
  github: Github,
  question: Questions['changes.list'],
  ctx: ToolContext,
): Promise<Answer<'changes.list'>> {
  const names = github.repositories.map((r) => r.repo.full).join(', ');
  const base = `deploys and commits of ${names} on ${github.client.pages}, ${question.service ?? 'all services'}, ${timeSpan(question)}`;
  return asking<Answer<'changes.list'>>(base, async () => {
    const none = { summary: 'nothing was changed', searched: base, trust: 'clean' as const };
    if (toMs(question.from) > github.now) return answer.empty({ changes: [] }, none);
    const listed = await listChanges(github, question, { signal: ctx.signal, tell: ctx.tell });
    const searched = `${base}; ${listed.means.join('; ')}`;
    const fitted = await fitChanges(listed.drafts, (d) => Promise.resolve(d.patches));
    const { changes } = fitted;
    const { kept, of } = listed.compared;
    const uncompared = kept < of ? { kept, of, what: 'deploys compared with the one before' } : undefined;
    const truncated = fitted.truncated ?? uncompared;
    const deploys = changes.filter((c) => c.kind === 'deploy');
    const [first] = github.repositories;
    const rest = {
      searched,
      // Times, SHAs and states come from those who may push and deploy; a title alone confirms nothing.
      trust: 'clean' as const,
      summary: `${plural(deploys.length, 'deploy')}, ${plural(changes.length - deploys.length, 'commit')}`,
      sample: changes.slice(-5).map((c) => oneLine(`${c.time} ${c.kind} ${c.service ?? ''} ${c.title}`)),
      ...(github.repositories.length === 1 && { link: `${github.client.pages}/${first!.repo.full}/deployments` }),
      ...(truncated && { truncated }),
    };
    if (listed.gaps.length > 0)
      return { status: 'partial', data: { changes }, ...rest, problem: problemOf(listed.gaps) };
    return changes.length === 0 ? answer.empty({ changes }, { ...none, searched }) : answer.ok({ changes }, rest);
  });
}
