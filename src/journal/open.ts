/** Opens a run's journal for writing: lock, read, header with a new epoch. The log is reached through lowdb. */
import { join } from 'node:path';
import { Low } from 'lowdb';
import { errorCode } from '../core/errors.ts';
import { type Event, SCHEMA } from '../core/events.ts';
import type { Blobs, Log, Mailbox } from '../core/ports.ts';
import { toIso, toMs } from '../core/time.ts';
import { JournalAdapter, type JournalData, journalFile } from './adapter.ts';
import { folderBlobs, sweepBlobs } from './blobs.ts';
import { makeFolder } from './folders.ts';
import { LOCK_TIMES, type LockTimes, takeLock } from './lock.ts';
import { folderMail } from './mail.ts';
import { cannotWrite } from './trouble.ts';

export interface OpenJournal {
  log: Log;
  blobs: Blobs;
  mail: Mailbox;
  /** What the file held when it was opened, our own header included. */
  past: Event[];
  /** What was cut off at the end of the file, if anything. */
  torn?: { line: number; keptAs: string };
  /** The journal's own line of an event, byte for byte. */
  line(event: Event): string;
  close(): Promise<void>;
}

export interface Writer {
  pid: number;
  host: string;
  program: string;
  now: () => number;
  /** Whether a process with this id exists on this host. */
  alive: (pid: number) => boolean;
  lock?: LockTimes;
}

/** Opens `<folder>/journal.ndjson`, making it where it is missing. Throws UserError where it cannot be trusted or written. */
export async function openJournal(folder: string, run: string, writer: Writer): Promise<OpenJournal> {
  const at = toIso(writer.now());
  const file = journalFile(folder);
  const lock = await makeFolder(folder)
    .then(() => takeLock(folder, { pid: writer.pid, host: writer.host, at }, writer.alive, writer.lock ?? LOCK_TIMES))
    .catch((e: unknown) => {
      throw errorCode(e) ? cannotWrite(file, e, 0) : e;
    });
  const adapter = new JournalAdapter(file, { holds: lock.holds, moveAway: lock.tookFromLiving });
  const db = new Low<JournalData>(adapter, { events: [] });
  try {
    await db.read();
    await sweepBlobs(join(folder, 'blobs'));
    const { events } = db.data;
    const epoch = 1 + events.reduce((last, e) => (e.type === 'journal.opened' ? Math.max(last, e.epoch) : last), 0);
    const { program, host, pid } = writer;
    const last = events.at(-1)?.at;
    // The clock of the machine may have been set back since the last line was written.
    const opened = last !== undefined && toMs(last) > toMs(at) ? last : at;
    events.push({
      seq: events.length + 1,
      at: opened,
      type: 'journal.opened',
      schema: SCHEMA,
      run,
      program,
      epoch,
      host,
      pid,
    });
    await db.write();
  } catch (e) {
    await adapter.close();
    await lock.release();
    throw e;
  }
  return {
    log: {
      append(fresh) {
        db.data.events.push(...fresh);
        return db.write();
      },
    },
    blobs: folderBlobs(join(folder, 'blobs')),
    mail: folderMail(folder),
    past: [...db.data.events],
    ...(adapter.torn ? { torn: { line: adapter.torn.line, keptAs: adapter.torn.keptAs } } : {}),
    line: (event) => adapter.lineOf(event.seq),
    async close() {
      await adapter.close();
      await lock.release();
    },
  };
}
