/** What the fake answers to questions about relations, SLOs, incidents, hosts. */
import type { Asked } from './_datadog-answers.ts';
import type { Json } from './_datadog-bundle.ts';
import { parseSearch } from './_datadog-language.ts';
import { slosOf } from './_datadog-monitors.ts';
import type { Store } from './_datadog-store.ts';

const KINDS: Record<string, string> = { database: 'datastore', cache: 'datastore', external: 'system' };

export function relations(store: Store, { params }: Asked): Json {
  const kindOf = (name: string): string => KINDS[store.services.find((s) => s.name === name)?.kind ?? ''] ?? 'service';
  const ref = (name: string): Json => ({ kind: kindOf(name), name, namespace: 'default' });
  const owned = store.services.map(({ name }) => ({
    from: { kind: 'team', name: 'shop', namespace: 'default' },
    to: ref(name),
    type: 'RelationTypeOwns',
  }));
  const all = [
    ...store.calls.map(([from, to]) => ({ from: ref(from), to: ref(to), type: 'RelationTypeDependsOn' })),
    ...owned,
  ];
  const type = params.get('filter[type]');
  const found = all.filter((r) => type === null || r.type === type);
  const [offset, limit] = [Number(params.get('page[offset]') ?? 0), Number(params.get('page[limit]') ?? 20)];
  const data = found.slice(offset, offset + limit).map((attributes) => ({
    id: `${String(attributes.from.name)}:${attributes.type}:${String(attributes.to.name)}`,
    type: 'relation',
    attributes,
    meta: { source: 'apm' },
  }));
  return { data, meta: { count: data.length }, links: {} };
}

export function slos(store: Store, { params }: Asked): Json {
  const matches = parseSearch(params.get('query') ?? '*');
  const found = slosOf(store).filter((s) => {
    const tags = (s as { data: { attributes: { all_tags: string[] } } }).data.attributes.all_tags;
    const get = (facet: string): string[] =>
      tags.filter((t) => t.startsWith(`${facet}:`)).map((t) => t.slice(facet.length + 1));
    return matches({ text: JSON.stringify(s), get });
  });
  return {
    data: { type: 'service_level_objective_search_results', attributes: { slos: found } },
    links: {},
    meta: {
      pagination: {
        number: 0,
        first_number: 0,
        prev_number: 0,
        next_number: 1,
        last_number: 0,
        size: 10,
        type: 'number_size',
        total: found.length,
      },
    },
  };
}

/** Every account has had an incident before. */
export function incidents(store: Store, { params }: Asked): Json {
  const matches = parseSearch(params.get('query') ?? '*');
  const created = new Date(store.now - 9 * 86_400_000).toISOString();
  const { service } = store.alert;
  const title = `${service} failed while the cache was moved`;
  const get = (f: string): string[] => (f === 'state' ? ['resolved'] : f === 'services' ? [service] : []);
  const known = matches({ text: title, get })
    ? [
        {
          data: {
            id: 'b1a2',
            type: 'incidents',
            attributes: {
              public_id: 12,
              title,
              state: 'resolved',
              created,
              modified: created,
              resolved: created,
              severity: 'SEV-3',
              fields: {
                state: { type: 'dropdown', value: 'resolved' },
                services: { type: 'autocomplete', value: [service] },
                root_cause: { type: 'textbox', value: 'the new cache was empty' },
              },
            },
          },
        },
      ]
    : [];
  const facets = Object.fromEntries(
    [
      'commander',
      'created_by',
      'fields',
      'impact',
      'last_modified_by',
      'postmortem',
      'responder',
      'severity',
      'state',
      'time_to_repair',
      'time_to_resolve',
    ].map((k) => [k, []]),
  );
  return {
    data: { type: 'incidents_search_results', attributes: { facets, incidents: known, total: known.length } },
    meta: { pagination: { offset: 0, size: known.length, next_offset: known.length } },
  };
}

export function hosts(store: Store): Json {
  const list = store.hosts.map((name) => ({
    name,
    host_name: name,
    aliases: [name],
    apps: ['agent'],
    up: true,
    is_muted: false,
    id: 1,
    last_reported_time: Math.floor(store.now / 1000),
    tags_by_source: { Datadog: [`env:${store.env}`] },
    sources: ['agent'],
  }));
  return { host_list: list, total_matching: list.length, total_returned: list.length };
}
