/**
 * One writer a run: a lock file that names its holder. It survives a crash of the holder and a reused pid, and a holder
 * that lives but does not beat (stopped, hung, on a machine that is gone) loses it. Whoever lost it learns so before
 * anything that it wrote counts: see `holds`.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { type FileHandle, link, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, UserError } from '../core/errors.ts';

interface Holder {
  pid: number;
  /** Start time of the process in clock ticks since boot, where the system tells: a reused pid has another. */
  started: string;
  host: string;
  at: string;
}

export interface LockTimes {
  /** The holder shows life this often, ms. */
  beatMs: number;
  /** A lock whose last sign of life is older is watched, and taken where no other comes, ms. */
  leaseMs: number;
}

export const LOCK_TIMES: LockTimes = { beatMs: 1000, leaseMs: 10_000 };

export interface Lock {
  /** The holder before us may still run: it was alive, but gave no sign of life. */
  tookFromLiving: boolean;
  /** Whether the lock file is still ours. Cheap and synchronous: asked around every write. */
  holds(): boolean;
  release(): Promise<void>;
}

/** Takes the lock of a run folder. Throws UserError naming the holder where another process has it and shows life. */
export async function takeLock(
  folder: string,
  me: { pid: number; host: string; at: string },
  alive: (pid: number) => boolean,
  times: LockTimes = LOCK_TIMES,
): Promise<Lock> {
  const file = join(folder, 'lock');
  const mine = `${file}.${randomBytes(6).toString('hex')}`;
  const holder: Holder = { ...me, started: (await startTime(me.pid)) ?? '' };
  const handle = await open(mine, 'wx', 0o600);
  let tookFromLiving = false;
  try {
    await handle.write(JSON.stringify(holder), 0);
    for (let tries = 0; tries < 20; tries++) {
      try {
        await link(mine, file);
        return await held(file, handle, JSON.stringify(holder), times.beatMs, tookFromLiving);
      } catch (e) {
        if (errorCode(e) !== 'EEXIST') throw e;
      }
      const other = await readHolder(file);
      if (!other) {
        // A lock without content: its file system lost power before the content was written.
        await setAside(file, undefined);
        continue;
      }
      const dead = await isDead(other, me.host, alive);
      if (!dead && (await showsLife(file, handle, times))) throw refused(folder, other);
      if (await setAside(file, other)) tookFromLiving ||= !dead;
    }
    throw new UserError(`cannot take the lock ${file}: it keeps changing hands`, { hints: ['Try again.'] });
  } catch (e) {
    await handle.close();
    throw e;
  } finally {
    await unlink(mine).catch(() => {});
  }
}

/** The lock as its holder sees it. Its file stays open, so that no other file can get its inode number. */
async function held(
  file: string,
  handle: FileHandle,
  content: string,
  beatMs: number,
  tookFromLiving: boolean,
): Promise<Lock> {
  const { ino } = await handle.stat({ bigint: true });
  let beating: Promise<unknown> = Promise.resolve();
  // The same bytes again: their only effect is the time of modification, by the clock of the file system.
  const beat = setInterval(() => {
    beating = handle.write(content, 0).catch(() => {});
  }, beatMs);
  beat.unref();
  const holds = (): boolean => statSync(file, { bigint: true, throwIfNoEntry: false })?.ino === ino;
  return {
    tookFromLiving,
    holds,
    async release() {
      clearInterval(beat);
      await beating;
      if (holds()) await unlink(file).catch(() => {});
      await handle.close();
    },
  };
}

/**
 * Whether the holder beats. `fresh` was written just now: how much older the lock is, is told by the clock of the file
 * system alone. A young lock lives; anything else (old, or in the future because a clock was set) is watched for two beats.
 */
async function showsLife(file: string, fresh: FileHandle, { beatMs, leaseMs }: LockTimes): Promise<boolean> {
  const beatOf = async (): Promise<number | undefined> => (await stat(file).catch(() => undefined))?.mtimeMs;
  const first = await beatOf();
  if (first === undefined) return false;
  const age = (await fresh.stat()).mtimeMs - first;
  if (age >= -beatMs && age < leaseMs) return true;
  await new Promise((go) => setTimeout(go, 2 * beatMs));
  const second = await beatOf();
  return second !== undefined && second !== first;
}

/** Moves a stale lock away; if meanwhile somebody else's fresh lock came under our hands, it is put back. */
async function setAside(file: string, stale: Holder | undefined): Promise<boolean> {
  const aside = `${file}.stale-${randomBytes(6).toString('hex')}`;
  try {
    await rename(file, aside);
  } catch (e) {
    if (errorCode(e) === 'ENOENT') return false;
    throw e;
  }
  const moved = await readHolder(aside);
  const wrong = moved !== undefined && JSON.stringify(moved) !== JSON.stringify(stale);
  if (wrong) await link(aside, file).catch(() => {});
  await unlink(aside).catch(() => {});
  return !wrong;
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

/** Only a process of this host can be known to be dead: it is gone, or another one has its number. */
async function isDead(holder: Holder, host: string, alive: (pid: number) => boolean): Promise<boolean> {
  if (holder.host !== host) return false;
  if (!alive(holder.pid)) return true;
  const started = await startTime(holder.pid);
  return started !== undefined && holder.started !== '' && started !== holder.started;
}

/** Field 22 of /proc/<pid>/stat; undefined where there is no /proc. */
async function startTime(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}

const refused = (folder: string, h: Holder): UserError =>
  new UserError(`this run is being written by process ${h.pid} on ${h.host}, since ${h.at}`, {
    hints: [`Wait for it, or stop it: kill ${h.pid}`, `Lock file: ${join(folder, 'lock')}`],
  });

/** Whether a process that may live holds the run; reads only. Of a process on another host nothing is known. */
export function isHeld(folder: string, host: string, alive: (pid: number) => boolean): boolean {
  try {
    const holder = JSON.parse(readFileSync(join(folder, 'lock'), 'utf8')) as Holder;
    return holder.host !== host || alive(holder.pid);
  } catch {
    return false;
  }
}
