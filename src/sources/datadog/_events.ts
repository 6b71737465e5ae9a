/** `events.list`: transitions of monitors, and what integrations and people report. */
import type { TelemetryEvent } from '../../core/telemetry.ts';
import { cut, oneLine, plural } from '../../core/text.ts';
import { timeSpan, toIso, toMs } from '../../core/time.ts';
import type { Answer } from '../../core/types.ts';
import { answer, type Tool, tool } from '../../tools/tool.ts';
import { fitItems } from '../_fit.ts';
import { asking } from '../_refused.ts';
import type { Account } from './_account.ts';
import { searchOf, tagOf } from './_language.ts';
import { linkTo } from './_link.ts';
import type { DatadogEvent } from './_shapes.ts';

const PAGE = 500;
const BODY_MAX = 4000;

export function eventsTool(account: Account): Tool {
  const about =
    'Transitions of monitors and other events in the window, oldest first; those that name no service count for every service.';
  return tool(account.name, 'events.list', about, (question, ctx) => {
    // A service is looked for on our side: an event that names none belongs to everybody.
    const query = searchOf(account, undefined, '-source:change_tracking', '-@evt.category:change');
    const searched = `events ${query}, ${timeSpan(question)}, newest first`;
    return asking(searched, async () => {
      const range = { from: toMs(question.from), to: Math.min(toMs(question.to), account.now() + 1) };
      const page = await account.client.call(
        'v2.searchEvents',
        { ...range, query, sort: '-timestamp', limit: PAGE },
        ctx,
      );
      const all = page.items
        .map((e) => toEvent(account, e))
        .filter((e) => question.service === undefined || e.service === undefined || e.service === question.service)
        .sort((a, b) => toMs(a.time) - toMs(b.time));
      const events = fitItems(all, 'last');
      const rest = { searched, trust: 'outsider-writable' as const, link: linkTo(account, 'events', question, query) };
      if (all.length === 0 && page.incomplete === undefined)
        return answer.empty<'events.list'>({ events }, { ...rest, summary: 'no event' });
      const more = page.next !== undefined || events.length < all.length;
      const told: Answer<'events.list'> = answer.ok<'events.list'>(
        { events },
        {
          ...rest,
          summary: plural(all.length, 'event'),
          sample: events.slice(-5).map((e) => oneLine(`${e.time} ${e.service ?? ''} ${e.title}`)),
          ...(more && {
            truncated: {
              kept: events.length,
              of: Math.max(all.length, events.length + 1),
              what: 'events (the newest; there are more)',
            },
          }),
        },
      );
      return page.incomplete === undefined ? told : { ...told, status: 'partial', problem: page.incomplete };
    });
  });
}

/** `[Triggered on {service:a}] Too many errors`: how a monitor's events begin. */
const TRANSITION = /^\[(?:P\d\s*)?([\w\s-]+?)(?: on \{([^}]*)\})?\]\s*/;

function toEvent(account: Account, e: DatadogEvent): TelemetryEvent {
  const title = e.title ?? '';
  const [said, state, scope] = TRANSITION.exec(title) ?? [];
  const groups = [...(e.monitor?.groups ?? []), ...(scope ?? '').split(',')];
  const service = e.service ?? tagOf([...groups, ...e.tags], 'service');
  const monitor = e.monitor?.name ?? (said === undefined ? undefined : title.slice(said.length));
  const ofMonitor =
    e.monitor !== undefined || (state !== undefined && /trigger|recover|warn|no data|alert|renotify/i.test(state));
  const attributes = {
    ...(state !== undefined && { state }),
    ...(e.status !== undefined && { status: e.status }),
    ...(ofMonitor && monitor !== undefined && { alertname: monitor }),
    ...(e.monitor?.id !== undefined && { monitor_id: String(e.monitor.id) }),
    ...(e.monitor?.query !== undefined && { query: e.monitor.query }),
    ...(e.host !== undefined && { node: e.host }),
  };
  return {
    time: toIso(e.time),
    source: e.source ?? 'datadog',
    kind: ofMonitor ? 'monitor' : 'event',
    ...(service !== undefined && service !== 'undefined' && { service: account.ours(service) }),
    title: oneLine(ofMonitor && monitor !== undefined ? monitor : title, 200),
    ...(e.message !== '' && { body: cut(e.message, BODY_MAX) }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
  };
}
