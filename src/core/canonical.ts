/** JSON with sorted keys, and its hash: what makes two inputs the same input. */
import { createHash } from 'node:crypto';

/** JSON text with object keys in code-unit order and `undefined` left out, at every depth. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, v: unknown) => {
    if (v === null || typeof v !== 'object' || Array.isArray(v)) return v;
    const o = v as Record<string, unknown>;
    return Object.fromEntries(
      Object.keys(o)
        .sort()
        .map((k) => [k, o[k]]),
    );
  });
}

/** SHA-256 of a text or bytes, hex. */
export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** Hash of a JSON value whatever the order of its keys: first 32 hex digits of SHA-256. */
export const hashOf = (value: unknown): string => sha256(canonical(value)).slice(0, 32);

/** Total order of strings by code unit: the same on every machine and locale. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
