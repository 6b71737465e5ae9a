/** What there is and what was done to it: services, hosts, containers, errors, deployments; and whose keys these are. */
import { defined } from '../../core/defined.ts';
import {
  APMApi,
  type Ask,
  AuthenticationApi,
  ContainersApi,
  DORAMetricsApi,
  ErrorTrackingApi,
  HostsApi,
  KeyManagementApi,
  ServiceDefinitionApi,
  SoftwareCatalogApi,
  UsersApi,
} from './_package.ts';
import { at, counted, following, list, number, object, one, page, seconds, text, texts, time, word } from './_read.ts';
import type { CatalogName, ErrorIssue, Operations, ServiceDefinition } from './_shapes.ts';

type Answers<K extends keyof Operations> = (input: Operations[K]['in'], ask: Ask) => Promise<Operations[K]['out']>;
type ItemOf<K extends 'v2.listCatalogEntity' | 'v1.listHosts' | 'v2.listContainers' | 'v2.listCatalogRelation'> =
  Operations[K]['out']['items'][number];

/** How many items a page holds where nobody says. */
const CATALOG_A_PAGE = 100;
const DEFINITIONS_A_PAGE = 100;
const HOSTS_A_PAGE = 100;

const nameOf = (x: unknown): CatalogName | undefined => {
  const name = text(at(x, 'name'));
  if (name === undefined) return undefined;
  return defined({ name, kind: text(at(x, 'kind')), namespace: text(at(x, 'namespace')) });
};

export const listCatalogRelation: Answers<'v2.listCatalogRelation'> = async (input, { config }) => {
  const { fromRef, toRef, type, discovered, cursor, limit = CATALOG_A_PAGE } = input;
  const offset = counted(cursor);
  const answer = await new SoftwareCatalogApi(config).listCatalogRelation(
    defined<object>({
      filterFromRef: fromRef,
      filterToRef: toRef,
      filterType: type,
      includeDiscovered: discovered,
      pageOffset: offset,
      pageLimit: limit,
    }),
  );
  const got = answer.data?.length ?? 0;
  return page(
    answer.data,
    'data',
    ({ attributes: a, meta }) => {
      const [from, to] = [nameOf(a?.from), nameOf(a?.to)];
      if (from === undefined || to === undefined) return undefined;
      return defined<ItemOf<'v2.listCatalogRelation'>>({
        from,
        to,
        type: word(a?.type) ?? '',
        source: text(meta?.source),
      });
    },
    { next: following(got, limit, offset + got), of: answer.meta?.count },
  );
};

export const listCatalogEntity: Answers<'v2.listCatalogEntity'> = async (input, { config }) => {
  const { name, kind, owner, ref, discovered, cursor, limit = CATALOG_A_PAGE } = input;
  const offset = counted(cursor);
  const answer = await new SoftwareCatalogApi(config).listCatalogEntity(
    defined({
      filterName: name,
      filterKind: kind,
      filterOwner: owner,
      filterRef: ref,
      includeDiscovered: discovered,
      pageOffset: offset,
      pageLimit: limit,
    }),
  );
  const got = answer.data?.length ?? 0;
  return page(
    answer.data,
    'data',
    ({ id, attributes: a }) => {
      const named = nameOf(a);
      if (named === undefined) return undefined;
      return defined<ItemOf<'v2.listCatalogEntity'>>({
        ...named,
        id,
        displayName: text(a?.displayName),
        owner: text(a?.owner),
        description: text(a?.description),
        tags: texts(a?.tags),
      });
    },
    { next: following(got, limit, offset + got), of: answer.meta?.count },
  );
};

/** A definition of a service in any of its versions, of which the first calls everything otherwise. */
function definitionOf(data: unknown): ServiceDefinition | undefined {
  const o = object(at(data, 'attributes', 'schema'));
  const service = text(o.ddService) ?? text(at(o, 'info', 'ddService'));
  if (service === undefined) return undefined;
  const all = (key: string): unknown[] => (Array.isArray(o[key]) ? (o[key] as unknown[]) : []);
  const linksOf = (key: string, type?: string): ServiceDefinition['links'] =>
    all(key).flatMap((l) => {
      const url = text(at(l, 'url'));
      if (url === undefined) return [];
      return [defined({ type: word(at(l, 'type')) ?? type ?? 'other', url, name: text(at(l, 'name')) })];
    });
  return defined({
    service,
    team: text(o.team) ?? text(at(o, 'org', 'team')),
    description: text(o.description) ?? text(at(o, 'info', 'description')),
    tier: text(o.tier) ?? text(at(o, 'info', 'serviceTier')),
    lifecycle: text(o.lifecycle),
    application: text(o.application) ?? text(at(o, 'org', 'application')),
    languages: texts(o.languages),
    tags: texts(o.tags),
    contacts: all('contacts').flatMap((c) => {
      const contact = text(at(c, 'contact'));
      if (contact === undefined) return [];
      return [defined({ type: word(at(c, 'type')) ?? '', contact, name: text(at(c, 'name')) })];
    }),
    links: [
      ...linksOf('links'),
      ...linksOf('repos', 'repo'),
      ...linksOf('docs', 'doc'),
      ...linksOf('externalResources'),
    ],
    pipelines: texts(o.ciPipelineFingerprints),
  });
}

export const listServiceDefinitions: Answers<'v2.listServiceDefinitions'> = async (input, { config }) => {
  const { cursor, limit = DEFINITIONS_A_PAGE } = input;
  const now = counted(cursor);
  const answer = await new ServiceDefinitionApi(config).listServiceDefinitions({
    pageNumber: now,
    pageSize: limit,
    schemaVersion: 'v2.2',
  });
  return page(answer.data, 'data', definitionOf, { next: following(answer.data?.length ?? 0, limit, now + 1) });
};

export const getServiceDefinition: Answers<'v2.getServiceDefinition'> = async ({ service }, { config }) => {
  const api = new ServiceDefinitionApi(config);
  const { data } = await api.getServiceDefinition({ serviceName: service, schemaVersion: 'v2.2' });
  return one(definitionOf(data), 'schema');
};

export const getServiceList: Answers<'v2.getServiceList'> = async ({ env }, { config }) => {
  const { data } = await new APMApi(config).getServiceList({ filterEnv: env });
  return { services: texts(list(one(one(data, 'data').attributes, 'attributes').services, 'services')) };
};

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
