/** The same investigation on a distributed engine: a real server, real workers that are killed, frozen and replaced. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Event } from '../src/core/events.ts';
import { type Engine, effectsIn, restateServer, startEngine, startWorkerProc, type WorkerProc } from './_engine.ts';
import { orderOf } from './_engine-orders.ts';
import { DEMO, inquest } from './_program.ts';
import { tempFolder } from './_temp.ts';

const journal = (home: string, run: string): Event[] =>
  readFileSync(join(home, 'inquest/runs', run, 'journal.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line.slice(line.indexOf('{'))) as Event);

describe.skipIf(!restateServer())('on Restate', { timeout: 120_000 }, () => {
  let dir: string;
  let engine: Engine;
  const workers: WorkerProc[] = [];
  const env = (): Record<string, string> => ({
    INQUEST_ENGINE_INGRESS: engine.ingress,
    INQUEST_ENGINE_ADMIN: engine.admin,
  });
  beforeAll(async () => {
    dir = tempFolder();
    engine = await startEngine(dir);
    const w = await startWorkerProc(engine, dir, { name: 'w1', bundle: DEMO });
    workers.push(w);
    await engine.client.register(w.url);
  }, 60_000);
  afterAll(async () => {
    await Promise.all(workers.map((w) => w.kill()));
    await engine?.stop();
  });

  test('the answer and the set of questions are those of a local run, and the export is a journal like any other', async () => {
    const home = tempFolder();
    const config = join(home, 'inquest.config.json');
    writeFileSync(
      config,
      JSON.stringify({ engine: { type: 'restate', ...{ ingress: engine.ingress, admin: engine.admin } } }),
    );
    const there = await inquest(['--bundle', DEMO, '--engine', 'restate', '--json'], { home, env: env() });
    expect([there.code, there.stderr]).toEqual([0, there.stderr]);
    const here = await inquest(['--bundle', DEMO, '--json', '-q'], { home });
    const [a, b] = [there.stdout, here.stdout].map((t) => JSON.parse(t) as { run: string; verdict: object });
    expect(a!.verdict).toEqual(b!.verdict);
    const keys = (run: string): string[] =>
      journal(home, run)
        .flatMap((e) => (e.type === 'call.finished' ? [`${e.key} ${e.inputHash}`] : []))
        .sort();
    expect(keys(a!.run)).toEqual(keys(b!.run));
    const put = effectsIn(dir)
      .filter((e) => e.run === a!.run)
      .map((e) => e.key)
      .sort();
    expect(put).toEqual([...new Set(put)]);
    expect((await inquest(['replay', '--verify', a!.run], { home })).stdout).toContain('no difference');
    expect((await inquest(['diff', a!.run, b!.run], { home })).code).toBe(0);
    // Sent again it is the same run, and nothing is asked.
    const again = await inquest(['--bundle', DEMO, '--engine', 'restate', '--json'], { home, env: env() });
    expect((JSON.parse(again.stdout) as { run: string }).run).toBe(a!.run);
    expect(effectsIn(dir).filter((e) => e.run === a!.run)).toHaveLength(put.length);
  });

  test('posted many times at once, an alert is one run', async () => {
    const order = await orderOf(DEMO);
    const run = '01m7zzzzzzzzzzzzzzzzzzzzz1';
    const said = await Promise.all(Array.from({ length: 50 }, () => engine.client.submit(run, order)));
    expect(said.filter((s) => s === 'accepted')).toHaveLength(1);
    await engine.client.result(run);
    const keys = effectsIn(dir)
      .filter((e) => e.run === run)
      .map((e) => e.key);
    expect(keys.length).toBe(new Set(keys).size);
  });
});
