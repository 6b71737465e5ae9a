/** What a series measures, and which direction is bad: from its declared kind, else from its unit and its name. */
import type { Series, SeriesKind } from '../core/telemetry.ts';

/** 1 = a rise is bad, -1 = a fall is bad, 0 = any change is remarkable. */
export type Direction = 1 | -1 | 0;

/** Kinds that a user of the service feels; the others tell how the entity itself fares. */
export const SYMPTOMS = ['latency', 'errors', 'availability'] as const;
export type Symptom = (typeof SYMPTOMS)[number];
export const isSymptom = (kind: SeriesKind): kind is Symptom => (SYMPTOMS as readonly string[]).includes(kind);

/** Words of a name or unit, first match wins. */
const BY_NAME: [RegExp, SeriesKind][] = [
  [/latency|duration|response_?time|elapsed|seconds_bucket|_lag\b|replica_?lag|_p\d\d\b/, 'latency'],
  [/error|fail|5xx|4xx|exception|reject|timeout|denied|throttle|dropped|refused|unauthorized/, 'errors'],
  [/success|availab(?!le_(?:bytes|kb|mb))|uptime|healthy|\bup$/, 'availability'],
  [/cpu|load\d+$|processor/, 'cpu'],
  [/heap|memory|\bmem|rss|swap|gc_pause/, 'memory'],
  [/disk|storage|filesystem|fs_|iops|inode|wal_/, 'disk'],
  [/queue|saturat|pending|backlog|in_?flight|connections|pool|threads|utili[sz]ation|throttl/, 'saturation'],
  [/network|packet|socket|bytes_(?:sent|received)|tcp|retrans/, 'network'],
  [/requests?|rate\b|rps|qps|throughput|workload|ops\b|per_sec/, 'traffic'],
];

const words = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[-. ]/g, '_')
    .toLowerCase();

/** The kind a series declares, else what its name says, else `other`. */
export function kindOf(s: Series): SeriesKind {
  if (s.kind) return s.kind;
  const name = words(s.labels.__name__ ?? '');
  return BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
}

/** What is left of something: less of it is bad, whatever the kind. */
const LEFT_OVER = /free|remaining|available_(?:bytes|memory)|headroom|idle|until_expiry|credit/;

/** Time since a start only rises; a fall is a restart. */
const SINCE_START = /uptime|(?:since|after)_start/;

export function directionOf(kind: SeriesKind, name: string): Direction {
  if (SINCE_START.test(words(name))) return -1;
  if (LEFT_OVER.test(words(name))) return -1;
  switch (kind) {
    case 'availability':
      return -1;
    case 'latency':
    case 'errors':
    case 'cpu':
    case 'memory':
    case 'saturation':
    case 'disk':
      return 1;
    case 'traffic':
    case 'network':
    case 'other':
      return 0;
  }
}

/** A name that by convention belongs to a counter, and values that only rise but for resets. */
export function isCounter(name: string, values: readonly number[]): boolean {
  if (!/(?:_total|_count|_sum|_bucket)$/.test(name) || values.length < 3) return false;
  let rises = 0;
  let falls = 0;
  for (let i = 1; i < values.length; i++) {
    if (values[i]! > values[i - 1]!) rises++;
    // A reset starts again near nothing; a gauge falls a little now and then.
    else if (values[i]! < values[i - 1]!) {
      if (values[i]! > values[i - 1]! / 2) return false;
      falls++;
    }
  }
  return rises > 0 && falls <= 1 + values.length / 20;
}

/** Increase per second between samples of a counter; after a reset the new value is the increase. */
export function toRate(times: readonly number[], values: readonly number[]): { times: number[]; values: number[] } {
  const out = { times: [] as number[], values: [] as number[] };
  for (let i = 1; i < values.length; i++) {
    const seconds = (times[i]! - times[i - 1]!) / 1000;
    if (seconds <= 0) continue;
    const rise = values[i]! >= values[i - 1]! ? values[i]! - values[i - 1]! : values[i]!;
    out.times.push(times[i]!);
    out.values.push(rise / seconds);
  }
  return out;
}

/** Who waits for a lock is short of nothing: somebody holds it. */
export const isLock = ({ name }: { name: string }): boolean =>
  /lock|waiter|contention/i.test(name.replace(/block|clock/gi, ''));
