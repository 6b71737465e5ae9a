/** The live screen on stderr: evidence goes up into the scrollback, the board stands below, the verdict comes last. */
import type { Event } from '../core/events.ts';
import { type Hands, openQuestionOf } from '../core/human.ts';
import { stringMapper } from '../core/map-strings.ts';
import type { Sink } from '../core/ports.ts';
import { emptyState, type State } from '../core/run-state.ts';
import { toMs } from '../core/time.ts';
import { safeText } from '../safety/safe-text.ts';
import { boardRows } from '../ui/board.ts';
import { type Frame, openDiffStream } from '../ui/diff-stream.ts';
import type { Action, KeyPress } from '../ui/keys.ts';
import { type Mode, press, shown } from '../ui/press.ts';
import { openScreen } from '../ui/screen.tsx';
import { evidenceLine, foundLines, resumedLine, startLines } from '../ui/trace.ts';
import { verdictLines } from '../ui/verdict.ts';
import { asksWhole, type View } from '../ui/view.ts';
import { openKeyboard } from './keyboard.ts';

export interface LiveOptions {
  stderr: NodeJS.WriteStream;
  stdin: NodeJS.ReadStream;
  env: Record<string, string | undefined>;
  color: boolean;
  ascii: boolean;
  /** False: no spinner, the clock moves every 5 s. */
  motion: boolean;
  now(): number;
  /** The person wants to stop. 1 = after the current call, 2 or more = at once (exit 130). */
  onStop(press: number): void;
  /** Stops the process (SIGTSTP) and calls back when it goes on (SIGCONT). Without it ctrl-z does nothing. */
  suspend?: (back: () => void) => void;
  /** Takes what a person says to the run. */
  hands?: Hands;
  /** False where the closing is printed elsewhere. */
  closing?: boolean;
  /** Sees every frame that was sent. */
  tap?: (frame: Frame) => void;
}

export interface LiveSink extends Sink {
  on(event: Event, state: State): void;
  close(): void;
  /** Somebody can press keys: there is a terminal to read from. */
  hasKeys: boolean;
  /** Gives the terminal back at once, without last words: for crashes and signals. */
  restore(): void;
}

/** A frame at most every 125 ms: the pace of the spinner. */
const FRAME = 125;
const FLUSH = 250;
const RANK = 1000;
/** Most that redrawing may send, bytes a ms (4 kB/s): after a large frame the next one waits. */
const BUDGET = 4;

/** Opens the screen; nothing is drawn before the alert is known. */
export function openLive(opts: LiveOptions): LiveSink {
  const { stderr, now } = opts;
  const safe = stringMapper(safeText);
  const diff = openDiffStream(stderr, {
    reflows: !opts.env.XTERM_VERSION,
    tap(frame) {
      restUntil = Math.max(restUntil, now()) + frame.bytes / BUDGET;
      opts.tap?.(frame);
    },
  });
  const keyboard = openKeyboard(opts.stdin);
  const screen = openScreen({ stdout: diff.stream, stdin: keyboard?.stream, onKey: onPress });

  let state: State = emptyState();
  let since: number | undefined;
  let ranked: Pick<State, 'hypotheses' | 'history'> = state;
  let rankedAt = 0;
  let queue: string[] = [];
  let above: string[] = [];
  let flushedAt = 0;
  let restUntil = 0;
  let drawn = '';
  let [help, presses] = [false, 0];
  let mode: Mode = {};
  let open = true;
  let timer: ReturnType<typeof setInterval> | undefined;

  const view = (): View => ({
    columns: stderr.columns || 80,
    rows: stderr.rows || 24,
    color: opts.color,
    ascii: opts.ascii,
    motion: opts.motion,
    now: opts.motion ? now() : Math.floor(now() / 5000) * 5000,
    since: since ?? now(),
    rankedAt,
    help,
    stopping: presses > 0,
    ...(mode.typing === undefined ? {} : { typing: safeText(mode.typing) }),
    ...(mode.armed ? { armed: mode.armed } : {}),
  });

  const answerable = () => (opts.hands && asksWhole(view()) ? openQuestionOf(state) : undefined);

  function draw(): void {
    if (!open || !state.alert) return;
    const t = now();
    if (state.hypotheses !== ranked.hypotheses && (state.gate || t - rankedAt >= RANK)) {
      ranked = { hypotheses: state.hypotheses, history: state.history };
      rankedAt = t;
    }
    if (queue.length > 0 && t - flushedAt >= FLUSH) {
      above = [...above, ...queue];
      queue = [];
      flushedAt = t;
    }
    // Only what is drawn can be answered: its silence begins now.
    mode = shown(mode, { question: answerable(), ms: t });
    const board = boardRows({ ...state, ...ranked }, view());
    const picture = `${above.length}\n${board.join('\n')}`;
    if (picture === drawn) return;
    drawn = picture;
    screen.show({ above, board });
  }

  function onResize(): void {
    diff.resized();
    draw();
  }

  function onPress(key: KeyPress): void {
    const model = opts.hands !== undefined && state.model !== undefined && !state.verdict;
    const { mode: next, effects } = press(mode, key, { question: answerable(), model, ms: now() });
    mode = next;
    for (const e of effects) {
      if ('action' in e) onKey(e.action);
      else if ('hint' in e) opts.hands?.hint(e.hint);
      else opts.hands?.answer(e.answer.id, e.answer.choice);
    }
    draw();
  }

  function onKey(action: Action): void {
    if (action === 'pause' || action === 'interrupt') opts.hands?.[action]();
    if (action === 'help') help = !help;
    if (action === 'stop') opts.onStop(++presses);
    if (action === 'repaint') diff.repaint();
    if (action === 'suspend' && opts.suspend) {
      diff.pause();
      keyboard?.stream.setRawMode(false);
      opts.suspend(() => {
        if (!open) return;
        keyboard?.stream.setRawMode(true);
        diff.resume();
        onResize();
      });
    }
  }

  function start(): void {
    stderr.on('resize', onResize);
    // A terminal that is gone (EIO, EPIPE) must not end the run: it goes on and is journalled.
    stderr.on('error', restore);
    timer = setInterval(() => {
      if (now() >= restUntil) draw();
    }, FRAME);
    timer.unref();
    draw();
  }

  function end(lines: string[]): void {
    if (!open) return;
    open = false;
    clearInterval(timer);
    stderr.off('resize', onResize);
    diff.end(lines);
    screen.close();
    keyboard?.close();
  }

  const restore = (): void => end([]);

  return {
    hasKeys: keyboard !== undefined,
    on(event, raw) {
      if (!open) return;
      state = safe(raw);
      since ??= toMs(event.at);
      if (event.type === 'run.started') queue.push(...startLines(state, view()));
      if (event.type === 'run.resumed') queue.push(...startLines(state, view()), resumedLine(state, view()));
      if (event.type === 'call.finished') {
        const answered = state.evidence.find((e) => e.id === event.key);
        if (answered) queue.push(evidenceLine(answered, view()));
      }
      if (event.type === 'step.finished') queue.push(...foundLines(state, event.step, view()));
      if (!timer && state.alert) start();
    },
    close() {
      const last = opts.closing === false ? [] : verdictLines(state, view());
      end(state.alert ? [...queue, '', ...last] : []);
    },
    restore,
  };
}
