/** A journal played to the sinks, in the rhythm in which it was written. */
import type { Event } from '../core/events.ts';
import type { Sink } from '../core/ports.ts';
import { emptyState, type State } from '../core/run-state.ts';
import { reduce } from '../core/state.ts';
import { toMs } from '../core/time.ts';

/** A pause in the recording is never longer than this on the screen, ms. */
const LONGEST = 3000;

export interface Rhythm {
  /** 4 = four times as fast; Infinity = no waiting. */
  speed: number;
  /** Awaited instead of time, before each event that can be seen. */
  step?: () => Promise<void>;
  wait: (ms: number) => Promise<void>;
}

/** A clock for the sinks: it stands at the recorded time, and moves on with the real one. */
export function playClock(now: () => number, speed: number): { now: () => number; set: (recorded: number) => void } {
  let recorded = 0;
  let since = now();
  return {
    now: () => recorded + (now() - since) * (Number.isFinite(speed) ? speed : 0),
    set(at) {
      recorded = at;
      since = now();
    },
  };
}

/** What the eye can see; the rest follows at once. */
const SEEN = new Set(['run.started', 'call.finished', 'step.finished', 'gate.decided', 'run.finished']);

/** Plays all events; resolves with the state at the end. The sinks are closed. */
export async function play(
  events: Event[],
  sinks: Sink[],
  rhythm: Rhythm,
  clock: (at: number) => void,
): Promise<State> {
  let state = emptyState();
  let last: number | undefined;
  try {
    for (const e of events) {
      const at = toMs(e.at);
      if (rhythm.step && SEEN.has(e.type)) await rhythm.step();
      else if (!rhythm.step && last !== undefined && at > last && Number.isFinite(rhythm.speed)) {
        await rhythm.wait(Math.min(at - last, LONGEST) / rhythm.speed);
      }
      last = at;
      clock(at);
      state = reduce(state, e);
      for (const sink of sinks) await sink.on(e, state);
    }
  } finally {
    for (const sink of sinks) await sink.close?.();
  }
  return state;
}
