/** Log templates: same result in any order, bounded, stack traces as one record, both sides counted. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskLine } from '../src/analysis/log-template.ts';
import { minePatterns } from '../src/analysis/logs.ts';
import { parseTrace } from '../src/analysis/stack-trace.ts';
import type { LogRecord } from '../src/core/telemetry.ts';

const WINDOW = {
  from: '2026-01-01T01:00:00Z',
  to: '2026-01-01T01:10:00Z',
  baseline: [{ from: '2026-01-01T00:00:00Z', to: '2026-01-01T01:00:00Z' }],
};
const at = (minute: number, body: string, more: Partial<LogRecord> = {}): LogRecord => ({
  timestamp: new Date(Date.parse('2026-01-01T00:00:00Z') + minute * 60_000).toISOString(),
  body,
  service: 'orders',
  severityText: 'INFO',
  ...more,
});

test('values are masked and words kept', () => {
  expect(maskLine('user 4711 from 10.0.0.7:8080 paid 12.50 at 16:48:16.545')).toBe('user <*> from <*> paid <*> at <*>');
  expect(maskLine('job 3f2504e0-4f89-11d3-9a0c-0305e82c3301 done')).toBe('job <*> done');
});

test('a template is counted on both sides of the onset, with rates by minute', async () => {
  const before = Array.from({ length: 60 }, (_, i) => at(i, `served order ${i}`));
  const after = Array.from({ length: 10 }, (_, i) => at(60 + i, `served order ${100 + i}`));
  const failing = Array.from({ length: 7 }, (_, i) => at(61 + i, `timeout after ${i} ms`, { severityText: 'ERROR' }));
  const { patterns, records } = await minePatterns([...before, ...after, ...failing], WINDOW);
  expect(records).toEqual({ before: 60, after: 17 });
  expect(patterns.map((p) => [p.template, p.before, p.after, p.perMinuteBefore, p.perMinuteAfter])).toEqual([
    ['timeout after <*>', 0, 7, 0, 0.7],
    ['served order <*>', 60, 10, 1, 1],
  ]);
});

test('the result is the same whatever the order of the records', async () => {
  const words = ['paid', 'failed', 'order', 'cart', 'user', 'timeout', 'empty'];
  const line = fc.tuple(
    fc.integer({ min: 0, max: 69 }),
    fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 4 }),
    fc.nat(99),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 60 }), fc.infiniteStream(fc.nat()), async (lines, random) => {
      const records = lines.map(([minute, w, n]) => at(minute, `${w.join(' ')} ${n}`));
      const shuffled = records.map((r) => ({ r, k: random.next().value as number })).sort((a, b) => a.k - b.k);
      const one = await minePatterns(records, WINDOW);
      expect(
        await minePatterns(
          shuffled.map((x) => x.r),
          WINDOW,
        ),
      ).toEqual(one);
    }),
    { numRuns: 60 },
  );
});

test('a flood of distinct lines stays bounded and is still counted whole', async () => {
  const letters = (n: number): string => [...String(n)].map((d) => 'abcdefghij'[Number(d)]).join('');
  const flood = Array.from({ length: 12_000 }, (_, i) => at(61, `${letters(i)} ${letters(i * 7)} went wrong`));
  const { patterns, records } = await minePatterns(flood, WINDOW);
  expect(records.after).toBe(12_000);
  expect(patterns.length).toBeLessThanOrEqual(40);
});

test('a stack trace is one record with type, message and the first frame of our own code', async () => {
  const body = [
    'request failed',
    'java.lang.RuntimeException: wrapped',
    '\tat org.springframework.web.Dispatcher.run(Dispatcher.java:10)',
    'Caused by: com.shop.StockException: sku 7 is sold out',
    '\tat java.util.HashMap.get(HashMap.java:5)',
    '\tat com.shop.Stock.take(Stock.java:42)',
  ].join('\n');
  const { patterns } = await minePatterns([at(61, body, { severityText: 'ERROR' })], WINDOW);
  expect(patterns).toHaveLength(1);
  expect(patterns[0]!.exception).toEqual({
    type: 'com.shop.StockException',
    message: 'sku 7 is sold out',
    frame: 'com.shop.Stock.take(Stock.java:42)',
  });
  const python =
    'Traceback (most recent call last):\n  File "/usr/lib/python3/x.py", line 3, in run\n  File "/app/pay.py", line 9, in charge\nValueError: no rate';
  expect(parseTrace(python)).toEqual({ type: 'ValueError', message: 'no rate', frame: '/app/pay.py:9 in charge' });
});
