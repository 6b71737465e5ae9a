/** The message for JSON in which nobody sees an alert: what was read, which keys, what is missing, what comes closest. */
import type { AlertNormaliser } from '../core/alerts.ts';
import { byText } from '../core/canonical.ts';
import { UserError } from '../core/errors.ts';
import { bytes as inBytes, oneLine, plural } from '../core/text.ts';
import { printable, SAY_IT } from './_payload.ts';

/** A value that no normaliser would read, and the one that came closest. */
export interface Stranger {
  value: unknown;
  closest?: { name: string; score: number; missing: string[] };
}

/** What any alert has, by the names that senders give it. */
const NEEDED: [what: string, names: string[]][] = [
  ['title', ['title', 'name', 'alertname', 'message', 'summary', 'labels']],
  ['monitor', ['monitor', 'monitor_id', 'alert', 'alerts', 'rule', 'incident', 'query', 'alertname']],
  ['service', ['service', 'services', 'app', 'job', 'component', 'tags', 'labels']],
  ['time', ['startsat', 'time', 'timestamp', 'date', 'createdat', 'created_at', 'last_updated', 'occurred_at']],
];

/** The UserError for a payload without an alert. */
export function noAlert(read: {
  bytes: number;
  origin: string;
  normalisers: Readonly<Record<string, AlertNormaliser>>;
  strangers: Stranger[];
  ignored: { title: string; why: string }[];
}): UserError {
  const { origin, normalisers, strangers, ignored } = read;
  if (ignored.length > 0) {
    const [first] = ignored;
    return new UserError(
      `Nothing to investigate in ${origin}: ${printable(oneLine(`${first?.title}: ${first?.why}`))}`,
      {
        hints: [
          ...ignored.slice(1, 5).map((i) => printable(oneLine(`Also left out: ${i.title}: ${i.why}`))),
          ...(ignored.length > 5 ? [`and ${ignored.length - 5} more`] : []),
          SAY_IT,
        ],
      },
    );
  }
  const value = strangers[0]?.value;
  const keys = keysOf(value);
  const missing = NEEDED.filter(([, names]) => !keys.some((k) => names.includes(k.toLowerCase()))).map(
    ([what]) => what,
  );
  const lacks = missing.length > 0 ? `no ${listed(missing, 'or')} in it` : 'in a shape that is not known here';
  // Below that, one common word made the likeness.
  const closest = strangers.reduce<Stranger['closest']>(
    (best, s) => (s.closest && s.closest.score > (best?.score ?? 0.2) ? s.closest : best),
    undefined,
  );
  const titles = Object.keys(normalisers).sort(byText);
  return new UserError('This does not look like an alert', {
    hints: [
      `Read ${inBytes(read.bytes)} of JSON from ${origin}; ${lacks}.`,
      seen(value, keys, strangers.length),
      closest
        ? `Closest: ${normalisers[closest.name]?.title}; it lacks ${listed(closest.missing, 'and')}.`
        : `Known senders: ${titles.join(', ')}.`,
      SAY_IT,
    ],
  });
}

function keysOf(value: unknown): string[] {
  const one = Array.isArray(value) ? value[0] : value;
  return typeof one === 'object' && one !== null && !Array.isArray(one) ? Object.keys(one) : [];
}

function seen(value: unknown, keys: string[], values: number): string {
  const many = values > 1 ? ` (in the first of ${plural(values, 'value')})` : '';
  if (keys.length === 0) return `Seen: ${kindOf(value)}${many}.`;
  const shown = keys.slice(0, 12).map((k) => printable(oneLine(k, 40)));
  const rest = keys.length > 12 ? ` and ${keys.length - 12} more` : '';
  const lists = typeof value === 'object' && value !== null && Object.values(value).some(Array.isArray);
  return `Keys seen: ${shown.join(', ')}${rest}${lists ? ' (a list response?)' : ''}${many}`;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${plural(value.length, 'value')}`;
  if (value === null) return 'null';
  return typeof value === 'object' ? 'an object without keys' : `a ${typeof value}`;
}

const listed = (words: string[], last: string): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
