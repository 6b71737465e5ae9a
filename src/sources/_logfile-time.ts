/** Time stamps in plain text lines: where one stands, and which instant it means. */
import { HOUR, MINUTE } from '../core/time.ts';

/** What a stamp leaves open: the year (the latest that is not after the reference) and the zone. Both in ms. */
export interface Missing {
  reference: number;
  offset: number;
}

/** `at` in ms; `from` and `to` are where the stamp stands in the line. */
export interface Stamp {
  at: number;
  from: number;
  to: number;
}

type Fields = Partial<
  Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'fraction' | 'zone' | 'epoch', string>
>;

export interface TimeFormat {
  name: string;
  pattern: RegExp;
  /** Characters of the line in which the stamp begins and ends. */
  within: number;
  /** The stamp itself may leave its zone open. */
  zone: 'said' | 'open';
}

const CLOCK = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(?:[.,](?<fraction>\d{1,9}))?`;
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const MONTH = `(?<month>${MONTHS.join('|')})`;
const WEEKDAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const ZONE = String.raw`(?:\s?(?<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)(?![\w]))?`;

/** The most telling first: a line that could be read in two ways is read as the earlier one. */
export const TIME_FORMATS: TimeFormat[] = [
  format('ISO 8601', String.raw`(?<![\w])(?<year>\d{4})[-/](?<month>\d\d)[-/](?<day>\d\d)[T _]${CLOCK}${ZONE}`, 160),
  format('access log', String.raw`\[(?<day>\d\d)/${MONTH}/(?<year>\d{4}):${CLOCK} (?<zone>[+-]\d{4})\]`, 400),
  format('ctime', String.raw`\[?${WEEKDAY} ${MONTH} +(?<day>\d{1,2}) ${CLOCK} (?:[A-Z]{3,4} )?(?<year>\d{4})\]?`, 160),
  format('day month year', String.raw`(?<![\w])(?<day>\d{1,2})[ -]${MONTH}[ -](?<year>\d{4})[ :]${CLOCK}${ZONE}`, 160),
  format('klog', String.raw`^[IWEFD](?<month>\d\d)(?<day>\d\d) ${CLOCK}`, 40),
  format('syslog', String.raw`^(?:<\d{1,3}>)?${MONTH} +(?<day>\d{1,2}) ${CLOCK}`, 40),
  format('month-day', String.raw`^(?<month>\d\d)-(?<day>\d\d) ${CLOCK}`, 40),
  format('year/month/day', String.raw`^(?<year>\d\d)/(?<month>\d\d)/(?<day>\d\d) ${CLOCK}`, 40),
  format(
    'compact',
    String.raw`^\[?(?<year>20\d\d)(?<month>\d\d)(?<day>\d\d)[T -]?${CLOCK.replaceAll('):', '):?')}${ZONE}`,
    40,
  ),
  format(
    'yymmdd hhmmss',
    String.raw`^(?<year>\d\d)(?<month>\d\d)(?<day>\d\d) (?<hour>\d\d)(?<minute>\d\d)(?<second>\d\d) `,
    40,
  ),
  format('epoch', String.raw`^(?:\S{1,20} )?\[?(?<epoch>1\d{9}(?:\.\d{1,9}|\d{3})?)\]?(?=[\s|,])`, 40),
];

function format(name: string, source: string, within: number): TimeFormat {
  const zone = source.includes('<zone>[') || source.includes('<epoch>') ? 'said' : 'open';
  return { name, pattern: new RegExp(source), within, zone };
}

/** The stamp of a line in one of these formats, tried in order; undefined where it has none. */
export function findStamp(line: string, formats: readonly TimeFormat[], missing: Missing): Stamp | undefined {
  // A frame of a stack trace: millions of them may lie in the way of a search.
  if (line.startsWith('\t')) return undefined;
  for (const { pattern, within } of formats) {
    const m = pattern.exec(line.length > within ? line.slice(0, within) : line);
    if (m?.groups === undefined) continue;
    const at = instant(m.groups, missing);
    if (at !== undefined) return { at, from: m.index, to: m.index + m[0].length };
  }
  return undefined;
}

function instant(f: Fields, { reference, offset }: Missing): number | undefined {
  if (f.epoch !== undefined)
    return f.epoch.length === 13 && !f.epoch.includes('.') ? Number(f.epoch) : Math.floor(Number(f.epoch) * 1000);
  const month = /^\d/.test(f.month!) ? Number(f.month) - 1 : MONTHS.indexOf(f.month!);
  const [day, hour, minute, second] = [f.day, f.hour, f.minute, f.second].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  if (month < 0 || month > 11 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return undefined;
  const ms = f.fraction === undefined ? 0 : Math.floor(Number(`0.${f.fraction}`) * 1000);
  const zone = f.zone === undefined ? offset : zoneOffset(f.zone);
  const inYear = (year: number): number => Date.UTC(year, month, day, hour, minute, second, ms) - zone;
  if (f.year !== undefined) return inYear(f.year.length === 2 ? 2000 + Number(f.year) : Number(f.year));
  // Without a year: the latest one that does not put the line into the future (by more than a day of clock trouble).
  const year = new Date(reference).getUTCFullYear();
  return inYear(year + 1) <= reference + 24 * HOUR
    ? inYear(year + 1)
    : inYear(year) <= reference + 24 * HOUR
      ? inYear(year)
      : inYear(year - 1);
}

/** `+02:00`, `-0530`, `Z` in ms. */
export function zoneOffset(zone: string): number {
  const m = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  return m === null ? 0 : (m[1] === '-' ? -1 : 1) * (Number(m[2]) * HOUR + Number(m[3]) * MINUTE);
}
