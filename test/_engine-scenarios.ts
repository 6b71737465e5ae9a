/** What must hold of the engine when things break, in any size: the suite runs them small, `npm run enginetest` whole. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Order } from '../src/app/distributed.ts';
import type { RunSummary } from '../src/journal/runs.ts';
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
import { numbered, orderOf, smallIncident } from './_engine-orders.ts';

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
  const [first] = workers as [WorkerProc];
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
