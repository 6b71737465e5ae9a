/** Which trouble a later event ends: of the same source, about the same service, on the same subject. */
import { byText } from '../core/canonical.ts';
import type { TelemetryEvent } from '../core/telemetry.ts';
import { toMs } from '../core/time.ts';
import { isOver, readEvent } from './event-rules.ts';

const SUBJECT = /\b(?:storage|memory|connection|replica|failover|certificate|cpu|disk|node)/gi;

const subjectsOf = (e: TelemetryEvent): string[] =>
  [...`${e.title} ${e.body ?? ''}`.matchAll(SUBJECT)].map((m) => m[0].toLowerCase());

/** The first later event that says that what `e` tells of is over; undefined while it goes on. */
export function endedBy(e: TelemetryEvent, all: TelemetryEvent[]): TelemetryEvent | undefined {
  const subjects = subjectsOf(e);
  return all
    .filter((x) => toMs(x.time) > toMs(e.time) && x.source === e.source && x.service === e.service && isOver(x))
    .filter((x) => subjectsOf(x).some((s) => subjects.includes(s)))
    .sort((a, b) => toMs(a.time) - toMs(b.time) || byText(a.title, b.title))[0];
}

export interface Recovery {
  trouble: TelemetryEvent;
  end: TelemetryEvent;
}

/** The newest trouble of a service and its end; undefined where it has none, or where some of it goes on. */
export function recoveryOf(service: string | undefined, all: TelemetryEvent[]): Recovery | undefined {
  const troubles = all.filter((e) => e.service === service && !isOver(e) && readEvent(e) !== undefined);
  const ended = troubles.map((trouble) => ({ trouble, end: endedBy(trouble, all) }));
  const over = ended.filter((x): x is Recovery => x.end !== undefined);
  if (over.length === 0 || over.length < ended.length) return undefined;
  return over.sort(({ trouble: a }, { trouble: b }) => toMs(b.time) - toMs(a.time) || byText(a.title, b.title))[0];
}
