/** The live screen in real terminals: a pty (util-linux `script`) for what is sent, tmux for keys, sizes and suspending. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { peer } from './_peers.ts';
import { tempFolder } from './_temp.ts';
import { styles } from './_terminal.ts';

const ROOT = resolve(import.meta.dirname, '..');
/** util-linux's script(1): runs a program in a pty. */
const PTY = 'script';
const PROGRAM = 'node --import tsx test/_play-live.ts';

const cleanEnv = (more: Record<string, string>): NodeJS.ProcessEnv => {
  const { CI: _, CONTINUOUS_INTEGRATION: __, NO_COLOR: ___, FORCE_COLOR: ____, TMUX: _____, ...env } = process.env;
  return { ...env, TERM: 'xterm-256color', LANG: 'C.UTF-8', ...more };
};

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
});

interface Recording {
  text: string;
  bytes: number;
  /** From the first byte to the last. */
  ms: number;
  exit: number | null;
}

/** Runs the program in a pty of 80x24 and keeps what it sends. */
async function record(play: object, more: Record<string, string> = {}): Promise<Recording> {
  const child = spawn(PTY, ['-qec', `stty rows 24 cols 80; exec ${PROGRAM}`, '/dev/null'], {
    cwd: ROOT,
    env: cleanEnv({ PLAY: JSON.stringify(play), ...more }),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  running.push(child);
  const chunks: Buffer[] = [];
  let [first, last] = [0, 0];
  child.stdout?.on('data', (chunk: Buffer) => {
    last = performance.now();
    first ||= last;
    chunks.push(chunk);
  });
  const exit = await new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  const all = Buffer.concat(chunks);
  return { text: all.toString('utf8'), bytes: all.length, ms: last - first, exit };
}

describe.skipIf(!peer(PTY))('in a pty of 80x24', { timeout: 60_000 }, () => {
  test('a run sends at most 4 kB/s, erases no row that did not change and never wipes the scrollback', async () => {
    const { text, bytes, ms, exit } = await record({ spanMs: 4000 });
    expect(exit).toBe(0);
    expect(text).not.toMatch(/\x1b\[3J|\x1b\[2J|\x1b\[2K|\x1b\[1J|\x1b\[1K/);
    expect(text).not.toContain('\x1b[?1049h');
    expect(ms).toBeGreaterThan(3000);
    expect(bytes / (ms / 1000)).toBeLessThanOrEqual(4000);
    const frames = text.split('\x1b[?2026l');
    expect(Math.max(...frames.map((f) => Buffer.byteLength(f)))).toBeLessThanOrEqual(2500);
    expect(frames.length / (ms / 1000)).toBeLessThanOrEqual(10);
    expect(text).toContain('VERDICT');
    expect(text.lastIndexOf('\x1b[?25h')).toBeGreaterThan(text.lastIndexOf('\x1b[?25l'));
  });

  test('NO_COLOR sends no style code, and --ascii --no-motion nothing above 7 bit but what others wrote', async () => {
    const { text } = await record({ spanMs: 600, ascii: true, motion: false }, { NO_COLOR: '1' });
    expect(styles(text)).toBe(0);
    expect(text).toContain('+ VERDICT');
    expect(
      text
        .replaceAll('→', '')
        .replaceAll('×', '')
        .match(/[^\x00-\x7f]/g),
    ).toBeNull();
  });

  test('what outsiders write cannot draw', async () => {
    const { text } = await record({ spanMs: 600, hostile: true });
    expect(text).not.toMatch(/\x1b\[2J|\x1b\]0;|\x1b\[31m✓|\u202e/);
    expect(text).toContain('␛[2J');
  });

  test('SIGTERM and a bug leave the shell usable: cursor shown, last row clear', async () => {
    for (const [play, code] of [
      [{ spanMs: 9000, terminateMs: 900 }, 143],
      [{ spanMs: 9000, throwMs: 900 }, 1],
    ] as const) {
      const { text, exit } = await record(play);
      expect(exit).toBe(code);
      expect(text.lastIndexOf('\x1b[?25h')).toBeGreaterThan(text.lastIndexOf('\x1b[?25l'));
      expect(text.lastIndexOf('\x1b[J')).toBeGreaterThan(text.lastIndexOf('Hypotheses'));
    }
  });
});

describe.skipIf(!peer('tmux'))('in tmux', { timeout: 120_000 }, () => {
  test('keys work, wrong keys do nothing, ctrl-z suspends, any size is survived, q stops and says how to go on', async () => {
    const t = await shell(80, 24, { spanMs: 40_000 });
    try {
      await t.until((s) => s.includes('Hypotheses'));
      t.keys('?');
      await t.until((s) => s.includes('to the background'));
      t.keys('?');
      await t.until((s) => !s.includes('to the background'));

      t.keys('x', '1', 'Enter', 'Escape', 'F5', 'Up', 'BSpace', 'Space');
      t.keys('C-l');
      await t.until((s) => s.includes('? keys   q stop'));

      t.keys('C-z');
      await t.until((s) => /Stopped/.test(s) && !/Hypotheses/.test(s.split('Stopped').at(-1)!));
      t.keys('fg; echo exit=$?', 'Enter');
      await t.until((s) => s.split('Stopped').at(-1)!.includes('Hypotheses'));

      for (const [columns, rows] of [
        [60, 20],
        [200, 60],
        [40, 8],
        [80, 24],
      ] as const) {
        t.resize(columns, rows);
        const shows = columns === 40 ? /^t7f3kq \d\d:\d\d /m : /Hypotheses/;
        const clock = /\d\d:\d\d$/m;
        await t.until((s) => shows.test(s) && (columns === 40 || clock.test(s)));
        for (const line of t.screen().split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
      }

      t.keys('q');
      await t.until((s) => s.includes('exit=130'));
      const all = t.history();
      expect(all).toContain('STOPPED');
      expect(all).toContain('inquest resume t7f3kq');
      expect(t.ask('#{cursor_flag} #{alternate_on}')).toBe('1 0');
    } finally {
      t.close();
    }
  });

  test('every evidence line stands in the scrollback once, above what was there before, and the board is gone', async () => {
    const t = await shell(80, 24, { spanMs: 3000 });
    try {
      await t.until((s) => s.includes('exit=0'));
      const all = t.history().split('\n');
      for (const id of ['E1.1', 'E3.1', 'E6.2', 'E9.2'])
        expect(
          all.filter((l) => l.startsWith('+') && l.includes(` ${id} `) && !l.includes(' found ')),
          id,
        ).toHaveLength(1);
      expect(all.filter((l) => l.startsWith('before ')).length).toBe(40);
      expect(all.some((l) => l.includes('Hypotheses'))).toBe(false);
      expect(all.filter((l) => l.includes('✓ VERDICT'))).toHaveLength(1);
    } finally {
      t.close();
    }
  });

  test('ctrl-c twice brings the prompt back at once', async () => {
    const t = await shell(80, 24, { spanMs: 40_000 });
    try {
      await t.until((s) => s.includes('Hypotheses'));
      t.keys('C-c', 'C-c');
      await t.until((s) => s.includes('exit=130'));
      expect(t.ask('#{cursor_flag}')).toBe('1');
    } finally {
      t.close();
    }
  });

  test('keys come from the terminal when stdin is a pipe', async () => {
    const t = await shell(80, 24, { spanMs: 40_000 }, 'echo alert | ');
    try {
      await t.until((s) => s.includes('Hypotheses'));
      t.keys('q');
      await t.until((s) => s.includes('exit=130'));
    } finally {
      t.close();
    }
  });
});

/** A tmux of our own with a shell, 40 lines already on the screen, in which the program was started. */
async function shell(columns: number, rows: number, play: object, before = '') {
  const socket = `${tempFolder()}/tmux`;
  const env = cleanEnv({ PLAY: JSON.stringify(play), PS1: '$ ' });
  const tmux = (...args: string[]): string => {
    const { stdout, stderr, status } = spawnSync('tmux', ['-S', socket, '-f', '/dev/null', ...args], {
      cwd: ROOT,
      env,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`tmux ${args[0]}: ${stderr}`);
    return stdout;
  };
  tmux('new-session', '-d', '-s', 's', '-x', String(columns), '-y', String(rows), 'bash --norc --noprofile');
  tmux('set', '-g', 'status', 'off');
  const t = {
    screen: () => tmux('capture-pane', '-p', '-t', 's'),
    history: () => tmux('capture-pane', '-p', '-t', 's', '-S', '-'),
    ask: (format: string) => tmux('display', '-p', '-t', 's', format).trim(),
    keys: (...keys: string[]) => void tmux('send-keys', '-t', 's', ...keys),
    resize: (c: number, r: number) => void tmux('resize-window', '-t', 's', '-x', String(c), '-y', String(r)),
    close: () => void tmux('kill-server'),
    async until(seen: (screen: string) => boolean): Promise<void> {
      const deadline = performance.now() + 40_000;
      while (!seen(t.screen())) {
        if (performance.now() > deadline) throw new Error(`the screen never came:\n${t.history()}`);
        await new Promise((done) => setTimeout(done, 50));
      }
    },
  };
  t.keys('clear; seq -f "before %g" 40', 'Enter');
  await t.until((s) => s.includes('before 40'));
  t.keys(`${before}${PROGRAM}; echo exit=$?`, 'Enter');
  return t;
}
