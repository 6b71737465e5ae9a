/** What must hold of the engine when things break, in any size: the suite runs them small, `npm run enginetest` whole. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Order } from '../src/app/distributed.ts';
import { eventsOf, exportRun } from '../src/app/distributed-journal.ts';
import { loadPlaybooks } from '../src/app/playbooks.ts';
import { loadPlugins } from '../src/app/plugins.ts';
import { openRun, runWired } from '../src/app/run.ts';
import { openSources } from '../src/app/sources.ts';
import type { Io } from '../src/core/ports.ts';
import type { Step } from '../src/core/types.ts';
import type { RunSummary } from '../src/journal/runs.ts';
import { choosePlaybook } from '../src/workflow/match.ts';
import {
  type Engine,
  effectsIn,
  type Proc,
  repeats,
  startBalancer,
  startEngine,
  startWorkerProc,
  until,
  type WorkerProc,
} from './_engine.ts';
import { configOf, numbered, orderOf, smallIncident } from './_engine-orders.ts';
import { modelServer } from './_model-server.ts';
import { serverSolver } from './_policies.ts';
import { inquest, ROOT } from './_program.ts';

export interface Burst {
  accepted: number;
  done: number;
  /** Different endings (outcome, headline, confidence) among all runs: 1 where nothing was lost or made up. */
  endings: number;
  seconds: number;
  questions: number;
  /** Questions that were put more than once, and how often the worst one was. */
  repeated: number;
  most: number;
  acceptMs: { p50: number; p99: number };
  /** Largest resident memory seen, MB. */
  serverMb: number;
  workerMb: number;
}

export type Fault = 'none' | 'kill-worker' | 'freeze-worker' | 'kill-server' | 'kill-worker-and-node';

export interface Place {
  dir: string;
  engine: Engine;
  workers: WorkerProc[];
  balancer?: Proc & { url: string };
  order: Order;
  close(): Promise<void>;
}

/** A server (or three), so many workers behind the example balancer, and a small incident. */
export async function place(dir: string, o: { workers: number; ms: number; nodes?: 1 | 3 }): Promise<Place> {
  const bundle = smallIncident(join(dir, 'small'));
  const engine = await startEngine(dir, o.nodes ?? 1);
  const workers = await Promise.all(
    Array.from({ length: o.workers }, (_, i) => startWorkerProc(engine, dir, { name: `w${i + 1}`, ms: o.ms, bundle })),
  );
  const balancer = await startBalancer(
    dir,
    workers.map((w) => w.port),
  );
  await engine.client.register(balancer.url);
  return {
    dir,
    engine,
    workers,
    balancer,
    order: await orderOf(bundle),
    async close() {
      await Promise.all(workers.map((w) => w.kill()));
      await balancer.kill();
      await engine.stop();
    },
  };
}

/** `n` alerts at once; the fault comes when a tenth of the questions that will be put have been. */
export async function burst(p: Place, n: number, fault: Fault): Promise<Burst> {
  const { engine, workers } = p;
  const before = effectsIn(p.dir).length;
  const all = Array.from({ length: n }, (_, i) => numbered(p.order, i + before * 10_000));
  const memory = watchMemory(engine, workers);
  const begun = performance.now();
  const accept: number[] = [];
  let accepted = 0;
  const wide = 100;
  for (let i = 0; i < n; i += wide) {
    await Promise.all(
      all.slice(i, i + wide).map(async ({ run, order }) => {
        const at = performance.now();
        if ((await engine.client.submit(run, order)) === 'accepted') accepted++;
        accept.push(performance.now() - at);
      }),
    );
  }
  const broken = breakThings(p, fault, before + n);
  const ended = await Promise.all(all.map(({ run }) => resultOf(engine, run)));
  await broken;
  const seconds = (performance.now() - begun) / 1000;
  const endings = new Set(ended.map((e) => e && JSON.stringify([e.outcome, e.headline, e.confidence])));
  const { total, repeated, most } = repeats(effectsIn(p.dir).slice(before));
  accept.sort((a, b) => a - b);
  return {
    accepted,
    done: ended.filter((e) => e?.state === 'finished').length,
    endings: endings.size,
    seconds,
    questions: total,
    repeated,
    most,
    acceptMs: { p50: accept[n >> 1] ?? 0, p99: accept[Math.floor(n * 0.99)] ?? 0 },
    ...memory(),
  };
}

/** The result, asked again where the connection breaks with the server. */
async function resultOf(engine: Engine, run: string): Promise<RunSummary | undefined> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      return (await engine.client.result(run)) as RunSummary;
    } catch (e) {
      if (!/cannot be reached|502|503|500/.test((e as Error).message)) return undefined;
      await new Promise((go) => setTimeout(go, 300));
    }
  }
  return undefined;
}

async function breakThings({ dir, engine, workers }: Place, fault: Fault, enough: number): Promise<void> {
  if (fault === 'none') return;
  await until('work has begun', 60_000, () => effectsIn(dir).length >= enough);
  // One that is at work: an idle one's death would show nothing.
  const at = effectsIn(dir).at(-1)?.worker;
  const first = workers.find((w) => w.name === at)!;
  if (fault === 'kill-server') return engine.restart();
  if (fault === 'freeze-worker') {
    first.child.kill('SIGSTOP');
    await new Promise((go) => setTimeout(go, 8000));
    first.child.kill('SIGCONT');
    return;
  }
  await first.kill();
  if (fault === 'kill-worker-and-node') await engine.killNode(2);
}

/** Looks at the resident memory of servers and workers until it is called. */
function watchMemory(engine: Engine, workers: WorkerProc[]): () => { serverMb: number; workerMb: number } {
  let [serverMb, workerMb] = [0, 0];
  const look = (): void => {
    for (const pid of engine.pids()) serverMb = Math.max(serverMb, residentMb(pid));
    for (const w of workers) workerMb = Math.max(workerMb, residentMb(w.child.pid ?? 0));
  };
  const timer = setInterval(look, 200);
  return () => {
    clearInterval(timer);
    look();
    return { serverMb: Math.round(serverMb), workerMb: Math.round(workerMb) };
  };
}

function residentMb(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Runs that wait for a person; their only worker is killed and replaced, then all are answered. */
export async function waiting(
  dir: string,
  n: number,
): Promise<{ waiting: number; done: number; seconds: number; repeated: number }> {
  const name = 'yarrow-gull';
  const bundle = join(ROOT, 'fixtures/incidents', name);
  const model = await modelServer(serverSolver(name));
  const engine = await startEngine(dir);
  const config = join(dir, 'config.json');
  writeFileSync(
    config,
    JSON.stringify({
      model: { name: 'claude-opus-5-5', budget: { turns: 2 } },
      agent: { askForBudget: true, answerWithin: '30m' },
    }),
  );
  const env = { ANTHROPIC_API_KEY: 'sk-ant-test-0123456789abcdefghij', ANTHROPIC_BASE_URL: model.url };
  let worker = await startWorkerProc(engine, dir, { name: 'w1', bundle, config, env });
  try {
    await engine.client.register(worker.url);
    const order = await orderOf(bundle);
    const all = Array.from({ length: n }, (_, i) => numbered(order, i));
    for (const x of all) await engine.client.submit(x.run, x.order);
    const asks = async ({ run }: { run: string }): Promise<boolean> =>
      (await eventsOf(engine.client, run)).some((e) => e.type === 'human.asked');
    let waits = 0;
    await until('all wait', 600_000, async () => {
      waits = (await Promise.all(all.map(asks))).filter(Boolean).length;
      await new Promise((go) => setTimeout(go, 500));
      return waits === n;
    });
    await worker.kill();
    worker = await startWorkerProc(engine, dir, { name: 'w1', bundle, config, env, port: worker.port });
    const begun = performance.now();
    const answer = { choice: 'yes', from: 'command', at: new Date().toISOString() };
    await Promise.all(all.map(({ run }) => engine.client.send(run, 'Q1', answer)));
    const ended = await Promise.all(all.map(({ run }) => resultOf(engine, run)));
    return {
      waiting: waits,
      done: ended.filter((e) => e?.state === 'finished').length,
      seconds: (performance.now() - begun) / 1000,
      repeated: repeats(effectsIn(dir)).repeated,
    };
  } finally {
    await worker.kill();
    await engine.stop();
    await model.close();
  }
}

/** Runs, with a worker killed among them, brings them into a store of ours, and lets today's workflow judge them again on their recorded answers. */
export async function exportAndVerify(
  dir: string,
  n: number,
): Promise<{ exported: number; same: boolean; said: string }> {
  const p = await place(dir, { workers: 2, ms: 50 });
  try {
    const all = Array.from({ length: n }, (_, i) => numbered(p.order, i));
    await Promise.all(all.map((x) => p.engine.client.submit(x.run, x.order)));
    // What a run told must be whole however often it changed its process.
    await breakThings(p, 'kill-worker', n);
    await Promise.all(all.map((x) => resultOf(p.engine, x.run)));
    const home = join(dir, 'home');
    const runs = join(home, 'inquest/runs');
    const io = { pid: process.pid, now: () => Date.now(), alive: () => true } as unknown as Io;
    let exported = 0;
    for (const { run } of all) if ((await exportRun(io, runs, p.engine.client, run)) > 0) exported++;
    const verified = await inquest(['replay', '--verify', runs], { home });
    const said = verified.stderr.trim().split('\n').at(-1) ?? '';
    return { exported, same: verified.code === 0, said: said || verified.stdout.trim().split('\n').at(-1) || '' };
  } finally {
    await p.close();
  }
}

/** Investigations a second of the local engine: one process, one after the other, each with its journal on disk. */
export async function localRate(dir: string, n: number): Promise<number> {
  const bundle = smallIncident(join(dir, 'small'));
  const order = await orderOf(bundle);
  const root = join(ROOT, 'src');
  const steps = await loadPlugins<Step>(root, 'steps', 'step', 'step');
  const playbooks = await loadPlaybooks(root, [], [...steps.keys()].sort());
  const io = { pid: process.pid, now: () => Date.now(), alive: () => true } as unknown as Io;
  const runs = join(dir, 'runs');
  const begun = performance.now();
  for (let i = 0; i < n; i++) {
    const { run, order: mine } = numbered(order, i);
    const config = configOf(bundle);
    const now = Date.parse(mine.facts.now);
    const opened = await openSources(root, config, { cwd: dir, fetch, now: () => now, services: {} });
    const journal = await openRun(runs, run, io);
    await runWired(
      {
        run,
        config,
        ...opened,
        steps,
        playbook: choosePlaybook(mine.facts.alert, playbooks),
        baselines: [],
        ...journal,
        sinks: [],
        signal: new AbortController().signal,
        now: () => Date.now(),
        provisional: true,
      },
      mine.facts,
    );
    await journal.close();
    await opened.close();
  }
  return n / ((performance.now() - begun) / 1000);
}
