/** `doctor` on GitHub: whose token it is and what it may do, each repository, the rate that is left, the clock. */
import { count } from '../../core/text.ts';
import { formatDuration, HOUR, toIso } from '../../core/time.ts';
import type { Check, SentRequest } from '../../core/types.ts';
import type { SourceEnv, ToolContext } from '../../tools/tool.ts';
import { failedCheck, Refused } from '../_refused.ts';
import { transportChecks } from '../_transport.ts';
import { LEAST, repositoryChecks, SAME } from './_check-repository.ts';
import type { Client } from './_client.ts';
import type { Repo } from './_config.ts';
import type { Asking } from './_octokit.ts';
import { VIEWER_QUERY } from './_query.ts';
import type { Manner } from './_repository.ts';

const SKEW_MAX = 30_000;
/** Past this the clocks do not differ: another time is being investigated. */
const OTHER_TIME = HOUR;
/** Fewer requests than this are soon spent. */
const RATE_LOW = 100;
/** Scopes of a classic token that only read. Those of statuses, deployments and notifications write too. */
const READS_ONLY = /^(?:read:|user:email$)/;
/** Sends more requests than an investigation: its client counts apart. */
export async function checkGithub(
  client: Client,
  repos: Repo[],
  manner: Manner,
  env: SourceEnv,
  ctx: ToolContext,
): Promise<Check[]> {
  const asking: Asking = { signal: ctx.signal, tell: ctx.tell };
  const withToken = manner.graphql.answers;
  let latencyMs = 0;
  let first: First;
  try {
    const tell = (sent: SentRequest): void => {
      latencyMs = Math.max(1, Math.round(sent.ms));
      ctx.tell?.(sent);
    };
    first = await firstAnswer(client, repos, { ...asking, tell });
  } catch (e) {
    return [failedCheck('answers', e, SAME)];
  }
  const detail = `${client.base}, in ${formatDuration(latencyMs)}`;
  const checks: Check[] = [
    { what: 'answers', state: 'ok', detail, facts: { latencyMs } },
    ...transportChecks(client.base),
  ];
  checks.push(...(withToken ? await tokenChecks(client, first.headers, asking) : [noToken]));
  checks.push(rateCheck(first.data), ...clockCheck(String(first.headers?.date ?? ''), env.now()));
  // Of an app GitHub tells what its token may do; of a person only what the person may.
  const ofApp = checks.some((c) => c.what === 'token' && c.detail.startsWith('of the app'));
  for (const repo of repos) checks.push(...(await repositoryChecks(client, repo, ofApp, asking)));
  return checks;
}

const noToken: Check = {
  what: 'token',
  state: 'warn',
  detail: 'none: only public repositories, 60 requests an hour, and no GraphQL',
  fix: `Set "token": { "env": "GITHUB_TOKEN" }. ${LEAST}`,
};

type Rate = Awaited<ReturnType<Client['rate']>>;

interface First {
  headers?: Rate['headers'];
  /** Absent where the server limits nobody. */
  data?: Rate['data'];
}

/** The rate. An Enterprise server limits nobody unless it is told to, and says so with 404: then a repository's headers do. */
async function firstAnswer(client: Client, repos: Repo[], asking: Asking): Promise<First> {
  try {
    return await client.rate(asking);
  } catch (e) {
    if (!(e instanceof Refused) || e.refusal.code !== 404 || !/rate limit/i.test(e.refusal.what)) throw e;
  }
  try {
    return { headers: (await client.repository(repos[0]!, asking)).headers };
  } catch (e) {
    // Said where the repository is looked at.
    if (e instanceof Refused && e.refusal.code !== undefined && e.refusal.code !== 401) return {};
    throw e;
  }
}

/** Whose it is. Classic tokens tell their scopes with every answer, finer ones never do. */
async function tokenChecks(client: Client, headers: First['headers'], asking: Asking): Promise<Check[]> {
  const checks: Check[] = [];
  try {
    const { data, errors } = await client.graphql<{ viewer: { login: string } | null }>(VIEWER_QUERY, {}, asking);
    const login = data?.viewer?.login;
    const said = errors[0]?.message ?? 'no name';
    checks.push(
      login === undefined
        ? { what: 'token', state: 'ok', detail: `is valid; GraphQL does not say whose it is: ${said}` }
        : { what: 'token', state: 'ok', detail: `of ${login.endsWith('[bot]') ? 'the app ' : ''}${login}` },
    );
  } catch (e) {
    if (!(e instanceof Refused)) throw e;
    const { code, what } = e.refusal;
    if (code === 401) return [failedCheck('token', e, SAME)];
    const fix = 'REST is asked instead: more requests, and fewer statuses of deployments.';
    checks.push({ what: 'GraphQL', state: 'warn', detail: what, fix });
  }
  if (headers === undefined) return checks;
  const scopes = headers['x-oauth-scopes'];
  if (scopes === undefined) {
    const kind = 'fine-grained or of an app: it tells its permissions only where one is missing';
    return [...checks, { what: 'scopes', state: 'ok', detail: kind }];
  }
  const all = String(scopes)
    .split(',')
    .map((s) => s.trim())
    .filter((s) => s !== '');
  const writing = all.filter((s) => !READS_ONLY.test(s));
  if (writing.length === 0)
    return [...checks, { what: 'scopes', state: 'ok', detail: all.join(', ') || 'none: public' }];
  const detail = `${all.join(', ')}: ${writing.join(', ')} can write`;
  return [
    ...checks,
    { what: 'scopes', state: 'warn', detail, fix: `We only read. ${LEAST}`, facts: { writable: true } },
  ];
}

function rateCheck(data: First['data']): Check {
  const { core, graphql } = data?.resources ?? {};
  if (!core) return { what: 'rate', state: 'ok', detail: 'this server limits no rate' };
  const parts = [
    `${count(core.remaining)} of ${count(core.limit)} requests`,
    ...(graphql ? [`${count(graphql.remaining)} of ${count(graphql.limit)} GraphQL points`] : []),
  ];
  const detail = `${parts.join(', ')} left until ${toIso(core.reset * 1000)}`;
  const low = core.remaining < Math.min(RATE_LOW, core.limit);
  const facts = { remaining: core.remaining, limit: core.limit, resetAt: toIso(core.reset * 1000) };
  if (!low) return { what: 'rate', state: 'ok', detail, facts };
  return {
    what: 'rate',
    state: 'warn',
    detail,
    facts,
    fix: 'Wait for the reset, or use a token that nothing else uses.',
  };
}

function clockCheck(date: string, now: number): Check[] {
  const skew = Math.abs(now - Date.parse(date));
  if (!(skew > SKEW_MAX && skew < OTHER_TIME)) return [];
  const detail = `its clock and ours differ by ${formatDuration(skew)}`;
  const fix = 'Let this machine keep time by NTP: windows would miss their minutes.';
  return [{ what: 'clock', state: 'warn', detail, fix, facts: { skewMs: skew } }];
}
