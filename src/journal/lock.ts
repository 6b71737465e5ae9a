/** One writer a run: a lock file that names its holder, survives a crash of the holder and a reused pid. */
import { randomBytes } from 'node:crypto';
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, UserError } from '../core/errors.ts';

interface Holder {
  pid: number;
  /** Start time of the process in clock ticks since boot, where the system tells: a reused pid has another. */
  started: string;
  host: string;
  at: string;
}

export interface Lock {
  release(): Promise<void>;
}

/** Takes the lock of a run folder. Throws UserError naming the holder where another live process has it. */
export async function takeLock(
  folder: string,
  me: { pid: number; host: string; at: string },
  alive: (pid: number) => boolean,
): Promise<Lock> {
  const file = join(folder, 'lock');
  const mine = `${file}.${randomBytes(6).toString('hex')}`;
  const holder: Holder = { ...me, started: (await startTime(me.pid)) ?? '' };
  await writeFile(mine, JSON.stringify(holder), { mode: 0o600, flag: 'wx' });
  try {
    for (let tries = 0; tries < 20; tries++) {
      try {
        await link(mine, file);
        return { release: () => releaseIf(file, holder) };
      } catch (e) {
        if (errorCode(e) !== 'EEXIST') throw e;
      }
      const other = await readHolder(file);
      if (other && (await holds(other, me.host, alive))) throw held(folder, other);
      await setAside(file, other);
    }
    throw new UserError(`cannot take the lock ${file}: it keeps changing hands`);
  } finally {
    await unlink(mine).catch(() => {});
  }
}

/** Moves a stale lock away; if meanwhile somebody else's fresh lock came under our hands, it is put back. */
async function setAside(file: string, stale: Holder | undefined): Promise<void> {
  const aside = `${file}.stale-${randomBytes(6).toString('hex')}`;
  try {
    await rename(file, aside);
  } catch (e) {
    if (errorCode(e) === 'ENOENT') return;
    throw e;
  }
  const moved = await readHolder(aside);
  if (moved && JSON.stringify(moved) !== JSON.stringify(stale)) await link(aside, file).catch(() => {});
  await unlink(aside).catch(() => {});
}

async function releaseIf(file: string, mine: Holder): Promise<void> {
  const now = await readHolder(file);
  if (now && JSON.stringify(now) === JSON.stringify(mine)) await unlink(file).catch(() => {});
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

async function holds(holder: Holder, host: string, alive: (pid: number) => boolean): Promise<boolean> {
  if (holder.host !== host) return true;
  if (!alive(holder.pid)) return false;
  const started = await startTime(holder.pid);
  return started === undefined || holder.started === '' || started === holder.started;
}

/** Field 22 of /proc/<pid>/stat; undefined where there is no /proc. */
async function startTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

const held = (folder: string, h: Holder): UserError =>
  new UserError(`this run is being written by process ${h.pid} on ${h.host}, since ${h.at}`, {
    hints: [`Wait for it, or stop it: kill ${h.pid}`, `Lock file: ${join(folder, 'lock')}`],
  });
