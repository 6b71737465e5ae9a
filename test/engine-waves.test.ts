/** The driver of waves on a made-up engine that replays as the real ones do: by order, and in another timing each time. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stuckAmong, watchStuck } from '../src/app/engine-watch.ts';
import { workerLimits } from '../src/app/worker-limits.ts';
import type { EngineParts } from '../src/core/ports.ts';
import type { ActivityResult } from '../src/core/types.ts';
import type { Listed } from '../src/engines/_restate-client.ts';
import { openWaves, type WaveOps } from '../src/engines/_waves.ts';
import { localEngine } from '../src/engines/local.ts';
import { memoryBlobs } from '../src/journal/blobs.ts';

const result = (n: number): ActivityResult => ({
  answer: { status: 'ok', summary: `${n}`, searched: 'x', trust: 'clean' },
  attempts: 1,
  ms: 10,
});

/** Keeps what it was told to run, in order; refuses another name at a place than the one that stood there before. */
function byOrder(kept: { name: string; value?: unknown }[], delay: () => Promise<void>) {
  let at = 0;
  const ops: WaveOps<Promise<unknown>> = {
    run(name, work) {
      const i = at++;
      const known = kept[i];
      if (known && known.name !== name) throw new Error(`at ${i} stood ${known.name}, now comes ${name}`);
      if (known && 'value' in known) return Promise.resolve(known.value);
      kept[i] = { name };
      return delay()
        .then(work)
        .then((value) => {
          kept[i] = { name, value: JSON.parse(JSON.stringify(value ?? null)) as unknown };
          return kept[i].value;
        });
    },
    sleep: () => Promise.resolve(null),
    signal: () => Promise.resolve(null),
    all: (promises) => Promise.all(promises),
  };
  return ops;
}

/** A workflow in which each branch asks a chain of questions: what is asked next depends on which answer came first. */
async function ask(kept: { name: string; value?: unknown }[], chains: number[], delay: () => Promise<void>) {
  const asked: string[] = [];
  const waves = openWaves(byOrder(kept, delay), {
    run: 'r',
    begun: 1000,
    clock: () => 5_000_000,
    within: (q, work) => {
      asked.push(q.key);
      return work();
    },
    telling: { take: () => Promise.resolve(null), kept: () => {} },
    signal: new AbortController().signal,
  });
  const parts: EngineParts = {
    run: 'r',
    emit: () => Promise.resolve(),
    blobs: memoryBlobs(),
    past: [],
    activities: new Map([
      ['x.y', { name: 'x.y', version: 1, run: (input) => Promise.resolve(result((input as { n: number }).n)) }],
    ]),
    signal: new AbortController().signal,
    now: waves.now,
  };
  const durable = waves.open(parts, localEngine);
  const heard: string[] = [];
  const work = async (): Promise<string[]> => {
    await Promise.all(
      chains.map(async (length, c) => {
        for (let i = 0; i < length; i++) {
          const key = `E${c + 1}.${i + 1}`;
          const o = { step: 's', capability: 'metrics.range', why: 'w', deadline: 10_000 };
          await durable.call(key, 'x.y', { n: c * 100 + i }, o);
          heard.push(key);
        }
      }),
    );
    return [...heard].sort();
  };
  return { heard: await waves.drive(work()), asked, now: waves.now() };
}

test('whenever it is broken off, and however slow each answer is, the rest is asked once and the end is the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 6 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 8, maxLength: 8 }),
      fc.nat(),
      async (chains, slow, cut) => {
        let n = 0;
        const delay = async (): Promise<void> => {
          for (let i = slow[n++ % slow.length]!; i > 0; i--) await new Promise((go) => setImmediate(go));
        };
        const kept: { name: string; value?: unknown }[] = [];
        const whole = await ask(kept, chains, delay);
        expect(whole.asked.length).toBe(chains.reduce((a, b) => a + b, 0));
        // As after a crash: a part of what was kept, and what was begun behind it has no value yet.
        const part = kept.slice(0, cut % (kept.length + 1));
        const before = part.map((p) => p.name).filter((name) => name.startsWith('E'));
        const again = await ask([...part], chains, () => Promise.resolve());
        expect(again.heard).toEqual(whole.heard);
        expect(again.now).toBe(whole.now);
        expect([...again.asked, ...before].sort()).toEqual(whole.heard);
      },
    ),
    { numRuns: 200 },
  );
});

describe('limits of a worker', () => {
  test('so many questions at once, the rest wait; so many a minute; no turn when the dollars are spent', async () => {
    let now = 0;
    let running = 0;
    let most = 0;
    const waits: number[] = [];
    const within = workerLimits(
      { concurrency: { a: 2 }, perMinute: { b: 2 }, dollarsPerHour: 0.001 },
      {
        now: () => now,
        wait: (ms) => {
          waits.push(ms);
          now += ms;
          return Promise.resolve();
        },
        price: { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 } as never,
      },
    );
    const slow = async (): Promise<ActivityResult> => {
      most = Math.max(most, ++running);
      await new Promise((go) => setImmediate(go));
      running--;
      return result(1);
    };
    await Promise.all(
      Array.from({ length: 9 }, (_, i) => within({ run: 'r', key: `E${i}`, activity: 'a.logs' }, slow)),
    );
    expect(most).toBe(2);
    for (let i = 0; i < 5; i++) await within({ run: 'r', key: `E${i}`, activity: 'b.logs' }, slow);
    expect(waits).toEqual([60_000, 60_000]);
    const turn = (): Promise<ActivityResult> =>
      within({ run: 'r', key: 'T', activity: 'model.turn' }, () =>
        Promise.resolve({
          ...result(1),
          answer: {
            ...result(1).answer,
            data: { usage: { input: 2000, output: 0, cacheRead: 0, cacheWrite: 0 } } as never,
          },
        }),
      );
    expect((await turn()).answer.status).toBe('ok');
    expect((await turn()).answer.status).toBe('rate-limited');
    now += 3_600_001;
    expect((await turn()).answer.status).toBe('ok');
  });
});

test('a run that does not get on is told once, and so is an engine that is away', async () => {
  const listed = (more: Partial<Listed>): Listed => ({
    run: 'r1',
    invocation: 'i',
    status: 'running',
    createdAt: '',
    retries: 0,
    ...more,
  });
  const all = [
    listed({}),
    listed({ run: 'r2', status: 'paused' }),
    listed({ run: 'r3', status: 'backing-off', retries: 9 }),
  ];
  expect(stuckAmong(all).map((l) => l.run)).toEqual(['r2', 'r3']);
  const over = new AbortController();
  const told: string[] = [];
  let looks = 0;
  await new Promise<void>((done) => {
    watchStuck(
      {
        list: () => {
          if (++looks === 3) done();
          return Promise.resolve(all);
        },
      },
      { signal: over.signal, tell: (l) => void told.push(l.run), away: () => {}, every: 1 },
    );
  });
  over.abort();
  expect(told).toEqual(['r2', 'r3']);
});
