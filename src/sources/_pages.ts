/** Reading page after page: stops at a limit, at an empty page, at a page seen before, and says what was left out. */
import { plural } from '../core/text.ts';

export interface Page<T> {
  items: T[];
  /** What asks for the next page: a cursor, a number, a link; none at the end. */
  next?: string | undefined;
  /** How many items there are in all, where the server says it. */
  total?: number | undefined;
}

export interface Paged<T> {
  items: T[];
  /** Pages read. */
  pages: number;
  /** Why there may be more, in words; none where all was read. */
  left?: string;
  /** How many there are in all, where the server says it. */
  total?: number;
}

/**
 * Reads pages until the end or a limit. A server that always names a next page is stopped where a page is empty or a
 * cursor comes again.
 * @param read the page that `cursor` asks for; the first one without
 * @param limits `items` more than these are cut off, `done` ends the reading early (what follows is not wanted)
 */
export async function pages<T>(
  read: (cursor: string | undefined) => Promise<Page<T>>,
  limits: { pages: number; items: number; done?: (items: T[]) => boolean },
): Promise<Paged<T>> {
  const items: T[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  let total: number | undefined;
  for (let n = 1; ; n++) {
    const page = await read(cursor);
    total = page.total ?? total;
    items.push(...page.items);
    const end = (left?: string): Paged<T> => ({
      items: items.slice(0, limits.items),
      pages: n,
      ...(left !== undefined && { left }),
      ...(total !== undefined && { total }),
    });
    if (items.length > limits.items) return end(`only the first ${plural(limits.items, 'item')} were kept`);
    const { next } = page;
    if (next === undefined || page.items.length === 0 || limits.done?.(page.items)) return end();
    if (items.length === limits.items) return end(`only the first ${plural(limits.items, 'item')} were read`);
    if (seen.has(next)) return end('the server named a page again that it had given before');
    if (n >= limits.pages) return end(`only ${plural(limits.pages, 'page')} were read`);
    seen.add(next);
    cursor = next;
  }
}
