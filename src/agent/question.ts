/** The one question that would settle the case, and what has to be asked for it: by code, from the ranking. */
import type { Capability } from '../core/capabilities.ts';
import { changeName } from '../core/text.ts';
import type { Category, Hypothesis } from '../core/types.ts';
import type { OpenCase } from './case.ts';

export interface OpenQuestion {
  text: string;
  /** What bears on it, the most telling first. */
  capabilities: Capability[];
}

/** Where each kind of cause shows itself. */
const SHOWS: Record<Category, Capability[]> = {
  'code-change': ['changes.list', 'logs.search', 'traces.search'],
  'config-change': ['changes.list', 'logs.search', 'state.list'],
  'resource-exhaustion': ['logs.search', 'metrics.range', 'state.list'],
  dependency: ['logs.search', 'traces.search', 'metrics.range'],
  traffic: ['logs.search', 'metrics.range', 'traces.search'],
  infrastructure: ['metrics.range', 'events.list', 'state.list'],
  data: ['logs.search', 'events.list', 'traces.search'],
  none: ['metrics.range', 'logs.search'],
  unknown: ['logs.search', 'changes.list', 'metrics.range'],
};
/** Tools offered at once: schemas cost tokens in every turn. */
const OFFERED = 5;
/** Everything that may be asked, for the second plan and where nothing is known yet. */
const ALL: Capability[] = [
  'logs.search',
  'changes.list',
  'traces.search',
  'metrics.range',
  'events.list',
  'errors.list',
  'state.list',
  'logs.patterns',
  'traces.summary',
  'topology.get',
];

/**
 * The question of a case.
 * @param wide offer everything: the first plan led nowhere, or there is no evidence yet
 */
export function openQuestion(c: OpenCase, wide: boolean): OpenQuestion {
  const known = c.hypotheses.filter((h) => h.state !== 'unknown' && h.score > 0);
  const can = (x: Capability): boolean => c.tools.some((t) => t.capability === x);
  const [first, second] = known;
  const text = questionOf(c, first, second);
  if (wide || !first) return { text, capabilities: ALL.filter(can) };
  // What was changed and what was logged bears on nearly everything that code cannot decide.
  const wanted: Capability[] = [
    ...SHOWS[first.category],
    'logs.search',
    'changes.list',
    ...(second ? SHOWS[second.category] : []),
  ];
  return { text, capabilities: [...new Set(wanted)].filter(can).slice(0, OFFERED) };
}

function questionOf(c: OpenCase, first: Hypothesis | undefined, second: Hypothesis | undefined): string {
  if (!first) return `What is wrong with ${c.alert.service ?? 'the system'}?`;
  const who = first.entity?.name ?? c.alert.service ?? 'the system';
  const near = c.findings
    .filter((f) => f.kind === 'change-near-onset' && f.data.late !== true)
    .map((f) => String(f.data.id));
  const change = (id: string): string => changeName({ id, kind: '' });
  if (first.change && second?.change && second.change !== first.change)
    return `Which change explains it: ${change(first.change)} or ${change(second.change)}, or neither?`;
  const others = near.filter((id) => id !== first.change && id.includes(who));
  if (first.change && others.length > 0)
    return `Which change of ${who} explains it: ${[first.change, ...others].slice(0, 4).map(change).join(' or ')}, or none of them?`;
  if (first.change)
    return `Does ${change(first.change)} explain what ${who} shows, or was it something else at that moment?`;
  return `What made ${who} do this at the onset, as no change near it explains it?`;
}
