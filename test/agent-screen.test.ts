/** The model's rows on the board: what it does and why, and the tightest budget; nothing of it without a model. */
import { beforeAll, expect, test } from 'vitest';
import { columnsOf } from '../src/core/columns.ts';
import type { State } from '../src/core/run-state.ts';
import { emptyState } from '../src/core/run-state.ts';
import { reduce } from '../src/core/state.ts';
import { scripted } from '../src/models/scripted.ts';
import { boardRows } from '../src/ui/board.ts';
import { bench } from './_bench.ts';
import { isRefutation, NOT_REFUTED, SOLVED, solver } from './_policies.ts';

const view = {
  columns: 80,
  rows: 24,
  now: 0,
  since: 0,
  color: false,
  ascii: false,
  motion: false,
  help: false,
  stopping: false,
};
const states: State[] = [];
beforeAll(async () => {
  const b = await bench('umber-ibis');
  const model = scripted((r, turn) =>
    isRefutation(r)
      ? { answer: NOT_REFUTED }
      : { ...solver('umber-ibis')(r, turn), thinking: 'The diffs should tell.' },
  );
  const { events } = await b.look(model, { turns: 4 });
  events.reduce((s, e) => {
    const next = reduce(s, e);
    states.push(next);
    return next;
  }, emptyState());
});
const rows = (s: State, columns = 80, height = 24): string[] =>
  boardRows(s, { ...view, columns, rows: height } as never);

test('says what the model does and why, and how near its budget is to its end', () => {
  const asking = states.find(
    (s) => s.turns.length === 1 && s.evidence.some((e) => e.step === 'agent' && e.state === 'running'),
  )!;
  const board = rows(asking).join('\n');
  expect(board).toMatch(/ agent {2}settle: Which change of orders explains it.* turn 1\/8/);
  expect(board).toContain('asking: bundle.changes.list orders');
  const later = states.find((s) => s.turns.length === 2)!;
  expect(rows(later).join('\n')).toMatch(/ budget ███░░░░░░░ 25% {2}\$0\.0\d\/\$0\.80 {2}\dk\/250k tok {2}tools 1\/20/);
  const near = states.findLast((s) => s.turns.length === 3)!;
  expect(
    rows({ ...near, meters: near.meters.map((m) => (m.what === 'turns' ? { ...m, used: 4 } : m)) }).join('\n'),
  ).toContain(' budget ! ');
});

test('fits every terminal, and is not there without a model', () => {
  for (const s of states)
    for (const [columns, height] of [
      [80, 24],
      [60, 14],
      [40, 10],
    ] as const) {
      const drawn = rows(s, columns, height);
      expect(drawn.length).toBeLessThanOrEqual(height - 2);
      for (const row of drawn) expect(columnsOf(row)).toBeLessThanOrEqual(columns);
    }
  expect(rows(states.find((s) => s.turns.length === 0)!).join('\n')).not.toMatch(/ agent | budget /);
  expect(SOLVED['umber-ibis']).toBeDefined();
});
