/** Opsgenie and Jira Service Management webhooks: an action on an alert. Times are int64 counts in ms or ns. */
import type { AlertNormaliser } from '../core/alerts.ts';
import { UserError } from '../core/errors.ts';
import { toAlert } from './_alert.ts';
import { likeness } from './_likeness.ts';
import { at, isRecord, tags, textAt, texts, time } from './_read.ts';

export const alerts: AlertNormaliser = {
  title: 'Opsgenie webhook',

  recognise(payload) {
    return likeness([
      ['action', textAt(payload, 'action') !== undefined],
      ['alert.alertId', textAt(payload, 'alert', 'alertId') !== undefined, 2],
      ['alert.message', textAt(payload, 'alert', 'message') !== undefined],
      ['integrationId', textAt(payload, 'integrationId') !== undefined],
    ]);
  },

  read(payload, { now }) {
    const action = textAt(payload, 'action') ?? '';
    const raw = at(payload, 'alert');
    const title = textAt(raw, 'message');
    if (!isRecord(raw) || title === undefined) {
      throw new UserError('the Opsgenie payload has no alert.message', {
        hints: ['In the webhook integration of Opsgenie, switch on "Add Alert Description" and "Add Alert Details".'],
      });
    }
    const resolved = action === 'Close' || action === 'Delete';
    const tagged = tags(at(raw, 'tags'));
    const entity = textAt(raw, 'entity');
    const alert = toAlert(
      {
        source: 'opsgenie',
        title,
        severity: priority(textAt(raw, 'priority')),
        status: resolved ? 'resolved' : 'firing',
        startsAt: time(at(raw, 'createdAt')) ?? time(at(raw, 'insertedAt')),
        endsAt: resolved ? time(at(raw, 'updatedAt')) : undefined,
        labels: { ...(entity ? { entity } : {}), ...tagged.labels, ...texts(at(raw, 'details')) },
        annotations: {
          description: textAt(raw, 'description'),
          action,
          tags: tagged.plain.join(', '),
          // Where Opsgenie had it from: often the tool that knows the query.
          from: textAt(raw, 'source'),
        },
        links: [],
        fingerprint: textAt(raw, 'alias') ?? textAt(raw, 'alertId'),
      },
      now,
    );
    return { alerts: [alert], ignored: [] };
  },
};

/** Webhooks write 1 to 5 or P1 to P5. */
const priority = (p: string | undefined): string | undefined => (p && /^[1-5]$/.test(p) ? `P${p}` : p);
