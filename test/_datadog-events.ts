/** Events of the fake account: transitions of monitors, other events, changes that are no deployment. */
import type { Json, RawChange, RawEvent } from './_datadog-bundle.ts';
import { idOf, monitorsOf } from './_datadog-monitors.ts';
import type { Store } from './_datadog-store.ts';

export interface FakeEvent {
  time: number;
  tags: string[];
  text: string;
  item: Json;
}

/** Transitions of monitors, other events, and what was changed other than by a deployment. */
export function eventsOf(store: Store): FakeEvent[] {
  const all = [
    ...store.events.map((e) =>
      e.attributes?.alertname ? monitorEvent(store, e, e.attributes.alertname) : plainEvent(store, e),
    ),
    ...store.changes.filter((c) => c.kind !== 'deploy').map((c) => changeEvent(store, c)),
  ];
  return all.filter((e) => e.time <= store.now).sort((a, b) => a.time - b.time);
}

function event(store: Store, id: string, time: string, tags: string[], message: string, attributes: Json): FakeEvent {
  const at = Date.parse(time);
  const all = [`env:${store.env}`, ...tags];
  const item = {
    id,
    type: 'event',
    attributes: {
      timestamp: new Date(at).toISOString(),
      message,
      tags: all,
      attributes: { timestamp: at, priority: 'normal', ...attributes },
    },
  };
  return { time: at, tags: all, text: `${String(attributes.title)} ${message}`, item };
}

function monitorEvent(store: Store, e: RawEvent, name: string): FakeEvent {
  const firing = e.kind === 'alert-firing';
  const id = idOf(name);
  const group = `service:${e.service ?? ''}`;
  const monitor = monitorsOf(store).find((m) => m.id === id);
  return event(store, `event-${id}-${e.time}-${e.service}`, e.time, [group, 'source:alert', 'monitor'], e.body ?? '', {
    title: `[${firing ? 'Triggered' : 'Recovered'} on {${group}}] ${name}`,
    evt: { id: String(idOf(`${name} ${e.time}`)), type: 'monitor_alert', name },
    monitor: { id, name, query: monitor?.query ?? '', groups: [group], tags: [], type: 'query alert', message: '' },
    monitor_id: id,
    monitor_groups: [group],
    source_type_name: 'Monitor Alert',
    sourcecategory: 'monitor_alert',
    status: firing ? 'error' : 'success',
    ...(e.service && { service: e.service }),
  });
}

const plainEvent = (store: Store, e: RawEvent): FakeEvent =>
  event(
    store,
    `event-${idOf(e.title + e.time)}`,
    e.time,
    [...(e.service ? [`service:${e.service}`] : []), `source:${e.source}`],
    e.body ?? '',
    {
      title: e.title,
      evt: { id: String(idOf(e.title)), type: e.kind },
      source_type_name: e.source,
      status: 'warning',
      ...(e.service && { service: e.service }),
    },
  );

/** What a patch takes away and adds, as the values that a change event carries. */
function valuesOf(c: RawChange, sign: '-' | '+'): Json {
  const lines = (c.files ?? []).flatMap((f) => (f.patch ?? '').split('\n')).filter((l) => l.startsWith(sign));
  const pairs = lines.flatMap((l) => [...l.matchAll(/"([\w-]+)":\s*("[^"]*"|[\w.]+)/g)]);
  if (pairs.length > 0) return Object.fromEntries(pairs.map(([, k, v]) => [k, JSON.parse(v!)]));
  const plain = lines.map((l) => l.slice(1).trim()).filter((l) => l !== '' && l !== '{}');
  return plain.length > 0 ? { statement: plain.join('\n') } : {};
}

const changeEvent = (store: Store, c: RawChange): FakeEvent =>
  event(store, c.id, c.time, [...(c.service ? [`service:${c.service}`] : []), 'source:change_tracking'], c.body ?? '', {
    title: c.title,
    evt: { id: c.id, category: 'change', type: 'change_tracking', source: 'change_tracking' },
    changed_resource: { type: c.kind === 'flag' ? 'feature_flag' : 'configuration', name: c.files?.[0]?.path ?? c.id },
    impacted_resources: c.service ? [{ type: 'service', name: c.service }] : [],
    author: { type: 'user', name: c.author ?? '' },
    prev_value: valuesOf(c, '-'),
    new_value: valuesOf(c, '+'),
    change_metadata: { ...(c.ref && { commit: c.ref }), kind: c.kind },
    source_type_name: 'change_tracking',
    ...(c.service && { service: c.service }),
  });
