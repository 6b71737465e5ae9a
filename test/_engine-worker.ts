/** A worker of the engine that writes down every question before it is put, and may take its time. Settings in WORKER (JSON). */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { workerCommand } from '../src/commands/worker.ts';
import type { Io } from '../src/core/ports.ts';

interface Settings {
  port: number;
  name: string;
  /** File that gets a line for each question: worker, run, key. */
  effects: string;
  /** Each question takes at least so long, ms. */
  ms: number;
  bundle?: string;
  config?: string;
}

const settings = JSON.parse(process.env.WORKER ?? '{}') as Settings;
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
const io = {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  root: join(import.meta.dirname, '../src'),
  pid: process.pid,
  now: Date.now,
  signal: stop.signal,
  alive: () => true,
  stop: () => stop.abort(),
  onExit: () => {},
  suspend: () => {},
  exitCode: 0,
} satisfies Io;

await workerCommand(
  io,
  {
    port: String(settings.port),
    host: '127.0.0.1',
    drain: '10s',
    ...(settings.bundle ? { bundle: settings.bundle } : {}),
    ...(settings.config ? { config: settings.config } : {}),
  },
  async ({ run, key }, work) => {
    appendFileSync(settings.effects, `${settings.name} ${run} ${key}\n`);
    if (settings.ms > 0) await new Promise((go) => setTimeout(go, settings.ms));
    return work();
  },
);
