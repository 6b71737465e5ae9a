/** Grafana unified alerting, webhook contact point, version "1": Alertmanager's shape with dashboards, panels and values. */
import type { AlertNormaliser } from '../core/alerts.ts';
import { byText } from '../core/canonical.ts';
import { link } from './_alert.ts';
import { isLabelled, readLabelled } from './_labelled.ts';
import { likeness } from './_likeness.ts';
import { at, list, textAt, texts } from './_read.ts';

export const alerts: AlertNormaliser = {
  title: 'Grafana alerting webhook',

  recognise(payload) {
    const entries = list(at(payload, 'alerts'));
    return likeness([
      ['alerts[].labels', entries.some(isLabelled)],
      ['version "1"', textAt(payload, 'version') === '1'],
      ['orgId', at(payload, 'orgId') !== undefined, 2],
      ['state and message', textAt(payload, 'state') !== undefined && textAt(payload, 'message') !== undefined],
    ]);
  },

  read(payload, { now }) {
    return readLabelled(at(payload, 'alerts'), payload, 'grafana', now, (alert, annotations) => {
      const values = texts(at(alert, 'values'));
      const named = Object.keys(values).sort(byText);
      return {
        annotations: {
          ...annotations,
          values: named.map((k) => `${k}=${values[k]}`).join(', ') || textAt(alert, 'valueString'),
        },
        links: [
          link('rule', at(alert, 'generatorURL')),
          link('dashboard', at(alert, 'dashboardURL')),
          link('panel', at(alert, 'panelURL')),
          link('silence', at(alert, 'silenceURL')),
          link('runbook', annotations.runbook_url),
          link('grafana', at(payload, 'externalURL')),
        ],
      };
    });
  },
};
