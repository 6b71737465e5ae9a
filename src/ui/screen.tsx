/** The only file that draws with Ink: lines that go up into the scrollback, the board below them in one Text, the keys. */
import { type Instance, render, Static, Text, useInput } from 'ink';
import type { ReactNode } from 'react';
import type { KeyPress } from './keys.ts';

export interface Picture {
  /** Every line that belongs above the board so far; grows at the end only. */
  above: readonly string[];
  /** The rows of the board, each fitted to the terminal already. */
  board: readonly string[];
}

export interface Screen {
  show(picture: Picture): void;
  /** Takes it down: raw mode off, listeners gone. */
  close(): void;
}

/** How often Ink may draw, frames a second. */
const MOST_FRAMES = 10;

/** Mounts Ink on `stdout`, with keys where `stdin` is a terminal. */
export function openScreen(opts: {
  stdout: NodeJS.WriteStream;
  stdin: NodeJS.ReadStream | undefined;
  onKey: (press: KeyPress) => void;
}): Screen {
  let mounted: Instance | undefined;
  return {
    show(picture) {
      const tree = <Board picture={picture} {...(opts.stdin ? { onKey: opts.onKey } : {})} />;
      if (mounted) {
        mounted.rerender(tree);
        return;
      }
      mounted = render(tree, {
        stdout: opts.stdout,
        ...(opts.stdin ? { stdin: opts.stdin } : {}),
        exitOnCtrlC: false,
        patchConsole: false,
        maxFps: MOST_FRAMES,
        isScreenReaderEnabled: false,
      });
    },
    close() {
      mounted?.unmount();
    },
  };
}

function Board({ picture, onKey }: { picture: Picture; onKey?: (press: KeyPress) => void }): ReactNode {
  return (
    <>
      <Static items={[...picture.above]}>
        {/* The lines never move, so their place is their identity. Ink drops empty ones. */}
        {(line, place) => <Text key={place}>{line === '' ? ' ' : line}</Text>}
      </Static>
      <Text>{picture.board.map((row) => (row === '' ? ' ' : row)).join('\n')}</Text>
      {onKey && <Keys onKey={onKey} />}
    </>
  );
}

function Keys({ onKey }: { onKey: (press: KeyPress) => void }): null {
  useInput((input, key) => {
    const name = key.escape ? 'escape' : key.return ? 'enter' : key.backspace || key.delete ? 'back' : undefined;
    onKey({ input, ctrl: key.ctrl, meta: key.meta, ...(name ? { name } : {}) });
  });
  return null;
}
