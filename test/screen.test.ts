/** The screen as pure functions: golden frames, widths that hold for any text, scores that add up, keys. */
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { clip, fill, spread, wrap } from '../src/core/columns.ts';
import { stringMapper } from '../src/core/map-strings.ts';
import { hundredths, rankRows } from '../src/core/ranking.ts';
import type { State } from '../src/core/run-state.ts';
import type { Hypothesis } from '../src/core/types.ts';
import { safeText } from '../src/safety/safe-text.ts';
import { boardRows } from '../src/ui/board.ts';
import { actionsOf, KEYS } from '../src/ui/keys.ts';
import { sparkline } from '../src/ui/sparkline.ts';
import { ASCII, prefersAscii, UNICODE } from '../src/ui/symbols.ts';
import { evidenceLine, resumedLine, startLines } from '../src/ui/trace.ts';
import { verdictLines } from '../src/ui/verdict.ts';
import type { View } from '../src/ui/view.ts';
import { BEGAN, runEvents, stateAt } from './_events.ts';
import { styles } from './_terminal.ts';

const SIZES = [
  [80, 24],
  [60, 20],
  [40, 12],
  [200, 60],
] as const;

const LOOKS = {
  color: { color: true, ascii: false },
  none: { color: false, ascii: false },
  ascii: { color: false, ascii: true },
} as const;

/** What hostile people write into titles, names and log lines. */
const HOSTILE = [
  '\x1b[2J\x1b]0;pwn\x07\x1b[31m✓ VERDICT\x1b[0m',
  '日本語のとても長いサービス名',
  '👩‍👩‍👧‍👦👍🏽🇩🇪❤️ ',
  'e\u0301\u0301\u0301\u0301\u0301 \u202eevil\u202c \u200b\u200d\ufeff',
  'a\r\nb\tc\x07\x9b31m\u2028d',
  'x'.repeat(10_000),
];

function stateOf(
  moment: 'waiting' | 'running' | 'ranked' | 'verdict' | 'no-verdict',
  words?: (x: string) => string,
): State {
  const outcome = moment === 'no-verdict' ? 'inconclusive' : 'cause';
  const events = runEvents({ outcome, ...(words ? { words } : {}) });
  const safe = stringMapper(safeText);
  switch (moment) {
    case 'waiting':
      return safe(stateAt(events, (e) => e.type === 'run.started'));
    case 'running':
      return safe(stateAt(events, (e) => e.type === 'call.finished' && e.key === 'E5.1'));
    case 'ranked':
      return safe(stateAt(events, (e) => e.type === 'gate.decided'));
    case 'verdict':
    case 'no-verdict':
      return safe(stateAt(events));
  }
}

function viewOf(state: State, columns: number, rows: number, look: { color: boolean; ascii: boolean }): View {
  const now = Date.parse(state.at ?? '');
  return { columns, rows, ...look, motion: true, now, since: BEGAN, rankedAt: now };
}

const MOMENTS = ['waiting', 'running', 'ranked', 'verdict', 'no-verdict'] as const;

/** Everything that a moment shows: board, scrollback lines, closing. */
function everything(state: State, view: View): string[] {
  return [
    ...startLines(state, view),
    ...state.evidence.map((e) => evidenceLine(e, view)),
    resumedLine(state, view),
    ...boardRows(state, view),
    ...boardRows(state, { ...view, help: true }),
    ...boardRows(state, { ...view, stopping: true }),
    ...verdictLines(state, view),
  ];
}

test('the keys that steer a model are shown where there is one', () => {
  const state = stateOf('running');
  const help = (s: State): string => {
    const look = { ...viewOf(s, 80, 40, { color: false, ascii: false }), help: true };
    return boardRows(s, look).join('\n');
  };
  expect(help(state)).toContain('these keys');
  expect(help(state)).not.toMatch(/advise|interrupt|break off/);
  expect(help({ ...state, model: 'openai:any' })).toMatch(/ \/ .*advise the model/);
});

describe('golden frames', () => {
  for (const [columns, rows] of SIZES) {
    for (const [name, look] of Object.entries(LOOKS)) {
      test(`${columns}x${rows} ${name}`, async () => {
        const frames = MOMENTS.flatMap((moment) => {
          const state = stateOf(moment);
          const view = viewOf(state, columns, rows, look);
          const board = boardRows(state, view);
          expect(board.length).toBeLessThanOrEqual(rows - 2);
          if (state.verdict) return [`=== ${moment}`, ...verdictLines(state, view)];
          return [`=== ${moment}`, ...(moment === 'waiting' ? startLines(state, view) : []), ...board];
        });
        const text = frames.join('\n').replaceAll('\x1b', '␛');
        await expect(`${text}\n`).toMatchFileSnapshot(`golden/${columns}x${rows}-${name}.txt`);
      });
    }
  }

  test('say the same words without colour, in no style code at all', () => {
    for (const moment of MOMENTS) {
      const state = stateOf(moment);
      const plain = everything(state, viewOf(state, 80, 24, LOOKS.none)).join('\n');
      const painted = everything(state, viewOf(state, 80, 24, LOOKS.color)).join('\n');
      expect(styles(plain)).toBe(0);
      expect(painted.replace(/\x1b\[[\d;]*m/g, '')).toBe(plain);
    }
  });

  test('hold no byte above 7 bit in our own drawing with --ascii', () => {
    const bare = (x: string): string => x.replace(/[^\x20-\x7e]/g, '?');
    for (const moment of MOMENTS) {
      const state = stateOf(moment, bare);
      const text = everything(state, viewOf(state, 80, 24, LOOKS.ascii)).join('\n');
      expect(text.match(/[^\x0a\x20-\x7e]/g)).toBeNull();
    }
  });
});

describe('the board', () => {
  test('is never wider than the terminal and never taller than its rows less two, whatever outsiders write', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 220 }), fc.integer({ min: 3, max: 70 }));
    const words = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'grapheme', maxLength: 80 }));
    fc.assert(
      fc.property(sizes, words, fc.constantFrom(...MOMENTS), fc.boolean(), ([columns, rows], word, moment, ascii) => {
        const state = stateOf(moment, (x) => `${word}${x}`);
        const view = viewOf(state, columns, rows, { color: false, ascii });
        for (const line of [
          ...boardRows(state, view),
          ...startLines(state, view),
          ...state.evidence.map((e) => evidenceLine(e, view)),
        ]) {
          expect(stringWidth(line)).toBeLessThanOrEqual(columns);
          expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2028\u200b]/);
        }
        expect(boardRows(state, view).length).toBeLessThanOrEqual(Math.max(1, rows - 2));
      }),
      { numRuns: 150 },
    );
  });

  test('keeps every score and every +for -against at 60 and at 40 columns', () => {
    const state = stateOf('ranked');
    for (const [columns, rows] of [
      [60, 20],
      [40, 12],
    ] as const) {
      const text = boardRows(state, viewOf(state, columns, rows, LOOKS.none));
      expect(text.find((line) => line.includes('H1'))).toMatch(/0\.91 {2}\+5 -0$/);
    }
  });

  test('is one line below 40 columns or 10 rows', () => {
    const state = stateOf('ranked');
    expect(boardRows(state, viewOf(state, 39, 24, LOOKS.none))).toHaveLength(1);
    expect(boardRows(state, viewOf(state, 80, 9, LOOKS.none))).toEqual([
      't7f3kq 00:03 H1 0.91 deploy 4f2c1a9 of checkout                              9/9',
    ]);
  });

  test('shows which way a hypothesis went for five seconds, and only a change of 0.03 or more', () => {
    const state = stateOf('running');
    const view = viewOf(state, 80, 24, LOOKS.none);
    const arrows = (now: number): string =>
      boardRows(state, { ...view, now })
        .join('\n')
        .replace(/[^▲▼]/g, '');
    expect(arrows(view.now)).toBe('▲▼');
    expect(arrows(view.now + 5001)).toBe('');
  });

  test('does not move when nothing happens, but for the clock and the spinner', () => {
    const state = stateOf('waiting');
    const view = { ...viewOf(state, 80, 24, LOOKS.none), motion: false };
    expect(boardRows(state, { ...view, now: view.now + 130 })).toEqual(boardRows(state, view));
  });

  test('says how to go on when the person asked to stop, at any width', () => {
    const state = stateOf('running');
    for (const columns of [60, 80, 200])
      expect(boardRows(state, { ...viewOf(state, columns, 24, LOOKS.none), stopping: true }).join('\n')).toContain(
        'inquest resume t7f3kq',
      );
  });
});

describe('scores', () => {
  test('are rounded so that what is shown adds up to 1.00', () => {
    const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(shares, fc.integer({ min: 0, max: 6 }), (list, most) => {
        const hypotheses = list.map(
          (score, i): Hypothesis => ({
            id: `H${i}`,
            claim: `claim ${i}`,
            category: 'unknown',
            score,
            for: [],
            against: [],
            state: i === 0 ? 'unknown' : 'possible',
            claims: [],
          }),
        );
        const rows = rankRows(hypotheses, most);
        fc.pre(list.some((x) => x > 0));
        expect(rows.reduce((sum, r) => sum + Math.round(Number(r.score) * 100), 0)).toBe(100);
        expect(rows.at(-1)?.kind).toBe('unknown');
      }),
    );
  });

  test('keep unknown in sight even where nobody ranked it', () => {
    const one = {
      id: 'H1',
      claim: 'x',
      category: 'data',
      score: 0.4,
      for: [],
      against: [],
      state: 'lead',
      claims: [],
    } as const;
    const rows = rankRows([{ ...one, for: [], against: [], claims: [] }], 4);
    expect(rows.map((r) => r.score)).toEqual(['0.40', '0.60']);
  });

  test('go to the largest remainders', () => {
    expect(hundredths([1, 1, 1])).toEqual([34, 33, 33]);
    expect(hundredths([0.905, 0.049, 0.009, 0.004, 0.033])).toEqual([91, 5, 1, 0, 3]);
  });
});

describe('text in columns', () => {
  const any = fc.oneof(
    fc.constantFrom(...HOSTILE.map((x) => safeText(x).slice(0, 300))),
    fc.string({ unit: 'grapheme' }).map(safeText),
  );

  test('is cut, filled and wrapped to the column', () => {
    fc.assert(
      fc.property(any, any, fc.integer({ min: 2, max: 90 }), (a, b, n) => {
        const [left, right] = [a.replaceAll('\n', ' '), b.replaceAll('\n', ' ')];
        expect(stringWidth(clip(left, n))).toBeLessThanOrEqual(n);
        expect(stringWidth(fill(left, n))).toBe(n);
        expect(stringWidth(spread(left, right, n))).toBeLessThanOrEqual(n);
        for (const line of wrap(left, n)) expect(stringWidth(line)).toBeLessThanOrEqual(n);
      }),
    );
  });

  test('a character wider than the line becomes a mark, and what follows it stays', () => {
    expect(wrap('\u{1D158}\u{1D165}\u{1D16E}ab', 2)).toEqual(['…a', 'b']);
  });

  test('loses no word when it is wrapped', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,30}$/), { minLength: 1, maxLength: 20 }), (words) => {
        expect(wrap(words.join(' '), 20).join('').replaceAll(' ', '')).toBe(words.join(''));
      }),
    );
  });
});

describe('a sparkline', () => {
  test('shows gaps as gaps, the peak of a column, and a flat line low', () => {
    expect(sparkline([1, 1, null, 8, 8], 5, UNICODE)).toBe('▂▂·██');
    expect(sparkline([0, 9, 0, 0], 2, UNICODE)).toBe('█▁');
    expect(sparkline([3, 3, 3], 9, UNICODE)).toBe('▁▁▁');
    expect(sparkline([0, null, 7], 3, ASCII)).toBe('_ @');
    expect(sparkline([null], 3, UNICODE)).toBe('');
  });
});

describe('keys', () => {
  test('are single presses from one table; wrong keys and pastes do nothing', () => {
    const press = (input: string, ctrl = false, meta = false) => actionsOf({ input, ctrl, meta });
    expect(press('\x03\x03')).toEqual(['stop', 'stop']);
    expect([press('?'), press('q'), press('c', true), press('z', true), press('l', true)].flat()).toEqual([
      'help',
      'stop',
      'stop',
      'suspend',
      'repaint',
    ]);
    expect(press('\x0c\x1a')).toEqual(['repaint', 'suspend']);
    for (const wrong of ['', 'Q', 'c', 'z', 'x', '1', ' ', '\r', '\x7f', 'qq', 'q?', '[200~', '日'])
      expect(press(wrong)).toEqual([]);
    expect([press('q', true), press('q', false, true), press('?', true)]).toEqual([[], [], []]);
    expect(KEYS.map((k) => k.action).sort()).toEqual([
      'help',
      'hint',
      'interrupt',
      'pause',
      'repaint',
      'stop',
      'suspend',
    ]);
  });
});

describe('signs', () => {
  test('are ASCII by default where a terminal may draw ours two columns wide, or not at all', () => {
    expect(prefersAscii({ LANG: 'ja_JP.UTF-8' })).toBe(true);
    expect(prefersAscii({ LANG: 'de_DE.ISO-8859-1' })).toBe(true);
    expect(prefersAscii({ LC_ALL: 'en_GB.UTF-8', LANG: 'zh_CN.UTF-8' })).toBe(false);
    expect(prefersAscii({})).toBe(false);
    expect(prefersAscii({ LANG: 'zh_CN.UTF-8', INQUEST_ASCII: '0' })).toBe(false);
  });

  test('take one column each', () => {
    for (const { spinner, cut, ...signs } of [UNICODE, ASCII])
      for (const sign of [...spinner, ...Object.values(signs).flatMap((s) => [...s])])
        expect(stringWidth(sign), sign).toBe(1);
  });
});
