/** What the fake answers to questions about errors, monitors, events, deployments. */
import { type Asked, at, facetOf, logSearched, NotFound, page, search, tagged } from './_datadog-answers.ts';
import type { Json } from './_datadog-bundle.ts';
import { eventsOf } from './_datadog-events.ts';
import { parseSearch } from './_datadog-language.ts';
import { monitorsOf } from './_datadog-monitors.ts';
import type { Store } from './_datadog-store.ts';

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
