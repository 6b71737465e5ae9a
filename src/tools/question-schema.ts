/** The shape of each question as data: what a caller that is not code may fill in, and the same as JSON Schema. */
import type { Capability, Questions } from '../core/capabilities.ts';
import { SERIES_KINDS } from '../core/telemetry.ts';

/**
 * What a field must be. `service`, `node`, `query`, `monitor`, `labels`, `trace`, `title` and `fingerprint` must have been
 * seen by the code itself (see scope.ts); `words` is looked for as it stands and never a pattern.
 */
export type Field =
  | 'time'
  | 'ranges'
  | 'service'
  | 'node'
  | 'query'
  | 'monitor'
  | 'labels'
  | 'trace'
  | 'title'
  | 'fingerprint'
  | 'words'
  | 'level'
  | 'kinds'
  | 'objects'
  | 'limit'
  | 'ms'
  | 'flag';

type Shape<Q> = { [K in keyof Q]-?: undefined extends Q[K] ? `${Field}?` : Field };

const RANGE = { from: 'time', to: 'time' } as const;

/** A `?` behind the kind: the field may be left out. */
export const QUESTIONS: { [C in Capability]: Shape<Questions[C]> } = {
  'metrics.range': { ...RANGE, service: 'service?', node: 'node?', query: 'query?', kinds: 'kinds?' },
  'logs.patterns': { ...RANGE, service: 'service?', baseline: 'ranges' },
  'logs.search': { ...RANGE, service: 'service?', text: 'words?', level: 'level?', traceId: 'trace?', limit: 'limit' },
  'traces.summary': { ...RANGE, service: 'service?', baseline: 'ranges' },
  'traces.search': {
    ...RANGE,
    service: 'service?',
    traceId: 'trace?',
    errorsOnly: 'flag?',
    minMs: 'ms?',
    limit: 'limit',
  },
  'changes.list': { ...RANGE, service: 'service?' },
  'topology.get': RANGE,
  'events.list': { ...RANGE, service: 'service?' },
  'errors.list': { ...RANGE, service: 'service?' },
  'slo.get': { ...RANGE, service: 'service?' },
  'monitors.get': { ...RANGE, name: 'monitor', labels: 'labels' },
  'incidents.similar': { ...RANGE, service: 'service?', title: 'title', fingerprint: 'fingerprint' },
  'state.list': { ...RANGE, kind: 'objects?', service: 'service?' },
};

export const KINDS: readonly string[] = SERIES_KINDS;
export const LEVELS = ['trace', 'debug', 'info', 'warn', 'warning', 'error', 'fatal'];
export const WORDS_MAX = 200;
export const LIMIT_MAX = 500;

const text = { type: 'string', maxLength: WORDS_MAX };
const range = {
  type: 'object',
  properties: { from: text, to: text },
  required: ['from', 'to'],
  additionalProperties: false,
};
const TYPES: Record<Field, Record<string, unknown>> = {
  time: { type: 'string', description: 'ISO-8601 UTC' },
  ranges: { type: 'array', items: range, maxItems: 8 },
  service: text,
  node: text,
  query: { type: 'string', description: 'word for word one that was seen' },
  monitor: text,
  labels: { type: 'object', additionalProperties: { type: 'string' } },
  trace: text,
  title: { type: 'string' },
  fingerprint: text,
  words: text,
  level: { type: 'string', enum: LEVELS },
  kinds: { type: 'array', items: { type: 'string', enum: KINDS }, maxItems: KINDS.length },
  objects: text,
  limit: { type: 'integer', minimum: 1, maximum: LIMIT_MAX },
  ms: { type: 'number', minimum: 0 },
  flag: { type: 'boolean' },
};

/** The fields of a capability's question with whether each must be there, in the order of the table. */
export const fieldsOf = (capability: Capability): { name: string; kind: Field; needed: boolean }[] =>
  Object.entries(QUESTIONS[capability] as Record<string, string>).map(([name, kind]) => ({
    name,
    kind: kind.replace('?', '') as Field,
    needed: !kind.endsWith('?'),
  }));

/** The question as JSON Schema (draft 2020-12), for a model's tool definition. */
export function jsonSchemaOf(capability: Capability): {
  type: 'object';
  properties: Record<string, Record<string, unknown>>;
  required: string[];
  additionalProperties: false;
} {
  const fields = fieldsOf(capability);
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(({ name, kind }) => [name, TYPES[kind]])),
    required: fields.filter((f) => f.needed).map((f) => f.name),
    additionalProperties: false,
  };
}
