/** The ordered journal for people: one line an event, with filters. */
import { UserError } from '../core/errors.ts';
import type { Event } from '../core/events.ts';
import { baseKey } from '../core/rounds.ts';
import type { State } from '../core/run-state.ts';
import { oneLine } from '../core/text.ts';
import { parseInstant, toMs } from '../core/time.ts';

export interface ViewFilter {
  step?: string;
  tool?: string;
  entity?: string;
  since?: string;
  until?: string;
}

/** The events that a filter leaves, in the order of the journal. Throws UserError for a filter that cannot match. */
export function filtered(events: Event[], state: State, f: ViewFilter): Event[] {
  const { steps, tools } = state;
  const step =
    f.step === undefined ? undefined : steps.find((s) => s.name === f.step || `S${s.n}` === f.step?.toUpperCase());
  if (f.step !== undefined && !step)
    throw none(
      'step',
      f.step,
      steps.map((s) => s.name),
    );
  if (f.tool !== undefined && !tools.some((t) => t.name.includes(f.tool!)))
    throw none(
      'tool',
      f.tool,
      tools.map((t) => t.name),
    );
  const from = instant('since', f.since, state);
  const to = instant('until', f.until, state);
  return events.filter((e) => {
    const at = toMs(e.at);
    if ((from !== undefined && at < from) || (to !== undefined && at > to)) return false;
    if (step && !('step' in e && e.step === step.name)) return false;
    if (f.tool !== undefined && !('activity' in e && e.activity.includes(f.tool))) return false;
    return f.entity === undefined || mentions(e, f.entity);
  });
}

const none = (what: string, given: string, known: string[]): UserError =>
  new UserError(`--${what}: this run has no ${what} "${given}"`, { hints: [`It has: ${known.join(', ')}`] });

function instant(flag: string, text: string | undefined, state: State): number | undefined {
  if (text === undefined) return undefined;
  const at = parseInstant(text, toMs(state.at ?? ''));
  if (at !== undefined) return at;
  throw new UserError(`--${flag}: "${text}" is no time`, {
    hints: ['Write 2026-01-31T14:05:00Z, or 2s for that long before the end.'],
  });
}

/** The name as a whole value anywhere in the event, or as a word of a sentence. */
function mentions(value: unknown, name: string): boolean {
  if (typeof value === 'string') return value === name || value.split(/[^\w.-]+/).includes(name);
  if (value === null || typeof value !== 'object') return false;
  return Object.values(value).some((v) => mentions(v, name));
}

/** One line of an event: time, number, kind, and what it says. */
export function lineOf(e: Event, state: State): string {
  return `${e.at.slice(11, 23)}  ${String(e.seq).padStart(4)}  ${e.type.padEnd(17)}  ${oneLine(wordsOf(e, state), 400)}`;
}

function wordsOf(e: Event, state: State): string {
  switch (e.type) {
    case 'journal.opened':
      return `epoch ${e.epoch} by ${e.program}, process ${e.pid} on ${e.host}`;
    case 'run.started':
      return `${e.alert.title}; playbook ${e.playbook.name} (${e.playbook.why}); tools offered: ${e.tools.map((t) => t.name).join(' ')}`;
    case 'run.resumed':
      return `by ${e.program}, after ${e.from} events`;
    case 'run.reopened':
      return `round ${e.round}: ${e.why}${e.refresh.length > 0 ? `; asked again: ${e.refresh.join(' ')}` : ''}`;
    case 'run.forked':
      return `from ${e.parent}${e.point ? ` at ${e.point}` : ''}, ${e.shared} answers shared ${e.changed.join(', ')}`;
    case 'answer.shared':
      return `${e.answer.key} ${e.answer.activity} from ${e.from}`;
    case 'note.added':
      return `E0.${e.n} ${e.text}`;
    case 'evidence.stale':
      return e.items.map((i) => i.key).join(' ');
    case 'feedback.given':
      return `${e.right ? 'right' : 'wrong'}${e.cause ? `: ${e.cause}` : ''}`;
    case 'alert.joined':
      return `${e.as}: ${e.title}${e.service ? ` of ${e.service}` : ''}, since ${e.startsAt}; ${e.why}`;
    case 'step.started':
      return e.step;
    case 'step.skipped':
      return `${e.step}: ${e.why}`;
    case 'step.finished':
      return `${e.step}: ${e.findings} findings from ${e.evidence.join(' ') || 'nothing'}, ${e.ms} ms${e.error ? `; ${e.error}` : ''}`;
    case 'call.started': {
      const offered = state.tools.filter((t) => t.capability === e.capability).map((t) => t.name);
      return `${e.key} ${e.step} chose ${e.activity} of ${offered.join(' ')}: ${e.why}; ${JSON.stringify(e.input)}`;
    }
    case 'call.finished':
      return `${e.key} ${e.activity} ${e.status}, ${e.ms} ms: ${e.summary}${e.shared ? ` (from ${e.shared.run})` : ''}`;
    case 'finding':
      return `${e.step}: ${e.finding.title} (${e.finding.cites.map(baseKey).join(' ')})`;
    case 'hypotheses.ranked':
      return e.hypotheses.map((h) => `${h.id} ${h.score.toFixed(2)}`).join(' ') + (e.final ? ' final' : '');
    case 'gate.decided':
      return e.gate.reason;
    case 'claim.checked':
      return `${e.claim.ok ? 'holds' : 'dropped'}: ${e.claim.sentence}`;
    case 'budget.changed':
      return e.meters
        ? e.meters.map((m) => `${m.what} ${m.used} of ${m.limit}`).join(', ')
        : `${e.what}: ${e.used} of ${e.limit} ms`;
    case 'turn.started':
      return `${e.by ? `${e.by} ` : ''}${e.turn}: ${e.aim}; tools offered: ${e.offered.join(' ') || 'none'}`;
    case 'turn.finished':
      return `${e.by ? `${e.by} ` : ''}${e.turn} ${e.stop} by ${e.model}, ${e.tokens} tokens${e.dollars === undefined ? '' : `, $${e.dollars}`}${e.problem ? `: ${e.problem}` : ''}; ${JSON.stringify(e.calls)}`;
    case 'run.finished':
      return `${e.verdict.outcome} ${e.verdict.confidence.toFixed(2)}: ${e.verdict.headline}`;
    case 'run.interrupted':
      return e.why;
    default:
      return '';
  }
}
