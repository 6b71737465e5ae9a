/** The same investigation on a distributed engine: a real server, real workers that are killed, frozen and replaced. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Event } from '../src/core/events.ts';
import {
  type Engine,
  effectsIn,
  isHealthy,
  restateServer,
  startEngine,
  startWorkerProc,
  until,
  type WorkerProc,
} from './_engine.ts';
import { numbered, orderOf } from './_engine-orders.ts';
import { burst, place } from './_engine-scenarios.ts';
import { modelServer } from './_model-server.ts';
import { peer } from './_peers.ts';
import { serverSolver } from './_policies.ts';
import { DEMO, inquest, ROOT } from './_program.ts';
import { demoAlert, startServe } from './_serve.ts';
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
  const configText = (more: object = {}): string =>
    JSON.stringify({ engine: { type: 'restate', ingress: engine.ingress, admin: engine.admin }, ...more });
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
    writeFileSync(join(home, 'inquest.config.json'), configText());
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

  test('a run is listed and shown while it goes on, cancelled, and what it found until then stays', async () => {
    const slow = await startWorkerProc(engine, dir, { name: 'slow', bundle: DEMO, ms: 1500 });
    workers.push(slow);
    // Another address: the runs of before stay where they are, new ones come here.
    await engine.client.register(slow.url);
    const home = tempFolder();
    writeFileSync(join(home, 'inquest.config.json'), configText());
    const { run, order } = numbered(await orderOf(DEMO), 1);
    await engine.client.submit(run, order);
    await until('it has asked', 30_000, () => effectsIn(dir).some((e) => e.run === run));
    await until('it has told', 30_000, async () => (await engine.client.told(run, '')).length > 0);
    const list = await inquest(['list'], { home });
    expect(list.stdout).toMatch(new RegExp(`${run.slice(-6)}.*running`));
    const shown = await inquest(['show', run.slice(-6)], { home });
    expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining('RUNNING  on an engine')]);
    const cancelled = await inquest(['cancel', run.slice(-6)], { home });
    expect([cancelled.code, cancelled.stderr]).toEqual([0, expect.stringContaining('is cancelled')]);
    await until('it has ended', 30_000, async () => (await engine.client.find(run))?.status === 'completed');
    const after = await inquest(['show', run.slice(-6)], { home });
    expect(after.stdout).toContain('cancelled');
    expect(journal(home, run).at(-1)).toMatchObject({ type: 'run.interrupted', why: 'cancelled' });
    const again = await inquest(['cancel', run.slice(-6)], { home });
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('nobody is working on run')]);
    // What was ended there can be gone on with here, and is then no run of the engine any more.
    const resumed = await inquest(['resume', run.slice(-6), '--json'], { home });
    expect([resumed.code, resumed.stderr]).toEqual([0, expect.not.stringContaining('engine')]);
    expect((await inquest(['replay', '--verify', run.slice(-6)], { home })).code).toBe(0);
  });

  test('a webhook receiver hands over and waits: killed in between it loses nothing, and two of them come to one run', async () => {
    const slow = await startWorkerProc(engine, dir, { name: 'hooks', bundle: DEMO, ms: 400 });
    workers.push(slow);
    await engine.client.register(slow.url);
    const config = { engine: { type: 'restate', ingress: engine.ingress, admin: engine.admin } };
    const args = ['--engine', 'restate', '--bundle', DEMO];
    const [home, other] = [tempFolder(), tempFolder()];
    const alert = demoAlert();
    let a = await startServe({ home, config, args });
    const b = await startServe({ home: other, config, args });
    try {
      const [first, second] = await Promise.all([a, b].map(async (s) => (await s.post(alert)).json()));
      const run = (first as { alerts: { run: string }[] }).alerts[0]!.run;
      expect((second as { alerts: { run: string }[] }).alerts[0]!.run).toBe(run);
      await until('work has begun', 30_000, () => effectsIn(dir).some((e) => e.run === run));
      await a.kill();
      await until('it has ended without anybody waiting', 60_000, async () => {
        return (await engine.client.find(run))?.status === 'completed';
      });
      a = await startServe({ home, config, args });
      for (const s of [a, b]) {
        await until('its end is known', 30_000, () => s.log().some((e) => e.what === 'run.ended' && e.run === run));
        expect(s.log().find((e) => e.what === 'run.ended')).toMatchObject({ exit: 0, outcome: 'cause' });
        const page = await fetch(`${s.url}/runs/${run}`);
        expect(await page.text()).toContain('deploy/orders/2.8.1');
      }
      const keys = effectsIn(dir).flatMap((e) => (e.run === run ? [e.key] : []));
      expect(keys.length).toBe(new Set(keys).size);
    } finally {
      await Promise.all([a.stop(), b.stop()]);
    }
  });

  test('old runs end on the old code while new ones begin on the new', async () => {
    const old = workers.find((w) => w.name === 'hooks')!;
    const [first, second] = await Promise.all([2, 3].map(async (n) => numbered(await orderOf(DEMO), n)));
    await engine.client.submit(first!.run, first!.order);
    await until('the old one is at work', 30_000, () => effectsIn(dir).some((e) => e.run === first!.run));
    const fresh = await startWorkerProc(engine, dir, { name: 'new', bundle: DEMO });
    workers.push(fresh);
    await engine.client.register(fresh.url);
    await engine.client.submit(second!.run, second!.order);
    await Promise.all([first, second].map((x) => engine.client.result(x!.run)));
    const by = (run: string): string[] => [
      ...new Set(effectsIn(dir).flatMap((e) => (e.run === run ? [e.worker] : []))),
    ];
    expect([by(first!.run), by(second!.run)]).toEqual([[old.name], [fresh.name]]);
  });

  test('a fork asks there what it would ask here, and nothing else', async () => {
    const home = tempFolder();
    writeFileSync(join(home, 'inquest.config.json'), configText());
    const parent = JSON.parse((await inquest(['--bundle', DEMO, '--json', '-q'], { home })).stdout) as { run: string };
    const runs = new Set(readdirSync(join(home, 'inquest/runs')));
    const here = await inquest(['fork', parent.run, '--at', 'E6', '--json'], { home });
    const local = readdirSync(join(home, 'inquest/runs')).find((r) => !runs.has(r))!;
    const there = await inquest(['fork', parent.run, '--at', 'E6', '--engine', 'restate', '--json'], { home });
    expect([here.code, there.code, there.stderr]).toEqual([0, 0, there.stderr]);
    const { run } = JSON.parse(there.stdout) as { run: string };
    const asked = (r: string): string[] =>
      journal(home, r)
        .flatMap((e) => (e.type === 'call.finished' && !e.shared ? [e.key] : []))
        .sort();
    expect(asked(run)).toEqual(asked(local));
    expect(asked(run).length).toBeGreaterThan(0);
    expect(
      effectsIn(dir)
        .flatMap((e) => (e.run === run ? [e.key] : []))
        .sort(),
    ).toEqual(asked(run));
    // As sure as it is told to be, there too; and what is forked here from a run of there is worked on here.
    const strict = await inquest(['fork', run, '--threshold', '1', '--engine', 'restate', '--json'], { home });
    expect([strict.code, strict.stdout]).toEqual([10, expect.stringContaining('"inconclusive"')]);
    const back = JSON.parse((await inquest(['fork', run, '--json'], { home })).stdout) as { run: string };
    expect(journal(home, back.run).find((e) => e.type === 'run.started')?.settings.engine).toBeUndefined();
  });

  test('a question to a person outlives its worker, is answered from anywhere, and no turn is paid twice', async () => {
    const name = 'yarrow-gull';
    const bundle = join(ROOT, 'fixtures/incidents', name);
    const model = await modelServer(serverSolver(name));
    const home = tempFolder();
    try {
      const config = join(home, 'inquest.config.json');
      writeFileSync(
        config,
        configText({
          model: { name: 'claude-opus-5-5', budget: { turns: 2 } },
          agent: { askForBudget: true, answerWithin: '5m' },
        }),
      );
      const env = { ANTHROPIC_API_KEY: 'sk-ant-test-0123456789abcdefghij', ANTHROPIC_BASE_URL: model.url };
      const w = await startWorkerProc(engine, dir, { name: 'asks', bundle, config, env });
      workers.push(w);
      await engine.client.register(w.url);
      const { run, order } = numbered(await orderOf(bundle), 4);
      await engine.client.submit(run, order);
      const waits = async (): Promise<boolean> => {
        const found = await inquest(['answer', run.slice(-6)], { home });
        return found.stdout.includes('Q1');
      };
      await until('it asks a person', 60_000, waits);
      const paid = model.requests.length;
      await w.kill();
      workers.push(await startWorkerProc(engine, dir, { name: 'asks', bundle, config, env, port: w.port }));
      const said = await inquest(['answer', run.slice(-6), 'Q1', 'yes'], { home });
      expect([said.code, said.stderr]).toEqual([0, expect.stringContaining('the run goes on')]);
      expect(await engine.client.result(run)).toMatchObject({ outcome: 'cause' });
      const twice = effectsIn(dir)
        .filter((e) => e.run === run)
        .map((e) => e.key);
      expect(twice.length).toBe(new Set(twice).size);
      expect(model.requests.length).toBeGreaterThan(paid);
      const second = await inquest(['answer', run.slice(-6), 'Q1', 'no'], { home });
      expect([second.code, second.stderr]).toEqual([2, expect.stringContaining('answered already')]);
    } finally {
      await model.close();
    }
  });
});

describe.skipIf(!restateServer() || !peer('haproxy'))('with a balancer', { timeout: 180_000 }, () => {
  test.each(['kill-worker', 'freeze-worker', 'kill-server'] as const)(
    '%s: every alert gets its answer, the same one',
    async (fault) => {
      const p = await place(tempFolder(), { workers: 2, ms: 150 });
      try {
        const b = await burst(p, 20, fault);
        expect({ ...b, seconds: 0, acceptMs: 0, questions: 0, repeated: 0, serverMb: 0, workerMb: 0 }).toMatchObject({
          accepted: 20,
          done: 20,
          endings: 1,
        });
        expect(b.most).toBeLessThanOrEqual(2);
      } finally {
        await p.close();
      }
    },
  );

  test('a worker that is told to stop ends what it is at, and says to the balancer that it goes', async () => {
    const p = await place(tempFolder(), { workers: 2, ms: 200 });
    try {
      const { run, order } = numbered(p.order, 1);
      await p.engine.client.submit(run, order);
      await until('work has begun', 30_000, () => effectsIn(p.dir).length > 0);
      const name = effectsIn(p.dir)[0]!.worker;
      const w = p.workers.find((x) => x.name === name)!;
      w.child.kill('SIGTERM');
      await until('it does not want more', 10_000, async () => !(await isHealthy(w.port)));
      expect(await p.engine.client.result(run)).toMatchObject({ state: 'finished' });
      await w.kill('SIGTERM');
      expect(w.child.exitCode).toBe(0);
      expect(new Set(effectsIn(p.dir).map((e) => e.worker))).toEqual(new Set([name]));
    } finally {
      await p.close();
    }
  });
});
