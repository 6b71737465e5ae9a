/**
 * Tells others of a run: rendered behind gate 3, sent to the target that the config fixes, remembered in the run's folder
 * so that it is edited the next time and never told twice. What does not arrive lies in the folder of dead letters.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { UserError } from '../core/errors.ts';
import { type Delivered, type Message, Undelivered } from '../core/notify.ts';
import type { Load } from '../core/ports.ts';
import type { State } from '../core/run-state.ts';
import { formatDuration, toIso } from '../core/time.ts';
import { makeFolder } from '../journal/folders.ts';
import { type Lock, takeLock } from '../journal/lock.ts';
import { type DeadLetter, readTold, receiptFolder, removeLetter, writeLetter, writeTold } from '../journal/receipts.ts';
import type { Gates } from '../safety/gates.ts';
import { createRedactor, type Redactor } from '../safety/redact.ts';
import { toSafeError } from '../safety/safe-error.ts';
import { messageFor, type Target } from './notify-targets.ts';

/** What it needs of the process and of the folders. */
export interface NotifySetting {
  /** Folder of the built program. */
  root: string;
  cwd: string;
  fetch: typeof fetch;
  now(): number;
  signal: AbortSignal;
  pid: number;
  host: string;
  alive(pid: number): boolean;
  /** Folder of the run folders, and that of the dead letters. */
  runs: string;
  deadLetters: string;
  /** For what is said of failures. */
  secrets: readonly string[];
  /** First wait between two tries, ms; doubled each time. */
  backOffMs?: number;
}

export interface Outcome {
  name: string;
  target: string;
  how: Delivered['how'] | 'unchanged' | 'failed';
  where?: string;
  /** Of a failure: why, how to mend it, and the file of its letter. */
  why?: string;
  fix?: string;
  letter?: string;
}

const TRIES = 3;
const BACK_OFF_MS = 1000;
/** A medium that wants a longer pause gets a letter instead. */
const MAX_PAUSE_MS = 30_000;

/** Tells all targets side by side; outcomes in their order. Throws only what is a bug, or the signal's reason. */
export async function tellAll(
  s: NotifySetting,
  targets: Target[],
  { state, load, gates }: { state: State; load: Load; gates: Gates },
): Promise<Outcome[]> {
  const formats = [...new Set(targets.map((t) => t.notifier.format))];
  const messages = new Map<string, Message>();
  for (const format of formats) messages.set(format, await messageFor(s.root, format, state, load, gates));
  return withLock(s, state.run, async () => {
    // All of them before the lock is let go, whatever becomes of one.
    const all = targets.map((t) => tellOne(s, t, messages.get(t.notifier.format)!, { again: false }));
    await Promise.allSettled(all);
    return Promise.all(all);
  });
}

/** Sends letters again, each as it was written. One whose notifier has another target now is left where it is. */
export async function sendAgain(s: NotifySetting, targets: Target[], letters: DeadLetter[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const letter of letters) {
    const target = targets.find((t) => t.name === letter.name && t.notifier.target === letter.target);
    const said = { name: letter.name, target: letter.target };
    if (!target) {
      outcomes.push({
        ...said,
        how: 'failed',
        why: `the config has no notifier "${letter.name}" with this target any more`,
      });
      continue;
    }
    outcomes.push(await withLock(s, letter.message.run, () => tellOne(s, target, letter.message, { again: true })));
  }
  return outcomes;
}

/** One process at a time tells of a run, so that two never write the same message. */
async function withLock<T>(s: NotifySetting, run: string, act: () => Promise<T>): Promise<T> {
  const folder = receiptFolder(s, run);
  await makeFolder(folder);
  const lock: Lock = await takeLock(folder, { pid: s.pid, host: s.host, at: toIso(s.now()) }, s.alive);
  try {
    return await act();
  } finally {
    await lock.release();
  }
}

/** `again`: a person asked for it, having read that it may have arrived. */
async function tellOne(
  s: NotifySetting,
  { name, notifier }: Target,
  message: Message,
  { again }: { again: boolean },
): Promise<Outcome> {
  const folder = receiptFolder(s, message.run);
  const { target } = notifier;
  const told = await readTold(folder, name);
  const mine = told?.target === target ? told : undefined;
  if (mine?.state === 'told' && mine.hash === message.hash) {
    await removeLetter(s.deadLetters, message.run, name);
    return { name, target, how: 'unchanged' };
  }
  const before = mine?.receipt ? { before: mine.receipt } : {};
  const note = { target, hash: message.hash, at: toIso(s.now()) };
  // Where nobody can look, the person who asks again has looked.
  let unsure = mine?.state === 'sending' && (notifier.looks || !again);
  if (unsure && !notifier.looks) {
    return failed(
      s,
      { name, notifier },
      message,
      { tries: 0, unsure },
      new Undelivered('an earlier try may have arrived'),
    );
  }
  await writeTold(folder, name, { ...note, state: 'sending', ...(mine?.receipt ? { receipt: mine.receipt } : {}) });
  for (let tries = 1; ; tries++) {
    try {
      const { how, receipt, where } = await notifier.deliver(message, { ...before, unsure, signal: s.signal });
      await writeTold(folder, name, { ...note, state: 'told', receipt });
      await removeLetter(s.deadLetters, message.run, name);
      return { name, target, how, ...(where === undefined ? {} : { where }) };
    } catch (e) {
      if (!(e instanceof Undelivered)) throw e;
      unsure ||= e.maybeSent;
      const ms = pauseBefore(e, tries, s.backOffMs ?? BACK_OFF_MS);
      if (ms === undefined || (unsure && !notifier.looks)) {
        // Nothing has left: the next time needs no care.
        if (!unsure) await writeTold(folder, name, mine ?? { ...note, hash: '', state: 'told' });
        return failed(s, { name, notifier }, message, { tries, unsure }, e);
      }
      await wait(ms, undefined, { signal: s.signal }).catch(() => s.signal.throwIfAborted());
    }
  }
}

/** How long to wait before another try, ms; undefined where none is worth it. */
function pauseBefore(e: Undelivered, tries: number, base: number): number | undefined {
  if (!e.retryable || tries >= TRIES) return undefined;
  if (e.pauseMs !== undefined) return e.pauseMs <= MAX_PAUSE_MS ? e.pauseMs : undefined;
  return base * 2 ** (tries - 1) * (1 + Math.random() / 2);
}

async function failed(
  s: NotifySetting,
  { name, notifier }: Target,
  message: Message,
  { tries, unsure }: { tries: number; unsure: boolean },
  e: Undelivered,
): Promise<Outcome> {
  const redactor: Redactor = createRedactor(s.secrets);
  const pause =
    e.pauseMs !== undefined && e.pauseMs > MAX_PAUSE_MS ? `; it asks for a pause of ${formatDuration(e.pauseMs)}` : '';
  const why = toSafeError(
    new UserError(`${e.message}${pause}${unsure ? '; it may have arrived all the same' : ''}`),
    redactor,
  );
  const { target, format } = notifier;
  const letter = { name, target, format, message, why, unsure, tries, at: toIso(s.now()) };
  const file = await writeLetter(s.deadLetters, letter);
  return { name, target, how: 'failed', why, letter: file, ...(e.fix === undefined ? {} : { fix: e.fix }) };
}
