/**
 * The lowdb adapter of a journal. `read` folds the file, `write` appends only what is new and returns when it is on
 * disk, so a step costs O(step) and never O(journal).
 */
import { close, constants, fdatasync, fstat, fsync, ftruncate, open, write } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Adapter } from 'lowdb';
import { errorCode, UserError } from '../core/errors.ts';
import type { Event } from '../core/events.ts';
import { makeFolder } from './folders.ts';
import { encodeLine, GENESIS, hashLine } from './line.ts';
import { readJournal } from './read.ts';
import { cannotWrite } from './trouble.ts';

export interface JournalData {
  events: Event[];
}

/** The calls of the operating system that decide what is durable. */
const system = {
  open: promisify(open),
  write: promisify(write) as (
    fd: number,
    data: Buffer,
    offset: number,
    length: number,
  ) => Promise<{ bytesWritten: number }>,
  datasync: promisify(fdatasync),
  sync: promisify(fsync),
  truncate: promisify(ftruncate),
  stat: promisify(fstat),
  close: promisify(close),
};

export class JournalAdapter implements Adapter<JournalData> {
  readonly file: string;
  /** Set by `read` when the end of the file was cut off. */
  torn: { line: number; keptAs: string } | undefined;
  readonly #holds: () => boolean;
  readonly #moveAway: boolean;
  #fd: number | undefined;
  #head = GENESIS;
  #bytes = 0;
  #written = 0;
  #broken: UserError | undefined;
  /** Lines that were written or read here, by seq: what `--events` prints. */
  readonly #lines = new Map<number, string | Buffer>();

  /**
   * @param opts.holds whether the run is still ours; asked before a write, and again before it counts
   * @param opts.moveAway a former owner may still have the file open: go on in a copy, so that its late writes are lost
   */
  constructor(file: string, opts: { holds: () => boolean; moveAway: boolean }) {
    this.file = file;
    this.#holds = opts.holds;
    this.#moveAway = opts.moveAway;
  }

  /** Events of the file, null where there is none yet. A torn tail is kept aside and cut off. */
  async read(): Promise<JournalData | null> {
    const text = await readFile(this.file).catch((e: unknown) => {
      if (errorCode(e) === 'ENOENT') return undefined;
      throw e;
    });
    if (!text) return null;
    const journal = readJournal(text, this.file);
    try {
      if (this.#moveAway) await this.#copy(text.subarray(0, journal.bytes));
      if (journal.torn) {
        const keptAs = `${this.file}.torn-${journal.torn.line}`;
        await writeFile(keptAs, journal.torn.text, { mode: 0o600 });
        const fd = await this.#open();
        await system.truncate(fd, journal.bytes);
        await system.datasync(fd);
        this.torn = { line: journal.torn.line, keptAs };
      }
    } catch (e) {
      throw cannotWrite(this.file, e, journal.events.length);
    }
    this.#head = journal.head;
    this.#bytes = journal.bytes;
    this.#written = journal.events.length;
    for (const [i, e] of journal.events.entries()) this.#lines.set(e.seq, journal.lines[i]!);
    return { events: journal.events };
  }

  /** Appends the events that are not in the file yet and syncs them. Events already written must not change. */
  async write(data: JournalData): Promise<void> {
    if (this.#broken) throw this.#broken;
    if (data.events.length < this.#written) throw new Error('a journal cannot shrink');
    const fresh = data.events.slice(this.#written);
    if (fresh.length === 0) return;
    let head = this.#head;
    const parts: string[] = [];
    for (const e of fresh) {
      const line = encodeLine(e, head);
      head = hashLine(line);
      parts.push(line, '\n');
      this.#lines.set(e.seq, line);
    }
    const bytes = Buffer.from(parts.join(''));
    try {
      const fd = this.#fd ?? (await this.#open());
      await this.#ours();
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await system.write(fd, bytes, at, bytes.length - at);
        at += bytesWritten;
      }
      await system.datasync(fd);
      // Whoever took the run over has read the file after the lock changed hands: what we wrote while it was ours is in.
      await this.#ours();
    } catch (e) {
      this.#broken = e instanceof UserError ? e : cannotWrite(this.file, e, this.#written);
      throw this.#broken;
    }
    this.#head = head;
    this.#bytes += bytes.length;
    this.#written = data.events.length;
  }

  /** The line of an event that was written or read here. */
  lineOf(seq: number): string {
    const line = this.#lines.get(seq);
    if (line === undefined) throw new Error(`event ${seq} is not in the journal`);
    return line.toString();
  }

  async close(): Promise<void> {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd !== undefined) await system.close(fd);
  }

  /** Throws where the run is not ours any more. A lock that is being handed about by others is given a moment. */
  async #ours(): Promise<void> {
    for (let tries = 0; !this.#holds(); tries++) {
      if (tries === 5) throw fenced(this.file);
      await new Promise((go) => setTimeout(go, 5));
    }
  }

  async #open(): Promise<number> {
    if (this.#fd !== undefined) return this.#fd;
    const folder = dirname(this.file);
    await makeFolder(folder);
    const fd = await system.open(this.file, constants.O_CREAT | constants.O_APPEND | constants.O_RDWR, 0o600);
    this.#fd = fd;
    const { size } = await system.stat(fd);
    if (size !== this.#bytes && this.#written > 0) throw fenced(this.file);
    await syncFolder(folder);
    await syncFolder(dirname(folder));
    return fd;
  }

  /** Puts a copy in the place of the file. Whoever has the old one open writes into a file without a name. */
  async #copy(whole: Buffer): Promise<void> {
    const temporary = `${this.file}.new`;
    const fd = await system.open(temporary, 'w', 0o600);
    try {
      for (let at = 0; at < whole.length; ) {
        at += (await system.write(fd, whole, at, whole.length - at)).bytesWritten;
      }
      await system.sync(fd);
    } finally {
      await system.close(fd);
    }
    await rename(temporary, this.file);
    await syncFolder(dirname(this.file));
  }
}

/** Makes names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const fd = await system.open(folder, constants.O_RDONLY);
  try {
    await system.sync(fd);
  } finally {
    await system.close(fd);
  }
}

export const journalFile = (runFolder: string): string => join(runFolder, 'journal.ndjson');

const fenced = (file: string): UserError =>
  new UserError(`another process has taken over ${file}`, {
    hints: ['This process stops here and has written nothing more; the other one goes on with the run.'],
  });
