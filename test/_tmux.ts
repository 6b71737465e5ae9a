/** The program at a real terminal: a tmux server of our own, keys in, the screen out. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { BIN } from './_program.ts';

export interface Terminal {
  /** Types keys as tmux names them: `Enter`, `C-c`, or text. */
  keys(...keys: string[]): void;
  /** The screen once it holds this; an error with the screen where it does not within a minute. */
  until(what: RegExp): Promise<string>;
  screen(): string;
  /** All that was ever on the screen, scrollback first. */
  everything(): string;
  close(): void;
}

/** Starts `inquest <args>` in a terminal of 80x24; its exit code is printed as `exit=N` behind it. */
export function atTerminal(
  args: string[],
  { home, cwd, env }: { home: string; cwd?: string; env?: Record<string, string> },
): Terminal {
  const socket = join(home, 'tmux');
  mkdirSync(home, { recursive: true });
  const clean = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    PS1: '$ ',
    ...env,
  };
  const tmux = (...command: string[]): string => {
    const { stdout, stderr, status } = spawnSync('tmux', ['-S', socket, '-f', '/dev/null', ...command], {
      env: clean,
      cwd: cwd ?? home,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`tmux ${command[0]}: ${stderr}`);
    return stdout;
  };
  tmux('new-session', '-d', '-s', 's', '-x', '80', '-y', '24', 'bash --norc --noprofile');
  const typed = `node ${BIN} ${args.join(' ')}; echo exit=$?`;
  tmux('send-keys', '-t', 's', '-l', `clear; ${typed}`);
  tmux('send-keys', '-t', 's', 'Enter');
  const shot = (...more: string[]): string =>
    tmux('capture-pane', '-p', '-t', 's', ...more).replaceAll('echo exit=$?', '');
  return {
    keys: (...keys) => void tmux('send-keys', '-t', 's', ...keys),
    screen: () => shot(),
    everything: () => shot('-S', '-', '-J'),
    async until(what) {
      const end = Date.now() + 60_000;
      for (;;) {
        const screen = shot('-J');
        if (what.test(screen)) return screen;
        if (Date.now() > end) throw new Error(`${what} not seen within a minute:\n${screen}`);
        await new Promise((go) => setTimeout(go, 60));
      }
    },
    close: () => void spawnSync('tmux', ['-S', socket, 'kill-server'], { env: clean }),
  };
}
