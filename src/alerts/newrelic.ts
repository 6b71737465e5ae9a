/** New Relic workflow webhook: an issue, through the default template or one like it. */
import type { AlertNormaliser } from '../core/alerts.ts';
import { UserError } from '../core/errors.ts';
import { link, toAlert } from './_alert.ts';
import { likeness } from './_likeness.ts';
import { at, isUnrendered, list, text, textAt, time } from './_read.ts';

export const alerts: AlertNormaliser = {
  title: 'New Relic issue webhook',

  recognise(payload) {
    return likeness([
      ['title', textAt(payload, 'title') !== undefined],
      ['issueUrl', textAt(payload, 'issueUrl') !== undefined, 2],
      ['state', textAt(payload, 'state') !== undefined],
      ['alertConditionNames', at(payload, 'alertConditionNames') !== undefined],
      ['impactedEntities', at(payload, 'impactedEntities') !== undefined],
    ]);
  },

  read(payload, { now }) {
    const title = textAt(payload, 'title');
    if (title === undefined || isUnrendered(title)) {
      throw new UserError(
        title === undefined
          ? 'the New Relic payload has no title'
          : 'this is the New Relic template, not an issue: title was never filled in',
        { hints: ['Give what New Relic posts from the template (Workflows, Webhook, "Send test notification").'] },
      );
    }
    const resolved = textAt(payload, 'state')?.toUpperCase() === 'CLOSED';
    const entities = list(at(payload, 'impactedEntities')).flatMap((e) => text(e) ?? []);
    const joined = (key: string): string =>
      list(at(payload, key))
        .flatMap((e) => text(e) ?? [])
        .join(', ');
    const service = textAt(payload, 'service') ?? (entities.length === 1 ? entities[0] : undefined);
    const alert = toAlert(
      {
        source: 'newrelic',
        title,
        service,
        severity: textAt(payload, 'priority')?.toLowerCase(),
        status: resolved ? 'resolved' : 'firing',
        startsAt: time(at(payload, 'createdAt')),
        endsAt: resolved ? (time(at(payload, 'closedAt')) ?? time(at(payload, 'updatedAt'))) : undefined,
        labels: entities.length > 0 ? { entity: entities.join(', ') } : {},
        annotations: {
          conditions: joined('alertConditionNames'),
          policies: joined('alertPolicyNames'),
          workflow: textAt(payload, 'workflowName'),
        },
        links: [link('issue', at(payload, 'issueUrl'))],
        // An issue has a new id each time: the condition on its entities is what alerts again.
        identity: { conditions: joined('alertConditionNames') || title, entities },
        ...(service !== undefined && service === entities[0]
          ? { notes: [`service taken from impactedEntities: ${service}`] }
          : {}),
      },
      now,
    );
    return { alerts: [alert], ignored: [] };
  },
};
