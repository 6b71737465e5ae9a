/** Opens a question on log files: finds and looks at the files, chooses those to read, streams their records. */
import type { TimeRange } from '../core/capabilities.ts';
import type { LogRecord } from '../core/telemetry.ts';
import { bytes, count, plural } from '../core/text.ts';
import { toMs } from '../core/time.ts';
import { findFiles } from './_logfile-files.ts';
import type { Reading } from './_logfile-lines.ts';
import { type LineFormat, type Peek, peek } from './_logfile-peek.ts';
import { disjoint, filesToRead, inOrder, since, uncovered, unknownService, unread } from './_logfile-plan.ts';
import { recordsOf, type Scan, type Tally } from './_logfile-records.ts';
import { Refused } from './_refused.ts';

/** Unpacked bytes that one question reads at most; what is left then is said. */
export const READ_MAX = 128 * 1024 * 1024;
/** Files looked at side by side. */
const WIDTH = 16;

export interface LogSource {
  paths: string[];
  cwd: string;
  format: LineFormat;
  /** Service of records that name none. */
  service?: string;
  /** Zone of stamps that name none, ms east of UTC. */
  offset: number;
  /** Nothing later exists, ms. */
  now: number;
  readMax?: number;
}

export interface Asked {
  /** The records of the ranges, of the service where one was asked for; ends early where too much would be read. */
  records: AsyncIterable<LogRecord>;
  /** How many files are read, of how many. */
  files: { read: number; of: number };
  /** The part of a range that the logs reach back to; undefined where they begin after it. */
  covered(range: TimeRange): TimeRange | undefined;
  /** What is in the way of a complete answer; to be asked when the records are through. */
  problem(): string | undefined;
  reading: Reading;
}

/** All files of the source with a look at both ends, in order. */
export async function lookAt(
  source: LogSource,
  reference: number,
  reading: Reading,
): Promise<{ peeks: Peek[]; notRead?: string }> {
  const found = await findFiles(source.paths, source.cwd);
  const peeks: Peek[] = [];
  for (let i = 0; i < found.files.length; i += WIDTH) {
    const look = found.files
      .slice(i, i + WIDTH)
      .map((f) => peek(f, source.format, { reference, offset: source.offset }, reading));
    peeks.push(...(await Promise.all(look)));
  }
  const notRead = unread(found, peeks);
  return { peeks: inOrder(peeks), ...(notRead !== undefined && { notRead }) };
}

/**
 * Asks for the records of these ranges; the first is the one that years are guessed from. Throws `Refused` where no file
 * can be read, or none is of the service.
 */
export async function ask(
  source: LogSource,
  ranges: TimeRange[],
  service: { asked: string; names: ReadonlySet<string> } | undefined,
  signal: AbortSignal,
): Promise<Asked> {
  const reading: Reading = { bytes: 0, limit: source.readMax ?? READ_MAX, overlong: 0 };
  const tally: Tally = {
    lines: 0,
    unparsed: 0,
    faults: [],
    begins: Number.POSITIVE_INFINITY,
    ends: Number.NEGATIVE_INFINITY,
  };
  const reference = Math.min(toMs(ranges[0]!.to), source.now);
  const { peeks, notRead } = await lookAt(source, reference, reading);
  const usable = peeks.filter((p) => p.first !== undefined);
  if (usable.length === 0) throw nothingReadable(source, peeks, notRead);
  const unknown = service && unknownService(usable, service.asked, service.names, source.service);
  if (unknown !== undefined) throw new Refused('failed', unknown);

  const parts = disjoint(
    ranges.map((r) => [toMs(r.from), toMs(r.to)] as const),
    source.now,
  );
  const chosen = filesToRead(usable, parts, service?.names, source.service);
  const missing = { reference, offset: source.offset };
  const scan: Scan = {
    ranges: parts,
    format: source.format,
    missing,
    reading,
    tally,
    ...(source.service !== undefined && { service: source.service }),
  };
  let read = 0;
  async function* records(): AsyncGenerator<LogRecord> {
    for (const file of chosen) {
      if (reading.bytes >= reading.limit) return;
      for await (const batch of recordsOf(file, scan, signal))
        for (const r of batch)
          if (service === undefined || (r.service !== undefined && service.names.has(r.service))) yield r;
      read++;
    }
  }
  const always = [[Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]] as const;
  const own = filesToRead(usable, [...always], service?.names, source.service);
  const covers = (): string[] =>
    parts.map((part) => uncovered(own, usable, part, tally)).filter((p) => p !== undefined);
  const problem = (): string | undefined => {
    const all = [...(notRead === undefined ? [] : [notRead]), ...tally.faults.slice(0, 3), ...new Set(covers())];
    if (reading.bytes >= reading.limit)
      all.push(
        `stopped after ${bytes(reading.limit)}, in file ${read + 1} of ${chosen.length}: ask for a shorter window`,
      );
    if (tally.unparsed * 20 > tally.lines)
      all.push(`${count(tally.unparsed)} of ${plural(tally.lines, 'line')} could not be read`);
    if (reading.overlong > 0) all.push(`${plural(reading.overlong, 'line')} longer than 1 MiB left out`);
    return all.length === 0 ? undefined : all.join('; ');
  };
  const covered = (range: TimeRange) => since(own, range);
  return { records: records(), files: { read: chosen.length, of: peeks.length }, covered, problem, reading };
}

function nothingReadable(source: LogSource, peeks: Peek[], notRead: string | undefined): Refused {
  const where = source.paths.join(', ');
  if (notRead !== undefined)
    return new Refused(
      /\b(?:EACCES|EPERM)\b/.test(notRead) ? 'denied' : 'failed',
      `no log in ${where} can be read: ${notRead}`,
    );
  return new Refused(
    'failed',
    peeks.length === 0
      ? `no file is called ${where}. Set "paths" to where the logs are.`
      : `all files in ${where} are empty`,
  );
}
