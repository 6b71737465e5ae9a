/** What the fake answers to questions about errors, monitors, events, deployments, relations, SLOs, hosts. */
import { type Asked, at, facetOf, logSearched, NotFound, page, search, tagged } from './_datadog-answers.ts';
import { parseSearch } from './_datadog-language.ts';
import { eventsOf, monitorsOf, slosOf } from './_datadog-monitors.ts';
import type { Json, Store } from './_datadog-store.ts';

export function errorIssues(store: Store, { body }: Asked): Json {
  const a = at(body, 'data', 'attributes') as { query: string; from: number; to: number; track: string };
  const matches = parseSearch(a.query);
  const groups = new Map<string, Store['logs']>();
  // What the whole recording holds tells when a group was seen first.
  for (const l of store.logs) {
    if (l.status !== 'error' && l.status !== 'critical') continue;
    const key = `${l.service}\0${l.text.replaceAll(/\d+/g, '#')}`;
    groups.set(key, [...(groups.get(key) ?? []), l]);
  }
  const found = [...groups.values()].flatMap((all, i) => {
    const inside = all.filter((l) => l.time >= a.from && l.time < a.to && matches(logSearched(l)));
    return a.track !== 'logs' || inside.length === 0 ? [] : [{ id: `issue-${i}`, all, inside }];
  });
  return {
    data: found.map(({ id, inside }) => ({
      id,
      type: 'error_tracking_search_result',
      attributes: { total_count: inside.length, impacted_users: 0, impacted_sessions: 0 },
      relationships: { issue: { data: { id, type: 'issue' } } },
    })),
    included: found.map(({ id, all }) => {
      const [first, last] = [all[0]!, all.at(-1)!];
      return {
        id,
        type: 'issue',
        attributes: {
          error_message: first.text,
          error_type: /^(\w+Error)\b/.exec(first.text)?.[1] ?? 'Error',
          service: first.service,
          platform: 'BACKEND',
          state: 'OPEN',
          is_crash: false,
          languages: ['JAVASCRIPT'],
          first_seen: first.time,
          first_seen_version: tagged(first.tags, 'version')[0] ?? '',
          last_seen: last.time,
          last_seen_version: tagged(last.tags, 'version')[0] ?? '',
        },
      };
    }),
  };
}

export function monitor(store: Store, { path }: Asked): Json {
  const id = Number(path.split('/').at(-1));
  const found = monitorsOf(store).find((m) => m.id === id);
  if (!found) throw new NotFound('Monitor not found');
  return found;
}

export function monitors(store: Store, { params }: Asked): Json[] {
  const name = params.get('name')?.toLowerCase();
  const all = monitorsOf(store).filter((m) => name === undefined || m.name.toLowerCase().includes(name));
  const size = Number(params.get('page_size') ?? 100);
  return all.slice(Number(params.get('page') ?? 0) * size).slice(0, size);
}

export function events(store: Store, { body }: Asked): Json {
  const found = search(eventsOf(store), body, store.now, (x) => ({
    text: x.text,
    get: (f) => facetOf(f, {}, x.tags, ((x.item.attributes as Json).attributes ?? {}) as Json),
  }));
  return page(
    found.items.map((x) => x.item),
    found.after,
  );
}

/** Nobody audits, and nothing is built, in a recording. */
export const nothing = (_store: Store, { body }: Asked): Json => {
  parseSearch(String(at(body, 'filter', 'query') ?? '*'));
  return page([]);
};

export function deployments(store: Store, { body }: Asked): Json {
  const a = (at(body, 'data', 'attributes') ?? {}) as {
    from?: string;
    to?: string;
    query?: string;
    limit?: number;
    sort?: string;
  };
  const matches = parseSearch(a.query ?? '*');
  const [from, to] = [Date.parse(a.from ?? ''), Date.parse(a.to ?? '')];
  const found = store.changes
    .filter((c) => c.kind === 'deploy')
    .map((c) => ({ c, at: Date.parse(c.time) }))
    .filter(
      ({ c, at: t }) =>
        t >= from &&
        t < to &&
        t <= store.now &&
        matches({
          text: c.title,
          get: (f) => (f === 'service' && c.service ? [c.service] : f === 'env' ? [store.env] : []),
        }),
    )
    .sort((x, y) => (a.sort?.startsWith('-') === false ? x.at - y.at : y.at - x.at))
    .slice(0, a.limit ?? 10);
  return {
    data: found.map(({ c }) => ({
      id: c.id,
      type: 'dora_deployment',
      attributes: {
        service: c.service,
        env: store.env,
        version: c.version,
        started_at: new Date(c.time).toISOString(),
        finished_at: new Date(c.time).toISOString(),
        ...(c.ref && { git: { commit_sha: c.ref, repository_id: 'github.com/lab/shop' } }),
        custom_tags: [],
      },
    })),
  };
}

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
  const words = (params.get('query') ?? '').toLowerCase();
  const found = slosOf(store).filter((s) =>
    JSON.stringify(s)
      .toLowerCase()
      .includes(words.replace(/^service:/, '')),
  );
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
