/** What may go wrong around a run on a real engine: strangers, wrong orders, runs that stand still, late answers. */
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventsOf } from '../src/app/distributed-journal.ts';
import type { Event } from '../src/core/events.ts';
import {
  type Engine,
  effectsIn,
  restateServer,
  startEngine,
  startWorkerProc,
  until,
  type WorkerProc,
} from './_engine.ts';
import { numbered, orderOf, smallIncident } from './_engine-orders.ts';
import { modelServer } from './_model-server.ts';
import { serverSolver } from './_policies.ts';
import { inquest, ROOT } from './_program.ts';
import { tempFolder } from './_temp.ts';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** Base58 of bytes that do not begin with zero. */
function base58(bytes: Buffer): string {
  let out = '';
  for (let n = BigInt(`0x${bytes.toString('hex')}`); n > 0n; n /= 58n) out = ALPHABET[Number(n % 58n)] + out;
  return out;
}

/** The answer of a worker to a request as the engine would send it, without a signature: its HTTP status. */
function askUnsigned(port: number, path: string): Promise<number> {
  return new Promise((done, fail) => {
    const session = connect(`http://127.0.0.1:${port}`);
    session.on('error', fail);
    const stream = session.request({
      ':path': path,
      ':method': 'POST',
      'content-type': 'application/vnd.restate.invocation.v5',
    });
    stream.on('error', fail);
    stream.on('response', (h) => {
      done(Number(h[':status']));
      session.destroy();
    });
    stream.end();
  });
}

describe.skipIf(!restateServer())('around a run on Restate', { timeout: 120_000 }, () => {
  let dir: string;
  let bundle: string;
  let home: string;
  let engine: Engine;
  let worker: WorkerProc;
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const identity = `publickeyv1_${base58(publicKey.export({ type: 'spki', format: 'der' }).subarray(-32))}`;

  beforeAll(async () => {
    dir = tempFolder();
    home = tempFolder();
    bundle = smallIncident(join(dir, 'small'));
    const pem = join(dir, 'identity.pem');
    writeFileSync(pem, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    engine = await startEngine(dir, 1, `request-identity-private-key-pem-file = "${pem}"`);
    const section = { type: 'restate', ingress: engine.ingress, admin: engine.admin, identityKeys: [identity] };
    const config = join(dir, 'config.json');
    writeFileSync(config, JSON.stringify({ engine: section }));
    writeFileSync(join(home, 'inquest.config.json'), JSON.stringify({ engine: section }));
    worker = await startWorkerProc(engine, dir, { name: 'w1', bundle, config });
    await engine.client.register(worker.url);
  }, 60_000);
  afterAll(async () => {
    await worker?.kill();
    await engine?.stop();
  });

  test('a worker with the key of the server works for that server, and for nobody else', async () => {
    const { run, order } = numbered(await orderOf(bundle), 1);
    await engine.client.submit(run, order);
    expect(await engine.client.result(run)).toMatchObject({ outcome: 'cause' });
    expect(worker.said()).toContain('"signed":true');
    expect(await askUnsigned(worker.port, '/invoke/inquest/run')).toBe(401);
    const { publicKey: other } = generateKeyPairSync('ed25519');
    const wrong = `publickeyv1_${base58(other.export({ type: 'spki', format: 'der' }).subarray(-32))}`;
    const config = join(dir, 'wrong.json');
    writeFileSync(config, JSON.stringify({ engine: { type: 'restate', identityKeys: [wrong] } }));
    const stranger = await startWorkerProc(engine, dir, { name: 'stranger', bundle, config });
    try {
      await expect(engine.client.register(stranger.url)).rejects.toThrow(/refused the workers/);
    } finally {
      await stranger.kill();
    }
  });

  test('a key that is none is said before work begins', async () => {
    const config = join(dir, 'nokey.json');
    writeFileSync(config, JSON.stringify({ engine: { type: 'restate', identityKeys: ['publickeyv1_0OIl'] } }));
    const ran = await inquest(['worker', '--port', '0', '--bundle', bundle, '--config', config], {
      home: tempFolder(),
    });
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('identityKeys')]);
    expect(ran.stderr).not.toContain('    at ');
  });

  test('what is no order ends at once, and a run of a strange name is written nowhere', async () => {
    const post = (name: string, body: unknown): Promise<Response> =>
      fetch(`${engine.ingress}/inquest/${encodeURIComponent(name)}/run`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const refused = await post('01m7zzzzzzzzzzzzzzzzzzzzz9', { hello: 'world' });
    expect([refused.status, await refused.text()]).toEqual([500, expect.stringContaining('no order of inquest')]);
    const { order } = numbered(await orderOf(bundle), 2);
    const name = "../../../stray'; --z7";
    await post(name, order);
    const seen = await inquest(['show', 'z7'], { home });
    expect(seen.code).toBe(2);
    expect((await engine.client.list(1000)).map((l) => l.run)).not.toContain(name);
    expect(existsSync(join(home, 'inquest/runs')) ? readdirSync(join(home, 'inquest/runs')) : []).toEqual([]);
  });

  test('what was told before a worker died and after is one journal, that verifies', async () => {
    const slow = await startWorkerProc(engine, dir, {
      name: 'dies',
      bundle,
      ms: 300,
      config: join(dir, 'config.json'),
    });
    await engine.client.register(slow.url);
    const { run, order } = numbered(await orderOf(bundle), 3);
    await engine.client.submit(run, order);
    await until('it asked twice', 30_000, () => effectsIn(dir).filter((e) => e.run === run).length > 3);
    await slow.kill();
    // No worker is there, and yet the run can be looked at.
    const meanwhile = await inquest(['show', run.slice(-6)], { home });
    expect([meanwhile.code, meanwhile.stdout]).toEqual([0, expect.stringContaining('RUNNING  on an engine')]);
    const next = await startWorkerProc(engine, dir, {
      ...{ name: 'goes-on', bundle, port: slow.port },
      config: join(dir, 'config.json'),
    });
    try {
      await engine.client.result(run);
      const seen = await inquest(['show', run.slice(-6)], { home });
      expect([seen.code, seen.stderr]).toEqual([0, '']);
      const verified = await inquest(['replay', '--verify', run.slice(-6)], { home });
      expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('no difference')]);
      const lines = readFileSync(join(home, 'inquest/runs', run, 'journal.ndjson'), 'utf8')
        .trim()
        .split('\n');
      const events = lines.map((l) => JSON.parse(l.slice(l.indexOf('{'))) as Event);
      const finished = events.flatMap((e) => (e.type === 'call.finished' ? [e.key] : []));
      expect(finished.length).toBe(new Set(finished).size);
      expect(finished.length).toBeGreaterThan(3);
    } finally {
      await next.kill();
    }
  });

  test('a run that stands still, or that no worker can be reached for, can be cancelled', async () => {
    const config = join(dir, 'config.json');
    const slow = await startWorkerProc(engine, dir, { name: 'still', bundle, ms: 2000, config });
    await engine.client.register(slow.url);
    const [paused, lost] = await Promise.all([5, 6].map(async (n) => numbered(await orderOf(bundle), n)));
    const status = async (run: string): Promise<string | undefined> => (await engine.client.find(run))?.status;
    try {
      for (const { run, order } of [paused!, lost!]) {
        await engine.client.submit(run, order);
        await until('it asked', 30_000, () => effectsIn(dir).some((e) => e.run === run));
      }
      const { invocation } = (await engine.client.find(paused!.run))!;
      await fetch(`${engine.admin}/invocations/${invocation}/pause`, { method: 'PATCH' });
      await until('it is paused', 30_000, async () => (await status(paused!.run)) === 'paused');
      expect((await engine.client.stuck(5)).map((l) => l.run)).toContain(paused!.run);
      const first = await inquest(['cancel', paused!.run.slice(-6)], { home });
      // On its way to its end it may be tried once more.
      expect([first.code, first.stderr]).toEqual([0, expect.stringContaining('is cancelled')]);
      await until('it has ended', 30_000, async () => (await status(paused!.run)) === 'completed');
      await slow.kill();
      await until('it is tried again', 30_000, async () => (await status(lost!.run)) === 'backing-off');
      const second = await inquest(['cancel', lost!.run.slice(-6)], { home });
      expect([second.code, second.stderr]).toEqual([0, expect.stringContaining('as soon as a worker answers')]);
      const next = await startWorkerProc(engine, dir, { name: 'still', bundle, port: slow.port, config });
      await until('it has ended', 30_000, async () => (await status(lost!.run)) === 'completed');
      expect((await engine.client.find(lost!.run))?.failure).toMatch(/cancelled/i);
      await next.kill();
    } finally {
      await slow.kill();
    }
  });

  test('a question to a person has the deadline that it had, whatever becomes of its worker', async () => {
    const name = 'yarrow-gull';
    const incident = join(ROOT, 'fixtures/incidents', name);
    const model = await modelServer(serverSolver(name));
    const config = join(dir, 'asks.json');
    writeFileSync(
      config,
      JSON.stringify({
        engine: { type: 'restate', identityKeys: [identity] },
        model: { name: 'claude-opus-5-5', budget: { turns: 2 } },
        agent: { askForBudget: true, answerWithin: '4s' },
      }),
    );
    const env = { ANTHROPIC_API_KEY: 'sk-ant-test-0123456789abcdefghij', ANTHROPIC_BASE_URL: model.url };
    const start = (port?: number): Promise<WorkerProc> =>
      startWorkerProc(engine, dir, { name: 'asks', bundle: incident, config, env, ...(port ? { port } : {}) });
    let w = await start();
    try {
      await engine.client.register(w.url);
      const { run, order } = numbered(await orderOf(incident), 7);
      await engine.client.submit(run, order);
      const events = () => eventsOf(engine.client, run);
      await until('it asks', 60_000, async () => (await events()).some((e) => e.type === 'human.asked'));
      await w.kill();
      w = await start(w.port);
      expect(await engine.client.result(run)).toMatchObject({ state: 'finished' });
      const told = await events();
      expect(told.find((e) => e.type === 'human.answered')).toMatchObject({ id: 'Q1', from: 'deadline' });
      expect(told.filter((e) => e.type === 'human.asked')).toHaveLength(1);
    } finally {
      await w.kill();
      await model.close();
    }
  });

  test("two commands that bring the same run at once do not stand in each other's way", async () => {
    const { run, order } = numbered(await orderOf(bundle), 8);
    const fresh = await startWorkerProc(engine, dir, { name: 'fresh', bundle, config: join(dir, 'config.json') });
    try {
      // An address that is known already does not become the newest again.
      expect([await engine.client.register(worker.url), await engine.client.register(fresh.url)]).toEqual([
        false,
        true,
      ]);
      await engine.client.submit(run, order);
      await engine.client.result(run);
    } finally {
      await fresh.kill();
    }
    const both = await Promise.all([1, 2, 3].map(() => inquest(['show', run.slice(-6)], { home })));
    expect(both.map((b) => [b.code, b.stderr])).toEqual([0, 0, 0].map((code) => [code, '']));
    expect((await inquest(['replay', '--verify', run.slice(-6)], { home })).code).toBe(0);
  });

  test('whoever watches a run that no worker can be reached for is told so', async () => {
    // The newest workers are those of the last test, which are gone.
    const gone = await startWorkerProc(engine, dir, { name: 'gone', bundle, config: join(dir, 'config.json') });
    await engine.client.register(gone.url);
    await gone.kill();
    const ran = await inquest(['--bundle', bundle, '--engine', 'restate', '--model', 'claude-opus-5-5'], {
      home,
      listen: (child, stderr) => void (stderr.includes('does not get on') && child.kill('SIGINT')),
    });
    expect(ran.stderr).toMatch(/does not get on, \d+ attempts: .*error when calling/);
    expect(ran.stderr).toContain('! not used: --model.');
    expect(ran.stderr).toContain('the run goes on without us');
  });
});
