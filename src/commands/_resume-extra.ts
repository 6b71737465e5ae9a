/** What a resumed run is given on top: notes, questions to ask again, more time. */
import { keysToRefresh, type Stale } from '../app/freshness.ts';
import { UserError } from '../core/errors.ts';
import type { EventBody } from '../core/events.ts';
import type { State } from '../core/run-state.ts';
import { plural } from '../core/text.ts';
import { formatDuration, parseDuration } from '../core/time.ts';

export interface Extra {
  notes: string[];
  /** `stale`, `all`, or evidence ids. */
  refresh?: string;
  budgetMs?: number;
}

/** The flags as one thing; undefined where none was given. */
export function extraOf(flags: { note?: string[]; refresh?: string | boolean; addBudget?: string }): Extra | undefined {
  const { note = [], refresh, addBudget } = flags;
  if (note.length === 0 && refresh === undefined && addBudget === undefined) return undefined;
  if (note.some((n) => n.trim() === '')) throw new UserError('--note: the note is empty');
  return {
    notes: note.map((n) => n.trim()),
    ...(refresh === undefined ? {} : { refresh: typeof refresh === 'string' ? refresh : 'stale' }),
    ...(addBudget === undefined ? {} : { budgetMs: budgetOf(addBudget) }),
  };
}

function budgetOf(text: string): number {
  const ms = parseDuration(text.replace(/^\+/, ''));
  if (ms !== undefined && ms > 0) return ms;
  throw new UserError(`--add-budget: "${text}" is no duration`, { hints: ['Write 60s, 2m, 1h: time for this run.'] });
}

/** What is told before the workflow goes on. A run that is given something new concludes anew. */
export function preludeOf(
  state: State,
  extra: Extra | undefined,
  stale: Stale[],
  wall: { usedMs: number; limitMs: number },
): EventBody[] {
  const news = stale.filter((s) => state.evidence.find((e) => e.id === s.key)?.stale === undefined);
  const aged: EventBody[] = news.length > 0 ? [{ type: 'evidence.stale', items: news }] : [];
  if (!extra) return aged;
  const refresh = extra.refresh === undefined ? [] : keysToRefresh(state, extra.refresh, stale);
  // More time is for what was cut off by time.
  const late = state.evidence.filter((e) => e.status === 'timeout' && !e.supersededBy).map((e) => e.id);
  const cutOff = extra.budgetMs === undefined || late.length === 0 ? [] : keysToRefresh(state, late.join(' '), []);
  const keys = [...new Set([...refresh, ...cutOff])];
  const said = state.evidence.filter((e) => e.capability === 'note').length;
  const why = [
    ...(extra.notes.length > 0 ? [plural(extra.notes.length, 'note')] : []),
    ...(keys.length > 0 ? [`${plural(keys.length, 'question')} asked again`] : []),
    ...(extra.budgetMs === undefined ? [] : [`${formatDuration(extra.budgetMs)} more time`]),
  ];
  const reopened: EventBody = {
    type: 'run.reopened',
    round: state.round + 1,
    why: why.join(', ') || 'nothing was stale',
    refresh: keys,
  };
  const notes = extra.notes.map((text, i): EventBody => ({ type: 'note.added', n: said + i + 1, text }));
  const budget: EventBody[] =
    extra.budgetMs === undefined
      ? []
      : [{ type: 'budget.changed', what: 'wall', used: wall.usedMs, limit: wall.limitMs }];
  return [reopened, ...aged, ...notes, ...budget];
}
