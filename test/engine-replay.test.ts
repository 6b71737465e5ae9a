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
import type { WaveOps } from '../src/engines/_waves.ts';
import { orderOf, smallIncident } from './_engine-orders.ts';
import { ROOT } from './_program.ts';
import { tempFolder } from './_temp.ts';

const RUN = '01m7zzzzzzzzzzzzzzzzzzzzz1';

interface Entry {
  name: string;
  value?: unknown;
}

/** Gives what was kept, in order; what is not kept is done, and kept. Refuses another name than the one that stood at a place. */
function byOrder(kept: Entry[]): WaveOps<Promise<unknown>> {
  let at = 0;
  return {
    run(name, work) {
      const i = at++;
      const known = kept[i];
      if (known && known.name !== name) throw new Error(`at ${i} stood ${known.name}, now comes ${name}`);
      if (known && 'value' in known) return Promise.resolve(known.value);
      kept[i] = { name };
      return work().then((value) => {
        kept[i] = { name, value: JSON.parse(JSON.stringify(value ?? null)) as unknown };
        return kept[i].value;
      });
    },
    sleep: () => Promise.resolve(null),
    signal: () => Promise.resolve(null),
    all: (promises) => Promise.all(promises),
  };
}

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
    const config: Bench['config'] = {
      sources: { bundle: { type: 'bundle', config: { dir: bundle }, from: 'here' } },
      services: {},
      gate: {},
      playbooks: [],
      secrets: [],
      files: [],
    };
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
});
