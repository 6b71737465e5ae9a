/**
 * A log without an end, of the same lines as a run's journal (checksum, chain, synced before it counts), in segments.
 * Each segment begins with the state up to it, so that the newest alone is read at start, and old ones can go.
 */
import { type FileHandle, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../core/errors.ts';
import type { Event } from '../core/events.ts';
import { toIso } from '../core/time.ts';
import { syncFolder } from './adapter.ts';
import { makeFolder } from './folders.ts';
import { encodeLine, GENESIS, hashLine } from './line.ts';
import { type Lock, takeLock } from './lock.ts';
import type { Writer } from './open.ts';
import { SEGMENT_NAME as NAME, readSegment, segmentNames } from './segments-read.ts';
import { cannotWrite } from './trouble.ts';

export interface SegmentOptions {
  /** Name of the format, in the header of each segment. */
  schema: string;
  /** A segment that is larger is closed and the next one begun, bytes. */
  bytes: number;
  /** The oldest segments go when all together are larger, bytes. */
  keep: number;
}

/** What the owner of the log keeps of it. */
export interface Fold<E> {
  /** Told each event of the newest segment, in order. */
  fold(event: E): void;
  /** The state as an event body that begins a segment; `through` is the number of the last event that it holds. */
  carry(through: number): Record<string, unknown> & { type: string };
}

export interface Segments<B> {
  /** What was cut off at the end of the file by a crash; it was acknowledged to nobody. */
  torn?: string;
  /** Numbers the events at once and resolves when they are on disk. */
  append(bodies: B[]): Promise<void>;
  close(): Promise<void>;
}

const nameOf = (n: number): string => `${String(n).padStart(8, '0')}.ndjson`;

/** Opens the log of a folder for its one writer. Throws UserError where another process has it, or it is damaged. */
export async function openSegments<E extends { seq: number }, B extends object>(
  folder: string,
  writer: Writer,
  options: SegmentOptions,
  state: Fold<E>,
): Promise<Segments<B>> {
  await makeFolder(folder).catch((e: unknown) => {
    throw cannotWrite(folder, e, 0);
  });
  const { pid, host, alive } = writer;
  const lock = await takeLock(folder, { pid, host, at: toIso(writer.now()) }, alive, writer.lock);
  try {
    const newest = (await segmentNames(folder)).at(-1);
    const read = newest ? readSegment<E>(await readFile(join(folder, newest)), join(folder, newest)) : undefined;
    for (const event of read?.events ?? []) state.fold(event);
    const log = new Log<B>({ folder, writer, options, lock, carry: state.carry });
    await log.begin(newest ? Number(NAME.exec(newest)![1]) + 1 : 1, read?.head ?? GENESIS, read?.seq ?? 0);
    return Object.assign(log, read?.torn === undefined ? {} : { torn: read.torn });
  } catch (e) {
    await lock.release();
    throw e;
  }
}

interface LogOptions {
  folder: string;
  writer: Writer;
  options: SegmentOptions;
  lock: Lock;
  carry: Fold<unknown>['carry'];
}

class Log<B extends object> implements Segments<B> {
  readonly #o: LogOptions;
  #n = 0;
  #head = GENESIS;
  #seq = 0;
  #size = 0;
  #handle: FileHandle | undefined;
  #waiting: object[] = [];
  #next: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();
  #broken: UserError | undefined;

  constructor(o: LogOptions) {
    this.#o = o;
  }

  append(bodies: B[]): Promise<void> {
    if (this.#broken) return Promise.reject(this.#broken);
    const at = toIso(this.#o.writer.now());
    for (const body of bodies) this.#waiting.push({ seq: ++this.#seq, at, ...body });
    // All that is told while one write is on its way shares the next one.
    this.#next ??= this.#last
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        this.#last = this.#write();
        return this.#last;
      });
    return this.#next;
  }

  /** Begins a segment with what the owner carries over. It has its name when it is whole. */
  async begin(n: number, head: string, seq: number): Promise<void> {
    const { folder, writer, options, carry } = this.#o;
    const { program, host, pid } = writer;
    this.#seq = Math.max(this.#seq, seq);
    const through = this.#seq;
    const header = { seq: through, at: toIso(writer.now()), type: 'segment.opened', ...{ n, program, host, pid } };
    const carried = { seq: through, at: header.at, ...carry(through) };
    const first = encodeLine({ ...header, schema: options.schema } as unknown as Event, head);
    const second = encodeLine(carried as unknown as Event, hashLine(first));
    const file = join(folder, nameOf(n));
    try {
      const handle = await open(`${file}.new`, 'w', 0o600);
      await writeAll(handle, Buffer.from(`${first}\n${second}\n`));
      await handle.sync();
      this.#ours();
      await rename(`${file}.new`, file);
      await syncFolder(folder);
      await this.#handle?.close();
      this.#handle = handle;
    } catch (e) {
      throw e instanceof UserError ? e : cannotWrite(file, e, 0);
    }
    this.#n = n;
    this.#head = hashLine(second);
    this.#size = first.length + second.length + 2;
    await this.#sweep();
  }

  async close(): Promise<void> {
    await this.#next?.catch(() => {});
    await this.#last.catch(() => {});
    await this.#handle?.close();
    await this.#o.lock.release();
  }

  async #write(): Promise<void> {
    if (this.#broken) throw this.#broken;
    const batch = this.#waiting;
    this.#waiting = [];
    const parts: string[] = [];
    for (const event of batch) {
      const line = encodeLine(event as Event, this.#head);
      this.#head = hashLine(line);
      parts.push(line, '\n');
    }
    const bytes = Buffer.from(parts.join(''));
    try {
      this.#ours();
      await writeAll(this.#handle!, bytes);
      await this.#handle!.datasync();
      this.#ours();
      this.#size += bytes.length;
      if (this.#size > this.#o.options.bytes) await this.begin(this.#n + 1, this.#head, this.#seq);
    } catch (e) {
      this.#broken = e instanceof UserError ? e : cannotWrite(join(this.#o.folder, nameOf(this.#n)), e, 0);
      throw this.#broken;
    }
  }

  /** Removes what is too old to be kept, never the newest. */
  async #sweep(): Promise<void> {
    const { folder, options } = this.#o;
    let total = 0;
    for (const name of (await segmentNames(folder)).reverse()) {
      total += (await stat(join(folder, name))).size;
      if (total > options.keep && name !== nameOf(this.#n)) await unlink(join(folder, name));
    }
  }

  #ours(): void {
    if (this.#o.lock.holds()) return;
    throw new UserError(`another process has taken over ${this.#o.folder}`, {
      hints: ['This process stops here; what it has not acknowledged, its senders send again.'],
    });
  }
}

async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at, bytes.length - at)).bytesWritten;
}
