/** The one door: whatever a tool does, the workflow gets an honest answer. */
import { expect, test } from 'vitest';
import { Interrupted } from '../src/core/errors.ts';
import type { Answer } from '../src/core/types.ts';
import { createRedactor } from '../src/safety/redact.ts';
import { answer, type Tool, tool } from '../src/tools/tool.ts';
import { toolbox } from '../src/tools/toolbox.ts';

const question = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T01:00:00.000Z' };
const calm = (topology = { services: [], calls: [], from: 'none' as const }): Answer<'topology.get'> =>
  answer.ok<'topology.get'>(topology, { summary: 'fine', searched: 'topology', trust: 'clean' });

function ask(
  tools: Tool[],
  opts: { secrets?: string[]; timeoutMs?: number; signal?: AbortSignal; question?: object } = {},
) {
  const box = toolbox(tools, {
    redact: createRedactor(opts.secrets ?? []),
    now: Date.now,
    limits: { timeoutMs: opts.timeoutMs ?? 1000 },
    random: () => 0,
  });
  const signal = opts.signal ?? new AbortController().signal;
  return (q: object = question) =>
    box.activities.get('x.topology.get')!.run(q, { key: 'E1.1', signal, deadline: Date.now() + 60_000 });
}

test('a tool that never answers ends as a timeout, and is asked again before that', async () => {
  let calls = 0;
  const silent = tool('x', 'topology.get', '', () => {
    calls++;
    return new Promise(() => {});
  });
  const { answer: a, attempts } = await ask([silent], { timeoutMs: 20 })();
  expect(a).toMatchObject({ status: 'timeout', problem: 'no answer within 0.02 s' });
  expect([calls, attempts]).toEqual([3, 3]);
});

test('a failure that may pass is tried again, one that will not is not', async () => {
  const statuses = { retryable: true, final: false };
  for (const [name, retryable] of Object.entries(statuses)) {
    let calls = 0;
    const flaky = tool('x', 'topology.get', name, () => {
      calls++;
      const failed = answer.problem('failed', { summary: 'no', searched: 'x', problem: '503', retryable });
      return Promise.resolve(calls === 1 ? failed : calm());
    });
    const { answer: a } = await ask([flaky])();
    expect([a.status, calls]).toEqual(retryable ? ['ok', 2] : ['failed', 1]);
  }
});

test('a source that stays down is tried again only so often in all', async () => {
  let calls = 0;
  const down = tool('x', 'topology.get', '', () => {
    calls++;
    return Promise.resolve(answer.problem('failed', { summary: 'no', searched: 'x', problem: '503', retryable: true }));
  });
  const run = ask([down]);
  await Promise.all(Array.from({ length: 20 }, (_, i) => run({ from: String(i), to: 'b' })));
  expect(calls).toBe(20 + 12);
});

test('two equal questions are one request, whatever the order of their keys', async () => {
  let calls = 0;
  const run = ask([
    tool('x', 'topology.get', '', () => {
      calls++;
      return Promise.resolve(calm());
    }),
  ]);
  await Promise.all([run({ from: 'a', to: 'b' }), run({ to: 'b', from: 'a' })]);
  await run({ from: 'a', to: 'b' });
  expect(calls).toBe(1);
});

test('no secret that is configured leaves the door in any form', async () => {
  const secret = 'hunter2-hunter2';
  const leaky = tool('x', 'topology.get', '', () =>
    Promise.resolve({
      ...calm({ services: [{ name: `a ${secret}`, level: 'service' } as never], calls: [], from: 'none' }),
      sample: [`token=${Buffer.from(secret).toString('base64')}`],
    }),
  );
  const { answer: a } = await ask([leaky], { secrets: [secret] })();
  expect(JSON.stringify(a)).not.toContain(secret);
  expect(JSON.stringify(a)).not.toContain(Buffer.from(secret).toString('base64').replace(/=+$/, ''));
  expect(a.redacted).toBeGreaterThanOrEqual(2);
});

test('an answer larger than the limit is refused and said, never cut in silence', async () => {
  const huge = tool('x', 'topology.get', '', () =>
    Promise.resolve(
      calm({ services: [{ name: 'x'.repeat(300_000), level: 'service' } as never], calls: [], from: 'none' }),
    ),
  );
  const { answer: a } = await ask([huge])();
  expect(a.status).toBe('failed');
  expect(a.problem).toMatch(/larger than 256 KiB/);
});

test('a stopped run stops the question in flight', async () => {
  const stop = new AbortController();
  const waiting = ask([tool('x', 'topology.get', '', () => new Promise(() => {}))], { signal: stop.signal })();
  stop.abort();
  await expect(waiting).rejects.toThrow(Interrupted);
});

test('a bug in a tool is no answer: it flies', async () => {
  const broken = tool('x', 'topology.get', '', () => Promise.reject(new TypeError('oops')));
  await expect(ask([broken])()).rejects.toThrow('oops');
});

test('what was answered is not asked twice; what could not be answered may be asked again by who has more time', async () => {
  let calls = 0;
  const counted = tool('x', 'topology.get', '', () => {
    calls++;
    return Promise.resolve(calm());
  });
  const box = toolbox([counted], { redact: createRedactor([]), now: Date.now });
  const { signal } = new AbortController();
  const run = (deadline: number) =>
    box.activities.get('x.topology.get')!.run(question, { key: 'E1.1', signal, deadline });
  expect((await run(Date.now() - 1)).answer.status).toBe('timeout');
  expect((await run(Date.now() + 60_000)).answer.status).toBe('ok');
  await run(Date.now() + 60_000);
  expect(calls).toBe(1);
});
