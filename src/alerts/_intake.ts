/** Alerts in: bytes from a file, stdin or a webhook → the one alert that is investigated. */
import { type AlertNormaliser, bounded, READABLE, type ReadAlert } from '../core/alerts.ts';
import { byText } from '../core/canonical.ts';
import { UserError } from '../core/errors.ts';
import { oneLine, plural } from '../core/text.ts';
import { formatDuration, HOUR, MINUTE, toMs } from '../core/time.ts';
import type { Alert } from '../core/types.ts';
import { choose } from './_choose.ts';
import { noAlert, type Stranger } from './_no-alert.ts';
import { MAX_VALUES, printable, readValues, tooMany } from './_payload.ts';

export interface Intake {
  alert: Alert;
  /** The other alerts of the payload, in its order: related, not investigated. */
  others: Alert[];
  /** Why this one: `alert 2 of 3: the most severe (critical)`. */
  why: string;
  /** Name of the normaliser that read it. */
  source: string;
  /** What a person should see before trusting the window: old, no start time, entries left out. */
  notes: string[];
}

export interface IntakeOptions {
  /** The moment of the investigation, ms. */
  now: number;
  /** Number from 1, fingerprint, alert name or title of the alert to take. */
  pick?: number | string;
  /** Said by the person; goes before what the payload says. */
  service?: string;
  env?: string;
}

/**
 * Reads a payload and chooses the alert. `origin` names the payload in messages (`stdin`, a file name).
 * Throws UserError for everything that is not an alert, whatever the bytes are; never anything else.
 */
export function readPayload(
  bytes: Uint8Array,
  origin: string,
  normalisers: Readonly<Record<string, AlertNormaliser>>,
  opts: IntakeOptions,
): Intake {
  const found: Found = { origin, walked: 0, alerts: [], ignored: [], notes: [], strangers: [], errors: [] };
  for (const { value, line } of readValues(bytes, origin))
    readValue(value, `line ${line}`, normalisers, opts.now, found);
  if (found.alerts.length === 0) {
    throw found.errors[0] ?? noAlert({ bytes: bytes.length, normalisers, ...found });
  }
  const alerts = found.alerts.map(({ notes: _, ...alert }) => bounded(alert));
  const { index, why } = choose(alerts, opts.pick);
  const read = alerts[index]!;
  const alert = { ...read, ...(opts.service ? { service: opts.service } : {}), ...(opts.env ? { env: opts.env } : {}) };
  return {
    alert,
    others: alerts.filter((_, i) => i !== index),
    why,
    source: alert.source,
    notes: [
      ...(found.alerts[index]?.notes ?? []),
      ...timeNotes(alert, opts.now),
      ...serviceNotes(read, opts.service),
      ...found.notes,
      ...leftOut(found),
    ].map(printable),
  };
}

interface Found {
  origin: string;
  /** Entries of lists looked at so far. */
  walked: number;
  alerts: ReadAlert[];
  ignored: { title: string; why: string }[];
  notes: string[];
  /** Values in which nobody saw an alert. */
  strangers: Stranger[];
  errors: UserError[];
}

function readValue(
  value: unknown,
  where: string,
  normalisers: Readonly<Record<string, AlertNormaliser>>,
  now: number,
  found: Found,
): void {
  const [best] = Object.keys(normalisers)
    .sort(byText)
    .map((name) => ({ name, ...normalisers[name]!.recognise(value) }))
    .sort((a, b) => b.score - a.score);
  if (best && best.score >= READABLE) {
    try {
      const read = normalisers[best.name]!.read(value, { now });
      for (const alert of read.alerts) found.alerts.push(alert);
      for (const left of read.ignored) found.ignored.push(left);
      for (const note of read.notes ?? []) found.notes.push(note);
    } catch (e) {
      if (!(e instanceof UserError)) throw e;
      found.errors.push(e);
      found.ignored.push({ title: where, why: e.message });
    }
    return;
  }
  const inner = entriesOf(value);
  found.walked += inner.length;
  if (found.walked > MAX_VALUES) throw tooMany(found.origin);
  if (inner.length === 0) found.strangers.push({ value, ...(best && best.score > 0 ? { closest: best } : {}) });
  inner.forEach((v, i) => {
    readValue(v, `${where}, entry ${i + 1}`, normalisers, now, found);
  });
}

/** A list, or an object around one as list APIs answer: its objects. */
function entriesOf(value: unknown): object[] {
  const isObject = (x: unknown): x is object => typeof x === 'object' && x !== null && !Array.isArray(x);
  if (Array.isArray(value)) return value.filter(isObject);
  if (!isObject(value)) return [];
  for (const key of ['alerts', 'incidents', 'monitors', 'items', 'data', 'results']) {
    const inner = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
    if (Array.isArray(inner)) return inner.filter(isObject);
  }
  return [];
}

const DAY = 24 * HOUR;
const OLD = 30 * DAY;

/** Long spans in days: `2,215 days` says more than a count of hours. */
const ago = (ms: number): string => (ms < 3 * DAY ? formatDuration(ms) : plural(Math.floor(ms / DAY), 'day'));

function timeNotes(alert: Alert, now: number): string[] {
  const age = now - toMs(alert.startsAt);
  const notes: string[] = [];
  if (age > OLD) {
    notes.push(`the alert started ${ago(age)} ago (${alert.startsAt}): its data may be gone; --now moves the clock`);
  }
  if (age < -5 * MINUTE) {
    notes.push(
      `the alert starts ${ago(-age)} in the future (${alert.startsAt}): is a clock wrong, or --now too early?`,
    );
  }
  if (alert.status === 'resolved') notes.push(`the alert is resolved${alert.endsAt ? ` since ${alert.endsAt}` : ''}`);
  return notes;
}

function serviceNotes(read: Alert, said: string | undefined): string[] {
  if (said === undefined) return read.service ? [] : ['the alert names no service; say it with --service NAME'];
  return read.service && read.service !== said ? [`--service ${said} is used; the alert says ${read.service}`] : [];
}

function leftOut({ ignored, strangers }: Found): string[] {
  const notes = ignored.slice(0, 5).map((i) => `left out: ${oneLine(i.title, 80)}: ${i.why}`);
  if (ignored.length > 5) notes.push(`left out: ${ignored.length - 5} more`);
  if (strangers.length > 0) notes.push(`left out: ${plural(strangers.length, 'value')} without an alert`);
  return notes;
}
