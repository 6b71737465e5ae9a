/** The list of runs, derived from the journals: there is no index that could disagree with them. */
import { open, readdir, readFile } from 'node:fs/promises';
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

/** Summaries, newest first. Only the first lines and the last line of each journal are read. */
export async function listRuns(folder: string, limit = Number.POSITIVE_INFINITY): Promise<RunSummary[]> {
  const ids = (await runIds(folder)).slice(0, limit);
  const out: RunSummary[] = [];
  for (let i = 0; i < ids.length; i += 64) {
    out.push(...(await Promise.all(ids.slice(i, i + 64).map((id) => summarise(folder, id)))));
  }
  return out;
}

async function summarise(folder: string, id: string): Promise<RunSummary> {
  const unreadable = (problem: string): RunSummary => ({
    id,
    startedAt: '',
    title: '',
    fingerprint: '',
    state: 'unreadable',
    problem,
  });
  try {
    const { head, tail } = await headAndTail(journalFile(join(folder, id)));
    const start = head.find((e): e is EventOf<'run.started'> => e.type === 'run.started');
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
    if (tail?.type !== 'run.finished') return summary;
    const { outcome, headline, confidence } = tail.verdict;
    return { ...summary, state: 'finished', outcome, headline, confidence, exit: tail.exit };
  } catch (e) {
    return unreadable(e instanceof Error ? e.message : String(e));
  }
}

const HEAD = 16 * 1024;
const TAIL = 64 * 1024;

/** The events of the first lines and the last whole event of a file, reading no more than both ends of it. */
async function headAndTail(file: string): Promise<{ head: Event[]; tail: Event | undefined }> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    for (let want = HEAD; ; want *= 4) {
      const first = Buffer.alloc(Math.min(size, want));
      await handle.read(first, 0, first.length, 0);
      const head = events(first.toString('utf8').split('\n').slice(0, -1));
      if (head.some((e) => e.type === 'run.started') || want >= size) {
        const last = Buffer.alloc(Math.min(size, TAIL));
        await handle.read(last, 0, last.length, size - last.length);
        const lines = last.toString('utf8').split('\n');
        return { head, tail: events(lines.slice(-2, -1))[0] };
      }
    }
  } finally {
    await handle.close();
  }
}

const events = (lines: string[]): Event[] =>
  lines.flatMap((line) => {
    const read = decodeLine(line);
    return read.ok ? [read.event] : [];
  });

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
  return readJournal(await readFile(file, 'utf8'), file);
}
