/** Monitors and the groups that they watch. */
import { defined } from '../../core/defined.ts';
import { type Answers, MonitorsApi } from './_package.ts';
import { at, counted, following, list, number, object, one, page, seconds, text, texts, time, word } from './_read.ts';
import type { Monitor, MonitorGroup, Operations } from './_shapes.ts';

/** How many items a page holds where nobody says: what Datadog itself takes. */
const MONITORS_A_PAGE = 100;
const FOUND_A_PAGE = 30;

/** `sent`: the same monitor as JSON, for the queries of a formula, which are a union that the package takes apart. */
function monitorOf(m: unknown, sent: unknown): Monitor | undefined {
  const o = object(m);
  const id = number(o.id);
  if (id === undefined) return undefined;
  const groups = Object.entries(object(at(o, 'state', 'groups')));
  const thresholds = object(at(o, 'options', 'thresholds'));
  const variables = at(sent, 'options', 'variables');
  return defined({
    id,
    name: text(o.name) ?? '',
    type: word(o.type) ?? '',
    query: text(o.query) ?? '',
    message: text(o.message),
    tags: texts(o.tags),
    state: word(o.overallState),
    groups: groups.map(([name, g]) =>
      defined<MonitorGroup>({
        name: text(at(g, 'name')) ?? name,
        state: word(at(g, 'status')),
        triggered: seconds(at(g, 'lastTriggeredTs')),
        resolved: seconds(at(g, 'lastResolvedTs')),
      }),
    ),
    thresholds: defined({
      critical: number(thresholds.critical),
      criticalRecovery: number(thresholds.criticalRecovery),
      warning: number(thresholds.warning),
      warningRecovery: number(thresholds.warningRecovery),
      ok: number(thresholds.ok),
    }),
    downtimes: (Array.isArray(o.matchingDowntimes) ? o.matchingDowntimes : []).flatMap((d) => {
      const found = number(at(d, 'id'));
      if (found === undefined) return [];
      const [start, end] = [seconds(at(d, 'start')), seconds(at(d, 'end'))];
      return [defined<Monitor['downtimes'][number]>({ id: found, scope: texts(at(d, 'scope')), start, end })];
    }),
    variables: Array.isArray(variables) ? variables : [],
    created: time(o.created),
    modified: time(o.modified),
  });
}

export const getMonitor: Answers<'v1.getMonitor'> = async ({ id, groupStates, withDowntimes }, { config, raw }) => {
  const asked = defined<{ monitorId: number }>({ monitorId: id, groupStates, withDowntimes });
  return one(monitorOf(await new MonitorsApi(config).getMonitor(asked), raw()), 'id');
};

export const listMonitors: Answers<'v1.listMonitors'> = async (input, { config, raw }) => {
  const { cursor, limit = MONITORS_A_PAGE, ...asked } = input;
  const now = counted(cursor);
  const found = await new MonitorsApi(config).listMonitors({ ...asked, page: now, pageSize: limit });
  const sent = raw() as unknown[];
  const next = following(list(found, 'list of monitors').length, limit, now + 1);
  return page(found, 'list of monitors', (m, i) => monitorOf(m, sent[i]), { next });
};

export const searchMonitors: Answers<'v1.searchMonitors'> = async ({ cursor, limit, ...asked }, { config }) => {
  const now = counted(cursor);
  const answer = await new MonitorsApi(config).searchMonitors(
    defined({ ...asked, page: now, perPage: limit ?? FOUND_A_PAGE }),
  );
  return page(
    answer.monitors,
    'monitors',
    (m) =>
      m.id === undefined
        ? undefined
        : defined<Operations['v1.searchMonitors']['out']['items'][number]>({
            id: m.id,
            name: m.name ?? '',
            type: word(m.type),
            query: text(m.query),
            state: word(m.status),
            tags: texts(m.tags),
            scopes: texts(m.scopes),
            metrics: texts(m.metrics),
            triggered: seconds(m.lastTriggeredTs),
          }),
    countedOn(now, answer.metadata),
  );
};

/** The number of the next page, from what the search says of its pages. */
function countedOn(now: number, metadata?: { pageCount?: number; totalCount?: number }) {
  const last = (metadata?.pageCount ?? 0) - 1;
  return { next: now < last ? String(now + 1) : undefined, of: metadata?.totalCount };
}

export const searchMonitorGroups: Answers<'v1.searchMonitorGroups'> = async (
  { cursor, limit, ...asked },
  { config },
) => {
  const now = counted(cursor);
  const answer = await new MonitorsApi(config).searchMonitorGroups(
    defined({ ...asked, page: now, perPage: limit ?? FOUND_A_PAGE }),
  );
  return page(
    answer.groups,
    'groups',
    (g) =>
      defined<MonitorGroup>({
        monitorId: g.monitorId,
        monitorName: text(g.monitorName),
        name: text(g.group) ?? texts(g.groupTags).join(','),
        state: word(g.status),
        triggered: seconds(g.lastTriggeredTs),
      }),
    countedOn(now, answer.metadata),
  );
};
