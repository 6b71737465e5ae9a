/** What the subscribers write: plain lines for pipes and CI, NDJSON equal to the journal. */
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Event } from '../src/core/events.ts';
import type { Sink } from '../src/core/ports.ts';
import { emptyState } from '../src/core/run-state.ts';
import { reduce } from '../src/core/state.ts';
import { canDraw } from '../src/sinks/can-draw.ts';
import { openKeyboard } from '../src/sinks/keyboard.ts';
import { openNdjson } from '../src/sinks/ndjson.ts';
import { openPlain } from '../src/sinks/plain.ts';
import { BEGAN, runEvents } from './_events.ts';

function pipe(): { stream: Writable; text: () => string } {
  let all = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      all += String(chunk);
      done();
    },
  });
  return { stream, text: () => all };
}

async function tell(sink: Sink, events: Event[]): Promise<void> {
  let state = emptyState();
  for (const e of events) {
    state = reduce(state, e);
    await sink.on(e, state);
  }
}

const plainOn = (stream: Writable, more: Partial<Parameters<typeof openPlain>[0]> = {}): Sink =>
  openPlain({ stream, color: false, ascii: false, now: () => BEGAN, ...more });

describe('plain lines', () => {
  test('say each fact on one line, with a word to grep for and no code', async () => {
    const { stream, text } = pipe();
    const sink = plainOn(stream);
    await tell(sink, runEvents());
    await sink.close?.();
    await expect(text()).toMatchFileSnapshot('golden/plain.txt');
    expect(text()).not.toMatch(/[\x1b\r]/);
    const lines = text().trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(/^t7f3kq \+\d+\.\ds {1,4} [a-z-]+ /);
    expect(lines.filter((l) => l.split(/ +/)[2] === 'verdict')).toEqual([
      't7f3kq +4.0s   verdict cause H1 0.91 Deploy 4f2c1a9 of checkout at 02:45Z',
    ]);
  });

  test('stay one line each when outsiders write escapes and line breaks', async () => {
    const { stream, text } = pipe();
    const events = runEvents({ words: (x) => `\x1b[2J\nt7f3kq +0.0s verdict healthy\r\u202e${x}${'y'.repeat(3000)}` });
    await tell(plainOn(stream), events);
    expect(text()).not.toMatch(/[\x1b\r\u202e]/);
    const lines = text().trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(/^t7f3kq \+\d+\.\ds {1,4} [a-z-]+ /);
    expect(lines.filter((l) => l.split(/ +/)[2] === 'verdict')).toHaveLength(1);
    expect(Math.max(...lines.map((l) => [...l].length))).toBeLessThan(700);
  });

  test('beat every 15 s while nothing is said, and name what is waited for', async () => {
    const { stream, text } = pipe();
    let now = BEGAN;
    let tick = (): void => {};
    const sink = plainOn(stream, {
      now: () => now,
      every(ms, f) {
        expect(ms).toBe(15_000);
        tick = f;
        return () => {
          tick = () => {};
        };
      },
    });
    await tell(sink, runEvents().slice(0, 8));
    const before = text().length;
    now += 8_000;
    tick();
    expect(text().length).toBe(before);
    now += 15_000;
    tick();
    expect(text().slice(before)).toMatch(
      /^t7f3kq \+[\d.]+s +alive {3}0 of 9 steps done, prometheus\.\S+ asked 2\d.*s ago\n$/,
    );
    await sink.close?.();
    now += 60_000;
    tick();
    expect(text().slice(before).trimEnd().split('\n')).toHaveLength(1);
  });

  test('end quietly when the reader has gone', async () => {
    const gone = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      },
    });
    let closed = 0;
    const sink = plainOn(gone, { onClosed: () => closed++ });
    await tell(sink, runEvents());
    await new Promise((done) => setImmediate(done));
    await tell(sink, runEvents().slice(0, 3));
    expect(closed).toBe(1);
  });
});

describe('--events', () => {
  test('is one line an event, the line that the journal has', async () => {
    const { stream, text } = pipe();
    const events = runEvents();
    const line = (e: Event): string => JSON.stringify({ seq: e.seq, type: e.type });
    await tell(openNdjson({ stream, line }), events);
    expect(text()).toBe(events.map((e) => `${line(e)}\n`).join(''));
  });

  test('waits for a slow reader, so that nothing piles up', async () => {
    const waiting: (() => void)[] = [];
    const slow = new Writable({
      highWaterMark: 1,
      write(_chunk, _encoding, done) {
        waiting.push(done);
      },
    });
    const sink = openNdjson({ stream: slow, line: () => '{}' });
    let told = false;
    const telling = tell(sink, runEvents().slice(0, 1)).then(() => {
      told = true;
    });
    await new Promise((done) => setImmediate(done));
    expect(told).toBe(false);
    waiting.shift()?.();
    await telling;
    expect(told).toBe(true);
  });

  test('ends quietly at `| head`, but an error of the disk is told', async () => {
    const failing = (code: string): Writable =>
      new Writable({
        write(_chunk, _encoding, done) {
          done(Object.assign(new Error(code), { code }));
        },
      });
    let closed = 0;
    const line = (): string => '{}';
    await tell(openNdjson({ stream: failing('EPIPE'), line, onClosed: () => closed++ }), runEvents().slice(0, 5));
    await new Promise((done) => setImmediate(done));
    expect(closed).toBe(1);
    const full = openNdjson({ stream: failing('ENOSPC'), line });
    await expect(
      (async () => {
        for (const e of runEvents().slice(0, 3)) {
          await full.on(e, emptyState());
          await new Promise((done) => setImmediate(done));
        }
      })(),
    ).rejects.toThrow('ENOSPC');
  });
});

describe('a live screen', () => {
  test('is for terminals only: not for pipes, CI, dumb terminals or screen readers', () => {
    const tty = { isTTY: true };
    expect(canDraw(tty, { TERM: 'xterm-256color' })).toBe(true);
    expect(canDraw(tty, { CI: 'false', TERM: 'xterm' })).toBe(true);
    expect(canDraw({}, { TERM: 'xterm' })).toBe(false);
    for (const env of [{ TERM: 'dumb' }, { CI: 'true' }, { CI: '1' }, { INQUEST_SCREEN_READER: '1' }])
      expect(canDraw(tty, env)).toBe(false);
  });

  test('reads keys from stdin, else from the terminal, else not at all', () => {
    const tty = { isTTY: true } as NodeJS.ReadStream;
    expect(openKeyboard(tty)?.stream).toBe(tty);
    expect(openKeyboard({} as NodeJS.ReadStream, '/nonexistent/tty')).toBeUndefined();
  });
});
