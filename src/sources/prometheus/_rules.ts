/** `monitors.get` and `events.list` of a Prometheus: its alerting rules, and which of them fired when. */
import type { TelemetryEvent } from '../../core/telemetry.ts';
import { oneLine, plural } from '../../core/text.ts';
import { timeSpan, toIso, toMs } from '../../core/time.ts';
import { answer, type Tool, tool } from '../../tools/tool.ts';
import { fitItems } from '../_fit.ts';
import { asking, Refused } from '../_refused.ts';
import type { ActiveAlert, Client, Labels } from './_client.ts';
import { SERVICE_LABELS } from './_conventions.ts';
import { gridFor } from './_evaluate.ts';
import { type Server, withClient } from './_server.ts';

export function monitorsTool(name: string, server: Server): Tool {
  const about = 'The alerting rule of this name: its own expression, threshold and labels.';
  return tool(name, 'monitors.get', about, (question, ctx) => {
    const searched = `${server.http.base}/api/v1/rules?type=alert, rule ${question.name}`;
    return asking(searched, () =>
      withClient(server, ctx, async (client) => {
        const rules = (await client.alertRules()).filter((r) => r.name === question.name);
        const agreeing = rules.filter((r) =>
          Object.entries(r.labels).every(
            ([label, value]) => value.includes('{{') || (question.labels[label] ?? value) === value,
          ),
        );
        const monitors = (agreeing.length > 0 ? agreeing : rules).map(({ name, query, labels }) => {
          const service = serviceIn(labels);
          return { name, query, labels, ...(service !== undefined && { service }) };
        });
        const rest = { searched, trust: 'clean' as const };
        const summary = monitors[0] ? oneLine(`${question.name}: ${monitors[0].query}`) : 'no rule has this name';
        return monitors.length === 0
          ? answer.empty<'monitors.get'>({ monitors }, { ...rest, summary })
          : answer.ok<'monitors.get'>(
              { monitors },
              { ...rest, summary, sample: monitors.map((m) => oneLine(m.query)) },
            );
      }),
    );
  });
}

export function alertsTool(name: string, server: Server): Tool {
  const about = 'Alerts that fired in the window, oldest first; those without a service count for every service.';
  return tool(name, 'events.list', about, (question, ctx) => {
    const now = server.env.now();
    const [from, to] = [toMs(question.from), Math.min(toMs(question.to), now)];
    const span = timeSpan(question);
    const searched = `ALERTS{alertstate="firing"}, ${span} at ${server.http.base}`;
    return asking(searched, () =>
      withClient(server, ctx, async (client) => {
        const grid = gridFor(from, to, 15);
        const lines = from < to ? await client.range('ALERTS{alertstate="firing"}', grid.from, grid.to, grid.step) : [];
        const active = await activeAt(client, now);
        const seen = lines
          .map(({ labels, times }) => toEvent(labels, times, active, grid.from))
          .filter((e) => question.service === undefined || e.service === undefined || e.service === question.service)
          .sort((a, b) => toMs(a.time) - toMs(b.time) || (a.title < b.title ? -1 : 1));
        const events = fitItems(seen, 'last');
        const rest = { searched, trust: 'clean' as const, link: `${server.http.base}/alerts` };
        if (seen.length === 0) return answer.empty<'events.list'>({ events }, { ...rest, summary: 'no alert fired' });
        return answer.ok<'events.list'>(
          { events },
          {
            ...rest,
            summary: `${plural(seen.length, 'alert')} fired`,
            sample: events.slice(-5).map((e) => oneLine(`${e.time} ${e.service ?? ''} ${e.title}`)),
            ...(events.length < seen.length && {
              truncated: { kept: events.length, of: seen.length, what: 'alerts (the newest)' },
            }),
          },
        );
      }),
    );
  });
}

/** Alerts active at this moment, for their words; none where the server keeps none or has moved on since. */
async function activeAt(client: Client, now: number): Promise<ActiveAlert[]> {
  try {
    return (await client.activeAlerts()).filter((a) => toMs(a.activeAt) <= now);
  } catch (e) {
    if (e instanceof Refused && e.refusal.status === 'failed') return [];
    throw e;
  }
}

function toEvent(
  labels: Labels,
  times: readonly number[],
  active: readonly ActiveAlert[],
  begin: number,
): TelemetryEvent {
  const { alertname = 'alert', alertstate: _state, __name__: _name, ...own } = labels;
  const words = active.find(
    (a) => a.labels.alertname === alertname && Object.keys(own).every((k) => a.labels[k] === own[k]),
  );
  const service = serviceIn(own);
  const { summary = '', description } = words?.annotations ?? {};
  const first = times[0] as number;
  return {
    time: toIso(first),
    source: 'prometheus',
    kind: 'alert',
    ...(service !== undefined && { service }),
    title: summary === '' ? alertname : `${alertname}: ${summary}`,
    ...(description !== undefined && { body: description }),
    attributes: {
      ...own,
      alertname,
      lastFiring: toIso(times.at(-1) as number),
      ...(first === begin && { since: 'before the window' }),
    },
  };
}

const serviceIn = (labels: Labels): string | undefined => {
  const label = SERVICE_LABELS.find((l) => labels[l] !== undefined);
  return label && labels[label];
};
