/** What there is and what was done to it: hosts, containers, errors, deployments; and whose keys these are. */
import { defined } from '../../core/defined.ts';
import {
  type Answers,
  AuthenticationApi,
  ContainersApi,
  DORAMetricsApi,
  ErrorTrackingApi,
  HostsApi,
  KeyManagementApi,
  UsersApi,
} from './_package.ts';
import { at, counted, number, object, one, page, seconds, text, texts, time, word } from './_read.ts';
import type { ErrorIssue, Operations } from './_shapes.ts';

type ItemOf<K extends 'v1.listHosts' | 'v2.listContainers'> = Operations[K]['out']['items'][number];

/** How many hosts a page holds where nobody says. */
const HOSTS_A_PAGE = 100;

export const listHosts: Answers<'v1.listHosts'> = async (input, { config }) => {
  const { filter, from, sort, metadata, cursor, limit = HOSTS_A_PAGE } = input;
  const start = counted(cursor);
  const answer = await new HostsApi(config).listHosts(
    defined({
      filter,
      from: from === undefined ? undefined : Math.floor(from / 1000),
      sortField: sort,
      includeHostsMetadata: metadata,
      start,
      count: limit,
    }),
  );
  const got = answer.hostList?.length ?? 0;
  const total = answer.totalMatching;
  return page(
    answer.hostList,
    'host_list',
    (h) => {
      const name = text(h.name) ?? text(h.hostName);
      if (name === undefined) return undefined;
      return defined<ItemOf<'v1.listHosts'>>({
        name,
        id: h.id,
        aliases: texts(h.aliases),
        apps: texts(h.apps),
        up: h.up,
        muted: h.isMuted,
        lastReported: seconds(h.lastReportedTime),
        tags: [...new Set(Object.values(h.tagsBySource ?? {}).flatMap(texts))],
        cpu: number(h.metrics?.cpu),
        iowait: number(h.metrics?.iowait),
        load: number(h.metrics?.load),
        cores: number(h.meta?.cpuCores),
      });
    },
    { next: total !== undefined && start + got < total && got > 0 ? String(start + got) : undefined, of: total },
  );
};

export const listContainers: Answers<'v2.listContainers'> = async ({ tags, sort, cursor, limit }, { config }) => {
  const answer = await new ContainersApi(config).listContainers(
    defined({ filterTags: tags, sort, pageCursor: cursor, pageSize: limit }),
  );
  const { nextCursor, total } = answer.meta?.pagination ?? {};
  return page(
    answer.data,
    'data',
    (c) => {
      const id = text(at(c, 'id'));
      const a = object(at(c, 'attributes'));
      if (id === undefined) return undefined;
      return defined<ItemOf<'v2.listContainers'>>({
        id,
        containerId: text(a.containerId),
        name: text(a.name),
        host: text(a.host),
        image: text(a.imageName),
        imageTags: texts(a.imageTags),
        state: text(a.state),
        created: time(a.createdAt),
        started: time(a.startedAt),
        tags: texts(a.tags),
      });
    },
    { next: text(nextCursor), of: total },
  );
};

function issueOf(sent: unknown, id: string, counts: object = {}): ErrorIssue {
  const a = object(at(sent, 'attributes'));
  const regression = object(a.regression);
  const regressed = time(regression.regressedAt);
  return defined({
    id,
    ...counts,
    type: text(a.errorType),
    message: text(a.errorMessage),
    file: text(a.filePath),
    function: text(a.functionName),
    service: text(a.service),
    platform: word(a.platform),
    languages: Array.isArray(a.languages) ? a.languages.flatMap((l) => word(l) ?? []) : [],
    state: word(a.state),
    crash: a.isCrash === true ? true : undefined,
    firstSeen: time(a.firstSeen),
    firstSeenVersion: text(a.firstSeenVersion),
    lastSeen: time(a.lastSeen),
    lastSeenVersion: text(a.lastSeenVersion),
    regression:
      regressed === undefined
        ? undefined
        : defined({
            at: regressed,
            version: text(regression.regressedAtVersion),
            resolved: time(regression.resolvedAt),
          }),
  });
}

export const searchIssues: Answers<'v2.searchIssues'> = async ({ from, to, query, track, orderBy }, { config }) => {
  const attributes = defined<{ from: number; to: number; query: string }>({ from, to, query, track, orderBy });
  const answer = await new ErrorTrackingApi(config).searchIssues({
    body: { data: { type: 'search_request', attributes } },
    include: ['issue'],
  });
  const details = new Map((answer.included ?? []).map((i) => [text(at(i, 'id')), i]));
  const { items } = page(answer.data, 'data', ({ id, attributes: a, relationships }) => {
    const issue = relationships?.issue?.data?.id ?? id;
    const counts = {
      count: number(a.totalCount),
      users: number(a.impactedUsers),
      sessions: number(a.impactedSessions),
    };
    return issueOf(details.get(issue), issue, counts);
  });
  return { issues: items };
};

export const getIssue: Answers<'v2.getIssue'> = async ({ id }, { config }) => {
  const { data } = await new ErrorTrackingApi(config).getIssue({ issueId: id });
  return issueOf(one(data, 'data'), id);
};

export const listDORADeployments: Answers<'v2.listDORADeployments'> = async (input, { config }) => {
  const { from, to, query, limit, sort } = input;
  const attributes = defined<object>({ from: new Date(from), to: new Date(to), query, limit, sort });
  const answer = await new DORAMetricsApi(config).listDORADeployments({
    body: { data: { type: 'dora_deployments_list_request', attributes } },
  });
  const { items } = page(answer.data, 'data', ({ id, attributes: a }) => {
    const started = time(a?.startedAt);
    if (a === undefined || started === undefined) return undefined;
    return defined<Operations['v2.listDORADeployments']['out']['deployments'][number]>({
      id: id ?? `${a.service}@${started}`,
      service: a.service,
      env: text(a.env),
      version: text(a.version),
      team: text(a.team),
      started,
      finished: time(a.finishedAt),
      commit: text(a.git?.commitSha),
      repository: text(a.git?.repositoryId),
      tags: texts(a.customTags),
    });
  });
  return { deployments: items };
};

export const validate: Answers<'v1.validate'> = async (_input, { config }) => ({
  valid: (await new AuthenticationApi(config).validate()).valid === true,
});

export const validateKeys: Answers<'v2.validateKeys'> = async (_input, { config }) => ({
  valid: (await new KeyManagementApi(config).validateAPIKey()).status === 'ok',
});

export const getCurrentUser: Answers<'v2.getCurrentUser'> = async (_input, { config }) => {
  const { data, included } = await new UsersApi(config).getCurrentUser();
  const a = object(one(data, 'data').attributes);
  const names = (type: string): string[] =>
    (included ?? []).flatMap((x) => (word(at(x, 'type')) === type ? (text(at(x, 'attributes', 'name')) ?? []) : []));
  return defined({
    handle: text(a.handle),
    name: text(a.name),
    roles: names('roles'),
    permissions: names('permissions'),
  });
};
