/** Whole runs on a made-up engine that replays by order: broken off anywhere, and worked on again by a process that knows nothing. */
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Bench, type Order, runDistributed } from '../src/app/distributed.ts';
import type { Part } from '../src/app/distributed-telling.ts';
import { loadPlaybooks } from '../src/app/playbooks.ts';
import { loadPlugins } from '../src/app/plugins.ts';
import { openSources } from '../src/app/sources.ts';
import type { Event } from '../src/core/events.ts';
import type { Step } from '../src/core/types.ts';
import { byOrder, type Entry } from './_engine-by-order.ts';
import { configOf, orderOf, smallIncident } from './_engine-orders.ts';
import { ROOT } from './_program.ts';
import { tempFolder } from './_temp.ts';

const RUN = '01m7zzzzzzzzzzzzzzzzzzzzz1';

/** The journal that a run has told, from what it kept beside itself. */
function toldIn(state: Map<string, unknown>): Event[] {
  const parts = [...state].filter(([name]) => name.startsWith('told ')).sort(([a], [b]) => (a < b ? -1 : 1));
  return parts.flatMap(
    ([, part]) => (JSON.parse(gunzipSync(Buffer.from(part as string, 'base64')).toString()) as Part).events,
  );
}

describe('a run that is broken off', () => {
  let order: Order;
  let bench: Bench;
  let closed = 0;

  beforeAll(async () => {
    const bundle = smallIncident(join(tempFolder(), 'small'));
    const root = join(ROOT, 'src');
    order = await orderOf(bundle);
    const steps = await loadPlugins<Step>(root, 'steps', 'step', 'step');
    const config: Bench['config'] = configOf(bundle);
    bench = {
      config,
      steps,
      playbooks: await loadPlaybooks(root, [], [...steps.keys()].sort()),
      async open(now) {
        const opened = await openSources(root, config, { cwd: ROOT, fetch, now: () => now, services: {} });
        return {
          ...opened,
          close() {
            closed++;
            return opened.close();
          },
        };
      },
      within: (_q, work) => work(),
      now: () => Date.now(),
    };
  }, 60_000);

  async function run(kept: Entry[], more: Partial<Bench> = {}, mine = order, signal = new AbortController().signal) {
    const state = new Map<string, unknown>();
    const handed = {
      run: RUN,
      input: mine,
      ops: byOrder(kept),
      set: (name: string, value: unknown) => void state.set(name, value),
      signal,
    };
    return { summary: await runDistributed(handed, { ...bench, ...more }), told: toldIn(state) };
  }

  test('tells each event once and in one order, wherever it was broken off', async () => {
    const kept: Entry[] = [];
    const whole = await run(kept);
    const seqs = (told: Event[]): number[] => told.map((e) => e.seq);
    expect(seqs(whole.told)).toEqual(whole.told.map((_e, i) => i + 2));
    for (let cut = 1; cut < kept.length; cut++) {
      const again = await run(structuredClone(kept.slice(0, cut)));
      expect([cut, seqs(again.told)]).toEqual([cut, seqs(whole.told)]);
      // What was asked once more took its own time.
      const bare = (told: Event[]): object[] => told.map((e) => ({ ...e, at: '', ms: 0 }));
      expect(bare(again.told)).toEqual(bare(whole.told));
      expect(again.summary).toEqual(whole.summary);
    }
  }, 120_000);

  test('is opened and closed once in each process, whether it ends, fails or is taken away', async () => {
    closed = 0;
    await run([]);
    expect(closed).toBe(1);
    await expect(run([{ name: 'another' }])).rejects.toThrow('stood another');
    expect(closed).toBe(2);
    const gone = new AbortController();
    const never = run([], { within: () => new Promise(() => gone.abort()) }, order, gone.signal);
    await new Promise<void>((done) => gone.signal.addEventListener('abort', () => done()));
    await expect.poll(() => closed).toBe(3);
    const before = new AbortController();
    before.abort();
    await expect(run([], {}, order, before.signal)).rejects.toThrow('stopped');
    expect(closed).toBe(4);
    void never;
  });

  test('goes on as it began on a worker that is set up otherwise, and not on one that lacks what it needs', async () => {
    const kept: Entry[] = [];
    const whole = await run(kept);
    const half = (): Entry[] => structuredClone(kept.slice(0, kept.length - 2));
    const other = {
      config: { ...bench.config, gate: { confidence: 1 }, wallMs: 1 },
      async open(now: number, id: string) {
        const opened = await bench.open(now, id);
        const sources = opened.sources.map((s) => ({
          ...s,
          tools: s.tools.map((t) => ({ ...t, description: 'in other words' })).reverse(),
        }));
        return { ...opened, sources, unavailable: [{ source: 'more', why: 'away' }] };
      },
    };
    const again = await run(half(), other);
    expect(again.summary).toEqual(whole.summary);
    expect(again.told.map((e) => e.type)).toEqual(whole.told.map((e) => e.type));
    const bare = { open: async (now: number, id: string) => ({ ...(await bench.open(now, id)), sources: [] }) };
    const refused = await run(half(), bare).catch((e: unknown) => e);
    expect(refused).toMatchObject({ name: 'Error', message: expect.stringMatching(/not set up as .*bundle\./) });
    const older = structuredClone(kept);
    (older[0]!.value as { program: string }).program = 'inquest 0.0.0';
    await expect(run(older)).rejects.toThrow('the program inquest 0.0.0');
  });

  test('is as sure as its sender wants it, and what is no order is refused for good', async () => {
    const ask = (flags: object) =>
      run([], {}, { ...order, facts: { ...order.facts, settings: { ...order.facts.settings, flags } } });
    const decided = (told: Event[]) => told.find((e) => e.type === 'gate.decided');
    expect((await ask({})).summary).toMatchObject({ outcome: 'cause' });
    const strict = await ask({ confidence: '1' });
    expect(strict.summary).toMatchObject({ outcome: 'inconclusive' });
    expect(JSON.stringify(decided(strict.told))).toContain('"confidence":1');
    for (const wrong of [null, 7, {}, { facts: { alert: 'x' } }]) {
      await expect(run([], {}, wrong as never)).rejects.toMatchObject({ name: 'UserError' });
    }
  });

  test('says how it ended where no further try mends it, so that it can be looked at and resumed here', async () => {
    class TerminalError extends Error {
      override name = 'TerminalError';
      code = 500;
    }
    for (const [code, why] of [
      [500, 'failed: it broke'],
      [409, 'cancelled'],
    ] as const) {
      const kept: Entry[] = [];
      const state = new Map<string, unknown>();
      const set = (name: string, value: unknown): void => void state.set(name, value);
      const within = (): Promise<never> => Promise.reject(Object.assign(new TerminalError('it broke'), { code }));
      const handed = { run: RUN, input: order, ops: byOrder(kept), set, signal: new AbortController().signal };
      await expect(runDistributed(handed, { ...bench, within })).rejects.toThrow('it broke');
      expect(toldIn(state).at(-1)).toMatchObject({ type: 'run.interrupted', why });
    }
  });
});
