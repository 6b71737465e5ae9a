/** Which files a question has to read, and what of its time they cover at all. */
import { byText } from '../core/canonical.ts';
import type { TimeRange } from '../core/capabilities.ts';
import { nearest, plural } from '../core/text.ts';
import { HOUR, MINUTE, toIso, toMs } from '../core/time.ts';
import type { Found } from './_logfile-files.ts';
import type { Peek } from './_logfile-peek.ts';
import type { Range } from './_logfile-records.ts';
import { JITTER } from './_logfile-seek.ts';

/** Overlapping and touching ranges as one, ascending; what is later than `now` and what is empty is left out. */
export function disjoint(ranges: Range[], now: number): Range[] {
  const out: [number, number][] = [];
  for (const [from, to] of ranges.map(([a, b]) => [a, Math.min(b, now + 1)] as const).sort((a, b) => a[0] - b[0])) {
    const last = out.at(-1);
    if (to <= from) continue;
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else out.push([from, to]);
  }
  return out;
}

/** By log, then by time, then by path: rotated files in the order in which they were written. */
export function inOrder(peeks: Peek[]): Peek[] {
  const at = (p: Peek) => p.first ?? Number.POSITIVE_INFINITY;
  return [...peeks].sort((a, b) => byText(a.file.log, b.file.log) || at(a) - at(b) || byText(a.file.path, b.file.path));
}

/**
 * Files (in order) that may hold records of these services in these ranges. A file whose both ends name only other
 * services is left out; so is a gzip file where the next file of the same log begins before all ranges. Whether a plain
 * file's times ascend, so that its ends tell what it holds, is known only when it is opened.
 */
export function filesToRead(
  ordered: Peek[],
  ranges: Range[],
  names: ReadonlySet<string> | undefined,
  service: string | undefined,
): Peek[] {
  const from = ranges[0]?.[0] ?? 0;
  const to = ranges.at(-1)?.[1] ?? 0;
  return ordered.filter((p, i) => {
    const next = ordered[i + 1];
    const last = next?.file.log === p.file.log ? (next.first ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
    if (p.gzip && ((p.first ?? 0) >= to + JITTER || last < from - JITTER)) return false;
    return names === undefined || mayHold(p, names, service);
  });
}

function mayHold(p: Peek, names: ReadonlySet<string>, service: string | undefined): boolean {
  const of = servicesOf(p, service);
  return of.length === 0 || of.some((s) => names.has(s)) || p.services.size > 1;
}

/** Services that a file's ends name, and whose its unnamed records are. */
function servicesOf(p: Peek, service: string | undefined): string[] {
  const own = service ?? p.file.service;
  return [...p.services, ...(p.unnamed && own !== undefined ? [own] : [])];
}

/** Why nothing can be said of this service here; undefined where some file is its own, or may be. */
export function unknownService(
  peeks: Peek[],
  asked: string,
  names: ReadonlySet<string>,
  service: string | undefined,
): string | undefined {
  const known = [...new Set(peeks.flatMap((p) => servicesOf(p, service)))].sort(byText);
  if (known.some((s) => names.has(s)) || known.length === 0) return undefined;
  const near = nearest(asked, known);
  const listed = known.slice(0, 8).join(', ') + (known.length > 8 ? ' …' : '');
  const hint = near === undefined ? '' : ` If ${near} is the same, set services.${asked}.aliases to ["${near}"].`;
  return `no log here is of service ${asked}; they are of ${listed}.${hint}`;
}

/** The range without the time before these logs begin, ms; undefined where nothing is left of it. */
export function since(files: Peek[], { from, to }: TimeRange): TimeRange | undefined {
  const begins = Math.min(...files.map((p) => p.earliest ?? Number.NEGATIVE_INFINITY));
  if (!Number.isFinite(begins) || begins <= toMs(from)) return { from, to };
  return begins < toMs(to) ? { from: toIso(begins), to } : undefined;
}

/** What the logs do not cover of a range, in words; undefined where they do. `met`: the records that were read. */
export function uncovered(
  chosen: Peek[],
  all: Peek[],
  [from, to]: Range,
  met: { begins: number; ends: number },
): string | undefined {
  const dated = (chosen.length > 0 ? chosen : all).filter((p) => p.first !== undefined);
  if (dated.length === 0) return undefined;
  const begins = Math.min(met.begins, ...dated.map((p) => p.earliest!));
  const ends = Math.max(met.ends, ...dated.map((p) => p.last ?? p.first!));
  if (begins >= to)
    return `the logs begin at ${toIso(begins)}, after the window: older files are gone or not in "paths"`;
  if (begins - from > Math.max(MINUTE, (to - from) / 20))
    return `the logs begin at ${toIso(begins)}: what was before is gone or not in "paths"`;
  // A service that fell silent is a sign; a log that ended long before is another log.
  if (chosen.every((p) => !p.gzip) && from - ends > Math.max(HOUR, 4 * (to - from)))
    return `the newest record is of ${toIso(ends)}: is the log still written here?`;
  return undefined;
}

/** Files that could not be read, in words; undefined where all were. */
export function unread(found: Found, peeks: Peek[]): string | undefined {
  const bad = [
    ...found.unreadable.map((u) => `${u.path} (${u.code})`),
    ...peeks.filter((p) => p.kind === 'unreadable').map((p) => `${p.file.path} ${p.problem}`),
  ];
  if (found.omitted > 0) bad.push(`${plural(found.omitted, 'file')} past the limit of files`);
  if (bad.length === 0) return undefined;
  return `not read: ${bad.slice(0, 3).join('; ')}${bad.length > 3 ? `; and ${bad.length - 3} more` : ''}`;
}
