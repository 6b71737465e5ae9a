/** Keys in plain text are for this machine alone, and no name is mistaken for it. */
import { expect, test } from 'vitest';
import { isLoopback, isReadableOnTheWay } from '../src/core/loopback.ts';

test('a name that only begins like this machine is another one', () => {
  for (const host of ['localhost', '127.0.0.1', '127.3.2.1', '::1', '[::1]']) expect(isLoopback(host)).toBe(true);
  for (const host of ['localhost.evil.example', '127.evil.example', '127.0.0.1.evil.example', '0.0.0.0', '[::2]', ''])
    expect(isLoopback(host)).toBe(false);
});

test('http to another machine can be read on the way, https and this machine cannot', () => {
  for (const url of ['http://prom.example:9090', 'HTTP://127.evil.example/x', 'http://localhost.evil.example'])
    expect(isReadableOnTheWay(url)).toBe(true);
  for (const url of ['https://prom.example', 'http://127.0.0.1:9090/x', 'http://LOCALHOST', 'http://[::1]:1'])
    expect(isReadableOnTheWay(url)).toBe(false);
});
