/** A real Restate server, real workers and a real balancer on the loopback, in a folder of their own; with the example files. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { join } from 'node:path';
import { type EngineClient, engineClient } from '../src/engines/_restate-client.ts';
import { freePort, peerPackage } from './_peers.ts';
import { ROOT } from './_program.ts';

const EXAMPLES = join(ROOT, 'examples/distributed');

/** The server's program; undefined where it is not installed. */
export const restateServer = (): string | undefined =>
  peerPackage('@restatedev/restate-server-linux-x64/bin/restate-server');

export interface Proc {
  child: ChildProcess;
  /** What it said last. */
  said(): string;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

export function launch(command: string, args: string[], env: Record<string, string>, cwd: string): Proc {
  const child = spawn(command, args, {
    cwd,
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (part: Buffer) => {
      said = (said + part.toString()).slice(-20_000);
    });
  }
  const gone = new Promise<void>((done) => child.once('close', () => done()));
  return {
    child,
    said: () => said,
    async kill(signal = 'SIGKILL') {
      // A process that is stopped takes no other signal than these.
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await gone;
    },
  };
}

/** Waits until it holds; at most `ms`. */
export async function until(what: string, ms: number, holds: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    if (await holds()) return;
    await new Promise((go) => setTimeout(go, 25));
  }
  throw new Error(`not within ${ms} ms: ${what}`);
}

export interface Engine {
  ingress: string;
  admin: string;
  client: EngineClient;
  /** ms from start to healthy. */
  readyMs: number;
  /** Kills one node and starts it again on its folder. */
  restart(node?: number): Promise<void>;
  killNode(node: number): Promise<void>;
  pids(): number[];
  stop(): Promise<void>;
}

/** Starts one server, or three that replicate, from the example files with other ports and folders. */
export async function startEngine(dir: string, nodes: 1 | 3 = 1): Promise<Engine> {
  const binary = restateServer();
  if (!binary) throw new Error('no server');
  const ports = await Promise.all(Array.from({ length: nodes * 3 }, () => freePort()));
  const of = (node: number): { bind: number; ingress: number; admin: number } => {
    const [bind, ingress, admin] = ports.slice(node * 3, node * 3 + 3) as [number, number, number];
    return { bind, ingress, admin };
  };
  const files = Array.from({ length: nodes }, (_, node) => {
    const { bind, ingress, admin } = of(node);
    const base = join(dir, `n${node + 1}`);
    mkdirSync(base, { recursive: true });
    const example = readFileSync(join(EXAMPLES, nodes === 1 ? 'restate.toml' : 'restate-node.toml'), 'utf8');
    const text = example
      .replace('node-name = "n1"', `node-name = "n${node + 1}"`)
      .replace('/var/lib/restate', base)
      .replace('auto-provision = true', `auto-provision = ${node === 0}`)
      .replace(
        /^addresses = .*$/m,
        `addresses = ${JSON.stringify(Array.from({ length: nodes }, (_x, n) => `http://127.0.0.1:${of(n).bind}`))}`,
      )
      .replace('bind-port = 5122', `bind-port = ${bind}`)
      .replace('advertised-address = "http://127.0.0.1:5122"', `advertised-address = "http://127.0.0.1:${bind}"`)
      .replace(
        'bind-ip = "127.0.0.1"',
        nodes === 1 ? `bind-ip = "127.0.0.1"\nbind-port = ${bind}` : 'bind-ip = "127.0.0.1"',
      )
      .replace('"127.0.0.1:8080"', `"127.0.0.1:${ingress}"`)
      .replace('"127.0.0.1:9070"', `"127.0.0.1:${admin}"`);
    const file = join(dir, `n${node + 1}.toml`);
    writeFileSync(file, text);
    return file;
  });
  const start = (node: number): Proc => launch(binary, ['--no-logo', '-c', files[node]!], {}, dir);
  const begun = performance.now();
  const procs = files.map((_f, node) => start(node));
  const healthy = async (node: number): Promise<void> => {
    const { ingress, admin } = of(node);
    await until(`node ${node + 1} healthy: ${procs[node]!.said().slice(-500)}`, 30_000, async () => {
      const [a, b] = await Promise.all(
        [`http://127.0.0.1:${admin}/health`, `http://127.0.0.1:${ingress}/restate/health`].map((url) =>
          fetch(url).then(
            (r) => r.ok,
            () => false,
          ),
        ),
      );
      return Boolean(a && b);
    });
  };
  for (const node of files.keys()) await healthy(node);
  const readyMs = performance.now() - begun;
  const [ingress, admin] = [`http://127.0.0.1:${of(0).ingress}`, `http://127.0.0.1:${of(0).admin}`];
  return {
    ingress,
    admin,
    client: engineClient({ ingress, admin }, { fetch, signal: new AbortController().signal }),
    readyMs,
    async restart(node = 0) {
      await procs[node]!.kill();
      procs[node] = start(node);
      await healthy(node);
    },
    killNode: (node) => procs[node]!.kill(),
    pids: () => procs.map((p) => p.child.pid!),
    async stop() {
      await Promise.all(procs.map((p) => p.kill()));
    },
  };
}

export interface WorkerProc extends Proc {
  name: string;
  port: number;
  url: string;
}

/** Starts a worker and waits until it says that it is healthy, in HTTP/2 as the balancer asks. */
export async function startWorkerProc(
  engine: Pick<Engine, 'ingress' | 'admin'>,
  dir: string,
  o: { name: string; ms?: number; bundle?: string; config?: string; port?: number; env?: Record<string, string> },
): Promise<WorkerProc> {
  const port = o.port ?? (await freePort());
  const { name, ms = 0, bundle, config } = o;
  const settings = { port, name, ms, effects: join(dir, 'effects'), bundle, config };
  const env = {
    HOME: join(dir, `home-${name}`),
    INQUEST_ENGINE_INGRESS: engine.ingress,
    INQUEST_ENGINE_ADMIN: engine.admin,
    WORKER: JSON.stringify(settings),
    INQUEST_LOG: process.env.INQUEST_LOG ?? 'info',
    ...o.env,
  };
  mkdirSync(env.HOME, { recursive: true });
  const tsx = join(ROOT, 'node_modules/tsx/dist/loader.mjs');
  const proc = launch(process.execPath, ['--import', tsx, join(ROOT, 'test/_engine-worker.ts')], env, dir);
  await until(`worker ${name} healthy`, 30_000, async () => {
    if (proc.child.exitCode !== null) throw new Error(`worker ${name} ended: ${proc.said()}`);
    return isHealthy(port);
  });
  return { ...proc, name, port, url: `http://127.0.0.1:${port}` };
}

/** Asks for its health in HTTP/2. */
export function isHealthy(port: number): Promise<boolean> {
  return new Promise((done) => {
    const session = connect(`http://127.0.0.1:${port}`);
    const end = (healthy: boolean): void => {
      session.destroy();
      done(healthy);
    };
    session.on('error', () => end(false));
    const stream = session.request({ ':path': '/health' });
    stream.on('response', (headers) => end(headers[':status'] === 200));
    stream.on('error', () => end(false));
  });
}

/** The example balancer in front of these workers. */
export async function startBalancer(dir: string, ports: number[]): Promise<Proc & { url: string }> {
  const port = await freePort();
  const example = readFileSync(join(EXAMPLES, 'haproxy.cfg'), 'utf8');
  const options = /server w1 \S+ (.*)/.exec(example)?.[1] ?? '';
  const servers = ports.map((p, i) => `  server w${i + 1} 127.0.0.1:${p} ${options}`).join('\n');
  const text = example
    .replace('127.0.0.1:9079', `127.0.0.1:${port}`)
    .replace(/(^ {2}server w\d.*\n)+/m, `${servers}\n`);
  const file = join(dir, 'haproxy.cfg');
  writeFileSync(file, text);
  const proc = launch('haproxy', ['-f', file, '-db'], {}, dir);
  await until(`balancer up: ${proc.said()}`, 10_000, () => isHealthy(port));
  return { ...proc, url: `http://127.0.0.1:${port}` };
}

export interface Effect {
  worker: string;
  run: string;
  key: string;
}

/** Every question that was put, in order. */
export function effectsIn(dir: string): Effect[] {
  const file = join(dir, 'effects');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [worker = '', run = '', key = ''] = line.split(' ');
      return { worker, run, key };
    });
}

/** How often each question of each run was put. */
export function repeats(effects: Effect[]): { total: number; repeated: number; most: number } {
  const counts = new Map<string, number>();
  for (const { run, key } of effects) counts.set(`${run} ${key}`, (counts.get(`${run} ${key}`) ?? 0) + 1);
  const all = [...counts.values()];
  return { total: effects.length, repeated: all.filter((n) => n > 1).length, most: Math.max(0, ...all) };
}
