/** A question by hand: flags made from the table of questions, and what is typed turned into a question of it. */
import type { Capability, TimeRange } from '../core/capabilities.ts';
import { UserError } from '../core/errors.ts';
import { isObject } from '../core/fields.ts';
import { nearest } from '../core/text.ts';
import { HOUR, parseDuration, parseInstant, range, toIso, toMs } from '../core/time.ts';
import { type Field, fieldsOf, KINDS, LEVELS, LIMIT_MAX, QUESTIONS } from '../tools/question-schema.ts';

type Json = Record<string, unknown>;

/** What a person may write for a field, by its kind. */
const HINTS: Partial<Record<Field, string>> = {
  time: 'ISO time, now, or 30m for 30 minutes ago',
  ranges: 'FROM..TO, several separated by commas',
  service: 'name of a service',
  node: 'name of a host',
  query: "in the source's own language",
  labels: 'KEY=VALUE, several separated by commas',
  words: 'looked for as it stands',
  level: LEVELS.join(', '),
  kinds: KINDS.join(', '),
  objects: 'plural of a kind, such as pods',
  limit: `1 to ${LIMIT_MAX}`,
  ms: 'duration such as 250ms or 2s',
};

/** How much is asked for where nobody says. */
const LIMIT = 20;
const SPAN = '30m';

/** `traceId` → `--trace-id`. */
export const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;

export interface QuestionFlag {
  /** The field. */
  name: string;
  flags: string;
  about: string;
}

/** One flag for each field of any question, in the order of the table. */
export function questionFlags(): QuestionFlag[] {
  const kinds = new Map<string, Field>();
  for (const c of Object.keys(QUESTIONS) as Capability[])
    for (const { name, kind } of fieldsOf(c)) kinds.set(name, kinds.get(name) ?? kind);
  return [...kinds].map(([name, kind]) => ({ name, flags: withValue(name, kind), about: HINTS[kind] ?? '' }));
}

/** The fields of one question as lines for people: flag, whether it is needed, what may stand there. */
export const fieldRows = (capability: Capability): string[][] =>
  fieldsOf(capability).map(({ name, kind, needed }) => {
    const otherwise = defaultText(kind, name);
    const need = !needed ? 'may be left out' : otherwise === undefined ? 'needed' : `otherwise ${otherwise}`;
    return [withValue(name, kind), need, HINTS[kind] ?? ''];
  });

const withValue = (name: string, kind: Field): string => (kind === 'flag' ? flagOf(name) : `${flagOf(name)} <${kind}>`);

function defaultText(kind: Field, name: string): string | undefined {
  if (kind === 'time') return name === 'from' ? SPAN : 'now';
  return { ranges: 'the hour before', limit: String(LIMIT), labels: 'none' }[kind as string];
}

/** A question as it could be typed for this capability: what has a default is left out, but for the times. */
export function exampleOf(capability: Capability): Json {
  const services = fieldsOf(capability).some((f) => f.name === 'service');
  return { ...(services ? { service: 'checkout' } : {}), ...SAMPLES[capability], from: SPAN, to: 'now' };
}

const SAMPLES: Partial<Record<Capability, Json>> = {
  'logs.search': { text: 'timeout' },
  'monitors.get': { name: 'ServiceSlow' },
  'incidents.similar': { title: 'checkout is slow', fingerprint: 'checkout-slow' },
  'state.list': { kind: 'pods' },
};

/**
 * The question from what was typed, as flags or as JSON; what is left out and has a default gets it.
 * Throws UserError naming the field, and the nearest known one.
 */
export function questionOf(capability: Capability, typed: Json, now: number): Json {
  const fields = fieldsOf(capability);
  const names = fields.map((f) => f.name);
  const stray = Object.keys(typed).find((name) => !names.includes(name));
  if (stray !== undefined) {
    const near = nearest(stray, names);
    throw new UserError(`${capability} has no ${flagOf(stray)}${near ? `; did you mean ${flagOf(near)}?` : ''}`, {
      hints: [`It asks: ${names.map(flagOf).join(' ')}`],
    });
  }
  const question: Json = {};
  for (const { name, kind, needed } of fields) {
    const said = typed[name] ?? (needed ? otherwise(kind, name, question, now) : undefined);
    if (said === undefined && !needed) continue;
    if (said === undefined)
      throw new UserError(`${flagOf(name)} is missing`, { hints: [`Write: ${HINTS[kind] ?? kind}`] });
    const value = read(kind, said, now);
    if (value === undefined) {
      const shown = typeof said === 'string' ? `"${said}"` : JSON.stringify(said);
      throw new UserError(`${flagOf(name)}: ${shown} is not what it may be`, {
        hints: [`Write: ${HINTS[kind] ?? kind}`],
      });
    }
    question[name] = value;
  }
  const { from, to } = question as { from: string; to: string };
  if (toMs(from) >= toMs(to)) throw new UserError(`--from ${from} is not before --to ${to}`);
  return question;
}

function otherwise(kind: Field, name: string, question: Json, now: number): unknown {
  if (kind === 'time') return name === 'from' ? SPAN : 'now';
  if (kind === 'ranges') {
    const at = toMs((question.from as string) ?? toIso(now));
    return [range(at - HOUR, at)];
  }
  return { limit: LIMIT, labels: {} }[kind as string];
}

/** A value of this kind; undefined where it is none. */
function read(kind: Field, said: unknown, now: number): unknown {
  const text = typeof said === 'string' ? said.trim() : undefined;
  switch (kind) {
    case 'time': {
      const at = text === undefined ? undefined : parseInstant(text, now);
      return at === undefined ? undefined : toIso(at);
    }
    case 'ranges':
      return rangesOf(text?.split(',').map((r) => r.split('..')) ?? said, now);
    case 'labels':
      if (text === undefined) return isObject(said) ? said : undefined;
      return pairsOf(text);
    case 'kinds': {
      const kinds = text?.split(',') ?? said;
      return Array.isArray(kinds) && kinds.length > 0 && kinds.every((k) => KINDS.includes(k as string))
        ? kinds
        : undefined;
    }
    case 'level':
      return LEVELS.includes(text ?? '') ? text : undefined;
    case 'limit': {
      const n = Number(said);
      return Number.isInteger(n) && n >= 1 && n <= LIMIT_MAX ? n : undefined;
    }
    case 'ms': {
      const ms = typeof said === 'number' ? said : (parseDuration(text ?? '') ?? Number(text || Number.NaN));
      return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
    }
    case 'flag':
      return typeof said === 'boolean' ? said : undefined;
    default:
      return text === '' ? undefined : text;
  }
}

function rangesOf(said: unknown, now: number): TimeRange[] | undefined {
  if (!Array.isArray(said)) return undefined;
  const read = said.map((r: unknown) => {
    const [from, to] = Array.isArray(r) ? r : isObject(r) ? [r.from, r.to] : [];
    const at = [from, to].map((t) => (typeof t === 'string' ? parseInstant(t.trim(), now) : undefined));
    return at[0] !== undefined && at[1] !== undefined && at[0] < at[1] ? range(at[0], at[1]) : undefined;
  });
  return read.length > 0 && read.every((r) => r !== undefined) ? read : undefined;
}

function pairsOf(text: string): Record<string, string> | undefined {
  const pairs = text.split(',').map((p) => p.split('='));
  return pairs.every((p) => p.length === 2 && p[0] !== '') ? Object.fromEntries(pairs) : undefined;
}
