/** `events.list` of a bundle: monitor transitions, database events, autoscaler decisions. */
import type { TelemetryEvent } from '../../core/telemetry.ts';
import { cut, oneLine, plural } from '../../core/text.ts';
import { answer, type Tool, tool } from '../../tools/tool.ts';
import { fitItems } from '../_fit.ts';
import type { BundleData } from './_data.ts';
import { reading, recorded } from './_recorded.ts';
import { type Names, searchedIn } from './_service.ts';
import { during, type Timed } from './_timed.ts';

const BODY_MAX = 4000;

export function eventsTool(
  name: string,
  data: BundleData,
  read: () => Promise<Timed<TelemetryEvent>>,
  names: Names,
): Tool {
  const about = 'Events in the window, oldest first; those that name no service count for every service.';
  return tool(name, 'events.list', about, (question, ctx) => {
    ctx.signal.throwIfAborted();
    const { service } = question;
    const searched = searchedIn('events.jsonl', data.info.name, question, { service });
    return reading(searched, async () => {
      const found = during(await read(), [question], data.now)
        .filter((e) => service === undefined || e.service === undefined || names(service).has(e.service))
        .map((e) => (e.body === undefined ? e : { ...e, body: cut(e.body, BODY_MAX) }));
      const events = fitItems(found, 'last');
      const rest = { searched, trust: 'outsider-writable' as const };
      if (found.length === 0) {
        const none = answer.empty<'events.list'>({ events: [] }, { ...rest, summary: 'no event' });
        return recorded(data, 'events', [question], none);
      }
      const complete = answer.ok<'events.list'>(
        { events },
        {
          ...rest,
          summary: plural(found.length, 'event'),
          sample: events.slice(-5).map((e) => oneLine(`${e.time} ${e.source} ${e.service ?? ''} ${e.title}`)),
          ...(events.length < found.length && {
            truncated: { kept: events.length, of: found.length, what: 'events (the newest)' },
          }),
        },
      );
      return recorded(data, 'events', [question], complete);
    });
  });
}
