/** Lines of one file → log records of some ranges of time: joins what belongs together, counts what cannot be read. */
import { isContinuation } from '../analysis/stack-trace.ts';
import { errorCode } from '../core/errors.ts';
import type { LogRecord } from '../core/telemetry.ts';
import { toIso } from '../core/time.ts';
import type { Parsed } from './_logfile-json.ts';
import { type Reading, readLines } from './_logfile-lines.ts';
import { type LineFormat, type Peek, parseLine } from './_logfile-peek.ts';
import { JITTER, seeker } from './_logfile-seek.ts';
import { severityIn } from './_logfile-severity.ts';
import type { Missing } from './_logfile-time.ts';

/** Characters of one record: a stack trace with its causes. */
const BODY_MAX = 16 * 1024;

/** From inclusive, to exclusive, ms. */
export type Range = readonly [from: number, to: number];

export interface Scan {
  /** Disjoint, ascending. */
  ranges: Range[];
  format: LineFormat;
  missing: Missing;
  /** Service of records that name none, before the file's own. */
  service?: string;
  reading: Reading;
  tally: Tally;
}

/** What a question met on its way. */
export interface Tally {
  lines: number;
  unparsed: number;
  /** Files that broke off, with the reason. */
  faults: string[];
  /** Earliest and latest record that was met, ms. */
  begins: number;
  ends: number;
}

/**
 * The records of a file in the ranges, in batches, in the file's order. A plain file whose times ascend is read from the
 * start of each range to its end; any other from its beginning. Memory: one chunk of 256 KiB and its lines.
 */
export async function* recordsOf(seen: Peek, scan: Scan, signal: AbortSignal): AsyncGenerator<LogRecord[]> {
  const { path, size } = seen.file;
  try {
    if (seen.gzip) {
      yield* pass(seen, scan, scan.ranges, 0, false, signal);
      return;
    }
    const timeOf = (line: string) => parseLine(line, scan.format, seen.formats, scan.missing, () => false)?.at;
    const search = await seeker(path, size, timeOf, scan.reading);
    try {
      if (!search.ascending) yield* pass(seen, scan, scan.ranges, 0, false, signal);
      else
        for (const range of scan.ranges.filter((r) => mayHold(seen, r)))
          yield* pass(seen, scan, [range], await search.offsetOf(range[0]), true, signal);
    } finally {
      await search.close();
    }
  } catch (e) {
    const code = errorCode(e);
    if (code === undefined || signal.aborted) throw e;
    scan.tally.faults.push(`${path} broke off (${code})`);
  }
}

/** By its ends, which mean something only where times ascend. */
const mayHold = ({ first = 0, last = Number.POSITIVE_INFINITY }: Peek, [from, to]: Range): boolean =>
  first < to + JITTER && last >= from - JITTER;

/** One way through a file from `offset` on; only where times ascend it ends behind the last range. */
async function* pass(
  seen: Peek,
  scan: Scan,
  ranges: Range[],
  offset: number,
  ascending: boolean,
  signal: AbortSignal,
): AsyncGenerator<LogRecord[]> {
  const { tally } = scan;
  const end = Math.max(...ranges.map((r) => r[1]));
  let latest = Number.NEGATIVE_INFINITY;
  let ordered = ascending;
  let current: (Parsed & { stray?: boolean }) | undefined;
  let done: LogRecord[] = [];

  const within = (at: number): boolean => ranges.some(([from, to]) => at >= from && at < to);
  const flush = (): void => {
    if (current && within(current.at)) done.push(recordOf(current, seen, scan));
    current = undefined;
  };
  const take = (line: string): 'more' | 'past' => {
    if (line === '') return 'more';
    tally.lines++;
    const begun = parseLine(line, scan.format, seen.formats, scan.missing, within);
    if (begun === undefined) {
      current = continued(line, current);
      return 'more';
    }
    if (begun.wrapped && current?.wrapped && isContinuation(begun.body)) append(current, begun.body);
    else {
      flush();
      current = begun;
    }
    if (begun.at < latest - JITTER) ordered = false;
    latest = Math.max(latest, begun.at);
    tally.begins = Math.min(tally.begins, begun.at);
    tally.ends = Math.max(tally.ends, begun.at);
    return ordered && begun.at >= end + JITTER ? 'past' : 'more';
  };
  /** A line without a time of its own: part of the record before it, or a crash printed between JSON lines. */
  const continued = (line: string, before: typeof current): typeof current => {
    const json = seen.kind === 'jsonl' && line.startsWith('{');
    if (before === undefined || json || scan.format === 'jsonl') {
      tally.unparsed++;
      return before;
    }
    if (seen.kind === 'text' || before.stray) {
      append(before, line);
      return before;
    }
    flush();
    const severityText = severityIn(line);
    return { at: before.at, body: line, stray: true, ...(severityText !== undefined && { severityText }) };
  };

  for await (const lines of readLines(seen.file.path, seen.gzip, offset, scan.reading, signal)) {
    for (const [i, raw] of lines.entries()) {
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
      if (take(i === 0 ? line.replace(/^\uFEFF/, '') : line) === 'past') {
        flush();
        yield done;
        return;
      }
    }
    yield done;
    done = [];
  }
  flush();
  yield done;
}

function append(record: Parsed, line: string): void {
  if (record.body.length < BODY_MAX) record.body += `\n${line.slice(0, BODY_MAX)}`;
}

function recordOf(p: Parsed, { file }: Peek, scan: Scan): LogRecord {
  const { at, wrapped, stray, ...rest } = p as Parsed & { stray?: boolean };
  const service = rest.service ?? scan.service ?? file.service;
  const instance = rest.instance ?? file.instance;
  const body = rest.body.length > BODY_MAX ? rest.body.slice(0, BODY_MAX) : rest.body;
  return {
    timestamp: toIso(at),
    ...rest,
    body,
    ...(service !== undefined && { service }),
    ...(instance !== undefined && { instance }),
  };
}
