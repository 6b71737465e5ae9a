/**
 * The tools of the model: typed questions within what the code has seen. Nothing that it writes chooses a host, a query
 * language or a path; windows and limits are held inside ours.
 */
import type { Capability, Questions } from '../core/capabilities.ts';
import type { ModelTool } from '../core/model.ts';
import { toIso, toMs } from '../core/time.ts';
import { jsonSchemaOf } from '../tools/question-schema.ts';
import { earliestOf } from '../tools/scope.ts';
import { misfits } from './schema.ts';

export const READ_LINES = 'read_lines';
/** Records or spans of one answer, where the model names no number. */
const LIMIT = 100;
/** A list of names this long is worth sending; a longer one is only checked. */
const NAMED = 60;

/** What may be asked for; the door itself (tools/scope.ts) checks it again. */
export interface Reach {
  services: string[];
  nodes: readonly string[];
  /** Ids of the hypotheses; `H0` is the unknown. */
  hypotheses: string[];
  window: { from: string; to: string; baseline: { from: string; to: string } };
  alertAt: string;
  now: string;
}

/** What a model may ask, and what it is told of it. The fields are those of the question (tools/question-schema.ts). */
const ABOUT: Partial<Record<Capability, string>> = {
  'logs.search':
    'Log records of a service, oldest first, with their attributes. Filter by contained text, level (this one or worse), trace id.',
  'logs.patterns': 'Log templates with counts before and since.',
  'metrics.range': 'Time series of a service or a node.',
  'traces.search': 'Spans with their attributes, oldest first.',
  'traces.summary': 'Operations and calls between services, before and since.',
  'changes.list':
    'Deploys, commits, flags, configuration changes with their diffs. Ask days back for what runs now, however old it is.',
  'topology.get': 'Who calls whom.',
  'events.list': 'Events of monitors, databases, autoscalers.',
  'errors.list': 'Groups of errors with counts, first and last time and version.',
  'slo.get': 'Service level objectives and what is left of their budgets.',
  'state.list': 'State of orchestrated objects now.',
};
/** Filled in by code: the times have their own defaults, queries and baselines are those of the investigation. */
const BY_CODE = new Set(['from', 'to', 'baseline', 'query']);

type Fields = Record<string, Record<string, unknown>>;

function fieldsOf(c: Capability, { services }: Reach): Fields {
  const own = Object.entries(jsonSchemaOf(c).properties).filter(([name]) => !BY_CODE.has(name));
  const named = services.length <= NAMED ? { service: { type: 'string', enum: services } } : {};
  return Object.fromEntries(
    own.map(([name, shape]) => [name, name === 'service' ? { ...shape, ...named.service } : shape]),
  );
}

/** `logs.search` → `logs_search`: names of tools hold no dots. */
const nameOf = (c: Capability): string => c.replace('.', '_');

/** The tools for these capabilities, and the one that pages through what was answered. */
export function offer(capabilities: Capability[], scope: Reach): ModelTool[] {
  const tests = {
    type: 'string',
    enum: scope.hypotheses,
    description: 'the hypothesis that this tests; H0 = none of them',
  };
  const time = { type: 'string', maxLength: 40, description: 'ISO-8601 UTC; left out = the window of the incident' };
  const asks = capabilities.flatMap((c): ModelTool[] => {
    const about = ABOUT[c];
    if (!about) return [];
    const schema = object({ tests, ...fieldsOf(c, scope), from: time, to: time }, ['tests']);
    return [{ name: nameOf(c), description: about, schema }];
  });
  const range = { type: 'integer', minimum: 1, maximum: 1_000_000 };
  const read: ModelTool = {
    name: READ_LINES,
    description: 'Lines of an evidence that was answered already, such as E4.2 from 120 to 180. Costs no question.',
    schema: object({ evidence: { type: 'string', maxLength: 20 }, from: range, to: range }, ['evidence', 'from', 'to']),
  };
  return [...asks, read];
}

const object = (properties: Fields, required: string[]): Record<string, unknown> => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

export type Asked =
  | { ask: Capability; question: Questions[Capability]; tests: string }
  | { read: string; from: number; to: number }
  | { problem: string };

/** What a call asks, within our bounds; or why it cannot be asked. */
export function asked(name: string, input: unknown, offered: ModelTool[], scope: Reach): Asked {
  const tool = offered.find((t) => t.name === name);
  if (!tool) return { problem: `there is no tool of this name; offered are ${offered.map((t) => t.name).join(', ')}` };
  const wrong = misfits(input, tool.schema, 'input');
  if (wrong.length > 0) return { problem: wrong.join('; ') };
  const { tests, from, to, ...rest } = input as Record<string, unknown>;
  if (name === READ_LINES)
    return { read: String(rest.evidence), from: Number(from), to: Math.max(Number(from), Number(to)) };
  const capability = name.replace('_', '.') as Capability;
  if (rest.service !== undefined && !scope.services.includes(String(rest.service)))
    return { problem: `no source knows the service ${String(rest.service)}` };
  if (rest.node !== undefined && !scope.nodes.includes(String(rest.node)))
    return { problem: `no source knows the node ${String(rest.node)}` };
  const range = within(capability, from, to, scope);
  if ('problem' in range) return range;
  const sides =
    capability === 'logs.patterns' || capability === 'traces.summary' ? { baseline: [scope.window.baseline] } : {};
  const bounded = capability === 'logs.search' || capability === 'traces.search' ? { limit: LIMIT } : {};
  return {
    ask: capability,
    question: { ...bounded, ...rest, ...range, ...sides } as Questions[Capability],
    tests: String(tests),
  };
}

/** The window of a question inside of what may be asked: never after now, never further back than its kind allows. */
function within(
  c: Capability,
  from: unknown,
  to: unknown,
  s: Reach,
): { from: string; to: string } | { problem: string } {
  const now = toMs(s.now);
  const earliest = earliestOf(c, s.window, s.alertAt);
  const at = (x: unknown, otherwise: string): number => (x === undefined ? toMs(otherwise) : toMs(String(x)));
  const [a, b] = [at(from, s.window.from), at(to, s.now)];
  if (Number.isNaN(a) || Number.isNaN(b))
    return { problem: 'from and to must be ISO-8601 times such as 2026-11-20T08:00:00Z' };
  const [start, end] = [Math.max(earliest, Math.min(a, now)), Math.min(b, now)];
  if (start >= end) return { problem: `nothing lies between ${toIso(a)} and ${toIso(b)}; now is ${s.now}` };
  return { from: toIso(start), to: toIso(end) };
}
