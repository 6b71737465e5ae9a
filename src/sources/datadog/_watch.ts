/** `monitors.get`, `slo.get` and `incidents.similar`: what people told Datadog to watch, and what they wrote down. */
import type { Answers, SimilarRun } from '../../core/capabilities.ts';
import type { Objective } from '../../core/telemetry.ts';
import { oneLine, plural } from '../../core/text.ts';
import { timeSpan, toIso } from '../../core/time.ts';
import { answer, type Tool, type ToolContext, tool } from '../../tools/tool.ts';
import { asking, Refused } from '../_refused.ts';
import type { Account } from './_account.ts';
import { facet, quoted, tagOf } from './_language.ts';
import { linkOf } from './_link.ts';
import type { Monitor, Slo } from './_shapes.ts';

const MONITORS_MAX = 5;
const OBJECTIVES_MAX = 10;
const INCIDENTS_MAX = 5;

export const watchTools = (account: Account): Tool[] => [
  monitorsTool(account),
  slosTool(account),
  incidentsTool(account),
];

function monitorsTool(account: Account): Tool {
  const about =
    'The monitor of an alert, by its id where the alert carries one, else by its name: query, groups, threshold.';
  return tool(account.name, 'monitors.get', about, (question, ctx) => {
    const id = Number(question.labels.monitor_id);
    const byId = Number.isSafeInteger(id) && id > 0;
    const searched = byId ? `monitor ${id}` : `monitors named "${question.name}"`;
    return asking(searched, async () => {
      const found = byId ? await one(account, id, ctx) : await named(account, question.name, ctx);
      const monitors = found.map((m) => toMonitor(account, m));
      const [first] = found;
      const rest = {
        searched,
        trust: 'outsider-writable' as const,
        ...(first && { link: linkOf(account, '/monitors', first.id) }),
      };
      if (!first) return answer.empty<'monitors.get'>({ monitors }, { ...rest, summary: 'no such monitor' });
      const groups = first.groups
        .filter((g) => g.state !== undefined && g.state !== 'OK')
        .map((g) => `${g.name} ${g.state}`);
      return answer.ok<'monitors.get'>(
        { monitors },
        {
          ...rest,
          summary: oneLine(`${first.name}: ${first.query}${groups.length > 0 ? `; ${groups.join(', ')}` : ''}`),
          sample: found.map((m) => oneLine(`${m.state ?? '?'} ${m.name}: ${m.query}`)),
        },
      );
    });
  });
}

async function one(account: Account, id: number, ctx: ToolContext): Promise<Monitor[]> {
  try {
    return [await account.client.call('v1.getMonitor', { id, groupStates: 'all', withDowntimes: true }, ctx)];
  } catch (e) {
    // A monitor that was deleted since is no failure: there is nothing to see.
    if (e instanceof Refused && e.refusal.code === 404) return [];
    throw e;
  }
}

async function named(account: Account, name: string, ctx: ToolContext): Promise<Monitor[]> {
  const page = await account.client.call(
    'v1.listMonitors',
    { name, groupStates: 'all', withDowntimes: true, limit: MONITORS_MAX },
    ctx,
  );
  const exact = page.items.filter((m) => m.name.toLowerCase() === name.toLowerCase());
  return exact.length > 0 ? exact : page.items;
}

function toMonitor(account: Account, m: Monitor): Answers['monitors.get']['monitors'][number] {
  const groups = m.groups.filter((g) => g.state !== 'OK').flatMap((g) => g.name.split(','));
  const service = tagOf([...m.tags, ...groups], 'service');
  const { critical } = m.thresholds;
  const labels = {
    monitor_id: String(m.id),
    type: m.type,
    ...(m.state !== undefined && { state: m.state }),
    ...(critical !== undefined && { critical: String(critical) }),
    ...(m.downtimes.length > 0 && { downtimes: String(m.downtimes.length) }),
  };
  return { name: m.name, query: m.query, ...(service !== undefined && { service: account.ours(service) }), labels };
}

function slosTool(account: Account): Tool {
  const about = 'Service level objectives of a service as Datadog last computed them.';
  return tool(account.name, 'slo.get', about, (question, ctx) => {
    const { service } = question;
    const query = service === undefined ? undefined : facet('service', account.names(service));
    const searched = `SLOs ${query ?? '*'}, ${timeSpan(question)}`;
    return asking(searched, async () => {
      const page = await account.client.call(
        'v1.searchSLO',
        { limit: OBJECTIVES_MAX, ...(query !== undefined && { query }) },
        ctx,
      );
      const all = page.items.map((s) => toObjective(account, s));
      const objectives = all.filter((o) => service === undefined || o.service === undefined || o.service === service);
      const rest = {
        searched,
        trust: 'clean' as const,
        link: `${account.client.app}/slo/manage${query ? `?${new URLSearchParams({ query }).toString()}` : ''}`,
      };
      if (objectives.length === 0) return answer.empty<'slo.get'>({ objectives }, { ...rest, summary: 'no objective' });
      return answer.ok<'slo.get'>(
        { objectives },
        {
          ...rest,
          summary: plural(objectives.length, 'objective'),
          sample: objectives.slice(0, 5).map((o) => oneLine(`${o.name}: ${o.value ?? '?'}% of ${o.target ?? '?'}%`)),
          ...(page.next !== undefined && {
            truncated: { kept: objectives.length, of: objectives.length + 1, what: 'objectives (there are more)' },
          }),
        },
      );
    });
  });
}

function toObjective(account: Account, s: Slo): Objective {
  const service = tagOf(s.tags, 'service');
  const [threshold] = s.thresholds;
  return {
    id: s.id,
    name: s.name,
    ...(service !== undefined && { service: account.ours(service) }),
    ...(threshold && { target: threshold.target, timeframe: threshold.timeframe }),
    ...(s.status?.sli !== undefined && { value: s.status.sli }),
    ...(s.status?.budgetRemaining !== undefined && { budgetLeft: s.status.budgetRemaining }),
    ...(s.status?.state !== undefined && { state: s.status.state }),
    url: `${account.client.app}/slo?slo_id=${encodeURIComponent(s.id)}`,
  };
}

function incidentsTool(account: Account): Tool {
  const about = 'Incidents that people declared for the service before, newest first.';
  return tool(account.name, 'incidents.similar', about, (question, ctx) => {
    const of =
      question.service === undefined ? quoted(question.title) : facet('services', account.names(question.service));
    const query = `state:(stable OR resolved) AND ${of}`;
    return asking(`incidents ${query}`, async () => {
      const page = await account.client.call(
        'v2.searchIncidents',
        { query, sort: '-created', limit: INCIDENTS_MAX },
        ctx,
      );
      const runs = page.items.map((i): SimilarRun => {
        const cause = i.fields.root_cause?.[0] ?? i.fields.summary?.[0];
        return {
          id: String(i.publicId ?? i.id),
          at: toIso(i.detected ?? i.created ?? 0),
          title: i.title,
          ...(question.service !== undefined && { service: question.service }),
          outcome: oneLine(`${i.severity ?? ''} ${i.state ?? ''} ${i.title}`),
          ...(cause !== undefined && { claim: oneLine(cause) }),
          confidence: 0,
        };
      });
      const rest = {
        searched: `incidents ${query}`,
        trust: 'outsider-writable' as const,
        link: `${account.client.app}/incidents?${new URLSearchParams({ query }).toString()}`,
      };
      return runs.length === 0
        ? answer.empty<'incidents.similar'>({ runs }, { ...rest, summary: 'no incident like this one' })
        : answer.ok<'incidents.similar'>({ runs }, { ...rest, summary: plural(runs.length, 'incident') });
    });
  });
}
