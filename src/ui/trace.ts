/** The lines that stay in the scrollback above the board: where the run began, and one line an answer. */
import type { EvidenceState, State } from '../core/state.ts';
import { count, oneLine } from '../core/text.ts';
import { toMs } from '../core/time.ts';
import { age, alertFacts, dayAndClock, evidenceText, isComplete, runName, span, topicOf } from '../core/wording.ts';
import { boardColumns, brush, type View } from './view.ts';

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

/** `+  1.2s E1.2 metrics   p95 118 to 486 ms (4.1x) since 02:51Z`. */
export function evidenceLine(e: EvidenceState, view: View): string {
  const b = brush(view);
  const at = e.fetchedAt ? (toMs(e.fetchedAt) - view.since) / 1000 : 0;
  const time = `+${Math.max(0, at).toFixed(1).padStart(5)}s`;
  const text = evidenceText(e);
  const body = isComplete(e) ? text : b.paint('warn', `${b.symbols.limited} ${text}`);
  const head = `${b.paint('dim', time)} ${b.paint('live', e.id.padEnd(4))} ${topicOf(e.capability).padEnd(9)} `;
  return b.clip(head + body, boardColumns(view.columns));
}

/** When a resumed run goes on. */
export function resumedLine(state: State, view: View): string {
  const b = brush(view);
  const answered = state.evidence.filter((e) => e.state === 'done').length;
  const text = `${runName(state)}  resumed: ${count(answered)} answers are kept and not asked again`;
  return b.paint('dim', b.clip(text, boardColumns(view.columns)));
}
