/** The conclusion: its shape as JSON Schema, and reading it. What it says is only a proposal; code checks every claim. */
import type { Claim } from '../core/claims.ts';
import type { JsonSchema } from '../core/model.ts';
import { CATEGORIES, type Category } from '../core/types.ts';
import { misfits } from './schema.ts';

type Kind = Exclude<Category, 'none' | 'unknown'>;
/** The kinds that a cause can be of. */
const KINDS = CATEGORIES.filter((c): c is Kind => c !== 'none' && c !== 'unknown');

/** A claim as a model makes it: it names evidence and what to look for; windows, numbers, times and words come from code. */
export type ModelClaim =
  | { type: 'known'; id: string }
  | { type: 'changed'; evidence: string; line: number; direction: 'up' | 'down' }
  | { type: 'precedes'; earlier: { evidence: string; at: string }; later: { evidence: string; at: string } }
  | {
      type: 'count';
      evidence: string;
      what: Extract<Claim, { type: 'count' }>['what'];
      match: string;
      atLeast: number;
    }
  | { type: 'mentions'; evidence: string; quote: string }
  | { type: 'deployed'; evidence: string; change: string }
  | { type: 'absent'; evidence: string }
  | { type: 'observed'; evidence: string; kind: string; object: string; field: string[]; is: string | null }
  | {
      type: 'slower' | 'failing' | 'repeated';
      evidence: string;
      service: string;
      operation: string;
      caller: string | null;
    }
  | { type: 'rerouted'; evidence: string; service: string; operation: string; a: string; b: string };

export interface Conclusion {
  outcome: 'cause' | 'inconclusive';
  /** Service, host or pod that it comes from; null where it is inconclusive. */
  entity: string | null;
  category: Kind | null;
  /** Id of the change that is accused. */
  change: string | null;
  claims: ModelClaim[];
  /** Free words: shown in a marked box, never the headline. */
  note: string;
}

const string = { type: 'string' };
const evidence = { type: 'string', description: 'such as E4.2' };
const object = (properties: Record<string, unknown>): Record<string, unknown> => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const moment = object({ evidence, at: { type: 'string', description: 'the time as it stands in the evidence' } });
const onSpans = (type: string): Record<string, unknown> =>
  object({ type: { const: type }, evidence, service: string, operation: string, caller: { type: ['string', 'null'] } });

const CLAIMS = [
  object({ type: { const: 'known' }, id: { type: 'string', description: 'a fact of the brief, such as C3' } }),
  object({
    type: { const: 'changed' },
    evidence,
    line: { type: 'integer', description: 'line of the series in this evidence' },
    direction: { enum: ['up', 'down'] },
  }),
  object({ type: { const: 'precedes' }, earlier: moment, later: moment }),
  object({
    type: { const: 'count' },
    evidence,
    what: { enum: ['records', 'patterns', 'changes', 'events', 'spans'] },
    match: string,
    atLeast: { type: 'integer' },
  }),
  object({
    type: { const: 'mentions' },
    evidence,
    quote: { type: 'string', description: 'byte for byte, 8 characters or more' },
  }),
  object({ type: { const: 'deployed' }, evidence, change: { type: 'string', description: 'its id' } }),
  object({
    type: { const: 'absent' },
    evidence: { type: 'string', description: 'an answer that is complete and empty' },
  }),
  object({
    type: { const: 'observed' },
    evidence,
    kind: string,
    object: string,
    field: { type: 'array', items: string },
    is: { type: ['string', 'null'] },
  }),
  ...['slower', 'failing', 'repeated'].map(onSpans),
  object({ type: { const: 'rerouted' }, evidence, service: string, operation: string, a: string, b: string }),
];

/** Most claims of a conclusion. */
const CLAIMS_MAX = 12;
const NOTE_MAX = 1200;

const claims = { type: 'array', items: { anyOf: CLAIMS } };

export const CONCLUSION: JsonSchema = object({
  outcome: { enum: ['cause', 'inconclusive'] },
  entity: { type: ['string', 'null'] },
  category: { anyOf: [{ enum: KINDS }, { type: 'null' }] },
  change: { type: ['string', 'null'] },
  claims,
  note: string,
});

/** What the second pass answers. */
export interface Refutation {
  refuted: boolean;
  claims: ModelClaim[];
  note: string;
}

export const REFUTATION: JsonSchema = object({ refuted: { type: 'boolean' }, claims, note: string });

/** Reads a reply as JSON of a schema, or says what is wrong with it. Lists and words beyond their most are cut. */
function read<T extends { claims: ModelClaim[]; note: string }>(
  text: string,
  schema: JsonSchema,
): T | { problems: string[] } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { problems: ['the answer is no JSON of the given shape'] };
  }
  const problems = misfits(json, schema, 'the answer');
  if (problems.length > 0) return { problems };
  const whole = json as T;
  return { ...whole, claims: whole.claims.slice(0, CLAIMS_MAX), note: [...whole.note].slice(0, NOTE_MAX).join('') };
}

export const readConclusion = (text: string): Conclusion | { problems: string[] } => read<Conclusion>(text, CONCLUSION);
export const readRefutation = (text: string): Refutation | { problems: string[] } => read<Refutation>(text, REFUTATION);
