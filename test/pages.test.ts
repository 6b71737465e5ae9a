/** Reading page after page ends, whatever the server says. */
import { describe, expect, test } from 'vitest';
import { pages } from '../src/sources/_pages.ts';

describe('pages', () => {
  const server = (next: (n: number) => string | undefined, size = 10) => {
    let n = 0;
    return () => Promise.resolve({ items: Array.from({ length: size }, (_, i) => n * size + i), next: next(++n) });
  };
  const limits = { pages: 5, items: 100 };

  test('all are read where there is an end', async () => {
    const all = await pages(
      server((n) => (n < 3 ? String(n) : undefined)),
      limits,
    );
    expect([all.items.length, all.pages, all.left]).toEqual([30, 3, undefined]);
  });

  test.each<[string, ReturnType<typeof server>, number, number, RegExp | undefined]>([
    ['an endless cursor', server((n) => `c${n}`), 50, 5, /only 5 pages were read/],
    ['a cursor that comes again', server(() => 'same'), 20, 2, /named a page again/],
    ['an empty page with a cursor', server((n) => `c${n}`, 0), 0, 1, undefined],
    ['more items than wanted', server((n) => `c${n}`, 60), 100, 2, /only the first 100 items were kept/],
  ])('%s is stopped', async (_case, read, items, read_, left) => {
    const found = await pages(read, limits);
    expect([found.items.length, found.pages]).toEqual([items, read_]);
    if (left === undefined) expect(found.left).toBeUndefined();
    else expect(found.left).toMatch(left);
  });
});
