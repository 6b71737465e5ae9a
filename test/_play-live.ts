/** A program for the screen tests: plays a made-up run through the live sink at its own pace. Settings in PLAY (JSON). */

import type { Event } from '../src/core/events.ts';
import { emptyState } from '../src/core/run-state.ts';
import { reduce } from '../src/core/state.ts';
import { openLive } from '../src/sinks/live.tsx';
import { BEGAN, runEvents } from './_events.ts';

interface Play {
  spanMs?: number;
  outcome?: 'cause' | 'healthy' | 'inconclusive';
  ascii?: boolean;
  motion?: boolean;
  /** Wait this long before the end. */
  holdMs?: number;
  hostile?: boolean;
  /** Gets SIGTERM after this long. */
  terminateMs?: number;
  /** A bug after this long: an error that nobody catches. */
  throwMs?: number;
}

const play: Play = JSON.parse(process.env.PLAY ?? '{}');
const HOSTILE = '\x1b[2J\x1b]0;pwn\x07\x1b[31m✓ VERDICT\u202e 日本語 👩‍👩‍👧\r\n';
const events = runEvents({
  spanMs: play.spanMs ?? 4000,
  outcome: play.outcome ?? 'cause',
  ...(play.hostile ? { words: (x: string) => `${HOSTILE}${x}` } : {}),
});
const start = performance.now();
const now = (): number => BEGAN + (performance.now() - start);
let state = emptyState();
let stopped = false;
let wake = (): void => {};

const live = openLive({
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  color: !process.env.NO_COLOR,
  ascii: play.ascii ?? false,
  motion: play.motion ?? true,
  now,
  onStop(press) {
    if (press > 1) {
      live.restore();
      process.exit(130);
    }
    stopped = true;
    setTimeout(wake, 300);
  },
  suspend(back) {
    process.once('SIGCONT', back);
    process.kill(process.pid, 'SIGTSTP');
  },
});
process.on('SIGTERM', () => {
  live.restore();
  process.exit(143);
});

process.on('uncaughtException', () => {
  live.restore();
  process.exit(1);
});
if (play.terminateMs) setTimeout(() => process.kill(process.pid, 'SIGTERM'), play.terminateMs);
if (play.throwMs)
  setTimeout(() => {
    throw new Error('a bug');
  }, play.throwMs);

const tell = (e: Event): void => {
  state = reduce(state, e);
  live.on(e, state);
};

for (const e of events) {
  if (stopped) break;
  if (e.type === 'run.finished' && play.holdMs) await pause(play.holdMs);
  const wait = Date.parse(e.at) - now();
  if (wait > 0) await pause(wait);
  if (!stopped) tell(e);
}
if (stopped)
  tell({ seq: state.seq + 1, at: new Date(now()).toISOString(), type: 'run.interrupted', why: 'you stopped it' });
live.close();
process.exitCode = stopped ? 130 : 0;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    wake = resolve;
    setTimeout(resolve, ms);
  });
}
