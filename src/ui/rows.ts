/** Single rows of the live board: each a function of State and View, at most `columns` wide. */
import { columnsOf } from '../core/columns.ts';
import { type RankRow, rankRows } from '../core/ranking.ts';
import type { State, StepState } from '../core/run-state.ts';
import { oneLine, plural } from '../core/text.ts';
import { clock, toMs } from '../core/time.ts';
import {
  age,
  alertFacts,
  evidenceOf,
  gapsOf,
  leadOf,
  runName,
  stepStanding,
  stepsDone,
  stepText,
  topFinding,
} from '../core/wording.ts';
import type { Tone } from './paint.ts';
import { sparkline } from './sparkline.ts';
import { type Brush, boardColumns, stopwatch, type View } from './view.ts';

const TONES: Record<ReturnType<typeof stepStanding>, Tone> = {
  waiting: 'dim',
  running: 'live',
  done: 'good',
  limited: 'warn',
  skipped: 'dim',
  failed: 'bad',
};

/** Title and clock; service, severity, when it fired. */
export function headerRows(state: State, view: View, b: Brush, columns: number): string[] {
  const { alert } = state;
  const title = alert ? oneLine(alert.title, 300) : 'reading the alert';
  const fired = alert && state.now ? `  fired ${clock(alert.startsAt)} (${age(alert.startsAt, state.now)})` : '';
  return [
    b.spread(b.paint('bold', `${runName(state)}  ${title}`), b.paint('dim', stopwatch(view.now - view.since)), columns),
    b.paint('dim', b.clip(alert ? `${alertFacts(alert)}${fired}` : state.origin, columns)),
  ];
}

/** `✓ signals  p95 118 → 486 ms (4.1x)  ▁▁▁▇█▇  E1.1 E1.2  1.2s`; what is less telling goes first when it is narrow. */
export function stepRow(state: State, step: StepState, view: View, b: Brush, columns: number): string {
  const standing = stepStanding(state, step);
  const nameWidth = Math.min(columns < 48 ? 10 : 16, Math.max(...state.steps.map((s) => columnsOf(s.name))));
  const head = ` ${b.paint(TONES[standing], stepSign(standing, view, b))} ${b.fill(step.name, nameWidth)}  `;
  const took = stepTime(step, view);
  const gaps = standing === 'limited' && topFinding(state, step.name) ? plural(gapsOf(state, step.name), 'gap') : '';
  const ids = columns < 64 ? '' : idsOf(step.evidence, columns < 90 ? 9 : 19);
  const tail = [gaps, ids, took === '' ? '' : took.padStart(5)].filter((x) => x !== '').join('  ');
  const text = stepText(state, step);
  const room = columns - columnsOf(head) - columnsOf(tail) - 1;
  const chart = columns < 64 ? '' : chartOf(state, step, Math.min(24, room - columnsOf(text) - 3), b);
  const quiet = step.state === 'waiting' || step.state === 'skipped';
  const body = b.paint(quiet ? 'dim' : 'plain', b.clip(text, room)) + (chart && `  ${chart}`);
  return b.spread(head + body, b.paint('dim', tail), columns);
}

function stepSign(standing: ReturnType<typeof stepStanding>, view: View, b: Brush): string {
  const { spinner, ...signs } = b.symbols;
  if (standing !== 'running' || !view.motion) return signs[standing];
  return spinner[Math.floor(Math.max(0, view.now - view.since) / 125) % spinner.length]!;
}

function stepTime(step: StepState, view: View): string {
  if (step.ms !== undefined) return `${(step.ms / 1000).toFixed(1)}s`;
  if (step.state !== 'running' || !step.startedAt) return '';
  // Whole seconds while it runs: a row that changes ten times a second cannot be read.
  const s = Math.floor((view.now - toMs(step.startedAt)) / 1000);
  return s < 1 ? '' : `${s}s`;
}

/** As many ids as fit, then how many more. */
function idsOf(ids: string[], columns: number): string {
  const all = ids.join(' ');
  if (all.length <= columns) return all;
  let shown = ids.length;
  let line = '';
  do line = `${ids.slice(0, --shown).join(' ')} +${ids.length - shown}`;
  while (shown > 1 && line.length > columns);
  return line;
}

/** A chart that the step's strongest finding cites and speaks of: one of another series would mislead. */
function chartOf(state: State, step: StepState, columns: number, b: Brush): string {
  const found = topFinding(state, step.name);
  if (step.state !== 'done' || columns < 6 || !found) return '';
  const cited = evidenceOf(state, step.name).filter((e) => found.cites.includes(e.id));
  const chart = cited.find((e) => e.chart && found.title.includes(e.chart.label.split(' ')[0]!))?.chart;
  return chart ? sparkline(chart.values, columns, b.symbols) : '';
}

/** Head and rows of the hypothesis board; the shown scores add up to 1.00. */
export function hypothesisRows(state: State, view: View, b: Brush, columns: number, most: number): string[] {
  const rows = rankRows(state.hypotheses, most);
  const wide = { bar: columns >= 72, word: columns >= 64 };
  const labels = `score${wide.word ? '  state    ' : ''} for/agst`;
  const head = b.spread(b.paint('bold', ' Hypotheses'), b.paint('dim', labels), columns);
  if (rows.length === 0) {
    const first = state.evidence.some((e) => e.state === 'done') ? 'ranking' : 'evidence';
    return [head, b.paint('dim', b.clip(`   waiting for the first ${first}`, columns))];
  }
  const moved = movements(state, view);
  return [head, ...rows.map((row) => hypothesisRow(row, moved[row.claim] ?? 0, b, columns, wide))];
}

function hypothesisRow(
  row: RankRow,
  moved: number,
  b: Brush,
  columns: number,
  wide: { bar: boolean; word: boolean },
): string {
  const arrow = moved > 0 ? b.paint('good', b.symbols.up) : moved < 0 ? b.paint('warn', b.symbols.down) : ' ';
  const full = Math.round(row.share * 10);
  const bar = wide.bar ? `${b.symbols.full.repeat(full)}${b.symbols.empty.repeat(10 - full)} ` : '';
  const counts = row.kind === 'hypothesis' ? `+${row.for} -${row.against}` : '';
  const right = `${bar}${row.score}  ${wide.word ? b.fill(row.word, 10) : ''}${counts.padEnd(6)}`;
  const left = ` ${row.id.padEnd(2)} ${arrow} ${row.claim}`;
  if (row.kind !== 'hypothesis' || row.word === 'ruled out') return b.paint('dim', b.spread(left, right, columns));
  return b.spread(row.word === 'lead' ? b.paint('bold', left) : left, right, columns);
}

const SHOWN_FOR = 5000;
const LEAST = 0.03;

/** Which way each hypothesis went at the last ranking, by its claim: a change of 0.03 or more, for 5 s. */
function movements(state: State, view: View): Record<string, number> {
  const before = state.history.at(-2)?.scores;
  if (!before || view.rankedAt === undefined || view.now - view.rankedAt > SHOWN_FOR) return {};
  const moves = state.hypotheses.map((h) => [oneLine(h.claim), h.score - (before[h.claim] ?? h.score)] as const);
  return Object.fromEntries(moves.filter(([, by]) => Math.abs(by) >= LEAST));
}

/** What the gate said, or what it will do. */
export function gateRow(state: State, b: Brush, columns: number): string {
  if (state.gate) return b.clip(` ${oneLine(state.gate.reason, 300)}`, columns);
  const who = state.model
    ? ` where the gate escalates, ${oneLine(state.model, 80)} looks further`
    : ' no model: where the gate would escalate, the verdict is inconclusive';
  return b.paint('dim', b.clip(who, columns));
}

/** All there is room for below 40 columns or 10 rows. */
export function tinyRow(state: State, view: View, b: Brush): string {
  const lead = leadOf(state);
  const { done, of } = stepsDone(state);
  const best = lead ? `${lead.id} ${lead.score.toFixed(2)} ${oneLine(lead.claim)}` : 'no lead yet';
  const left = `${runName(state)} ${stopwatch(view.now - view.since)} ${best}`;
  return b.spread(left, `${done}/${of}`, boardColumns(view.columns));
}
