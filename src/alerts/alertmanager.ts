/** Alertmanager: webhook v4, the answers of its API v2 (`/alerts`, `/alerts/groups`), and Prometheus' own `/api/v1/alerts`. */
import type { AlertNormaliser } from '../core/alerts.ts';
import { isLabelled, readLabelled } from './_labelled.ts';
import { likeness } from './_likeness.ts';
import { at, isRecord, list, textAt } from './_read.ts';

const SOURCE = 'alertmanager';

export const alerts: AlertNormaliser = {
  title: 'Prometheus Alertmanager webhook v4',

  recognise(payload) {
    if (!isWebhook(payload)) {
      const bare = bareAlerts(payload);
      const [first] = bare.filter(isForeign);
      return likeness([
        ['alerts[].labels', bare.length > 0 && bare.every(isForeign)],
        ['alerts[].labels.alertname', textAt(first, 'labels', 'alertname') !== undefined],
        ['startsAt', at(first, 'startsAt') !== undefined || at(first, 'activeAt') !== undefined],
      ]);
    }
    return likeness([
      ['alerts', true, 2],
      ['alerts[].labels', list(at(payload, 'alerts')).some(isLabelled), 2],
      ['version "4"', textAt(payload, 'version') === '4', 3],
      ['groupLabels', isRecord(at(payload, 'groupLabels'))],
      ['receiver', textAt(payload, 'receiver') !== undefined],
    ]);
  },

  read(payload, { now }) {
    if (isWebhook(payload)) return readLabelled(at(payload, 'alerts'), payload, SOURCE, now);
    return readLabelled(bareAlerts(payload), undefined, SOURCE, now);
  },
};

/** The envelope of a webhook, also an empty one. */
const isWebhook = (x: unknown): boolean =>
  Array.isArray(at(x, 'alerts')) && (isRecord(at(x, 'groupLabels')) || at(x, 'receiver') !== undefined) && !isGroup(x);

/** A group of API v2 has its receiver as an object and its labels beside. */
const isGroup = (x: unknown): boolean => isRecord(at(x, 'receiver')) && isRecord(at(x, 'labels'));

/** With labels and not in our own schema, whose alerts may have labels too. */
const isForeign = (x: unknown): boolean => isLabelled(x) && at(x, 'schema') === undefined;

/** Alerts without an envelope: one, a list, a list of groups, `{ status, data: { alerts } }`, `{ alerts }`. */
function bareAlerts(x: unknown): unknown[] {
  if (Array.isArray(x)) return x.some(isGroup) ? x.flatMap((g) => list(at(g, 'alerts'))) : x;
  const inData = at(x, 'data', 'alerts');
  if (Array.isArray(inData)) return inData;
  if (Array.isArray(at(x, 'alerts'))) return list(at(x, 'alerts'));
  return isLabelled(x) ? [x] : [];
}
