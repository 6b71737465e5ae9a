/** `inquest replay`: the screens of a stored run again, or today's workflow on its answers. Nothing outside is asked. */
import { play, playClock } from '../app/play.ts';
import { Interrupted, UserError } from '../core/errors.ts';
import { shortId } from '../core/ids.ts';
import type { Io } from '../core/ports.ts';
import { askedAbout, printAsked } from './_asked.ts';
import { type OutputFlags, printReport, reportNamed, sinksFor } from './_show.ts';
import { storedJournal } from './_stored.ts';

export interface ReplayFlags extends OutputFlags {
  speed?: string;
  step?: boolean;
  verify?: boolean;
  config?: string;
}

/** Exit 0, with `--verify` 1 where something differs. */
export async function replayCommand(io: Io, named: string, flags: ReplayFlags): Promise<void> {
  if (flags.verify) return (await import('./_verify.ts')).verifyCommand(io, named, flags);
  const speed = flags.speed === undefined ? 1 : Number(flags.speed);
  if (!(speed > 0))
    throw new UserError(`--speed: "${flags.speed}" is no number above 0`, { hints: ['4 = four times as fast.'] });
  if (flags.step && !io.stdin.isTTY) {
    throw new UserError('--step needs a terminal: it goes on at each key', { hints: ['Without one: --speed 4'] });
  }
  const report = await reportNamed(io, flags.json ? 'json' : (flags.report ?? 'text'));
  const stored = await storedJournal(io, named);
  const parent = askedAbout(stored.events);
  if (parent !== undefined) {
    // Follow-ups are no run: nothing was stopped, and there is no verdict to come to.
    io.stderr.write(`questions about the run ${parent}; ask on: inquest ask ${shortId(parent)} "…"\n`);
    return printAsked(io, stored.events, flags);
  }
  const lines = new Map(stored.events.map((e, i) => [e.seq, stored.lines[i]!.toString()]));
  const journal = { past: [], line: (e: { seq: number }) => lines.get(e.seq) ?? '' };
  const clock = playClock(io.now, speed);
  const shown = await sinksFor({ ...io, now: clock.now }, flags, journal);
  // Where nothing is drawn there is nothing to wait for, unless a rhythm was asked for.
  const rhythm = shown.live || flags.speed !== undefined ? speed : Number.POSITIVE_INFINITY;
  const wait = (ms: number): Promise<void> => pause(ms, io.signal);
  const step = flags.step ? { step: () => key(io) } : {};
  const state = await play(stored.events, shown.sinks, { speed: rhythm, wait, ...step }, clock.set);
  await printReport(io, { ...flags, live: shown.live }, report, state, stored.load);
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stopped = (): void => {
      clearTimeout(timer);
      reject(new Interrupted('stopped'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stopped);
      resolve();
    }, ms);
    signal.addEventListener('abort', stopped, { once: true });
  });

/** Waits for one key, whoever reads the keyboard besides us. */
const key = (io: Io): Promise<void> =>
  new Promise((resolve, reject) => {
    const raw = io.stdin.isRaw;
    if (!raw) io.stdin.setRawMode(true);
    io.stdin.resume();
    io.stdin.once('data', (pressed: Buffer) => {
      if (!raw) io.stdin.setRawMode(false);
      io.stdin.pause();
      if (/^[\x03q]/.test(pressed.toString())) reject(new Interrupted('stopped'));
      else resolve();
    });
  });
