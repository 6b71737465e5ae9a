/** A look at both ends of a file: what it is, which times it spans, whose records it holds. */
import { open } from 'node:fs/promises';
import { errorCode } from '../core/errors.ts';
import type { LogFile } from './_logfile-files.ts';
import { fromJson, type Parsed, parse } from './_logfile-json.ts';
import { type Reading, readAt, unpackedHead } from './_logfile-lines.ts';
import { fromText } from './_logfile-text.ts';
import { findStamp, type Missing, TIME_FORMATS, type TimeFormat } from './_logfile-time.ts';

const HEAD = 64 * 1024;
const SAMPLE_LINES = 200;

export type LineFormat = 'auto' | 'jsonl' | 'text';

export interface Peek {
  file: LogFile;
  kind: 'jsonl' | 'text' | 'empty' | 'unreadable';
  gzip: boolean;
  /** Formats of the time stamps of plain lines, the most frequent first. */
  formats: TimeFormat[];
  /** Times of the first and the last record, ms; of a gzip file the last one is not known. */
  first?: number;
  /** The earliest time at either end: the first one, unless the file is not in time order. */
  earliest?: number;
  last?: number;
  /** Services that the records of both ends name themselves. */
  services: Set<string>;
  /** Some record of both ends names no service. */
  unnamed: boolean;
  /** Why it cannot be read, and how to mend it. */
  problem?: string;
  fix?: string;
}

/** Reads at most 64 KiB of each end. Never throws for what is wrong with the file. */
export async function peek(file: LogFile, format: LineFormat, missing: Missing, reading: Reading): Promise<Peek> {
  const none = { file, gzip: false, formats: [], services: new Set<string>(), unnamed: false };
  const unreadable = (problem: string, fix: string): Peek => ({ ...none, kind: 'unreadable', problem, fix });
  try {
    const { head, tail, gzip } = await bothEnds(file, reading);
    if (head.length === 0) return { ...none, kind: 'empty', gzip };
    const fault = faultOf(head);
    if (fault) return unreadable(...fault);
    const lines = wholeLines(head, true);
    const last = tail === undefined ? [] : wholeLines(tail, false);
    const formats = formatsIn([...lines, ...last], missing);
    const parsed = (all: string[]): Parsed[] =>
      all.map((l) => parseLine(l, format, formats, missing)).filter((r) => r !== undefined);
    // What begins a record decides: a crash printed between JSON lines has many lines and no time.
    const withTime = (json: boolean) => parsed([...lines, ...last].filter((l) => l.startsWith('{') === json)).length;
    const json = format !== 'text' && withTime(true) > withTime(false);
    const begin = parsed(lines);
    const end = parsed(last);
    const all = [...begin, ...end];
    if (all.length === 0)
      return unreadable(
        'no line has a time that is understood',
        'leave it out of "paths", or let the program log ISO 8601 times',
      );
    return {
      ...none,
      kind: json ? 'jsonl' : 'text',
      gzip,
      formats,
      first: (begin[0] ?? all[0]!).at,
      earliest: Math.min(...all.map((r) => r.at)),
      ...(!gzip && { last: Math.max(...all.slice(-SAMPLE_LINES).map((r) => r.at)) }),
      services: new Set(all.map((r) => r.service).filter((s) => s !== undefined)),
      unnamed: all.some((r) => r.service === undefined),
    };
  } catch (e) {
    const code = errorCode(e);
    if (code === undefined) throw e;
    if (code.startsWith('Z_'))
      return unreadable(`is no gzip, or broken (${code})`, 'copy it again, or leave it out of "paths"');
    return unreadable(
      `cannot be read (${code})`,
      code === 'EACCES' || code === 'EPERM' ? 'give this user read access to it' : 'is it still there?',
    );
  }
}

/** The record that a line begins (only its time where that is not `within`); undefined where it begins none. */
export function parseLine(
  line: string,
  format: LineFormat,
  formats: readonly TimeFormat[],
  missing: Missing,
  within: (at: number) => boolean = () => true,
): Parsed | undefined {
  if (format !== 'text' && line.startsWith('{')) {
    const object = parse(line);
    return object && fromJson(object, missing, undefined, within);
  }
  return format === 'jsonl' ? undefined : fromText(line, formats, missing, within);
}

async function bothEnds(file: LogFile, reading: Reading): Promise<{ head: Buffer; tail?: Buffer; gzip: boolean }> {
  const handle = await open(file.path, 'r');
  try {
    const head = await readAt(handle, 0, Math.min(HEAD, file.size), reading);
    const gzip = head[0] === 0x1f && head[1] === 0x8b;
    if (gzip) return { head: await unpackedHead(file.path, HEAD, reading), gzip };
    if (file.size <= HEAD) return { head, gzip };
    return { head, tail: await readAt(handle, Math.max(HEAD, file.size - HEAD), HEAD, reading), gzip };
  } finally {
    await handle.close();
  }
}

function faultOf(head: Buffer): [problem: string, fix: string] | undefined {
  const magic = head.subarray(0, 6).toString('hex');
  if (magic.startsWith('28b52ffd'))
    return ['is zstd, which is not unpacked', 'unpack it (`zstd -d`) or compress logs with gzip'];
  if (magic.startsWith('fd377a585a00'))
    return ['is xz, which is not unpacked', 'unpack it (`xz -d`) or compress logs with gzip'];
  if (magic.startsWith('425a68'))
    return ['is bzip2, which is not unpacked', 'unpack it (`bzip2 -d`) or compress logs with gzip'];
  if (magic.startsWith('fffe') || magic.startsWith('feff')) return ['is UTF-16', 'write it as UTF-8'];
  return head.subarray(0, 8192).includes(0) ? ['is binary, no log', 'leave it out of "paths"'] : undefined;
}

/** The lines of one end of a file without those that are cut off there. */
function wholeLines(bytes: Buffer, start: boolean): string[] {
  const lines = bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split('\n');
  if (!start) lines.shift();
  if (lines.length > 1 && start && bytes.length >= HEAD) lines.pop();
  return start ? lines.slice(0, SAMPLE_LINES) : lines.slice(-SAMPLE_LINES);
}

function formatsIn(lines: string[], missing: Missing): TimeFormat[] {
  const plain = lines.filter((l) => l !== '' && !l.startsWith('{'));
  const hits = TIME_FORMATS.map((format) => ({
    format,
    n: plain.filter((l) => findStamp(l, [format], missing)).length,
  }));
  return hits
    .filter((h) => h.n > 0)
    .sort((a, b) => b.n - a.n || TIME_FORMATS.indexOf(a.format) - TIME_FORMATS.indexOf(b.format))
    .map((h) => h.format);
}
