/** JSON with sorted keys, and its hash: what makes two inputs the same input. */
import { createHash } from 'node:crypto';

/**
 * JSON text with object keys in code-unit order and `undefined` left out, at every depth.
 * Lists of numbers, which are most of what we hash, go to the engine's own serialiser in one piece.
 */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) {
    const plain = value.every((v) => v === null || (typeof v !== 'object' && v !== undefined));
    return plain ? JSON.stringify(value) : `[${value.map(canonical).join(',')}]`;
  }
  const o = value as Record<string, unknown>;
  const members = Object.keys(o)
    .sort()
    .flatMap((k) => (o[k] === undefined ? [] : `${JSON.stringify(k)}:${canonical(o[k])}`));
  return `{${members.join(',')}}`;
}

/** SHA-256 of a text or bytes, hex. */
export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** Hash of a JSON value whatever the order of its keys: first 32 hex digits of SHA-256. */
export const hashOf = (value: unknown): string => sha256(canonical(value)).slice(0, 32);

/** Total order of strings by code unit: the same on every machine and locale. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
