/** What the miner remembers of lines is never wrong, whatever the lines are. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { groupTemplates } from '../src/analysis/log-groups.ts';
import { newScan, scanLine } from '../src/analysis/log-scan.ts';
import { maskLine } from '../src/analysis/log-template.ts';
import { minePatterns } from '../src/analysis/logs.ts';
import { isoReader, toMs } from '../src/core/time.ts';

const piece = fc.constantFrom(
  ...['a', 'ab', 'abcd', '1', '12', 'g', '-', ':', '.', ' ', ', ', '\t', 'é', 'deadbeef', '_', '/', '=', '"', '<*>'],
  ...['失败', 'user ', 'true', 'Foo.java:', '#', '{', ')', '\u0000', '\u2028', '\ud800', 'KB', ' ms'],
);
const line = fc.array(piece, { maxLength: 12 }).map((p) => p.join(''));

test('two lines of one fingerprint have one masked form', () => {
  const scan = newScan();
  const seen = new Map<string, string>();
  fc.assert(
    fc.property(line, (text) => {
      scanLine(text, scan);
      const print = `${scan.hash} ${scan.check}`;
      const masked = maskLine(text);
      expect(seen.get(print) ?? masked).toBe(masked);
      seen.set(print, masked);
    }),
    { numRuns: 5000 },
  );
});

test('every line has a template, the same in any order', () => {
  fc.assert(
    fc.property(fc.uniqueArray(line, { maxLength: 40 }), (lines) => {
      const counts = lines.map((l, i): [string, number] => [l, 1 + (i % 7)]);
      const templates = groupTemplates(new Map(counts));
      expect([...templates.keys()].sort()).toEqual([...lines].sort());
      const back = groupTemplates(new Map(counts.toReversed()));
      for (const l of lines) expect(back.get(l)).toBe(templates.get(l));
    }),
    { numRuns: 300 },
  );
});

test('hostile lines are counted like all others', async () => {
  const bodies = [
    '',
    '\n',
    '\t\n\t',
    '\u0000\u001b[2J\u202e',
    '\ud800 lone \udc00',
    'x'.repeat(1 << 20),
    '{'.repeat(200_000),
    `${'a.'.repeat(50_000)}:1`,
    `${'<*>'.repeat(1000)}`,
    '1 '.repeat(100_000),
    `Caused by: ${'Error: '.repeat(20_000)}\n${'\tat '.repeat(20_000)}`,
    `boom\n${'Caused by: x.YException: z\n'.repeat(5000)}`,
  ];
  const records = bodies.flatMap((body) =>
    [1, 2].map((minute) => ({ timestamp: `2026-01-01T00:0${minute}:00Z`, body, service: 'orders' })),
  );
  const window = {
    from: '2026-01-01T00:02:00Z',
    to: '2026-01-01T00:03:00Z',
    baseline: [{ from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:02:00Z' }],
  };
  const found = await minePatterns(records, window);
  expect(found.records.after).toBe(found.records.before);
  expect(found.patterns.reduce((n, p) => n + p.after, 0)).toBe(found.records.after);
  expect(await minePatterns(records.toReversed(), window)).toEqual(found);
});

test('five thousand levels that a program made up are no levels: the count ends, and all lines are in it', async () => {
  const records = Array.from({ length: 5000 }, (_, i) => ({
    timestamp: '2026-01-01T00:01:00Z',
    severityText: `level-${i}`,
    body: `said ${i}`,
    service: 'orders',
  }));
  const range = { from: '2026-01-01T00:01:00Z', to: '2026-01-01T00:02:00Z' };
  const found = await minePatterns(records, {
    ...range,
    baseline: [{ from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:01:00Z' }],
  });
  expect(found.patterns.reduce((n, p) => n + p.after, 0)).toBe(5000);
});

test('a reader of times that remembers the day reads as Date.parse does', () => {
  const read = isoReader();
  const text = fc
    .tuple(
      fc.date({ noInvalidDate: true, min: new Date(0) }),
      fc.nat(40),
      fc.constantFrom(...'0369:.TZ x-'),
      fc.boolean(),
    )
    .map(([date, at, c, cut]) => {
      const iso = cut ? date.toISOString().replace(/\.\d+/, '') : date.toISOString();
      return iso.slice(0, at) + (at < iso.length ? c : '') + iso.slice(at + 1);
    });
  fc.assert(
    fc.property(text, (iso) => {
      expect(read(iso)).toBe(toMs(iso));
    }),
    { numRuns: 5000 },
  );
});
