/** A monitor as Datadog's API returns it (`GET /api/v1/monitor`, one or a list): one that alerts is an alert. */
import type { AlertNormaliser } from '../core/alerts.ts';
import { toAlert } from './_alert.ts';
import { likeness } from './_likeness.ts';
import { at, tags, textAt, time } from './_read.ts';

export const alerts: AlertNormaliser = {
  title: 'Datadog monitor (API)',

  recognise(payload) {
    return likeness([
      ['overall_state', textAt(payload, 'overall_state') !== undefined, 3],
      ['query', textAt(payload, 'query') !== undefined],
      ['name', textAt(payload, 'name') !== undefined],
    ]);
  },

  read(payload, { now }) {
    const name = textAt(payload, 'name');
    const state = textAt(payload, 'overall_state') ?? '';
    if (name === undefined || !['Alert', 'Warn', 'No Data'].includes(state)) {
      return {
        alerts: [],
        ignored: [{ title: name ?? 'a monitor without a name', why: `its state is ${state || 'not said'}` }],
      };
    }
    const id = textAt(payload, 'id');
    const priority = textAt(payload, 'priority');
    const alert = toAlert(
      {
        source: 'datadog-monitor',
        title: name,
        severity: priority ? `P${priority}` : state === 'Warn' ? 'warning' : undefined,
        status: 'firing',
        startsAt: time(at(payload, 'overall_state_modified')),
        query: textAt(payload, 'query'),
        labels: { ...tags(at(payload, 'tags')).labels, ...(id ? { monitor_id: id } : {}) },
        annotations: { message: textAt(payload, 'message'), transition: state },
        links: [],
        identity: id && { monitor: id },
      },
      now,
    );
    return { alerts: [alert], ignored: [] };
  },
};
