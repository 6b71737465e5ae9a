/** Sentry integration webhooks: `event_alert` (a rule saw an event), `metric_alert`, and `issue`. */
import type { AlertNormaliser, AlertsRead } from '../core/alerts.ts';
import { UserError } from '../core/errors.ts';
import { type Draft, link, toAlert } from './_alert.ts';
import { likeness } from './_likeness.ts';
import { at, isRecord, list, text, textAt, time } from './_read.ts';

export const alerts: AlertNormaliser = {
  title: 'Sentry webhook (event alert, metric alert, issue)',

  recognise(payload) {
    return likeness([
      ['action', textAt(payload, 'action') !== undefined],
      ['data.event, data.metric_alert or data.issue', subject(payload) !== undefined, 2],
      ['installation.uuid', textAt(payload, 'installation', 'uuid') !== undefined],
      ['actor', isRecord(at(payload, 'actor'))],
    ]);
  },

  read(payload, { now }): AlertsRead {
    const draft = subject(payload) === 'metric_alert' ? metricAlert(payload) : eventAlert(payload);
    if (draft.title === '') {
      throw new UserError('the Sentry payload has no title', {
        hints: ['Give the whole webhook body: data.event.title is needed.'],
      });
    }
    return { alerts: [toAlert(draft, now)], ignored: [] };
  },
};

const subject = (payload: unknown): string | undefined =>
  ['metric_alert', 'event', 'issue'].find((kind) => isRecord(at(payload, 'data', kind)));

function eventAlert(payload: unknown): Draft {
  const event = at(payload, 'data', subject(payload) ?? 'event');
  const labels = tagPairs(at(event, 'tags'));
  const env = textAt(event, 'environment');
  const release = textAt(event, 'release');
  const project = textAt(event, 'project', 'slug') ?? textAt(event, 'project');
  const issue = textAt(event, 'issue_id') ?? textAt(event, 'id');
  return {
    source: 'sentry',
    title: textAt(event, 'title') ?? textAt(event, 'message') ?? '',
    env,
    severity: textAt(event, 'level'),
    status: textAt(payload, 'action') === 'resolved' ? 'resolved' : 'firing',
    startsAt: time(at(event, 'datetime')) ?? time(at(event, 'timestamp')) ?? time(at(event, 'firstSeen')),
    labels: { ...labels, ...(project ? { project } : {}), ...(release ? { release } : {}) },
    annotations: { rule: textAt(payload, 'data', 'triggered_rule'), culprit: textAt(event, 'culprit') },
    links: [link('event', at(event, 'web_url'))],
    fingerprint: issue && `sentry-issue-${issue}`,
  };
}

function metricAlert(payload: unknown): Draft {
  const alert = at(payload, 'data', 'metric_alert');
  const rule = at(alert, 'alert_rule');
  const action = textAt(payload, 'action');
  const projects = list(at(alert, 'projects')).flatMap((p) => text(p) ?? []);
  return {
    source: 'sentry',
    title: textAt(rule, 'name') ?? textAt(alert, 'title') ?? textAt(payload, 'data', 'description_title') ?? '',
    env: textAt(rule, 'environment'),
    severity: action === 'resolved' ? undefined : action,
    status: action === 'resolved' ? 'resolved' : 'firing',
    startsAt: time(at(alert, 'date_started')),
    endsAt: time(at(alert, 'date_closed')),
    query: undefined,
    labels: projects.length > 0 ? { project: projects.join(', ') } : {},
    annotations: {
      description: textAt(payload, 'data', 'description_text'),
      aggregate: textAt(rule, 'aggregate'),
      filter: textAt(rule, 'query'),
    },
    links: [link('alert', at(payload, 'data', 'web_url'))],
    identity: { rule: textAt(rule, 'id') ?? textAt(rule, 'name'), projects },
  };
}

/** Sentry's tags are pairs: `[["environment", "prod"], …]`, or objects with key and value. */
function tagPairs(x: unknown): Record<string, string> {
  const pairs = list(x).flatMap((pair) => {
    const key = Array.isArray(pair) ? text(pair[0]) : textAt(pair, 'key');
    const value = Array.isArray(pair) ? text(pair[1]) : textAt(pair, 'value');
    return key && value ? [[key, value]] : [];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}
