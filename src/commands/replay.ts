/** `inquest replay`: the screens of a stored run again, or today's workflow on its answers. Nothing outside is asked. */
import { play, playClock } from '../app/play.ts';
import { verify } from '../app/verify.ts';
import { type ConfigFlags, loadConfig } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { Interrupted, UserError } from '../core/errors.ts';
import { shortId } from '../core/ids.ts';
import type { Io } from '../core/ports.ts';
import type { StepContext } from '../core/types.ts';
import { readBundleInfo } from '../sources/bundle/_info.ts';
import { printDifferences } from './_differences.ts';
import { type OutputFlags, playbooksOf, printReport, reportNamed, sinksFor, stepsOf } from './_session.ts';
import { type StoredRun, storedRunOrFile } from './_stored.ts';

export interface ReplayFlags extends OutputFlags {
  speed?: string;
  step?: boolean;
  verify?: boolean;
  config?: string;
}

/** Exit 0, with `--verify` 1 where something differs. */
export async function replayCommand(io: Io, named: string, flags: ReplayFlags): Promise<void> {
  if (flags.verify) return verifyCommand(io, named, flags);
  const speed = flags.speed === undefined ? 1 : Number(flags.speed);
  if (!(speed > 0))
    throw new UserError(`--speed: "${flags.speed}" is no number above 0`, { hints: ['4 = four times as fast.'] });
  if (flags.step && !io.stdin.isTTY) {
    throw new UserError('--step needs a terminal: it goes on at each key', { hints: ['Without one: --speed 4'] });
  }
  const report = await reportNamed(io, flags.json ? 'json' : (flags.report ?? 'text'));
  const stored = await storedRunOrFile(io, named);
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

async function verifyCommand(io: Io, named: string, flags: ReplayFlags): Promise<void> {
  const stored = await storedRunOrFile(io, named);
  const config = await loadConfig(
    flags.config ? { config: flags.config } : configOf(stored),
    io.env,
    io.cwd,
    paths(io.env).userConfig,
  );
  const steps = await stepsOf(io);
  const playbooks = await playbooksOf(io, config, steps);
  const { events, load } = stored;
  const { now, signal } = io;
  const baselines = await baselinesOf(stored);
  const { differences, unrecorded, hash, recordedHash } = await verify({
    events,
    load,
    steps,
    playbooks,
    baselines,
    now,
    signal,
  });
  const same = differences.length === 0;
  if (flags.json) {
    const told = { schema: 'inquest.verify/v1', run: stored.run, same, hash, recordedHash, differences, unrecorded };
    io.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
  } else {
    printDifferences(io, differences, { a: `recorded in ${shortId(stored.run)}`, b: "today's workflow" });
    for (const u of unrecorded) io.stdout.write(`not recorded: ${u.tool} ${JSON.stringify(u.question)}\n`);
  }
  io.exitCode = same ? 0 : 1;
}

/** The config file that the run was started with, where it named one. */
function configOf({ state }: StoredRun): ConfigFlags {
  const flags = state.settings.flags as ConfigFlags | undefined;
  return flags?.config ? { config: flags.config } : {};
}

/** The fault-free times that the run knew of; older journals name only the folder that knows them. */
export async function baselinesOf({ state }: StoredRun): Promise<StepContext['baselines']> {
  const { baselines, bundle } = state.settings as { baselines?: StepContext['baselines']; bundle?: string };
  if (baselines) return baselines;
  return bundle
    ? readBundleInfo(bundle).then(
        (info) => info.baselineWindows,
        () => [],
      )
    : [];
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
