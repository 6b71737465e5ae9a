/**
 * The acceptance tests of the distributed engine, whole: npm run enginetest -- [--runs 1000] [--only kill-worker,…]
 * A real Restate server (npm ci --prefix test/peers), real workers, the example balancer (haproxy). Prints a line each and
 * exits 1 where something was lost, made up or asked too often.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEngine, startWorkerProc } from '../test/_engine.ts';
import { numbered, orderOf, smallIncident } from '../test/_engine-orders.ts';
import { burst, exportAndVerify, localRate, place, waiting } from '../test/_engine-scenarios.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    only: { type: 'string' },
    ms: { type: 'string', default: '50' },
  },
});
const runs = Number(values.runs);
const wanted = values.only?.split(',');
let failed = 0;

function tell(name, figures, good) {
  if (!good) failed++;
  process.stdout.write(`${good ? 'ok  ' : 'FAIL'} ${name}: ${figures}\n`);
}

async function inFolder(name, work) {
  if (wanted && !wanted.includes(name)) return;
  const dir = mkdtempSync(join(tmpdir(), 'inquest-engine-'));
  try {
    await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

process.stdout.write(`${runs} alerts, ${cpus().length} cores, Node ${process.version}\n`);

await inFolder('install', async (dir) => {
  const engine = await startEngine(dir);
  const bundle = smallIncident(join(dir, 'small'));
  const worker = await startWorkerProc(engine, dir, { name: 'w1', bundle });
  await engine.client.register(worker.url);
  const { run, order } = numbered(await orderOf(bundle), 1);
  await engine.client.submit(run, order);
  const ended = await engine.client.result(run);
  const uid = process.getuid?.() === 0 ? 'as root (nothing needs it)' : 'without root';
  tell(
    'install',
    `server healthy in ${Math.round(engine.readyMs)} ms, ${uid}; one run: ${ended.outcome}`,
    ended.outcome === 'cause',
  );
  await worker.kill();
  await engine.stop();
});

const faults = {
  none: { workers: 3, repeated: 0 },
  'kill-worker': { workers: 3, repeated: 0.06 },
  'freeze-worker': { workers: 3, repeated: 0.1 },
  'kill-server': { workers: 3, repeated: 0.5 },
  'kill-worker-and-node': { workers: 2, nodes: 3, repeated: 0.5 },
};
for (const [fault, { workers, nodes = 1, repeated }] of Object.entries(faults)) {
  await inFolder(fault, async (dir) => {
    const p = await place(dir, { workers, ms: Number(values.ms), nodes });
    try {
      const b = await burst(p, runs, fault);
      const share = b.repeated / (b.questions - b.repeated);
      const good =
        b.accepted === runs &&
        b.done === runs &&
        b.endings === 1 &&
        b.most <= (fault === 'kill-worker-and-node' ? 3 : 2);
      tell(
        fault,
        `${b.done}/${runs} in ${b.seconds.toFixed(1)} s, ${b.endings} ending, ${b.questions} questions, repeated ${(share * 100).toFixed(1)} % (most ${b.most}x), ` +
          `accepted p50 ${b.acceptMs.p50.toFixed(0)} p99 ${b.acceptMs.p99.toFixed(0)} ms, server ${b.serverMb} MB, worker ${b.workerMb} MB`,
        good && share <= repeated,
      );
    } finally {
      await p.close();
    }
  });
}

await inFolder('dedupe', async (dir) => {
  const p = await place(dir, { workers: 2, ms: 0 });
  try {
    const some = Math.max(1, Math.floor(runs / 5));
    const all = Array.from({ length: some }, (_, i) => numbered(p.order, i));
    let accepted = 0;
    for (let round = 0; round < 5; round++)
      for (let i = 0; i < some; i += 100)
        for (const s of await Promise.all(all.slice(i, i + 100).map((x) => p.engine.client.submit(x.run, x.order))))
          if (s === 'accepted') accepted++;
    await Promise.all(all.map((x) => p.engine.client.result(x.run)));
    const { repeats, effectsIn } = await import('../test/_engine.ts');
    const { total, repeated } = repeats(effectsIn(dir));
    tell(
      'dedupe',
      `${some * 5} posts of ${some} alerts: ${accepted} runs, ${total} questions, ${repeated} repeated`,
      accepted === some && repeated === 0,
    );
  } finally {
    await p.close();
  }
});

await inFolder('waiting', async (dir) => {
  const w = await waiting(dir, Math.min(50, runs));
  tell(
    'waiting',
    `${w.waiting} runs waited for a person, their only worker was killed and replaced, all answered: ${w.done} ended in ${w.seconds.toFixed(1)} s, ${w.repeated} questions repeated`,
    w.done === w.waiting && w.repeated === 0,
  );
});

await inFolder('export', async (dir) => {
  const n = Math.min(100, runs);
  const e = await exportAndVerify(dir, n);
  tell('export', `${e.exported} of ${n} runs exported, replay --verify of all: ${e.said}`, e.exported === n && e.same);
});

await inFolder('throughput', async (dir) => {
  const n = Math.max(50, Math.floor(runs / 5));
  const local = await localRate(join(dir, 'local'), n);
  const rates = [];
  for (const workers of [1, 2, 3]) {
    const p = await place(join(dir, `w${workers}`), { workers, ms: 0 });
    try {
      const b = await burst(p, n, 'none');
      rates.push(n / b.seconds);
    } finally {
      await p.close();
    }
  }
  const shown = rates
    .map((r, i) => `${i + 1} worker${i ? 's' : ''} ${r.toFixed(1)}/s (${(r / local).toFixed(2)})`)
    .join(', ');
  tell('throughput', `local engine ${local.toFixed(1)} investigations/s in one process; ${shown} of that`, true);
});

process.exit(failed > 0 ? 1 : 0);
