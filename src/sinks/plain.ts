/** One line an event, for pipes, CI and logs: no cursor codes, a heartbeat while nothing is said. */

import type { Event } from '../core/events.ts';
import { stringMapper } from '../core/map-strings.ts';
import type { Sink } from '../core/ports.ts';
import { emptyState, type State } from '../core/run-state.ts';
import { cut } from '../core/text.ts';
import { toMs } from '../core/time.ts';
import { runName } from '../core/wording.ts';
import { safeText } from '../safety/safe-text.ts';
import { paintFor } from '../ui/paint.ts';
import { aliveLine, eventLines, type PlainLine } from '../ui/plain-lines.ts';
import { quietWriter } from './quiet-writer.ts';

export interface PlainOptions {
  stream: NodeJS.WritableStream;
  color: boolean;
  ascii: boolean;
  now(): number;
  /** Calls `tick` every `ms` until the function given back is called. The default does not keep the process alive. */
  every?: (ms: number, tick: () => void) => () => void;
  /** The reader is gone. */
  onClosed?: () => void;
}

const SILENCE = 15_000;
/** Longest line, in characters; the verdict is never cut. */
const LINE = 160;

/** Opens it; the stream stays open when the sink closes. */
export function openPlain(opts: PlainOptions): Sink {
  const safe = stringMapper(safeText);
  const out = quietWriter(opts.stream, opts.onClosed);
  const b = paintFor(opts);
  let since: number | undefined;
  let spoke = opts.now();
  let state = emptyState();

  function line(at: number, { word, text, tone, whole }: PlainLine): string {
    const time = `+${Math.max(0, (at - (since ?? at)) / 1000).toFixed(1)}s`;
    const said = whole ? text : cut(text, LINE);
    return `${runName(state)} ${time.padEnd(7)} ${b.paint(tone ?? 'plain', word.padEnd(7))} ${b.plain(said)}\n`;
  }

  const stop = (opts.every ?? unrefEvery)(SILENCE, () => {
    if (opts.now() - spoke < SILENCE || state.phase !== 'running') return;
    spoke = opts.now();
    void out.write(line(spoke, aliveLine(state, spoke)));
  });

  return {
    on(event: Event, raw: State) {
      state = safe(raw);
      since ??= toMs(event.at);
      spoke = opts.now();
      const lines = eventLines(safe(event), state);
      return out.write(lines.map((l) => line(toMs(event.at), l)).join(''));
    },
    close() {
      stop();
    },
  };
}

function unrefEvery(ms: number, tick: () => void): () => void {
  const timer = setInterval(tick, ms);
  timer.unref();
  return () => clearInterval(timer);
}
