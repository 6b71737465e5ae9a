/** The list of runs, derived from the journals: there is no index that could disagree with them. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { byText } from '../core/canonical.ts';
import { errorCode, UserError } from '../core/errors.ts';
import type { Event, EventOf } from '../core/events.ts';
import { isRunId } from '../core/ids.ts';
import { journalFile } from './adapter.ts';
import { decodeLine } from './line.ts';
import { type ReadJournal, readJournal } from './read.ts';

export interface RunSummary {
  id: string;
  startedAt: string;
  title: string;
  service?: string;
  fingerprint: string;
  state: 'finished' | 'unfinished' | 'unreadable';
  outcome?: 'cause' | 'healthy' | 'inconclusive';
  headline?: string;
  confidence?: number;
  exit?: number;
  /** What people said of the verdict. */
  feedback?: 'right' | 'wrong';
  /** The cause, where they named it. */
  cause?: string;
  /** Why it cannot be read. */
  problem?: string;
}

/** Ids of all runs, newest first. */
export async function runIds(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((e: unknown) => {
    if (errorCode(e) === 'ENOENT') return [];
    throw e;
  });
  return names.filter(isRunId).sort((a, b) => byText(b, a));
}

/** Summaries, newest first. Only the first lines and the last lines of each journal are read. */
export async function listRuns(folder: string, limit = Number.POSITIVE_INFINITY): Promise<RunSummary[]> {
  return (await runIds(folder)).slice(0, limit).map((id) => summarise(folder, id));
}

function summarise(folder: string, id: string): RunSummary {
  const unreadable = (problem: string): RunSummary => ({
    id,
    startedAt: '',
    title: '',
    fingerprint: '',
    state: 'unreadable',
    problem,
  });
  try {
    const { start, last, feedback } = bothEnds(journalFile(join(folder, id)));
    if (!start) return unreadable('it was stopped before it began');
    const { alert } = start;
    const summary: RunSummary = {
      id,
      startedAt: start.at,
      title: alert.title,
      ...(alert.service ? { service: alert.service } : {}),
      fingerprint: alert.fingerprint,
      state: 'unfinished',
    };
    if (last?.type !== 'run.finished') return summary;
    const { outcome, headline, confidence } = last.verdict;
    const said = feedback && { feedback: feedback.right ? ('right' as const) : ('wrong' as const) };
    const cause = feedback?.cause === undefined ? {} : { cause: feedback.cause };
    return { ...summary, state: 'finished', outcome, headline, confidence, exit: last.exit, ...said, ...cause };
  } catch (e) {
    return unreadable(e instanceof Error ? e.message : String(e));
  }
}

const HEAD = 8 * 1024;
const TAIL = 16 * 1024;

interface Ends {
  start?: EventOf<'run.started'>;
  /** The last event that is not about the file or what people said of it. */
  last?: Event;
  feedback?: EventOf<'feedback.given'>;
}

/** What a list needs of a journal, reading no more than both ends of it. Synchronous: thousands are read in a row. */
function bothEnds(file: string): Ends {
  const fd = openSync(file, 'r');
  try {
    const { size } = fstatSync(fd);
    const start = growing(HEAD, size, (want) => {
      for (const line of linesIn(readAt(fd, 0, want))) {
        const e = eventOf(line);
        if (e?.type === 'run.started') return e;
      }
      return undefined;
    });
    const end = growing(TAIL, size, (want) => lastOf(linesIn(readAt(fd, size - want, want)), want === size));
    return { ...(start ? { start } : {}), ...end };
  } finally {
    closeSync(fd);
  }
}

/** Tries with more and more of the file, until there is an answer or no more file. */
function growing<T>(first: number, size: number, look: (want: number) => T | undefined): T | undefined {
  for (let want = Math.min(first, size); ; want = Math.min(want * 4, size)) {
    const found = look(want);
    if (found !== undefined || want === size) return found;
  }
}

/** What may follow the last word of a run. */
const ABOUT_THE_FILE = new Set(['journal.opened', 'run.resumed', 'alert.joined']);

/** Goes back from the last line; undefined where the lines given are too few to tell. */
function lastOf(lines: Buffer[], whole: boolean): Pick<Ends, 'last' | 'feedback'> | undefined {
  let feedback: EventOf<'feedback.given'> | undefined;
  for (const line of lines.reverse()) {
    const e = eventOf(line);
    if (e?.type === 'feedback.given') feedback ??= e;
    else if (e && !ABOUT_THE_FILE.has(e.type)) {
      return { last: e, ...(feedback ? { feedback } : {}) };
    }
  }
  return whole ? {} : undefined;
}

function readAt(fd: number, at: number, length: number): Buffer {
  const part = Buffer.allocUnsafe(length);
  return part.subarray(0, readSync(fd, part, 0, length, at));
}

/** Whole lines of a part of a file; what was cut at either end does not pass its checksum, or has no end. */
function linesIn(part: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let at = 0, end = part.indexOf(10); end >= 0; at = end + 1, end = part.indexOf(10, at)) {
    lines.push(part.subarray(at, end));
  }
  return lines;
}

function eventOf(line: Buffer): Event | undefined {
  const read = decodeLine(line);
  return read.ok ? read.event : undefined;
}

/** The one run whose id ends in `suffix`. Throws UserError where there is none, or more than one. */
export async function findRun(folder: string, suffix: string): Promise<string> {
  const wanted = suffix.toLowerCase();
  const ids = await runIds(folder);
  const found = ids.filter((id) => id.endsWith(wanted));
  if (found.length === 1) return found[0]!;
  if (found.length === 0) {
    throw new UserError(`there is no run ${suffix}`, {
      hints: [ids.length > 0 ? 'List them: inquest list' : `No run is stored in ${folder} yet.`],
    });
  }
  throw new UserError(`${found.length} runs end in ${suffix}`, {
    hints: ['Give more of the id:', ...found.slice(0, 5).map((id) => `  ${id}`)],
  });
}

/** A whole journal, verified, without locking or changing it. */
export async function loadRun(folder: string, id: string): Promise<ReadJournal> {
  const file = journalFile(join(folder, id));
  return readJournal(await readFile(file), file);
}
