/** The port between a vendor's payload and an `Alert`, and the bounds that every alert keeps whoever sent it. */
import { byText } from './canonical.ts';
import { cut, oneLine } from './text.ts';
import type { Alert } from './types.ts';

/** What a plug-in of `alerts/` exports as `alerts`. The file name is the `source` of its alerts. Pure: no clock, no I/O. */
export interface AlertNormaliser {
  /** `Prometheus Alertmanager webhook v4`. */
  title: string;
  /** 0 = certainly not this, 1 = certainly; from `READABLE` on, `read` is asked. `missing` names the fields that keep it from 1. */
  recognise(payload: unknown): { score: number; missing: string[] };
  /**
   * Alerts in the payload, in its own order, with what was left out and why.
   * Throws UserError for a payload of ours that lacks something needed.
   */
  read(payload: unknown, ctx: { now: number }): AlertsRead;
}

export interface AlertsRead {
  alerts: ReadAlert[];
  ignored: { title: string; why: string }[];
  /** What a person should know of the payload as a whole: `12 more alerts were cut off by the sender`. */
  notes?: string[];
}

/** An alert and what a person should know of it: `no start time, now is used`. */
export type ReadAlert = Alert & { notes?: string[] };

/** An alert that joined a run after it was begun: a related one, the same one again, or its end. Times ISO-8601 UTC. */
export interface JoinedAlert {
  as: 'related' | 'refired' | 'resolved';
  title: string;
  service?: string;
  startsAt: string;
  endsAt?: string;
  /** Why it belongs here: `checkout calls payments`. */
  why: string;
}

/** Score from which a payload is read as this sender's. */
export const READABLE = 0.5;

const LIMIT = { title: 300, name: 200, entries: 200, value: 1000, links: 20, url: 2048, query: 10_000 };

/** The alert within our bounds: a title of 300 characters, 200 labels and annotations of 1,000 each, sorted by name. */
export function bounded(alert: Alert): Alert {
  const { service, env, severity, metric, query, ...rest } = alert;
  return {
    ...rest,
    title: line(alert.title, LIMIT.title),
    ...given({
      service: service && line(service, LIMIT.name),
      env: env && line(env, LIMIT.name),
      severity: severity && line(severity, LIMIT.name),
      metric: metric && line(metric, LIMIT.name),
      // A query that was cut would be another query: all or nothing.
      query: query && query.length <= LIMIT.query ? query : undefined,
    }),
    labels: entries(alert.labels),
    annotations: entries(alert.annotations),
    links: alert.links.filter((l) => l.url.length <= LIMIT.url).slice(0, LIMIT.links),
    fingerprint: line(alert.fingerprint, LIMIT.name),
  };
}

/** The object without the fields that are undefined or empty: what `exactOptionalPropertyTypes` wants. */
export function given<T extends Record<string, unknown>>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(fields).filter(([, v]) => v !== undefined && v !== '');
  return Object.fromEntries(kept) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** Cut to `max` code points; sliced first, so that ten megabytes cost nothing. */
const short = (text: string, max: number): string => cut(text.slice(0, 2 * max + 2), max);
const line = (text: string, max: number): string => oneLine(text.slice(0, 20 * max), max);

function entries(of: Record<string, string>): Record<string, string> {
  const names = Object.keys(of).sort(byText).slice(0, LIMIT.entries);
  return Object.fromEntries(names.map((k) => [short(k, LIMIT.name), short(of[k]!, LIMIT.value)]));
}
