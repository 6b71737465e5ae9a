/** PagerDuty webhooks v3: the event envelope, and a bare incident as its REST API returns it. */
import type { AlertNormaliser } from '../core/alerts.ts';
import { UserError } from '../core/errors.ts';
import { link, toAlert } from './_alert.ts';
import { likeness } from './_likeness.ts';
import { at, isRecord, list, textAt, time } from './_read.ts';

export const alerts: AlertNormaliser = {
  title: 'PagerDuty webhook v3',

  recognise(payload) {
    if (isRecord(at(payload, 'event'))) {
      return likeness([
        ['event.event_type', textAt(payload, 'event', 'event_type') !== undefined],
        ['event.resource_type', textAt(payload, 'event', 'resource_type') !== undefined],
        ['event.occurred_at', textAt(payload, 'event', 'occurred_at') !== undefined],
        ['event.data', isRecord(at(payload, 'event', 'data'))],
      ]);
    }
    const incident = bareIncident(payload);
    return likeness([
      ['type "incident"', textAt(incident, 'type') === 'incident'],
      ['title', textAt(incident, 'title') !== undefined],
      ['service.summary', textAt(incident, 'service', 'summary') !== undefined],
      ['html_url', textAt(incident, 'html_url') !== undefined],
    ]);
  },

  read(payload, { now }) {
    const event = at(payload, 'event');
    const type = textAt(event, 'event_type');
    const incident = isRecord(event) ? at(event, 'data') : bareIncident(payload);
    if (textAt(incident, 'type') !== 'incident') {
      return {
        alerts: [],
        ignored: [{ title: `PagerDuty event ${type ?? ''}`.trim(), why: 'it tells of no incident' }],
      };
    }
    const title = textAt(incident, 'title') ?? textAt(incident, 'summary');
    if (title === undefined) {
      throw new UserError('the PagerDuty incident has no title', {
        hints: ['Give the whole webhook body: event.data.title is needed.'],
      });
    }
    const resolved = type === 'incident.resolved' || textAt(incident, 'status') === 'resolved';
    const occurred = time(at(event, 'occurred_at'));
    const number = textAt(incident, 'number') ?? textAt(incident, 'incident_number');
    const teams = list(at(incident, 'teams')).flatMap((t) => textAt(t, 'summary') ?? []);
    const alert = toAlert(
      {
        source: 'pagerduty',
        title,
        service: textAt(incident, 'service', 'summary'),
        severity: textAt(incident, 'priority', 'summary') ?? textAt(incident, 'urgency'),
        status: resolved ? 'resolved' : 'firing',
        // A reopened incident broke again at that time; what was before is another story.
        startsAt:
          time(at(incident, 'reopened_at')) ??
          time(at(incident, 'created_at')) ??
          (type === 'incident.triggered' ? occurred : undefined),
        endsAt: resolved ? (time(at(incident, 'resolved_at')) ?? occurred) : undefined,
        labels: teams.length > 0 ? { team: teams.join(', ') } : {},
        annotations: {
          incident: number && `#${number}`,
          event: type,
          details: textAt(incident, 'body', 'details') ?? textAt(incident, 'description'),
        },
        links: [link('incident', at(incident, 'html_url')), link('service', at(incident, 'service', 'html_url'))],
        fingerprint: textAt(incident, 'incident_key') ?? textAt(incident, 'id'),
      },
      now,
    );
    return { alerts: [alert], ignored: [] };
  },
};

const bareIncident = (payload: unknown): unknown =>
  isRecord(at(payload, 'incident')) ? at(payload, 'incident') : payload;
