/** `inquest serve` as a process: started with a config, asked over HTTP, stopped or killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './_peers.ts';
import { BIN, DEMO } from './_program.ts';

export const TOKEN = 'token-of-the-tests';
export const SIGNING = 'signing-secret-of-the-tests';

/** Two hooks: one that is signed (`signed`, as GitHub signs), one with a token (`token`). */
export const HOOKS = {
  token: { type: 'alertmanager', secrets: [TOKEN] },
  signed: { type: 'github', secrets: ['an-older-secret', SIGNING] },
};

export interface Served {
  url: string;
  pid: number;
  child: ChildProcess;
  /** What it has logged so far, one object a line. */
  log(): Record<string, unknown>[];
  post(body: unknown, hook?: string): Promise<Response>;
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL of the server alone. */
  kill(): Promise<void>;
}

export interface ServeOptions {
  home: string;
  /** The serve section of the config, merged over the hooks of the tests. */
  serve?: Record<string, unknown>;
  config?: Record<string, unknown>;
  port?: number;
  args?: string[];
  env?: Record<string, string>;
}

/** Starts it and waits until it is ready; investigations look at the recorded incident of the demo. */
export async function startServe(o: ServeOptions): Promise<Served> {
  const port = o.port ?? (await freePort());
  mkdirSync(o.home, { recursive: true });
  const serve = { hooks: HOOKS, ...o.serve, listen: `127.0.0.1:${port}` };
  writeFileSync(join(o.home, 'inquest.config.json'), JSON.stringify({ ...o.config, serve }));
  const env = { PATH: process.env.PATH ?? '', HOME: o.home, INQUEST_HOME: join(o.home, 'inquest'), ...o.env };
  const child = spawn(process.execPath, [BIN, 'serve', ...(o.args ?? ['--bundle', DEMO])], { cwd: o.home, env });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stdout.resume();
  const gone = new Promise<number | null>((done) => child.once('exit', done));
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + 120_000;
  for (;;) {
    const up = await fetch(`${url}/readyz`).then(
      (r) => r.ok,
      () => false,
    );
    if (up) break;
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`serve did not become ready: ${said}`);
    await new Promise((go) => setTimeout(go, 20));
  }
  return {
    url,
    pid: child.pid!,
    child,
    log: () => said.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : [])),
    post: (body, hook = 'token') => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const signature = `sha256=${createHmac('sha256', SIGNING).update(text).digest('hex')}`;
      const proof = hook === 'signed' ? { 'x-hub-signature-256': signature } : { authorization: `Bearer ${TOKEN}` };
      return fetch(`${url}/hooks/${hook}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(proof as Record<string, string>) },
        body: text,
      });
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      return gone;
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** An alert of our own format. */
export const alertOf = (n: number | string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  schema: 'inquest.alert/v1',
  title: `Trouble ${n}`,
  service: `service-${n}`,
  severity: 'critical',
  startsAt: '2026-03-01T12:00:00Z',
  fingerprint: `f${n}`,
  ...more,
});

/** The alert of the demo's incident, which an investigation of it can explain. */
export const demoAlert = (more: Record<string, unknown> = {}): Record<string, unknown> => {
  const payload = JSON.parse(readFileSync(join(DEMO, 'alert.json'), 'utf8')) as { alerts: Record<string, unknown>[] };
  return { ...payload, alerts: payload.alerts.map((a) => ({ ...a, ...more })) };
};

/** Waits until `what` gives something; at most 30 s where nothing else is said. */
export async function until<T>(what: () => T | undefined | Promise<T | undefined>, ms = 30_000): Promise<T> {
  for (const deadline = Date.now() + ms; Date.now() < deadline; ) {
    const found = await what();
    if (found !== undefined) return found;
    await new Promise((go) => setTimeout(go, 30));
  }
  throw new Error(`it did not happen in ${ms} ms`);
}
