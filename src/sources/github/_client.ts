/** The reads of GitHub that an investigation needs, each counted: it may send a dozen. */
import type { Octokit, RestEndpointMethodTypes } from '@octokit/rest';
import { Refused } from '../_refused.ts';
import type { Wire } from '../_wire.ts';
import type { Repo } from './_config.ts';
import { type Answered, type Asking, octokitOver } from './_octokit.ts';

/** Requests of one opened source, so of one investigation. */
export const REQUESTS_MAX = 12;

type Methods = RestEndpointMethodTypes;
type Data<K extends keyof Methods['repos']> = Methods['repos'][K]['response']['data'];

export interface GraphqlAnswer<T> {
  data?: T | null;
  errors: { message: string; type?: string; path?: (string | number)[] }[];
}

export interface Client {
  /** Of the REST API. */
  base: string;
  /** Where people look at it. */
  pages: string;
  /** Requests that may still be sent. */
  room(): number;
  graphql<T>(query: string, variables: Record<string, unknown>, asking: Asking): Promise<GraphqlAnswer<T>>;
  repository(repo: Repo, asking: Asking): Promise<Answered<Data<'get'>>>;
  rate(asking: Asking): Promise<Answered<Methods['rateLimit']['get']['response']['data']>>;
  deployments(repo: Repo, o: { environment?: string; size: number }, asking: Asking): Promise<Data<'listDeployments'>>;
  statuses(repo: Repo, deployment: number, asking: Asking): Promise<Data<'listDeploymentStatuses'>>;
  releases(repo: Repo, asking: Asking): Promise<Data<'listReleases'>>;
  tags(repo: Repo, asking: Asking): Promise<Data<'listTags'>>;
  /** Of the main line, newest first. */
  commits(repo: Repo, o: { until?: string; size: number }, asking: Asking): Promise<Data<'listCommits'>>;
  commit(repo: Repo, sha: string, asking: Asking): Promise<Data<'getCommit'>>;
  compare(repo: Repo, from: string, to: string, asking: Asking): Promise<Data<'compareCommitsWithBasehead'>>;
  pulls(repo: Repo, size: number, asking: Asking): Promise<Methods['pulls']['list']['response']['data']>;
  /** Workflow runs that were created in a span of two ISO times, newest first. */
  runs(
    repo: Repo,
    o: { created?: string; size: number },
    asking: Asking,
  ): Promise<Methods['actions']['listWorkflowRunsForRepo']['response']['data']>;
  close(): void;
}

/** Asks nothing yet. Every read throws `Refused` where there is no answer, and once `limit` requests were sent. */
export function openClient(wire: Wire, pages: string, limit = REQUESTS_MAX): Client {
  const send = octokitOver(wire);
  let left = limit;
  type Rest = Octokit['rest'];
  type Request = { request: { fetch: unknown } };

  function ask<T>(asking: Asking, run: (rest: Rest, request: Request) => Promise<Answered<T>>): Promise<Answered<T>> {
    if (left < 1) throw new Refused('partial', `${wire.base} was asked ${limit} times, the most for one investigation`);
    left--;
    return send(asking, (octokit, request) => run(octokit.rest, { request }));
  }
  /** Of a list; another server's page is none. */
  async function list<T extends unknown[]>(
    asking: Asking,
    run: (rest: Rest, request: Request) => Promise<Answered<T>>,
  ): Promise<T> {
    const { data } = await ask(asking, run);
    if (!Array.isArray(data)) throw strange(wire.base);
    return data;
  }
  async function one<T extends object>(
    asking: Asking,
    field: string,
    run: (rest: Rest, request: Request) => Promise<Answered<T>>,
  ): Promise<T> {
    const { data } = await ask(asking, run);
    if (!isObject(data) || !(field in data)) throw strange(wire.base);
    return data;
  }
  const at = ({ owner, name }: Repo) => ({ owner, repo: name });

  return {
    base: wire.base,
    pages,
    room: () => left,
    async graphql<T>(query: string, variables: Record<string, unknown>, asking: Asking) {
      if (left < 1) throw new Refused('partial', `${wire.base} was asked ${limit} times`);
      left--;
      const { data } = await send<unknown>(asking, (octokit, request) =>
        octokit.request('POST /graphql', { query, variables, request }),
      );
      if (!isObject(data)) throw strange(wire.base);
      const { data: found, errors } = data as { data?: T | null; errors?: GraphqlAnswer<T>['errors'] };
      return { ...(found !== undefined && { data: found }), errors: Array.isArray(errors) ? errors : [] };
    },
    repository: (repo, asking) => ask(asking, (rest, o) => rest.repos.get({ ...at(repo), ...o })),
    rate: (asking) => ask(asking, (rest, o) => rest.rateLimit.get({ ...o })),
    deployments: (repo, { environment, size }, asking) =>
      list(asking, (rest, o) =>
        rest.repos.listDeployments({
          ...at(repo),
          per_page: size,
          ...(environment !== undefined && { environment }),
          ...o,
        }),
      ),
    statuses: (repo, deployment, asking) =>
      list(asking, (rest, o) =>
        rest.repos.listDeploymentStatuses({ ...at(repo), deployment_id: deployment, per_page: 30, ...o }),
      ),
    releases: (repo, asking) => list(asking, (rest, o) => rest.repos.listReleases({ ...at(repo), per_page: 30, ...o })),
    tags: (repo, asking) => list(asking, (rest, o) => rest.repos.listTags({ ...at(repo), per_page: 50, ...o })),
    commits: (repo, { until, size }, asking) =>
      list(asking, (rest, o) =>
        rest.repos.listCommits({ ...at(repo), per_page: size, ...(until !== undefined && { until }), ...o }),
      ),
    commit: (repo, sha, asking) =>
      one(asking, 'sha', (rest, o) => rest.repos.getCommit({ ...at(repo), ref: sha, ...o })),
    compare: (repo, from, to, asking) =>
      one(asking, 'commits', (rest, o) =>
        rest.repos.compareCommitsWithBasehead({ ...at(repo), basehead: `${from}...${to}`, ...o }),
      ),
    pulls: (repo, size, asking) =>
      list(asking, (rest, o) => rest.pulls.list({ ...at(repo), state: 'closed', per_page: size, ...o })),
    runs: (repo, { created, size }, asking) =>
      one(asking, 'workflow_runs', (rest, o) =>
        rest.actions.listWorkflowRunsForRepo({
          ...at(repo),
          per_page: size,
          ...(created !== undefined && { created }),
          ...o,
        }),
      ),
    close: () => wire.close(),
  };
}

const isObject = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null;

const strange = (base: string): Refused =>
  new Refused(
    'failed',
    `${base} does not answer as GitHub does`,
    false,
    'Does another service answer there? Check "url".',
  );
