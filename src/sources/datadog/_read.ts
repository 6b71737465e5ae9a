/** Reading what Datadog's client made of an answer: nothing is taken for granted, and nothing unreadable is taken for empty. */
import { defined } from '../../core/defined.ts';
import { oneLine, plural } from '../../core/text.ts';
import { UnparsedObject } from './_package.ts';
import type { Page } from './_shapes.ts';

/** An answer that is not what the operation promises, or that says in itself that it failed. */
export class Unreadable extends Error {
  override name = 'Unreadable';
}

export const text = (x: unknown): string | undefined =>
  typeof x === 'string' && x !== '' ? x : typeof x === 'number' || typeof x === 'boolean' ? String(x) : undefined;

/** A value of an enum that the client does not know comes wrapped. */
export const word = (x: unknown): string | undefined => text(x instanceof UnparsedObject ? x._data : x);

export const number = (x: unknown): number | undefined => (typeof x === 'number' && Number.isFinite(x) ? x : undefined);

/** Seconds since the epoch → ms; 0 is Datadog's "never". */
export const seconds = (x: unknown): number | undefined =>
  typeof x === 'number' && x > 0 ? Math.round(x * 1000) : undefined;

/** A date, or ms since the epoch → ms. */
export function time(x: unknown): number | undefined {
  const at = x instanceof Date ? x.getTime() : typeof x === 'string' ? Date.parse(x) : x;
  return typeof at === 'number' && Number.isFinite(at) && at > 0 ? at : undefined;
}

export const texts = (x: unknown): string[] => (Array.isArray(x) ? x.flatMap((t) => text(t) ?? []) : []);

export const object = (x: unknown): Record<string, unknown> =>
  typeof x === 'object' && x !== null && !Array.isArray(x) ? (x as Record<string, unknown>) : {};

/** A member of nested objects. */
export const at = (x: unknown, ...path: string[]): unknown => path.reduce((o, key) => object(o)[key], x);

/** The list that an answer promises. Throws `Unreadable` where there is none: that is no empty answer. */
export function list<T>(x: T[] | null | undefined, name: string): T[] {
  if (Array.isArray(x)) return x;
  throw new Unreadable(`it holds no "${name}"`);
}

/** The member that an answer promises. */
export function one<T>(x: T | null | undefined, name: string): T {
  if (x !== undefined && x !== null && !(x instanceof UnparsedObject)) return x;
  throw new Unreadable(`it holds no "${name}" that can be read`);
}

/**
 * A page of items. `read` gives undefined for what it cannot read: that is said in `incomplete`, and a page of which
 * nothing can be read is none.
 */
export function page<X, T>(
  found: X[] | null | undefined,
  name: string,
  read: (x: X, index: number) => T | undefined,
  more: { next?: string | undefined; of?: number | undefined; meta?: unknown } = {},
): Page<T> {
  const all = list(found, name);
  const items = all.flatMap((x, i) => read(x, i) ?? []);
  if (all.length > 0 && items.length === 0) throw new Unreadable(`none of its "${name}" can be read`);
  const lost = all.length - items.length;
  const problems = [
    ...(lost > 0 ? [`${plural(lost, 'item')} of ${all.length} cannot be read`] : []),
    ...said(more.meta),
  ];
  return defined({
    items,
    next: more.next,
    of: more.of,
    incomplete: problems.length > 0 ? problems.join('; ') : undefined,
  });
}

/** What Datadog itself says against an answer: it gave up in time, or warns. */
function said(meta: unknown): string[] {
  const { status, warnings } = object(meta);
  const warned = Array.isArray(warnings)
    ? warnings.map((w) => oneLine([at(w, 'title'), at(w, 'detail')].flatMap((x) => text(x) ?? []).join(': '), 200))
    : [];
  return [...(word(status) === 'timeout' ? ['Datadog gave up in time'] : []), ...warned.filter((w) => w !== '')];
}

/** Cursor of the next page where pages are counted: a page that is not full is the last. */
export const following = (got: number, limit: number, next: number): string | undefined =>
  got >= limit && got > 0 ? String(next) : undefined;

/** The number that such a cursor is; 0 for the first page. */
export const counted = (cursor: string | undefined): number => (cursor === undefined ? 0 : Number(cursor));
