/** Slows a run down for the eye: the stream waits for its subscribers, so one that waits is enough. */
import type { Sink } from '../core/ports.ts';

/** Waits `ms` after each answer. */
export const openPace = (ms: number): Sink => ({
  on: (e) => (e.type === 'call.finished' ? new Promise((go) => setTimeout(go, ms)) : undefined),
});
