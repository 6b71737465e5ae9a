/**
 * Datadog's monitor webhook. Its body is the user's own template, so fields are found under any of their usual names,
 * with numbers as texts, and a template that was never filled in is told apart.
 */
import type { AlertNormaliser } from '../core/alerts.ts';
import { UserError } from '../core/errors.ts';
import { drop, link, toAlert } from './_alert.ts';
import { likeness } from './_likeness.ts';
import { isRecord, isUnrendered, record, tags, text, time } from './_read.ts';

/** What we read, and the names of the field in templates that people use; `_` and case do not count. */
const FIELDS = {
  title: ['title', 'event_title', 'alert_title', 'alert_name'],
  message: ['body', 'event_msg', 'text_only_msg', 'message'],
  query: ['alert_query', 'query'],
  // `query` alone is a word of many senders.
  ownQuery: ['alert_query'],
  metric: ['alert_metric', 'metric'],
  transition: ['alert_transition', 'transition'],
  type: ['alert_type'],
  eventType: ['event_type'],
  priority: ['severity', 'alert_priority', 'priority'],
  date: ['date', 'last_updated', 'alert_time'],
  scope: ['scopes', 'scope', 'alert_scope'],
  tags: ['tags'],
  host: ['hostname', 'host'],
  link: ['url', 'link'],
  snapshot: ['snapshot'],
  monitor: ['monitor_id', 'alert_id'],
  aggregation: ['aggreg_key', 'aggregation_key'],
  org: ['org', 'org_id', 'org_name', 'id', 'event_id'],
} as const;

type Field = keyof typeof FIELDS;

export const alerts: AlertNormaliser = {
  title: 'Datadog monitor webhook',

  recognise(payload) {
    const flat = flatten(payload);
    const has = (field: Field): boolean => find(flat, field) !== undefined;
    return likeness([
      ['title', has('title')],
      ['alert_transition, alert_type or event_type', ofMonitor(flat), 2],
      ['monitor_id, id or org', has('monitor') || has('org')],
      ['date or last_updated', has('date')],
    ]);
  },

  read(payload, { now }) {
    const flat = flatten(payload);
    const empty = [...new Set(Object.values(FIELDS).flat())].filter((n) =>
      isUnrendered(text(flat.get(plain(n))) ?? ''),
    );
    const get = (field: Field): string | undefined => {
      const value = text(find(flat, field));
      return value === undefined || isUnrendered(value) ? undefined : value;
    };
    const said = get('title');
    if (said === undefined) {
      throw new UserError(
        empty.length > 0
          ? `this is the Datadog template, not an alert: ${empty.slice(0, 6).join(', ')} were never filled in`
          : 'the Datadog payload has no title',
        { hints: ['Put the template into the webhook integration of Datadog; give here what Datadog posts from it.'] },
      );
    }
    const transition = get('transition') ?? /^\[([\w\s-]+?)(?: on .*)?\]/.exec(said.slice(0, 300))?.[1] ?? '';
    const resolved = /recover|resolved/i.test(transition) || get('type') === 'success';
    const scope = tags(find(flat, 'scope'));
    const tagged = tags(find(flat, 'tags'));
    const monitor = get('monitor');
    const date = time(get('date'));
    const notes = [
      ...(empty.length > 0 ? [`Datadog left these fields of the template unfilled: ${empty.join(', ')}`] : []),
      ...(/^re-|renotify/i.test(transition)
        ? ['Datadog notified again: the alert began earlier than the start shown']
        : []),
    ];
    const alert = toAlert(
      {
        source: 'datadog',
        title: withoutState(said),
        severity: get('priority') ?? (resolved ? undefined : get('type')),
        status: resolved ? 'resolved' : 'firing',
        startsAt: date,
        endsAt: resolved ? date : undefined,
        metric: get('metric') ?? metricOf(get('query') ?? ''),
        query: get('query'),
        labels: drop({ ...tagged.labels, ...scope.labels, host: get('host'), monitor_id: monitor }),
        annotations: {
          message: get('message')?.replaceAll('%%%', '').trim(),
          transition,
          tags: [...tagged.plain, ...scope.plain].filter((t) => !isUnrendered(t)).join(', '),
        },
        links: [link('alert', find(flat, 'link')), link('snapshot', find(flat, 'snapshot'))],
        fingerprint: get('aggregation'),
        identity: monitor === undefined ? undefined : { monitor, scope: scope.labels },
        notes,
      },
      now,
    );
    return { alerts: [alert], ignored: [] };
  },
};

const plain = (name: string): string => name.toLowerCase().replaceAll(/[_\s-]/g, '');

/** The fields at the top and one level down (`alert: { title }` = `alert_title`) by their plain names; a template has dozens. */
function flatten(payload: unknown): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  for (const [k, v] of Object.entries(record(payload)).slice(0, 200)) {
    if (!isRecord(v)) flat.set(plain(k), v);
    else for (const [inner, x] of Object.entries(v).slice(0, 200)) flat.set(plain(`${k}${inner}`), x);
  }
  return flat;
}

/** The value of a field under the first of its names that is there. */
const find = (flat: Map<string, unknown>, field: Field): unknown =>
  FIELDS[field].map((name) => flat.get(plain(name))).find((v) => v !== undefined && v !== '');

/** Only Datadog's variables make these fields; an event type of another sender (`incident.triggered`) has other words. */
const ofMonitor = (flat: Map<string, unknown>): boolean =>
  (['transition', 'type', 'ownQuery'] as const).some((field) => find(flat, field) !== undefined) ||
  /monitor|_alert|alert_|_check|^\$EVENT_TYPE$/.test(text(find(flat, 'eventType')) ?? '');

/** `[P1] [Triggered on {host:a}] Disk is full` → `Disk is full`: what alerts, not how it stands. */
function withoutState(title: string): string {
  const states = /^\[(?:P\d|(?:Re-)?(?:Triggered|Warn|No Data|Alert)|Recovered|Renotify|Warn Recovered)\b[^\]]*\]\s*/i;
  let rest = title;
  while (states.test(rest)) rest = rest.replace(states, '');
  return rest || title;
}

/** The metric in a Datadog query: `avg(last_5m):avg:system.cpu.user{*} by {host} > 90`. */
const metricOf = (query: string): string | undefined =>
  /(?:^|[:(\s])(?:avg|sum|min|max|count|p\d\d):([a-zA-Z][\w.]*)\s*\{/.exec(query.slice(0, 2000))?.[1];
