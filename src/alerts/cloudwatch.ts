/** Amazon CloudWatch alarms: the message alone, or inside the envelope of SNS. No URL of the envelope is ever fetched. */

import type { AlertNormaliser } from '../core/alerts.ts';
import { UserError } from '../core/errors.ts';
import { scanJson } from '../core/scan-json.ts';
import { drop, toAlert } from './_alert.ts';
import { likeness } from './_likeness.ts';
import { at, list, text, textAt, time } from './_read.ts';

export const alerts: AlertNormaliser = {
  title: 'Amazon CloudWatch alarm (SNS)',

  recognise(payload) {
    if (isEnvelope(payload)) {
      return likeness([
        ['TopicArn', true, 2],
        ['Type', textAt(payload, 'Type') !== undefined],
        ['Message', textAt(payload, 'Message') !== undefined],
      ]);
    }
    return likeness([
      ['AlarmName', textAt(payload, 'AlarmName') !== undefined, 2],
      ['NewStateValue', textAt(payload, 'NewStateValue') !== undefined],
      ['StateChangeTime', textAt(payload, 'StateChangeTime') !== undefined],
    ]);
  },

  read(payload, { now }) {
    const type = textAt(payload, 'Type');
    if (isEnvelope(payload) && type !== 'Notification') {
      return {
        alerts: [],
        ignored: [
          { title: `SNS message ${type ?? ''}`.trim(), why: 'it is no notification; its links are not followed' },
        ],
      };
    }
    const alarm = isEnvelope(payload) ? parsed(textAt(payload, 'Message') ?? '') : payload;
    const name = textAt(alarm, 'AlarmName');
    if (name === undefined) {
      throw new UserError('the SNS message holds no CloudWatch alarm: its Message has no AlarmName', {
        hints: ['Subscribe to the topic to which the alarm publishes, with raw message delivery or without.'],
      });
    }
    const state = textAt(alarm, 'NewStateValue') ?? 'not said';
    if (state !== 'ALARM' && state !== 'OK') {
      return { alerts: [], ignored: [{ title: name, why: `its state is ${state}, neither ALARM nor OK` }] };
    }
    const changed = time(at(alarm, 'StateChangeTime'));
    const dimensions = list(at(alarm, 'Trigger', 'Dimensions')).flatMap((d) => {
      const key = textAt(d, 'name');
      const value = textAt(d, 'value');
      return key && value ? [[key, value]] : [];
    });
    const alert = toAlert(
      {
        source: 'cloudwatch',
        title: name,
        status: state === 'OK' ? 'resolved' : 'firing',
        startsAt: changed ?? time(at(payload, 'Timestamp')),
        endsAt: state === 'OK' ? changed : undefined,
        metric: textAt(alarm, 'Trigger', 'MetricName'),
        labels: {
          ...(Object.fromEntries(dimensions) as Record<string, string>),
          ...drop({
            namespace: textAt(alarm, 'Trigger', 'Namespace'),
            region: textAt(alarm, 'Region'),
            account: textAt(alarm, 'AWSAccountId'),
          }),
        },
        annotations: { description: textAt(alarm, 'AlarmDescription'), reason: textAt(alarm, 'NewStateReason') },
        links: [],
        identity: {
          alarm: textAt(alarm, 'AlarmArn') ?? name,
          region: textAt(alarm, 'Region'),
          account: textAt(alarm, 'AWSAccountId'),
        },
      },
      now,
    );
    return { alerts: [alert], ignored: [] };
  },
};

const isEnvelope = (x: unknown): boolean => text(at(x, 'TopicArn')) !== undefined;

/** The alarm is JSON within JSON: the same bounds again. Undefined for a message in words. */
function parsed(message: string): unknown {
  const scan = scanJson(message, 0, 64);
  return 'end' in scan && scan.end === message.length ? (JSON.parse(message) as unknown) : undefined;
}
