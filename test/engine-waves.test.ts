/** The driver of waves on a made-up engine that replays as the real ones do: by order, and in another timing each time. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { watchStuck } from '../src/app/engine-watch.ts';
import { humanGate } from '../src/app/human.ts';
import { workerLimits } from '../src/app/worker-limits.ts';
import { UserError } from '../src/core/errors.ts';
import type { EngineParts } from '../src/core/ports.ts';
import type { ActivityResult } from '../src/core/types.ts';
import type { Listed } from '../src/engines/_restate-runs.ts';
import { openWaves } from '../src/engines/_waves.ts';
import { localEngine } from '../src/engines/local.ts';
import { memoryBlobs } from '../src/journal/blobs.ts';
import { byOrder, type Entry } from './_engine-by-order.ts';

const result = (n: number): ActivityResult => ({
  answer: { status: 'ok', summary: `${n}`, searched: 'x', trust: 'clean' },
  attempts: 1,
  ms: 10,
});

/** A workflow in which each branch asks a chain of questions: what is asked next depends on which answer came first. */
async function ask(kept: Entry[], chains: number[], delay: () => Promise<void>) {
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
    patienceMs: 200,
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
        const kept: Entry[] = [];
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

test('a workflow that asks something else than before, or nothing, is an error and no wait for ever', async () => {
  const kept: Entry[] = [];
  await ask(kept, [2], () => Promise.resolve());
  const fast = () => Promise.resolve();
  // The first question of before, then another second one; then none; then one more than before.
  const other = kept.map((k) =>
    k.name === 'wave 2' ? { ...k, value: { keys: ['E9.9'], told: null } } : structuredClone(k),
  );
  await expect(ask(other.slice(0, 3), [2], fast)).rejects.toThrow('E9.9 is not the one that this run put before');
  await expect(ask(structuredClone(kept), [1], fast)).rejects.toThrow('E1.2 is not the one');
  await expect(ask(structuredClone(kept), [3], fast)).rejects.toThrow('E1.3 is not the one');
});

test('an answer counts when the engine says that it came in time, however far the run stands behind the clock', async () => {
  const kept: Entry[] = [];
  // The run began at 1000 and has worked for no time; the person answers hours later by the clock.
  const late = { choice: 'yes', at: '2026-01-10T12:00:00.000Z' };
  const ops = { ...byOrder(kept, () => Promise.resolve()), signal: () => Promise.resolve(late) };
  const signal = new AbortController().signal;
  const waves = openWaves(ops, {
    run: 'r',
    begun: 1000,
    clock: () => Date.parse(late.at),
    within: (_q, work) => work(),
    telling: { take: () => Promise.resolve(null), kept: () => {} },
    signal,
  });
  const parts = {
    run: 'r',
    emit: () => Promise.resolve(),
    blobs: memoryBlobs(),
    past: [],
    activities: new Map(),
    signal,
  };
  const durable = waves.open({ ...parts, now: waves.now }, localEngine);
  const ask = humanGate({
    past: [],
    durable,
    emit: () => Promise.resolve(),
    people: { someone: true },
    withinMs: 60_000,
  });
  const question = { text: 'more?', choices: [{ word: 'yes', says: '' }], otherwise: 'no' } as never;
  expect(await waves.drive(ask(question))).toMatchObject({ choice: 'yes' });
  expect(waves.now()).toBe(61_000);
});

describe('limits of a worker', () => {
  const here = new AbortController().signal;

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
      Array.from({ length: 9 }, (_, i) => within({ run: 'r', key: `E${i}`, activity: 'a.logs', signal: here }, slow)),
    );
    expect(most).toBe(2);
    for (let i = 0; i < 5; i++) await within({ run: 'r', key: `E${i}`, activity: 'b.logs', signal: here }, slow);
    expect(waits).toEqual([60_000, 60_000]);
    const turn = (): Promise<ActivityResult> =>
      within({ run: 'r', key: 'T', activity: 'model.turn', signal: here }, () =>
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

  test('a run that has left stands in no line any more, and nothing is asked for it', async () => {
    const within = workerLimits(
      { concurrency: { a: 1 }, perMinute: {} },
      { now: () => 0, wait: () => Promise.resolve() },
    );
    const gone = new AbortController();
    let end: () => void = () => {};
    const first = within({ run: 'r', key: 'E1', activity: 'a.logs', signal: here }, async () => {
      await new Promise<void>((go) => {
        end = go;
      });
      return result(1);
    });
    const asked: string[] = [];
    const second = within({ run: 's', key: 'E1', activity: 'a.logs', signal: gone.signal }, () => {
      asked.push('s');
      return Promise.resolve(result(2));
    });
    const third = within({ run: 't', key: 'E1', activity: 'a.logs', signal: here }, () => {
      asked.push('t');
      return Promise.resolve(result(3));
    });
    gone.abort(new Error('left'));
    await expect(second).rejects.toThrow('left');
    end();
    await Promise.all([first, third]);
    expect(asked).toEqual(['t']);
  });

  test('a share of less than one a minute is one in several minutes', async () => {
    let now = 0;
    const wait = (ms: number): Promise<void> => {
      now += ms;
      return Promise.resolve();
    };
    const within = workerLimits({ concurrency: {}, perMinute: { b: 0.25 } }, { now: () => now, wait });
    for (let i = 0; i < 3; i++)
      await within({ run: 'r', key: `E${i}`, activity: 'b.logs', signal: here }, () => Promise.resolve(result(1)));
    expect(now).toBe(8 * 60_000);
  });
});

test('a run that does not get on is told once each time, and so is an engine that is away; a stop ends the watch', async () => {
  const listed = (run: string): Listed => ({ run, invocation: 'i', status: 'paused', createdAt: '', retries: 20 });
  const over = new AbortController();
  const told: string[] = [];
  // As the engine answers at each look; an error is one that cannot be asked.
  const looks = [['r2', 'r3'], ['r2', 'r3'], ['r3'], 'away', 'away', ['r2', 'r3'], 'away', 'stop'];
  let look = 0;
  await new Promise<void>((done) => {
    const stuck = (): Promise<Listed[]> => {
      const now = looks[look++];
      if (now === 'away') return Promise.reject(new UserError('cannot be reached'));
      if (Array.isArray(now)) return Promise.resolve(now.map(listed));
      over.abort();
      setImmediate(done);
      return Promise.reject(over.signal.reason as Error);
    };
    watchStuck(
      { stuck },
      { signal: over.signal, tell: (l) => void told.push(l.run), away: (why) => void told.push(why), every: 1 },
    );
  });
  expect(told).toEqual(['r2', 'r3', 'cannot be reached', 'r2', 'cannot be reached']);
});
