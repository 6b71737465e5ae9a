/** Times are ISO-8601 UTC outside, milliseconds inside. */
import type { TimeRange } from './capabilities.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** Milliseconds of an ISO time; NaN where it is none. */
export const toMs = (iso: string): number => Date.parse(iso);

/**
 * A reader of ISO times, the same as `toMs`, that remembers the day it read last: records come by the million, and
 * `Date.parse` would be most of what a record costs.
 */
export function isoReader(): (iso: string) => number {
  let day = '';
  let midnight = Number.NaN;
  return (iso) => {
    const n = iso.length;
    const plain = (n === 20 || (n === 24 && iso.charCodeAt(19) === 46)) && iso.charCodeAt(n - 1) === 90;
    if (!plain) return toMs(iso);
    if (day === '' || !iso.startsWith(day)) {
      midnight = toMs(`${iso.slice(0, 11)}00:00:00Z`);
      day = Number.isNaN(midnight) ? '' : iso.slice(0, 11);
    }
    const [h, m, s] = [pair(iso, 11), pair(iso, 14), pair(iso, 17)];
    const ms = n === 20 ? 0 : pair(iso, 20) * 10 + (pair(iso, 21) % 10);
    const colons = iso.charCodeAt(13) === 58 && iso.charCodeAt(16) === 58;
    const at = h < 24 && m < 60 && s < 60 && colons ? midnight + ((h * 60 + m) * 60 + s) * 1000 + ms : Number.NaN;
    return Number.isNaN(at) ? toMs(iso) : at;
  };
}

const readIso = isoReader();

/** Milliseconds of an ISO time, microseconds as their fraction. */
export function exactMs(iso: string): number {
  const fraction = iso.length > 24 ? /\.\d{3}(\d+)/.exec(iso)?.[1] : undefined;
  return fraction ? readIso(iso) + Number(`0.${fraction}`) : readIso(iso);
}

/** Orders records by their times, whatever their precision and zone; what has no time comes last. */
export function byTime(a: string, b: string): number {
  const [x, y] = [exactMs(a), exactMs(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
  return x - y;
}

/** Two digits as a number; NaN where they are none. */
function pair(text: string, i: number): number {
  const [a, b] = [text.charCodeAt(i) - 48, text.charCodeAt(i + 1) - 48];
  return a >= 0 && a < 10 && b >= 0 && b < 10 ? a * 10 + b : Number.NaN;
}

export const toIso = (ms: number): string => new Date(ms).toISOString();

export const range = (from: number, to: number): TimeRange => ({ from: toIso(from), to: toIso(to) });

export const lengthMs = (r: TimeRange): number => toMs(r.to) - toMs(r.from);

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: MINUTE, h: HOUR, d: 24 * HOUR, w: 7 * 24 * HOUR };

/** Milliseconds of a duration such as `90s`, `15m`, `1h30m`, `2d`; undefined where it is none. */
export function parseDuration(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)];
  if (parts.length === 0 || parts.map((p) => p[0]).join('') !== text) return undefined;
  return parts.reduce((sum, p) => sum + Number(p[1]) * UNITS[p[2]!]!, 0);
}

/** `2h`, `90s`, `1d4h`: at most two units, exact enough for people. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  if (ms < 90_000) return `${Number((ms / 1000).toFixed(ms < 10_000 ? 1 : 0))}s`;
  let rest = Math.round(ms / 1000) * 1000;
  const out: string[] = [];
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const n = Math.floor(rest / UNITS[unit]!);
    rest -= n * UNITS[unit]!;
    if (n > 0 && out.length < 2) out.push(`${n}${unit}`);
    else if (out.length > 0) break;
  }
  return out.join('');
}

/**
 * An instant given by a person: ISO time, `now`, or a duration before `now` (`2h`, `-15m`).
 * Returns ms, or undefined where it is none of these.
 */
export function parseInstant(text: string, now: number): number | undefined {
  if (text === 'now') return now;
  const ago = parseDuration(text.replace(/^-/, ''));
  if (ago !== undefined) return now - ago;
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return undefined;
  const at = toMs(/[zZ]|[+-]\d{2}:?\d{2}$/.test(text) || text.length === 10 ? text : `${text}Z`);
  return Number.isNaN(at) ? undefined : at;
}

/** `14:05Z`, or `14:05:30Z` with seconds. */
export const clock = (iso: string, seconds = false): string => `${iso.slice(11, seconds ? 19 : 16)}Z`;

/** `14:05:30Z–14:15:30Z`; with the dates where the range does not lie on one day. */
export const timeSpan = (r: TimeRange): string =>
  r.from.slice(0, 10) === r.to.slice(0, 10) ? `${clock(r.from, true)}–${clock(r.to, true)}` : datedSpan(r);

/** `2026-01-31 14:05:30Z–14:15:30Z`, or `2026-01-31 23:55:00Z–2026-02-01 00:05:00Z`. */
export function datedSpan({ from, to }: TimeRange): string {
  const end = from.slice(0, 10) === to.slice(0, 10) ? '' : `${to.slice(0, 10)} `;
  return `${from.slice(0, 10)} ${clock(from, true)}–${end}${clock(to, true)}`;
}

/**
 * A clock that never goes back, on top of one that may: after a step back it goes on from where it was.
 * @param from ms; it begins no earlier than this
 */
export function steadyClock(now: () => number, from = Number.NEGATIVE_INFINITY): () => number {
  let ahead = 0;
  let last = from;
  return () => {
    const at = now() + ahead;
    if (at < last) ahead += last - at;
    else last = at;
    return last;
  };
}
