/** What has a time of its own in an evidence, in words that code takes from its record. */
import type { Answers } from '../core/capabilities.ts';
import { changeName, oneLine } from '../core/text.ts';
import { toMs } from '../core/time.ts';
import type { Evidence } from '../core/types.ts';

export interface Moment {
  /** ISO, as it stands in the record. */
  at: string;
  /** `deploy/orders/2.8.1 of orders`, `payments said "configuration reloaded"`. */
  what: string;
}

/** The moments of records, changes, events and first log lines; of other evidence none. */
export function momentsOf(e: Evidence): Moment[] {
  if (e.data === undefined) return [];
  switch (e.capability) {
    case 'changes.list':
      return (e.data as Answers['changes.list']).changes.map((c) => ({
        at: c.time,
        what: `${changeName(c)}${c.service ? ` of ${c.service}` : ''}`,
      }));
    case 'logs.search':
      return (e.data as Answers['logs.search']).records.map((r) => ({
        at: r.timestamp,
        what: `${r.service ?? 'a log'} said "${oneLine(r.body, 80)}"`,
      }));
    case 'logs.patterns':
      return (e.data as Answers['logs.patterns']).patterns.map((p) => ({
        at: p.first,
        what: `the first "${oneLine(p.template, 80)}" of ${p.service}`,
      }));
    case 'events.list':
      return (e.data as Answers['events.list']).events.map((x) => ({ at: x.time, what: oneLine(x.title, 80) }));
    default:
      return [];
  }
}

/** The moments of an evidence at a time. */
export const momentsAt = (e: Evidence, at: string): Moment[] => momentsOf(e).filter((m) => toMs(m.at) === toMs(at));
