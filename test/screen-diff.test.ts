/** The row-diff stream: the same picture as stock Ink, with no row erased that did not change. */
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test, vi } from 'vitest';
import { type Frame, openDiffStream } from '../src/ui/diff-stream.ts';
import { patchRow } from '../src/ui/row-patch.ts';
import { openScreen } from '../src/ui/screen.tsx';
import { styles, terminal } from './_terminal.ts';

// Ink looks at CI once, when it is loaded, and then draws no frames.
vi.hoisted(() => {
  for (const name of ['CI', 'CONTINUOUS_INTEGRATION']) Reflect.deleteProperty(process.env, name);
});

const BEGIN = '\x1b[?2026h';
const END = '\x1b[?2026l';

/** What Ink's log-update writes for a frame of `rows` when `before` rows stand on the screen. */
function inkWrites(before: number, above: string[], rows: string[]): string[] {
  const erase = before > 0 ? `${'\x1b[2K\x1b[1A'.repeat(before)}\x1b[2K\x1b[G` : '';
  const frame = `${rows.join('\n')}\n`;
  return above.length > 0 ? [erase, `${above.join('\n')}\n`, frame] : [erase + frame];
}

function play(stream: NodeJS.WriteStream, steps: { above: string[]; rows: string[] }[]): void {
  let before = 0;
  for (const { above, rows } of steps) {
    stream.write(BEGIN);
    for (const text of inkWrites(before, above, rows)) stream.write(text);
    stream.write(END);
    before = rows.length + 1;
  }
}

const word = fc.constantFrom(
  'alpha',
  '✓ ok',
  '\x1b[32mgreen\x1b[39m',
  '\x1b[1mbold\x1b[22m',
  '日本',
  '·',
  'x',
  '⠋',
  '⠙',
);
const row = fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join(' '));
const rowsOf = (max: number) => fc.array(row, { minLength: 1, maxLength: max });
const steps = (max: number) =>
  fc.array(fc.record({ above: fc.array(row, { maxLength: 5 }), rows: rowsOf(max) }), { minLength: 1, maxLength: 12 });
const bare = (text: string): string => text.replace(/\x1b\[[\d;]*m/g, '');

describe('the row-diff stream', () => {
  test('leaves the lines above in the scrollback and the last frame below them, whatever came before', async () => {
    await fc.assert(
      fc.asyncProperty(steps(11), fc.integer({ min: 0, max: 30 }), async (list, offset) => {
        const t = terminal(60, 12);
        t.stream.write('shell\n'.repeat(offset));
        const diff = openDiffStream(t.stream);
        play(diff.stream, list);
        const expected = ['shell\n'.repeat(offset).trimEnd(), ...list.flatMap((s) => s.above), ...list.at(-1)!.rows];
        expect(await t.lines()).toEqual((offset > 0 ? expected.join('\n').split('\n') : expected.slice(1)).map(bare));
        expect(t.written()).not.toMatch(/\x1b\[[23]J|\x1b\[2K/);
      }),
      { numRuns: 150 },
    );
  });

  test('shows what stock Ink shows on a terminal that is tall enough', async () => {
    const pictures = [
      { above: ['one'], board: ['head', ' ⠋ a', ' · b'] },
      { above: ['one'], board: ['head', ' ⠙ a', ' · b'] },
      { above: ['one', 'two', 'three'], board: ['head', ' ✓ a', ' ⠋ b', ' new row'] },
      { above: ['one', 'two', 'three'], board: ['head', ' 2 of 2'] },
    ];
    const draw = async (stdout: NodeJS.WriteStream): Promise<void> => {
      const screen = openScreen({ stdout, stdin: undefined, onKey: () => {} });
      for (const picture of pictures) {
        screen.show(picture);
        // Ink draws at most ten frames a second.
        await new Promise((done) => setTimeout(done, 130));
      }
      screen.close();
    };
    const [stock, ours] = [terminal(60, 40), terminal(60, 40)];
    await draw(stock.stream);
    await draw(openDiffStream(ours.stream).stream);
    expect(await ours.lines()).toEqual(await stock.lines());
    expect((await ours.lines()).slice(0, 3)).toEqual(['one', 'two', 'three']);
    expect(stock.written()).toContain('\x1b[2K');
    expect(ours.written()).not.toContain('\x1b[2K');
  });

  test('sends only the rows that changed, and nothing for a frame that did not', () => {
    const t = terminal();
    const frames: Frame[] = [];
    const diff = openDiffStream(t.stream, { tap: (f) => frames.push(f) });
    const board = (sign: string): string[] => [
      'a long first row that stays',
      ` ${sign} running`,
      'a last row that stays',
    ];
    play(diff.stream, [
      { above: [], rows: board('⠋') },
      { above: [], rows: board('⠙') },
      { above: [], rows: board('⠙') },
    ]);
    expect(frames).toHaveLength(2);
    expect(frames[1]!.bytes).toBeLessThan(30);
    expect(t.written().split('stays')).toHaveLength(3);
  });

  test('tells Ink of an endless terminal and clips the frame itself, so that nothing wipes the scrollback', async () => {
    const t = terminal(40, 10);
    t.stream.write('shell 1\nshell 2\n');
    const diff = openDiffStream(t.stream);
    expect(diff.stream.rows).toBeGreaterThan(100_000);
    play(diff.stream, [
      { above: [], rows: Array.from({ length: 30 }, (_, i) => `row ${i}`) },
      { above: ['evidence'], rows: Array.from({ length: 30 }, (_, i) => `row ${i}!`) },
    ]);
    const lines = await t.lines();
    expect(lines.slice(0, 2)).toEqual(['shell 1', 'shell 2']);
    expect(lines.slice(-9)).toEqual(Array.from({ length: 9 }, (_, i) => `row ${21 + i}!`));
    expect(lines.filter((l) => l === 'evidence')).toHaveLength(1);
    expect(t.written()).not.toContain('\x1b[3J');
  });

  test('skips frames while the terminal is slow, but no line that belongs in the scrollback', async () => {
    const t = terminal();
    const diff = openDiffStream(t.stream);
    play(diff.stream, [{ above: ['E1'], rows: ['frame 1'] }]);
    t.choke();
    let before = 2;
    for (const n of [2, 3, 4]) {
      diff.stream.write(BEGIN);
      for (const text of inkWrites(before, [`E${n}`], [`frame ${n}`])) diff.stream.write(text);
      diff.stream.write(END);
      before = 2;
    }
    expect(await t.lines()).toEqual(['E1', 'frame 1']);
    t.drain();
    expect(await t.lines()).toEqual(['E1', 'E2', 'E3', 'E4', 'frame 4']);
    expect(t.written()).not.toContain('frame 3');
  });

  test('clears the board at the end, prints the last words, shows the cursor and lets nothing more through', async () => {
    const t = terminal(40, 10);
    const diff = openDiffStream(t.stream);
    diff.stream.write('\x1b[?25l');
    play(diff.stream, [{ above: ['E1'], rows: ['a', 'b', 'c', 'd'] }]);
    diff.end(['VERDICT', '']);
    const length = t.written().length;
    play(diff.stream, [{ above: ['late'], rows: ['late'] }]);
    await new Promise<void>((done) => diff.stream.write('', () => done()));
    diff.end(['twice']);
    expect(await t.lines()).toEqual(['E1', 'VERDICT']);
    expect(t.written().length).toBe(length);
    expect(t.written().lastIndexOf('\x1b[?25h')).toBeGreaterThan(t.written().lastIndexOf('\x1b[?25l'));
  });

  test('leaves no ghost of the board when the terminal gets narrower, wider or lower', async () => {
    const t = terminal(80, 12);
    const diff = openDiffStream(t.stream);
    const board = (columns: number): string[] => ['-'.repeat(columns), 'x'.repeat(columns - 1), 'last'];
    play(diff.stream, [{ above: ['E1'], rows: board(80) }]);
    let before = 4;
    for (const [columns, rows] of [
      [50, 12],
      [70, 12],
      [70, 6],
      [41, 6],
    ] as const) {
      t.resize(columns, rows);
      await t.lines();
      diff.resized();
      diff.stream.write(BEGIN);
      for (const text of inkWrites(before, [], board(columns))) diff.stream.write(text);
      diff.stream.write(END);
      before = 4;
      const lines = await t.lines();
      expect(lines.filter((l) => l.startsWith('---'))).toEqual(['-'.repeat(columns)]);
      expect(lines.at(-1)).toBe('last');
    }
  });

  test('goes away for the shell and comes back', async () => {
    const t = terminal(40, 10);
    const diff = openDiffStream(t.stream);
    play(diff.stream, [{ above: [], rows: ['a', 'b'] }]);
    diff.pause();
    t.stream.write('$ fg\n');
    diff.stream.write(BEGIN);
    for (const text of inkWrites(3, ['E1'], ['a', 'c'])) diff.stream.write(text);
    diff.stream.write(END);
    expect(await t.lines()).toEqual(['$ fg']);
    diff.resume();
    expect(await t.lines()).toEqual(['$ fg', 'E1', 'a', 'c']);
    diff.repaint();
    expect(await t.lines()).toEqual(['$ fg', 'E1', 'a', 'c']);
  });
});

describe('a row patch', () => {
  test('makes any row of any other', async () => {
    await fc.assert(
      fc.asyncProperty(row, row, async (before, after) => {
        const t = terminal(80, 3);
        t.stream.write(`${before}\r${patchRow(before, after, 80)}`);
        expect(await t.lines()).toEqual([bare(after)]);
      }),
    );
  });

  test('keeps the styles of what it leaves, and closes the styles that it opens', () => {
    const paint = (sign: string): string =>
      ` \x1b[36m${sign}\x1b[39m \x1b[1mname\x1b[22m  \x1b[2mtext that stays\x1b[22m`;
    const patch = patchRow(paint('⠋'), paint('⠙'), 80);
    expect(patch).toBe('\x1b[1C\x1b[36m⠙\x1b[0m');
    expect(styles(patch)).toBe(2);
  });

  test('never clears after a full row, where some terminals would clear its last sign', () => {
    const full = 'x'.repeat(20);
    expect(patchRow('', full, 20)).toBe(full);
    expect(stringWidth(patchRow('', 'x', 20))).toBe(1);
    expect(patchRow('日', 'y', 20)).toContain('\x1b[K');
  });
});
