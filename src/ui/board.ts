/** The live board: State and View → rows. Never wider than the terminal, never taller than its rows less two. */
import { columnsOf } from '../core/columns.ts';
import { openQuestionOf } from '../core/human.ts';
import type { State } from '../core/run-state.ts';
import { plural } from '../core/text.ts';
import { runName, stepStanding, stepsDone } from '../core/wording.ts';
import { agentRows } from './agent-rows.ts';
import { humanRows } from './human-rows.ts';
import { KEYS } from './keys.ts';
import { gateRow, headerRows, hypothesisRows, stepRow, tinyRow } from './rows.ts';
import { type Brush, boardColumns, brush, type View } from './view.ts';

const TALLEST = 22;

/** The rows of the board. Below 40 columns or 10 rows it is one line. */
export function boardRows(state: State, view: View): string[] {
  const b = brush(view);
  const columns = boardColumns(view.columns);
  if (columns < 40 || view.rows < 10) {
    const q = openQuestionOf(state);
    const elsewhere = ` ${b.symbols.ask} ${q?.id}: inquest answer ${runName(state)} ${q?.id}`;
    return [trim(q ? b.clip(elsewhere, columns) : tinyRow(state, view, b))];
  }
  const asked = humanRows(state, view, b, columns);
  const limit = Math.max(1, Math.min(view.rows - 2, TALLEST));
  for (const plan of PLANS) {
    const rows = compose(state, view, b, columns, plan);
    if (rows.length <= limit) return rows.map(trim);
  }
  const rows = compose(state, view, b, columns, PLANS.at(-1)!);
  // A question stands whole or not at all: what is above it gives way.
  const tail = asked.length > 0 ? rows.slice(-asked.length - hintRows(state, view, b, columns).length) : [];
  return [...rows.slice(0, Math.max(0, limit - tail.length)), ...tail].slice(-limit).map(trim);
}

/** From roomy to tight: what is left out, in this order, until the board fits. */
interface Plan {
  blanks: boolean;
  fold: 'never' | 'done' | 'all' | 'one';
  most: number;
}

const PLANS: Plan[] = [
  { blanks: true, fold: 'never', most: 4 },
  { blanks: false, fold: 'never', most: 4 },
  { blanks: false, fold: 'never', most: 3 },
  { blanks: false, fold: 'done', most: 3 },
  { blanks: false, fold: 'all', most: 2 },
  { blanks: false, fold: 'one', most: 2 },
  { blanks: false, fold: 'one', most: 1 },
];

function compose(state: State, view: View, b: Brush, columns: number, plan: Plan): string[] {
  const blank = plan.blanks ? [''] : [];
  return [
    ...headerRows(state, view, b, columns),
    b.paint('dim', b.symbols.rule.repeat(columns)),
    ...stepRows(state, view, b, columns, plan.fold),
    ...blank,
    ...hypothesisRows(state, view, b, columns, plan.most),
    ...blank,
    ...(plan.fold === 'one' ? [] : [gateRow(state, b, columns)]),
    ...agentRows(state, b, columns),
    ...humanRows(state, view, b, columns),
    ...hintRows(state, view, b, columns),
  ];
}

/** The steps, each on its own row and in its place; on a low terminal what is over folds into one row. */
function stepRows(state: State, view: View, b: Brush, columns: number, fold: Plan['fold']): string[] {
  const standing = state.steps.map((s) => ({ step: s, is: stepStanding(state, s) }));
  const over = standing.filter((x) => x.is === 'done' || x.is === 'skipped');
  const row = (x: (typeof standing)[number]): string => stepRow(state, x.step, view, b, columns);
  if (standing.length === 0) return [];
  if (fold === 'never') return standing.map(row);
  if (fold === 'one') return [oneStepRow(state, b, columns)];

  const waiting = standing.filter((x) => x.is === 'waiting');
  const folded = fold === 'all' ? [...over, ...waiting] : over;
  const rows: string[] = [];
  if (over.length > 0) {
    const { done, of } = stepsDone(state);
    const answered = state.evidence.filter((e) => e.state === 'done').length;
    const text = `${done} of ${of} steps done, ${plural(answered, 'answer')}`;
    rows.push(b.clip(` ${b.paint('good', b.symbols.done)} ${text}`, columns));
  }
  rows.push(...standing.filter((x) => !folded.includes(x)).map(row));
  if (fold === 'all' && waiting.length > 0) {
    const names = waiting.map((x) => x.step.name).join(', ');
    rows.push(b.paint('dim', b.clip(` ${b.symbols.waiting} waiting: ${names}`, columns)));
  }
  return rows;
}

/** All steps in one row, for terminals so low that the hypotheses need the room. */
function oneStepRow(state: State, b: Brush, columns: number): string {
  const { done, of } = stepsDone(state);
  const running = state.steps.filter((s) => s.state === 'running').map((s) => s.name);
  const sign = running.length > 0 ? b.paint('live', b.symbols.running) : b.paint('good', b.symbols.done);
  return b.clip(
    ` ${sign} ${done} of ${of} steps done${running.length > 0 ? `, now ${running.join(', ')}` : ''}`,
    columns,
  );
}

/** The keys that work now, or what happens after a stop was asked for. */
function hintRows(state: State, view: View, b: Brush, columns: number): string[] {
  if (view.stopping) {
    const resume = `resume with:  inquest resume ${runName(state)}`;
    const long = ` ${b.symbols.limited} stopping after the current call. Saved, ${resume}`;
    return [
      b.paint('warn', b.clip(columnsOf(long) <= columns ? long : ` ${b.symbols.limited} stopping; ${resume}`, columns)),
    ];
  }
  if (view.typing !== undefined) return [];
  const steer = state.turns.length > 0 && !state.verdict ? '   / hint   p pause   esc interrupt' : '';
  if (!view.help) return [b.paint('dim', b.clip(` ? keys   q stop, the run is saved${steer}`, columns))];
  const keys = KEYS.filter((k) => state.model !== undefined || !k.model);
  const wide = Math.max(...keys.map((k) => k.label.length));
  return keys.map((k) => b.paint('dim', b.clip(` ${k.label.padEnd(wide)}  ${k.says}`, columns)));
}

/** Without blanks at the end, the ones before a closing style code too. */
const trim = (row: string): string => row.replace(/ +((?:\x1b\[[\d;]*m)*)$/, '$1');
