/** Which services there are, who owns them and on whom they depend. */
import { defined } from '../../core/defined.ts';
import { type Answers, APMApi, ServiceDefinitionApi, SoftwareCatalogApi } from './_package.ts';
import { at, counted, following, list, object, one, page, text, texts, word } from './_read.ts';
import type { CatalogName, Operations, ServiceDefinition } from './_shapes.ts';

type ItemOf<K extends 'v2.listCatalogEntity' | 'v2.listCatalogRelation'> = Operations[K]['out']['items'][number];

/** How many items a page holds where nobody says. */
const CATALOG_A_PAGE = 100;
const DEFINITIONS_A_PAGE = 100;

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
    catalogNext(answer, limit, offset),
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
    catalogNext(answer, limit, offset),
  );
};

/** Where a list of the catalog goes on: it counts by items. */
function catalogNext(
  { data, meta }: { data?: readonly unknown[]; meta?: { count?: number } },
  limit: number,
  offset: number,
): { next: string | undefined; of: number | undefined } {
  const got = data?.length ?? 0;
  return { next: following(got, limit, offset + got), of: meta?.count };
}

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
