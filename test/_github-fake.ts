/**
 * GitHub as far as we read it: REST and our one GraphQL query, over a history that a test writes down or a recorded
 * incident tells. Its answers are held against GitHub's own description and schema in github-peers.test.ts.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Change } from '../src/core/telemetry.ts';
import { HISTORY_QUERY, VIEWER_QUERY } from '../src/sources/github/_query.ts';

export interface FakePull {
  number: number;
  title: string;
  labels: string[];
  author: string;
}

export interface FakeCommit {
  sha: string;
  at: string;
  title: string;
  body: string;
  author: string;
  files: { path: string; patch?: string }[];
  pull?: FakePull;
}

export interface FakeDeployment {
  id: number;
  environment: string;
  createdAt: string;
  sha: string;
  ref: string;
  task: string;
  payload: object;
  description: string;
  creator: string;
  /** Oldest first. */
  statuses: { state: string; at: string }[];
}

export interface FakeRun {
  id: number;
  name: string;
  path: string;
  title: string;
  event: string;
  status: string;
  conclusion: string | null;
  startedAt: string;
  endedAt: string;
  sha: string;
  branch: string;
}

export interface FakeRepo {
  full: string;
  /** The main line, oldest first. */
  commits: FakeCommit[];
  deployments: FakeDeployment[];
  runs: FakeRun[];
  releases: { id: number; tag: string; name: string; at: string; sha: string }[];
  tags: { name: string; sha: string; at?: string; message?: string }[];
  owners?: string;
  /** What the token may do. */
  permissions: Record<string, boolean>;
}

export interface FakeOptions {
  /** GraphQL answers with these errors, or not at all (404). */
  graphql?: 'absent' | { message: string; type: string }[];
  /** GraphQL leaves the pull requests of commits out, with these errors. */
  pulls?: { message: string; type: string }[];
  /** Paths that are forbidden, with the permission that is missing. */
  denied?: { path: RegExp; permission: string }[];
  /** Requests without it get 401. */
  token?: string;
  scopes?: string;
  /** It limits nobody, as an Enterprise server does. */
  unlimited?: boolean;
  login?: string;
  /** Deployments on one page of GraphQL. */
  pageSize?: number;
  now: string;
}

export interface FakeGithub {
  url: string;
  /** `GET /repos/acme/shop/deployments` of each request. */
  requests: string[];
  close(): Promise<void>;
}

export const repo = (full: string, more: Partial<FakeRepo> = {}): FakeRepo => ({
  full,
  commits: [],
  deployments: [],
  runs: [],
  releases: [],
  tags: [],
  permissions: { admin: false, maintain: false, push: false, triage: false, pull: true },
  ...more,
});

/** A SHA for whatever a test calls a commit. */
export const shaOf = (name: string): string => createHash('sha1').update(name).digest('hex');

const MINUTE = 60_000;
const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** The changes of a recorded incident as a repository tells them: each a commit, deploys as deployments to production. */
export function repoOfBundle(dir: string, full = 'acme/shop'): FakeRepo {
  const changes = readFileSync(join(dir, 'changes.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Change)
    .sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
  const commits = new Map<string, FakeCommit>();
  for (const c of changes) {
    const sha = c.ref ?? shaOf(c.id);
    const number = Number(/\(#(\d+)\)$/.exec(c.title)?.[1] ?? 0);
    const pull = { number, title: c.title.replace(/ \(#\d+\)$/, ''), labels: [], author: loginOf(c.author) };
    if (commits.has(sha)) continue;
    commits.set(sha, {
      sha,
      at: iso(Date.parse(c.time) - (c.kind === 'deploy' ? 10 * MINUTE : 0)),
      title: c.title,
      body: c.body ?? '',
      author: c.author ?? 'somebody',
      files: c.files ?? [],
      ...(number > 0 && { pull }),
    });
  }
  const deploys = changes.filter((c) => c.kind === 'deploy');
  const deployments = deploys.map((c, i): FakeDeployment => {
    const at = Date.parse(c.time);
    const next = deploys[i + 1];
    return {
      id: 4000 + i,
      environment: 'production',
      createdAt: iso(at - 8000),
      sha: c.ref ?? shaOf(c.id),
      ref: c.id,
      task: 'deploy',
      payload: { service: c.service, version: c.version },
      description: '',
      creator: loginOf(c.author),
      statuses: [
        { state: 'queued', at: iso(at - 7000) },
        { state: 'in_progress', at: iso(at - 5000) },
        { state: 'success', at: iso(at) },
        ...(next ? [{ state: 'inactive', at: iso(Date.parse(next.time) + 1000) }] : []),
      ],
    };
  });
  const line = [...commits.values()].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return repo(full, { commits: line, deployments });
}

const loginOf = (author = 'somebody'): string => author.toLowerCase().replace(/[^a-z0-9]+/g, '-');

/** Serves repositories on the loopback, REST below `/api/v3` and at the top, GraphQL at `/api/graphql`. */
export async function fakeGithub(repos: FakeRepo[], options: FakeOptions): Promise<FakeGithub> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    void body(request).then((text) => {
      const url = new URL(request.url ?? '/', 'http://x');
      const path = url.pathname.replace(/^\/api\/v3(?=\/)/, '').replace(/^\/api\/graphql$/, '/graphql');
      requests.push(`${request.method} ${path}`);
      answer({ repos, options, path, url, request, text }, response);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((done) => {
      server.closeAllConnections();
      server.close(() => done());
    });
  return { url: `http://127.0.0.1:${port}`, requests, close };
}

async function body(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += String(part);
  return text;
}

interface Asked {
  repos: FakeRepo[];
  options: FakeOptions;
  path: string;
  url: URL;
  request: IncomingMessage;
  text: string;
}

function answer(asked: Asked, response: ServerResponse): void {
  const { options, path, request } = asked;
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    date: new Date(options.now).toUTCString(),
    'x-ratelimit-limit': '5000',
    'x-ratelimit-remaining': '4990',
    'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 3600),
    'x-ratelimit-resource': path === '/graphql' ? 'graphql' : 'core',
    ...(options.scopes !== undefined && { 'x-oauth-scopes': options.scopes }),
  };
  const say = (status: number, value: unknown, more: Record<string, string> = {}): void => {
    response.writeHead(status, { ...headers, ...more }).end(JSON.stringify(value));
  };
  const refuse = (status: number, message: string, more: Record<string, string> = {}): void =>
    say(status, { message, status: String(status), documentation_url: 'https://docs.github.com/rest' }, more);
  const denied = options.denied?.find((d) => d.path.test(path));
  const found = path === '/graphql' ? graphql(asked) : rest(asked);
  if (options.token !== undefined && request.headers.authorization !== `Bearer ${options.token}`)
    refuse(401, 'Bad credentials');
  else if (denied)
    refuse(403, 'Resource not accessible by personal access token', {
      'x-accepted-github-permissions': denied.permission,
    });
  else if (path === '/rate_limit' && options.unlimited) refuse(404, 'Rate limiting is not enabled.');
  else if (found === undefined) refuse(404, 'Not Found');
  else say(200, found);
}

/** The answer to our queries, with exactly the fields that they name. */
export function graphql({ repos, options, text }: Pick<Asked, 'repos' | 'options' | 'text'>): unknown {
  if (options.graphql === 'absent') return undefined;
  const { query, variables } = JSON.parse(text) as { query: string; variables: Record<string, never> };
  if (query === VIEWER_QUERY) return { data: { viewer: { login: options.login ?? 'octocat' } } };
  if (query !== HISTORY_QUERY) return { errors: [{ message: 'the fake knows our queries only', type: 'UNKNOWN' }] };
  const { owner, name, environments, after, whole, until } = variables as unknown as {
    owner: string;
    name: string;
    environments: string[] | null;
    after: string | null;
    whole: boolean;
    until: string | null;
  };
  const found = repos.find((r) => r.full === `${owner}/${name}`);
  if (found === undefined || options.graphql !== undefined) {
    const missing = [
      { message: `Could not resolve to a Repository with the name '${owner}/${name}'.`, type: 'NOT_FOUND' },
    ];
    const errors = (options.graphql ?? missing).map((e) => ({ ...e, path: ['repository'] }));
    return { data: { repository: null }, errors };
  }
  const deployments = newest(found.deployments, (d) => d.createdAt).filter(
    (d) => environments === null || environments.includes(d.environment),
  );
  const size = options.pageSize ?? 50;
  const start = Number(after ?? 0);
  const page = deployments.slice(start, start + size);
  const rest = whole ? wholeOf(found, until, options.pulls !== undefined) : {};
  const path = ['repository', 'defaultBranchRef', 'target', 'history', 'nodes', 0, 'associatedPullRequests'];
  const errors = options.pulls?.map((e) => ({ ...e, path }));
  return {
    ...(errors && { errors }),
    data: {
      repository: {
        nameWithOwner: found.full,
        deployments: {
          pageInfo: {
            hasNextPage: start + size < deployments.length,
            endCursor: page.length > 0 ? String(start + size) : null,
          },
          nodes: page.map((d) => ({
            databaseId: d.id,
            environment: d.environment,
            createdAt: d.createdAt,
            commitOid: d.sha,
            task: d.task,
            description: d.description,
            payload: JSON.stringify(d.payload),
            ref: /^[0-9a-f]{40}$/.test(d.ref) ? null : { name: d.ref, prefix: 'refs/tags/' },
            creator: { login: d.creator },
            statuses: {
              nodes: newest(d.statuses, (s) => s.at).map((s) => ({
                state: s.state.toUpperCase(),
                createdAt: s.at,
                description: '',
              })),
            },
          })),
        },
        ...rest,
      },
    },
  };
}

function wholeOf(r: FakeRepo, until: string | null, withoutPulls: boolean): object {
  const line = newest(r.commits, (c) => c.at).filter((c) => until === null || Date.parse(c.at) <= Date.parse(until));
  return {
    releases: {
      nodes: newest(r.releases, (x) => x.at).map((x) => ({
        databaseId: x.id,
        name: x.name,
        tagName: x.tag,
        publishedAt: x.at,
        isDraft: false,
        author: { login: 'octocat' },
        tagCommit: { oid: x.sha },
      })),
    },
    refs: { nodes: r.tags.map((t) => ({ name: t.name, target: targetOf(r, t) })) },
    defaultBranchRef: {
      target: {
        history: {
          pageInfo: { hasNextPage: line.length > 50 },
          nodes: line.slice(0, 50).map((c) => ({
            oid: c.sha,
            committedDate: c.at,
            messageHeadline: c.title,
            messageBody: c.body,
            author: { name: c.author },
            parents: { nodes: parentsOf(r, c).map((oid) => ({ oid })) },
            associatedPullRequests: withoutPulls ? null : { nodes: c.pull ? [pullNode(r, c.pull)] : [] },
          })),
        },
      },
    },
    ownersHere: r.owners === undefined ? null : { text: r.owners },
    ownersTop: null,
    ownersDocs: null,
  };
}

function targetOf(r: FakeRepo, t: FakeRepo['tags'][number]): object {
  const commit = r.commits.find((c) => c.sha === t.sha);
  const committedDate = commit?.at ?? iso(0);
  if (t.at === undefined)
    return { __typename: 'Commit', oid: t.sha, committedDate, author: { name: commit?.author ?? '' } };
  const target = { __typename: 'Commit', oid: t.sha, committedDate };
  return {
    __typename: 'Tag',
    oid: shaOf(t.name),
    message: t.message ?? '',
    tagger: { name: 'Ada', date: t.at },
    target,
  };
}

/** Of all commits of a pull request. */
function pullNode(r: FakeRepo, pull: FakePull): object {
  const files = mergedFiles(r.commits.filter((c) => c.pull?.number === pull.number));
  return {
    number: pull.number,
    title: pull.title,
    author: { login: pull.author },
    labels: { nodes: pull.labels.map((name) => ({ name })) },
    files: {
      pageInfo: { hasNextPage: false },
      nodes: files.map((f) => ({ path: f.path, additions: lines(f.patch, '+'), deletions: lines(f.patch, '-') })),
    },
  };
}

function rest({ repos, options, path, url }: Asked): unknown {
  if (path === '/rate_limit') return rateLimit();
  const found = repos.find((r) => path === `/repos/${r.full}` || path.startsWith(`/repos/${r.full}/`));
  if (!found) return undefined;
  const below = decodeURIComponent(path.slice(`/repos/${found.full}`.length));
  const at = `https://api.github.com/repos/${found.full}`;
  const size = Number(url.searchParams.get('per_page') ?? 30);
  const param = (name: string): string | null => url.searchParams.get(name);
  if (below === '') return repositoryBody(found, options);
  if (below === '/deployments') {
    const environment = param('environment');
    return newest(found.deployments, (d) => d.createdAt)
      .filter((d) => environment === null || d.environment === environment)
      .slice(0, size)
      .map((d) => deploymentBody(at, d));
  }
  const statuses = /^\/deployments\/(\d+)\/statuses$/.exec(below);
  if (statuses) {
    const d = found.deployments.find((x) => x.id === Number(statuses[1]));
    return d && newest(d.statuses, (s) => s.at).map((s, i) => statusBody(at, d, s, i));
  }
  if (below === '/releases') return found.releases.slice(0, size).map((r) => releaseBody(at, r));
  if (below === '/tags')
    return found.tags.map((t) => ({
      name: t.name,
      node_id: 'T',
      zipball_url: `${at}/zipball/${t.name}`,
      tarball_url: `${at}/tarball/${t.name}`,
      commit: { sha: t.sha, url: `${at}/commits/${t.sha}` },
    }));
  if (below === '/commits') {
    const until = param('until');
    return newest(found.commits, (c) => c.at)
      .filter((c) => until === null || Date.parse(c.at) <= Date.parse(until))
      .slice(0, size)
      .map((c) => commitBody(at, found, c));
  }
  const single = /^\/commits\/([0-9a-f]+)$/.exec(below);
  if (single) {
    const c = found.commits.find((x) => x.sha === single[1]);
    return c && { ...commitBody(at, found, c), files: c.files.map((f) => fileBody(at, f)) };
  }
  const compared = /^\/compare\/([0-9a-f]+)\.\.\.([0-9a-f]+)$/.exec(below);
  if (compared) return compareBody(at, found, compared[1]!, compared[2]!);
  if (below === '/pulls') return [];
  if (below === '/actions/runs') {
    const [from = '', to = ''] = (param('created') ?? '').split('..');
    const inside = found.runs.filter(
      (r) => from === '' || (Date.parse(r.startedAt) >= Date.parse(from) && Date.parse(r.startedAt) <= Date.parse(to)),
    );
    const runs = newest(inside, (r) => r.startedAt);
    return { total_count: runs.length, workflow_runs: runs.slice(0, size).map((r) => runBody(at, found, r)) };
  }
  return undefined;
}

const newest = <T>(list: T[], at: (item: T) => string): T[] =>
  [...list].sort((a, b) => Date.parse(at(b)) - Date.parse(at(a)));

const lines = (patch: string | undefined, sign: '+' | '-'): number =>
  (patch ?? '').split('\n').filter((l) => l.startsWith(sign)).length;

function parentsOf(r: FakeRepo, c: FakeCommit): string[] {
  const before = r.commits[r.commits.indexOf(c) - 1];
  return before ? [before.sha] : [];
}

function mergedFiles(commits: FakeCommit[]): FakeCommit['files'] {
  const files = new Map<string, string>();
  for (const f of commits.flatMap((c) => c.files))
    files.set(f.path, [files.get(f.path), f.patch].filter(Boolean).join('\n'));
  return [...files].map(([path, patch]) => ({ path, ...(patch !== '' && { patch }) }));
}

/** Three dots: what the second brought since both parted. The main line has no branches: one is before the other. */
function compareBody(at: string, r: FakeRepo, base: string, head: string): unknown {
  const [from, to] = [base, head].map((sha) => r.commits.findIndex((c) => c.sha === sha));
  if (from === undefined || to === undefined || from < 0 || to < 0) return undefined;
  const brought = r.commits.slice(from + 1, to + 1);
  const html = `https://github.com/${r.full}/compare/${base}...${head}`;
  return {
    url: `${at}/compare/${base}...${head}`,
    html_url: html,
    permalink_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    base_commit: commitBody(at, r, r.commits[from]!),
    merge_base_commit: commitBody(at, r, r.commits[Math.min(from, to)]!),
    status: from === to ? 'identical' : from < to ? 'ahead' : 'behind',
    ahead_by: Math.max(0, to - from),
    behind_by: Math.max(0, from - to),
    total_commits: brought.length,
    commits: brought.map((c) => commitBody(at, r, c)),
    files: mergedFiles(brought).map((f) => fileBody(at, f)),
  };
}

const fileBody = (at: string, f: { path: string; patch?: string }): object => {
  const [additions, deletions] = [lines(f.patch, '+'), lines(f.patch, '-')];
  return {
    sha: shaOf(f.path + (f.patch ?? '')),
    filename: f.path,
    status: 'modified',
    additions,
    deletions,
    changes: additions + deletions,
    blob_url: `${at}/blob/${f.path}`,
    raw_url: `${at}/raw/${f.path}`,
    contents_url: `${at}/contents/${f.path}`,
    ...(f.patch !== undefined && { patch: f.patch }),
  };
};

function commitBody(at: string, r: FakeRepo, c: FakeCommit): object {
  const who = { name: c.author, email: `${loginOf(c.author)}@mail.example`, date: c.at };
  const html = `https://github.com/${r.full}/commit/${c.sha}`;
  return {
    url: `${at}/commits/${c.sha}`,
    sha: c.sha,
    node_id: 'C',
    html_url: html,
    comments_url: `${at}/commits/${c.sha}/comments`,
    commit: {
      url: `${at}/git/commits/${c.sha}`,
      author: who,
      committer: who,
      message: c.body === '' ? c.title : `${c.title}\n\n${c.body}`,
      comment_count: 0,
      tree: { sha: shaOf(`tree ${c.sha}`), url: `${at}/git/trees/x` },
    },
    author: user(loginOf(c.author)),
    committer: user(loginOf(c.author)),
    parents: parentsOf(r, c).map((sha) => ({ sha, url: `${at}/commits/${sha}`, html_url: html })),
  };
}

const deploymentBody = (at: string, d: FakeDeployment): object => ({
  url: `${at}/deployments/${d.id}`,
  id: d.id,
  node_id: 'D',
  sha: d.sha,
  ref: d.ref,
  task: d.task,
  payload: d.payload,
  original_environment: d.environment,
  environment: d.environment,
  description: d.description,
  creator: user(d.creator),
  created_at: d.createdAt,
  updated_at: d.createdAt,
  statuses_url: `${at}/deployments/${d.id}/statuses`,
  repository_url: at,
  transient_environment: false,
  production_environment: d.environment === 'production',
});

const statusBody = (at: string, d: FakeDeployment, s: { state: string; at: string }, i: number): object => ({
  url: `${at}/deployments/${d.id}/statuses/${i}`,
  id: d.id * 100 + i,
  node_id: 'S',
  state: s.state,
  creator: user(d.creator),
  description: '',
  environment: d.environment,
  target_url: 'https://deploy.example/log',
  created_at: s.at,
  updated_at: s.at,
  deployment_url: `${at}/deployments/${d.id}`,
  repository_url: at,
});

const releaseBody = (at: string, r: FakeRepo['releases'][number]): object => ({
  url: `${at}/releases/${r.id}`,
  html_url: `https://github.com/x/releases/tag/${r.tag}`,
  assets_url: `${at}/releases/${r.id}/assets`,
  upload_url: `https://uploads.github.com/releases/${r.id}/assets{?name,label}`,
  tarball_url: `${at}/tarball/${r.tag}`,
  zipball_url: `${at}/zipball/${r.tag}`,
  id: r.id,
  node_id: 'R',
  tag_name: r.tag,
  target_commitish: 'main',
  name: r.name,
  body: '',
  draft: false,
  prerelease: false,
  created_at: r.at,
  published_at: r.at,
  author: user('octocat'),
  assets: [],
});

function runBody(at: string, r: FakeRepo, run: FakeRun): object {
  const to = (what: string): string => `${at}/actions/runs/${run.id}/${what}`;
  return {
    id: run.id,
    name: run.name,
    node_id: 'W',
    head_branch: run.branch,
    head_sha: run.sha,
    path: run.path,
    run_number: 1,
    display_title: run.title,
    event: run.event,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: 1,
    url: `${at}/actions/runs/${run.id}`,
    html_url: `https://github.com/${r.full}/actions/runs/${run.id}`,
    pull_requests: [],
    created_at: run.startedAt,
    updated_at: run.endedAt,
    run_started_at: run.startedAt,
    actor: user('octocat'),
    jobs_url: to('jobs'),
    logs_url: to('logs'),
    check_suite_url: `${at}/check-suites/1`,
    artifacts_url: to('artifacts'),
    cancel_url: to('cancel'),
    rerun_url: to('rerun'),
    workflow_url: `${at}/actions/workflows/1`,
    head_commit: {
      id: run.sha,
      tree_id: shaOf('tree'),
      message: run.title,
      timestamp: run.startedAt,
      author: { name: 'Ada', email: 'ada@mail.example' },
      committer: { name: 'Ada', email: 'ada@mail.example' },
    },
    repository: minimal(r),
    head_repository: minimal(r),
  };
}

function user(login: string): object {
  const at = `https://api.github.com/users/${login}`;
  const below = ['followers', 'following', 'gists', 'starred', 'subscriptions', 'organizations', 'repos', 'events'];
  return {
    login,
    id: 1,
    node_id: 'U',
    avatar_url: 'https://avatars.githubusercontent.com/u/1',
    gravatar_id: '',
    url: at,
    html_url: `https://github.com/${login}`,
    ...Object.fromEntries([...below, 'received_events'].map((b) => [`${b}_url`, `${at}/${b}`])),
    type: 'User',
    site_admin: false,
  };
}

const BELOW =
  'archive assignees blobs branches collaborators comments commits compare contents contributors deployments downloads events forks git_commits git_refs git_tags hooks issue_comment issue_events issues keys labels languages merges milestones notifications pulls releases stargazers statuses subscribers subscription tags teams trees';

function minimal(r: FakeRepo): object {
  const [owner = '', name = ''] = r.full.split('/');
  const at = `https://api.github.com/repos/${r.full}`;
  return {
    id: 1,
    node_id: 'R',
    name,
    full_name: r.full,
    owner: user(owner),
    private: true,
    html_url: `https://github.com/${r.full}`,
    description: null,
    fork: false,
    url: at,
    ...Object.fromEntries(BELOW.split(' ').map((b) => [`${b}_url`, `${at}/${b}`])),
  };
}

function repositoryBody(r: FakeRepo, { now }: FakeOptions): object {
  const counts = 'forks forks_count open_issues open_issues_count size stargazers_count watchers watchers_count';
  const zero = Object.fromEntries(`${counts} network_count subscribers_count`.split(' ').map((c) => [c, 0]));
  const yes = 'has_issues has_projects has_wiki has_pages has_discussions archived disabled'.split(' ');
  return {
    ...minimal(r),
    ...zero,
    ...Object.fromEntries(yes.map((y) => [y, false])),
    clone_url: `https://github.com/${r.full}.git`,
    git_url: `git://github.com/${r.full}.git`,
    ssh_url: `git@github.com:${r.full}.git`,
    svn_url: `https://github.com/${r.full}`,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    default_branch: 'main',
    pushed_at: now,
    created_at: now,
    updated_at: now,
    permissions: r.permissions,
  };
}

function rateLimit(): object {
  const reset = Math.floor(Date.now() / 1000) + 3600;
  const one = (limit: number) => ({ limit, used: 10, remaining: limit - 10, reset });
  return { resources: { core: one(5000), search: one(30), graphql: one(5000) }, rate: one(5000) };
}
