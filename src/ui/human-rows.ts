/** What waits for a person, or comes from one: the question with all its words, the hint that is typed, hints that wait. */
import { wrap } from '../core/columns.ts';
import { openQuestionOf } from '../core/human.ts';
import type { State } from '../core/run-state.ts';
import { oneLine, plural } from '../core/text.ts';
import { formatDuration, toMs } from '../core/time.ts';
import { runName } from '../core/wording.ts';
import { asksWhole, type Brush, type View } from './view.ts';

/** The rows of a question, or of a hint; none where nobody asks and nobody types. */
export function humanRows(state: State, view: View, b: Brush, columns: number): string[] {
  return [...steerRows(state, view, b, columns), ...questionRows(state, view, b, columns)];
}

function steerRows(state: State, view: View, b: Brush, columns: number): string[] {
  const rows: string[] = [];
  const waiting = state.hints.filter((h) => h.turn === undefined);
  const last = waiting.at(-1);
  if (state.paused)
    rows.push(b.paint('warn', b.clip(` ${b.symbols.limited} paused before the next turn; p goes on`, columns)));
  if (last && !state.verdict) {
    const more = waiting.length > 1 ? `${plural(waiting.length, 'hint')}, the newest ` : '';
    rows.push(b.clip(` hint   queued, used at the next turn: ${more}"${oneLine(last.text, 300)}"`, columns));
  }
  if (view.typing !== undefined) {
    const room = Math.max(8, columns - 11);
    const text = [...view.typing];
    rows.push(b.paint('bold', b.clip(` hint > ${text.slice(-room).join('')}_`, columns)));
    rows.push(b.paint('dim', b.clip('        Enter queues it for the next turn   esc: never mind', columns)));
  }
  return rows;
}

/** Never cut: who answers has read all of it. */
function questionRows(state: State, view: View, b: Brush, columns: number): string[] {
  const q = openQuestionOf(state);
  if (!q) return [];
  const left = toMs(q.deadline) - view.now;
  const head = `${b.symbols.ask} ${q.id}  ${q.text}`;
  const until =
    left > 0 ? `${formatDuration(Math.ceil(left / 1000) * 1000)} left, then: ${q.otherwise}` : 'its time is over';
  const folded = (text: string, indent: string): string[] =>
    wrap(b.plain(text), columns - indent.length).map((line) => indent + line);
  const how = !asksWhole(view)
    ? `make the terminal larger, or: inquest answer ${runName(state)} ${q.id}`
    : view.armed
      ? `type  ${view.armed.word}  to confirm: ${view.armed.typed}_   any other key: back`
      : `press its key, then type its word. Keys typed while this appeared do not count. Elsewhere: inquest answer ${runName(state)} ${q.id}`;
  return [
    ...folded(head, ' ').map((row) => b.paint('bold', row)),
    ...q.choices.flatMap((c) => folded(`${c.key}  ${c.word}: ${c.says}`, '   ')),
    ...folded(`(${until})`, '   ').map((row) => b.paint('dim', row)),
    ...folded(how, '   ').map((row) => b.paint(view.armed ? 'warn' : 'dim', row)),
  ];
}
