/** What several questions share is read once, and no question loses it because another one was stopped. */
import { expect, test } from 'vitest';
import { sharedReads } from '../src/sources/_shared-reads.ts';

/** A reading that ends when it is told to, and knows whether it was stopped. */
function slow() {
  const begun: AbortSignal[] = [];
  let end: (value: string) => void = () => {};
  const make = ({ signal }: { signal: AbortSignal }): Promise<string> => {
    begun.push(signal);
    return new Promise((done, fail) => {
      end = done;
      signal.addEventListener('abort', () => fail(signal.reason as Error), { once: true });
    });
  };
  return { make, begun, end: (value: string) => end(value) };
}

test('the first asker runs out of time: the second still gets the answer, of the same reading', async () => {
  const shared = sharedReads();
  const { make, begun, end } = slow();
  const [first, second] = [new AbortController(), new AbortController()];
  const lost = shared.read('x', { signal: first.signal }, make);
  const kept = shared.read('x', { signal: second.signal }, make);
  first.abort(new Error('out of time'));
  await expect(lost).rejects.toThrow('out of time');
  end('read');
  expect(await kept).toBe('read');
  expect(begun).toHaveLength(1);
  // Kept for whoever comes later, though all who waited have gone.
  expect(await shared.read('x', { signal: new AbortController().signal }, make)).toBe('read');
  expect(begun).toHaveLength(1);
});

test('when the last asker is stopped the reading is too, and the next one begins anew', async () => {
  const shared = sharedReads();
  const { make, begun, end } = slow();
  const stops = [new AbortController(), new AbortController()];
  const asked = stops.map(({ signal }) => shared.read('x', { signal }, make).catch((e: Error) => e.message));
  for (const stop of stops) stop.abort(new Error('stopped'));
  expect(await Promise.all(asked)).toEqual(['stopped', 'stopped']);
  expect(begun.map((s) => s.aborted)).toEqual([true]);
  expect(shared.has('x')).toBe(false);
  const again = shared.read('x', { signal: new AbortController().signal }, make);
  end('anew');
  expect([await again, begun.length]).toEqual(['anew', 2]);
});

test('a failure reaches all who wait and is not kept', async () => {
  const shared = sharedReads();
  const ctx = { signal: new AbortController().signal };
  const fails = () => Promise.reject(new Error('refused'));
  const both = [shared.read('x', ctx, fails), shared.read('x', ctx, fails)];
  for (const one of both) await expect(one).rejects.toThrow('refused');
  expect(await shared.read('x', ctx, () => Promise.resolve('now'))).toBe('now');
});
