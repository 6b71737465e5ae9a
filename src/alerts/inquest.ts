/** Our own alert, `inquest.alert/v1`, as bundles hold it, people write it by hand and Standard Webhooks carry it. */
import type { AlertNormaliser } from '../core/alerts.ts';
import { UserError } from '../core/errors.ts';
import { oneLine } from '../core/text.ts';
import { httpUrl, toAlert } from './_alert.ts';
import { likeness } from './_likeness.ts';
import { at, list, textAt, texts, time } from './_read.ts';

const SCHEMA = 'inquest.alert/v1';

export const alerts: AlertNormaliser = {
  title: `inquest alert (${SCHEMA})`,

  recognise(given) {
    const payload = unwrapped(given);
    if (textAt(payload, 'schema')?.startsWith('inquest.')) return { score: 1, missing: [] };
    // Without the schema a title, a service and a time are as much as a hand-written alert has.
    return likeness([
      [`schema "${SCHEMA}"`, false],
      ['title', textAt(payload, 'title') !== undefined],
      ['service', textAt(payload, 'service') !== undefined],
      ['startsAt', at(payload, 'startsAt') !== undefined],
    ]);
  },

  read(given, { now }) {
    const payload = unwrapped(given);
    const schema = textAt(payload, 'schema');
    if (schema !== undefined && schema !== SCHEMA) {
      throw new UserError(`an alert of schema ${oneLine(schema, 60)} is not known; this version reads ${SCHEMA}`, {
        hints: [`Write "schema": "${SCHEMA}", or update inquest.`],
      });
    }
    const title = textAt(payload, 'title');
    if (title === undefined) {
      throw new UserError('the alert has no title', {
        hints: [
          `${SCHEMA} needs: schema, title, service, startsAt; and may have: env, severity, metric, labels, annotations`,
        ],
      });
    }
    const startsAt = at(payload, 'startsAt');
    if (startsAt !== undefined && time(startsAt) === undefined) {
      throw new UserError(`startsAt of the alert is no time: ${oneLine(JSON.stringify(startsAt), 60)}`, {
        hints: ['Write it as ISO-8601, for example 2026-03-01T14:05:00Z'],
      });
    }
    const alert = toAlert(
      {
        source: 'inquest',
        title,
        service: textAt(payload, 'service'),
        env: textAt(payload, 'env'),
        severity: textAt(payload, 'severity'),
        status: textAt(payload, 'status') === 'resolved' ? 'resolved' : 'firing',
        startsAt: time(startsAt),
        endsAt: time(at(payload, 'endsAt')),
        metric: textAt(payload, 'metric'),
        query: textAt(payload, 'query'),
        labels: texts(at(payload, 'labels')),
        annotations: texts(at(payload, 'annotations')),
        links: list(at(payload, 'links')).map((l) => {
          const url = httpUrl(at(l, 'url'));
          return url && { rel: textAt(l, 'rel') ?? 'link', url: url.href };
        }),
        fingerprint: textAt(payload, 'fingerprint'),
      },
      now,
    );
    return { alerts: [alert], ignored: [] };
  },
};

/** The alert inside the envelope of Standard Webhooks: `{ "type", "timestamp", "data" }`. */
const unwrapped = (x: unknown): unknown =>
  textAt(x, 'type') !== undefined && textAt(x, 'data', 'schema')?.startsWith('inquest.') ? at(x, 'data') : x;
