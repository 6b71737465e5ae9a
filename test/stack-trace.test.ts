/** A stack trace or chain of errors is told as type, message and first own frame, whatever the language. */
import { expect, test } from 'vitest';
import { parseTrace } from '../src/analysis/stack-trace.ts';

const CASES: Record<string, [text: string, type: string, message: string, frame: string | undefined]> = {
  'JVM, the cause shares its own frames with the outer one': [
    'java.lang.RuntimeException: wrapped\n\tat com.shop.Orders.place(Orders.java:7)\n\tat com.shop.Main.main(Main.java:3)\nCaused by: java.net.ConnectException: Connection refused\n\tat java.base/sun.nio.ch.Net.connect(Net.java:5)\n\tat org.postgresql.Driver.connect(Driver.java:9)\n\t... 2 more',
    'java.net.ConnectException',
    'Connection refused',
    'com.shop.Orders.place(Orders.java:7)',
  ],
  'JVM, chain on one line': [
    'org.springframework.Failed: x; nested exception is com.shop.NoStockException: sku 7',
    'com.shop.NoStockException',
    'sku 7',
    undefined,
  ],
  'Python, a cause and what came of it': [
    'Traceback (most recent call last):\n  File "/app/rate.py", line 3, in load\n    return table[key]\n  File "/usr/lib/python3.12/collections/__init__.py", line 9, in get\nKeyError: \'EUR\'\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File "/app/pay.py", line 9, in charge\npay.NoRate: no rate for EUR',
    'KeyError',
    "'EUR'",
    '/app/rate.py:3 in load',
  ],
  'Python, a name without the usual suffix': [
    'request failed\nTraceback (most recent call last):\n  File "/app/call.py", line 4, in get\n  File "/app/venv/lib/python3/site-packages/requests/api.py", line 5, in request\nrequests.exceptions.ReadTimeout: read timed out',
    'requests.exceptions.ReadTimeout',
    'read timed out',
    '/app/call.py:4 in get',
  ],
  'Node, an error with a cause': [
    'Error: order failed\n    at place (/app/src/orders.js:10:5)\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5) {\n  [cause]: TypeError: fetch failed\n      at node:internal/deps/undici/undici:1:2\n      at async charge (/app/src/pay.js:4:9)\n}',
    'TypeError',
    'fetch failed',
    'async charge (/app/src/pay.js:4:9)',
  ],
  'Node, a plain Error': [
    'Error: boom\n    at Array.map (<anonymous>)\n    at f (/app/node_modules/x/y.js:1:1)\n    at g (/app/src/g.js:2:2)',
    'Error',
    'boom',
    'g (/app/src/g.js:2:2)',
  ],
  'Node, inside of a JSON text': [
    '{"level":"error","stack":"RangeError: too far\\n    at h (/app/src/h.js:3:3)\\n    at node:internal/x:1:1"}',
    'RangeError',
    'too far',
    'h (/app/src/h.js:3:3)',
  ],
  'Go, a panic': [
    'panic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 [running]:\nruntime.gopanic({0x1, 0x2})\n\t/usr/local/go/src/runtime/panic.go:884 +0x1d\ngithub.com/lib/pq.open(...)\n\t/go/pkg/mod/github.com/lib/pq@v1.1.0/conn.go:3 +0x1\nmain.take(...)\n\t/src/stock.go:42 +0x1d',
    'panic',
    'runtime error: index out of range [5] with length 3',
    '/src/stock.go:42',
  ],
  '.NET, an inner exception': [
    'System.AggregateException: One or more errors occurred.\n ---> Shop.StockException: sku 7 is locked\n   at System.Linq.Enumerable.First()\n   at Shop.Stock.Take(Int32 sku) in /src/Stock.cs:line 12\n   --- End of inner exception stack trace ---\n   at Shop.Web.Handle() in /src/Web.cs:line 5',
    'Shop.StockException',
    'sku 7 is locked',
    'Shop.Stock.Take(Int32 sku) in /src/Stock.cs:line 12',
  ],
};

test.each(Object.entries(CASES))('%s', (_, [text, type, message, frame]) => {
  expect(parseTrace(text)).toEqual({ type, message, ...(frame === undefined ? {} : { frame }) });
});

test('a sentence with the word Error throws nothing', () => {
  expect(parseTrace('Error: could not connect, trying again')).toBeUndefined();
  expect(parseTrace('Errors were found\nin two files')).toBeUndefined();
});
