/**
 * The lowdb adapter of a journal. `read` folds the file, `write` appends only what is new and returns when it is on
 * disk, so a step costs O(step) and never O(journal).
 */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Adapter } from 'lowdb';
import { errorCode, UserError } from '../core/errors.ts';
import type { Event } from '../core/events.ts';
import { encodeLine, GENESIS, hashLine } from './line.ts';
import { readJournal } from './read.ts';

export interface JournalData {
  events: Event[];
}

export class JournalAdapter implements Adapter<JournalData> {
  readonly file: string;
  /** Set by `read` when the end of the file was cut off. */
  torn: { line: number; text: string; keptAs: string } | undefined;
  #handle: FileHandle | undefined;
  #head = GENESIS;
  #bytes = 0;
  #written = 0;
  #broken: UserError | undefined;
  /** Lines that were written here, by seq: what `--events` prints. */
  readonly #lines = new Map<number, string>();

  constructor(file: string) {
    this.file = file;
  }

  /** Events of the file, null where there is none yet. A torn tail is kept aside and cut off. */
  async read(): Promise<JournalData | null> {
    let text: string;
    try {
      text = await readFile(this.file, 'utf8');
    } catch (e) {
      if (errorCode(e) === 'ENOENT') return null;
      throw e;
    }
    const journal = readJournal(text, this.file);
    if (journal.torn) {
      const keptAs = `${this.file}.torn-${journal.torn.line}`;
      await writeFile(keptAs, journal.torn.text, { mode: 0o600 });
      await truncate(this.file, journal.bytes);
      this.torn = { ...journal.torn, keptAs };
    }
    this.#head = journal.head;
    this.#bytes = journal.bytes;
    this.#written = journal.events.length;
    for (const [i, line] of text.split('\n').slice(0, journal.events.length).entries()) {
      this.#lines.set(journal.events[i]!.seq, line);
    }
    return { events: journal.events };
  }

  /** Appends the events that are not in the file yet and syncs them. Events already written must not change. */
  async write(data: JournalData): Promise<void> {
    if (this.#broken) throw this.#broken;
    if (data.events.length < this.#written) throw new Error('a journal cannot shrink');
    const fresh = data.events.slice(this.#written);
    if (fresh.length === 0) return;
    let head = this.#head;
    let text = '';
    for (const e of fresh) {
      const line = encodeLine(e, head);
      head = hashLine(line);
      text += `${line}\n`;
      this.#lines.set(e.seq, line);
    }
    try {
      const handle = await this.#open();
      const { size } = await handle.stat();
      if (size !== this.#bytes) throw fenced(this.file);
      await handle.appendFile(text);
      await handle.datasync();
    } catch (e) {
      this.#broken = e instanceof UserError ? e : cannotWrite(this.file, e, this.#written);
      throw this.#broken;
    }
    this.#head = head;
    this.#bytes += Buffer.byteLength(text);
    this.#written = data.events.length;
  }

  /** The line of an event that was written or read here. */
  lineOf(seq: number): string {
    const line = this.#lines.get(seq);
    if (line === undefined) throw new Error(`event ${seq} is not in the journal`);
    return line;
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #open(): Promise<FileHandle> {
    if (this.#handle) return this.#handle;
    await mkdir(dirname(this.file), { recursive: true, mode: 0o700 });
    this.#handle = await open(this.file, constants.O_CREAT | constants.O_APPEND | constants.O_RDWR, 0o600);
    await syncFolder(dirname(this.file));
    return this.#handle;
  }
}

/** Makes names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export const journalFile = (runFolder: string): string => join(runFolder, 'journal.ndjson');

const fenced = (file: string): UserError =>
  new UserError(`another process has written to ${file} since we did`, {
    hints: ['This process stops here; the other one goes on with the run.'],
  });

/** What an error code means to a person. */
const WHY: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'the folder may not be written',
  EPERM: 'the folder may not be written',
  EROFS: 'the disk is read-only',
  ENOENT: 'its folder cannot be made (a read-only disk?)',
  ENOTDIR: 'a part of its path is a file',
  EEXIST: 'a part of its path is a file',
  EIO: 'the disk reports an error',
};

/** A failed write or sync: what is safe, and what to do. After a failed sync nothing is tried again. */
export function cannotWrite(file: string, e: unknown, events: number): UserError {
  const code = errorCode(e);
  const why = (code && WHY[code]) ?? (e instanceof Error ? e.message : String(e));
  return new UserError(`cannot write the journal ${file}: ${why}`, {
    hints: [
      events > 0 ? `The first ${events} events are safe; "inquest resume" goes on from there.` : 'Nothing was started.',
      code === 'ENOSPC' || code === 'EDQUOT'
        ? 'Make room on the disk, or name another folder: XDG_STATE_HOME=/path inquest …'
        : 'Name a folder that you may write: XDG_STATE_HOME=/path inquest …',
    ],
  });
}
