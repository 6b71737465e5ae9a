/**
 * The stream that Ink draws on. Ink 6 erases every live row before each frame, and wipes the scrollback when a frame is
 * as tall as the terminal; this stream takes Ink's writes apart again and sends only what changed.
 *
 * It knows how Ink's log-update writes: all of a frame between the marks of synchronized output, first the codes that
 * erase the old rows, then text for the scrollback (from `<Static>`), last the rows of the frame, each ended by `\n`.
 */
import stringWidth from 'string-width';
import { changes, clearRows, fullRow, insertion, up } from './frame-diff.ts';
import { CSI } from './row-patch.ts';

const BEGIN = `${CSI}?2026h`;
const END = `${CSI}?2026l`;
const SHOW_CURSOR = `${CSI}?25h`;
const HIDE_CURSOR = `${CSI}?25l`;
const ERASE = /^(?:\x1b\[2K\x1b\[1A)*\x1b\[2K\x1b\[G/;
const HUGE = 1_000_000;

/** One frame as it was sent: what went up into the scrollback, and the rows below it. */
export interface Frame {
  above: string[];
  rows: string[];
  bytes: number;
}

export interface DiffStream {
  /** What Ink gets as its stdout: it never sees a height, and no resize. */
  stream: NodeJS.WriteStream;
  /** The terminal has another size: what it has wrapped is drawn over by the next frame. */
  resized(): void;
  /** Draws every row again. */
  repaint(): void;
  /** Clears the live rows and shows the cursor; frames are held back until `resume`. */
  pause(): void;
  resume(): void;
  /** Clears the live rows, prints the last lines, shows the cursor. Whatever is written later is dropped. */
  end(lines?: string[]): void;
}

export interface DiffOptions {
  /** False for terminals (xterm) that cut long rows when they get narrower instead of wrapping them. */
  reflows?: boolean;
  /** Sees every frame sent. */
  tap?: (frame: Frame) => void;
}

/** Opens it on a terminal. `real.rows` and `real.columns` are read anew for each frame. */
export function openDiffStream(real: NodeJS.WriteStream, { reflows = true, tap }: DiffOptions = {}): DiffStream {
  /** Rows on the screen; the cursor stands on the line below them. Undefined: nothing of ours is there. */
  let shown: string[] | undefined;
  /** Screen rows above the cursor whose text is not known any more, because the terminal has wrapped ours. */
  let unknown = 0;
  let wanted: string[] | undefined;
  let above: string[] = [];
  let held: string[] | undefined;
  let waits = false;
  let paused = false;
  let ended = false;

  const height = (): number => Math.max(1, (real.rows || 24) - 1);
  const width = (): number => real.columns || 80;
  const toTop = (): string => (shown || unknown > 0 ? `${up(shown?.length ?? unknown)}\r` : '');
  const clear = (): string => toTop() + clearRows(shown?.length ?? unknown);
  const line = (row: string): string => fullRow(row, width());

  function paint(): void {
    if (ended || paused || waits || (!wanted && above.length === 0)) return;
    if (real.writableNeedDrain) {
      // The terminal is slower than we are: only the newest frame is worth sending when it is ready.
      waits = true;
      real.once('drain', () => {
        waits = false;
        paint();
      });
      return;
    }
    const rows = (wanted ?? []).slice(-height());
    const lines = above;
    above = [];
    const text = shown
      ? insertAbove(lines) + (shown ? changes(shown, rows, width()) : rows.map(line).join(''))
      : overwrite([...lines, ...rows]);
    shown = rows;
    unknown = 0;
    if (text === '') return;
    real.write(BEGIN + text + END);
    tap?.({ above: lines, rows, bytes: Buffer.byteLength(text) });
  }

  /** Makes room for lines above the live rows; where there is none, clears these so that they are drawn anew. */
  function insertAbove(lines: string[]): string {
    if (lines.length === 0 || !shown) return '';
    const room = height() - shown.length;
    if (room > 0) return insertion(lines, shown.length, room, width());
    const text = clear() + lines.map(line).join('');
    shown = undefined;
    return text;
  }

  /** Lines over whatever is there, and only then the rest is cleared: nothing is blank in between. */
  const overwrite = (lines: string[]): string => {
    const top = toTop();
    return top + lines.map(line).join('') + (top === '' ? '' : `${CSI}J`);
  };

  function take(writes: string[]): void {
    const pieces = writes.map((w) => w.replace(ERASE, '')).filter((w) => w !== '');
    const frame = pieces.pop();
    if (frame === undefined) return;
    wanted = linesOf(frame);
    above.push(...pieces.flatMap(linesOf));
    paint();
  }

  function write(data: unknown, encoding?: unknown, done?: unknown): boolean {
    const text = String(data);
    const callback = typeof encoding === 'function' ? encoding : done;
    if (!ended) {
      if (text === BEGIN) held = [];
      else if (text === END) {
        const writes = held ?? [];
        held = undefined;
        take(writes);
      } else if (text === SHOW_CURSOR || text === HIDE_CURSOR) {
        if (!paused) real.write(text);
      } else if (held) held.push(text);
      else if (text !== '') take([text]);
    }
    if (typeof callback === 'function') real.write('', callback as () => void);
    return true;
  }

  const ignored = (event: unknown): boolean => event === 'resize';
  const stream = new Proxy(real, {
    get(target, key): unknown {
      if (key === 'write') return write;
      // A frame as tall as the terminal makes Ink clear the scrollback; so it believes in an endless one.
      if (key === 'rows') return HUGE;
      if (key === 'columns') return width();
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      if (key === 'on' || key === 'addListener')
        return (event: unknown, ...rest: unknown[]) => {
          if (!ignored(event)) Reflect.apply(value, target, [event, ...rest]);
          return stream;
        };
      return value.bind(target);
    },
  });

  return {
    stream,
    resized() {
      if (!shown || ended || paused) return;
      const wrapped = shown.reduce((n, row) => n + Math.max(1, Math.ceil(stringWidth(row) / width())), 0);
      if (reflows && wrapped > shown.length) {
        unknown = Math.min(wrapped, height());
        shown = undefined;
      } else if (shown.length > height()) shown = shown.slice(-height());
    },
    repaint() {
      if (ended || paused || !shown) return;
      real.write(`${BEGIN}${up(shown.length)}\r${shown.map(line).join('')}${END}`);
    },
    pause() {
      if (ended || paused) return;
      real.write(clear() + SHOW_CURSOR);
      shown = undefined;
      unknown = 0;
      paused = true;
    },
    resume() {
      if (ended || !paused) return;
      paused = false;
      real.write(HIDE_CURSOR);
      paint();
    },
    end(lines = []) {
      if (ended) return;
      const text = shown ? insertAbove(above) + overwrite(lines) : overwrite([...above, ...lines]);
      ended = true;
      real.write(`${BEGIN}${text}${END}${SHOW_CURSOR}`);
    },
  };
}

/** `a\nb\n` → `a`, `b`. */
const linesOf = (text: string): string[] => (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
