/** The lines that stay in the scrollback above the board: where the run began, and one line an answer. */
import { columnsOf, wrap } from '../core/columns.ts';
import type { EvidenceState, State } from '../core/run-state.ts';
import { count, oneLine } from '../core/text.ts';
import { toMs } from '../core/time.ts';
import {
  age,
  alertFacts,
  dayAndClock,
  evidenceText,
  foundBy,
  isComplete,
  runName,
  span,
  topicOf,
} from '../core/wording.ts';
import { sparkline } from './sparkline.ts';
import { type Brush, boardColumns, brush, type View } from './view.ts';

/** What is looked at, over which time, and with which eyes: three or four lines. */
export function startLines(state: State, view: View): string[] {
  const b = brush(view);
  const columns = boardColumns(view.columns);
  const { alert, window, playbook } = state;
  if (!alert || !window) return [];
  const fired = `fired ${dayAndClock(alert.startsAt)} (${age(alert.startsAt, state.now ?? alert.startsAt)})`;
  const sources = [...new Set(state.tools.map((t) => t.source))];
  const lines = [
    b.paint('bold', b.clip(`${runName(state)}  ${oneLine(alert.title, 300)}`, columns)),
    b.clip(`  ${alertFacts(alert)}  ${fired}`, columns),
    b.paint(
      'dim',
      b.clip(
        `  looking at ${span(window.from, window.to)}, against ${span(window.baseline.from, window.baseline.to)}`,
        columns,
      ),
    ),
    b.paint(
      'dim',
      b.clip(
        `  playbook ${playbook ? oneLine(playbook.name, 40) : 'none'}, sources ${sources.join(', ') || 'none'}`,
        columns,
      ),
    ),
  ];
  for (const x of state.unavailable) {
    const text = ` ${b.symbols.limited} no ${oneLine(x.source, 40)}: ${oneLine(x.why)}`;
    lines.push(b.paint('warn', b.clip(text, columns)));
  }
  return lines;
}

/** `+  1.2s E1.2 metrics   p95 118 to 486 ms (4.1x) since 02:51Z`, with a small chart where there is room. */
export function evidenceLine(e: EvidenceState, view: View): string {
  const b = brush(view);
  const columns = boardColumns(view.columns);
  const text = evidenceText(e);
  const head = `${timeOf(e.fetchedAt, view, b)} ${b.paint('live', e.id.padEnd(5))} ${topicOf(e.capability).padEnd(9)} `;
  if (!isComplete(e)) return b.clip(head + b.paint('warn', `${b.symbols.limited} ${text}`), columns);
  const room = columns - columnsOf(head) - columnsOf(text);
  return b.clip(head + b.paint('dim', text + chartOf(e, Math.min(48, room), b)), columns);
}

/** `  p95 checkout ▁▁▁▇█`, named, because an answer may hold many series; empty where that does not fit. */
function chartOf({ chart }: EvidenceState, columns: number, b: Brush): string {
  if (!chart) return '';
  const label = `  ${oneLine(chart.label, 60)} `;
  const room = columns - columnsOf(label);
  return room < 8 ? '' : label + sparkline(chart.values, Math.min(20, room), b.symbols);
}

const MOST_FOUND = 3;
const LEAST_SEVERITY = 0.3;

/** `+  1.3s E1.2 found     p95 of checkout 118 → 486 ms`: the most abnormal that a finished step has found. */
export function foundLines(state: State, step: string, view: View): string[] {
  const b = brush(view);
  const time = timeOf(state.at, view, b);
  return foundBy(state, step)
    .filter((f) => f.severity >= LEAST_SEVERITY)
    .slice(0, MOST_FOUND)
    .flatMap((f) => {
      const head = `${time} ${b.paint('live', (f.cites[0] ?? '').padEnd(5))} ${b.paint('good', 'found'.padEnd(9))} `;
      return twoLines(head, oneLine(f.title, 300), boardColumns(view.columns), b);
    });
}

/** A text behind a head, on a second line below itself where it is long; no third. */
function twoLines(head: string, text: string, columns: number, b: Brush): string[] {
  const indent = columnsOf(head);
  if (indent + 12 > columns) return [b.clip(head + text, columns)];
  const [first = '', ...rest] = wrap(b.plain(text), columns - indent);
  const second = rest.length > 0 ? [b.clip(' '.repeat(indent) + rest.join(' '), columns)] : [];
  return [head + first, ...second];
}

function timeOf(at: string | undefined, view: View, b: Brush): string {
  const seconds = at ? Math.max(0, (toMs(at) - view.since) / 1000) : 0;
  return b.paint('dim', `+${seconds.toFixed(1).padStart(5)}s`);
}

/** When a resumed run goes on. */
export function resumedLine(state: State, view: View): string {
  const b = brush(view);
  const answered = state.evidence.filter((e) => e.state === 'done').length;
  const text = `${runName(state)}  resumed: ${count(answered)} answers are kept and not asked again`;
  return b.paint('dim', b.clip(text, boardColumns(view.columns)));
}
