/** Checks a JSON value against the part of JSON Schema that we send to models: one truth for what is asked and what is taken. */
import type { JsonSchema } from '../core/model.ts';
import { oneLine } from '../core/text.ts';

interface Shape {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Shape[];
  items?: Shape;
  properties?: Record<string, Shape>;
  required?: string[];
  additionalProperties?: boolean;
  minimum?: number;
  maximum?: number;
  maxItems?: number;
  maxLength?: number;
}

/** What is wrong with a value, each with its place; none = it fits. At most eight. */
export function misfits(value: unknown, schema: JsonSchema, at = 'it'): string[] {
  return check(value, schema as Shape, at).slice(0, 8);
}

function check(value: unknown, s: Shape, at: string): string[] {
  if (s.anyOf) return oneOf(value, s.anyOf, at);
  if (s.const !== undefined) return value === s.const ? [] : [`${at} must be ${JSON.stringify(s.const)}`];
  const types = s.type === undefined ? [] : [s.type].flat();
  if (types.length > 0 && !types.some((t) => isType(value, t))) return [`${at} must be ${types.join(' or ')}`];
  if (s.enum && !s.enum.includes(value)) {
    const known = s.enum.slice(0, 12).map(String).join(', ');
    return [`${at} is ${shown(value)}, not one of: ${known}${s.enum.length > 12 ? ' …' : ''}`];
  }
  if (typeof value === 'number') {
    if (s.minimum !== undefined && value < s.minimum) return [`${at} must be at least ${s.minimum}`];
    if (s.maximum !== undefined && value > s.maximum) return [`${at} must be at most ${s.maximum}`];
  }
  if (typeof value === 'string' && s.maxLength !== undefined && value.length > s.maxLength)
    return [`${at} is longer than ${s.maxLength} characters`];
  if (Array.isArray(value)) {
    const more =
      s.maxItems !== undefined && value.length > s.maxItems ? [`${at} has more than ${s.maxItems} items`] : [];
    return [...more, ...value.slice(0, 50).flatMap((v, i) => (s.items ? check(v, s.items, `${at}[${i}]`) : []))];
  }
  return value !== null && typeof value === 'object' ? members(value as Record<string, unknown>, s, at) : [];
}

function members(o: Record<string, unknown>, s: Shape, at: string): string[] {
  const known = s.properties ?? {};
  const has = (k: string): boolean => Object.hasOwn(o, k);
  const missing = (s.required ?? []).filter((k) => !has(k)).map((k) => `${at}.${k} is missing`);
  const strange = Object.keys(o).filter((k) => !Object.hasOwn(known, k) && s.additionalProperties === false);
  return [
    ...missing,
    ...strange.map((k) => `${at} has no field ${shown(k)}`),
    ...Object.keys(known).flatMap((k) => (has(k) && o[k] !== undefined ? check(o[k], known[k]!, `${at}.${k}`) : [])),
  ];
}

/** Of several shapes the one that its `type` constant names says what is wrong; else the nearest one. */
function oneOf(value: unknown, shapes: Shape[], at: string): string[] {
  const all = shapes.map((shape) => ({ shape, wrong: check(value, shape, at) }));
  if (all.some((x) => x.wrong.length === 0)) return [];
  const type = (value as { type?: unknown } | null)?.type;
  const named = all.find((x) => type !== undefined && x.shape.properties?.type?.const === type);
  if (named) return named.wrong;
  const types = shapes.flatMap((s) => s.properties?.type?.const ?? []);
  if (types.length > 0) return [`${at}.type is ${shown(type)}, not one of: ${types.join(', ')}`];
  return all.reduce((a, b) => (b.wrong.length < a.wrong.length ? b : a)).wrong;
}

function isType(v: unknown, type: string): boolean {
  if (type === 'null') return v === null;
  if (type === 'array') return Array.isArray(v);
  if (type === 'object') return v !== null && typeof v === 'object' && !Array.isArray(v);
  if (type === 'integer') return Number.isSafeInteger(v);
  if (type === 'number') return typeof v === 'number' && Number.isFinite(v);
  return typeof v === type;
}

const shown = (v: unknown): string => oneLine(JSON.stringify(v) ?? 'nothing', 60);
