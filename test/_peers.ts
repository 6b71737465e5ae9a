/** Real servers in tests: which are installed, a free port, start and stop by pid. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';

const PACKAGES: Record<string, string> = { promtool: 'prometheus', amtool: 'prometheus-alertmanager' };
const told = new Set<string>();

/**
 * Whether a program of a Debian package is installed. Where it is not, one SKIP line is printed and the tests that need
 * it are left out; with REQUIRE_PEERS=1 its absence is an error.
 */
export function peer(binary: string): boolean {
  const found = spawnSync('sh', ['-c', `command -v "${binary}"`], { stdio: 'ignore' }).status === 0;
  if (found) return true;
  const line = `'${binary}' not found (apt-get install ${PACKAGES[binary] ?? binary})`;
  if (process.env.REQUIRE_PEERS === '1') throw new Error(line);
  if (!told.has(binary)) process.stderr.write(`SKIP ${line}\n`);
  told.add(binary);
  return false;
}

/** The path of a program that is installed. */
export const programOf = (binary: string): string =>
  spawnSync('sh', ['-c', `command -v "${binary}"`], { encoding: 'utf8' }).stdout.trim();

/**
 * The file of a server of others that comes from npm (test/peers/package.json). Where these are not installed, one SKIP
 * line is printed and undefined returned; with REQUIRE_PEERS=1 that is an error.
 */
export function peerPackage(path: string): string | undefined {
  const file = resolve(import.meta.dirname, 'peers/node_modules', path);
  if (existsSync(file)) return file;
  const line = `'${path}' not found (npm ci --prefix test/peers)`;
  if (process.env.REQUIRE_PEERS === '1') throw new Error(line);
  if (!told.has(path)) process.stderr.write(`SKIP ${line}\n`);
  told.add(path);
  return undefined;
}

/** Runs a program to its end; throws where it fails. */
export const run = (binary: string, args: string[]): void => {
  execFileSync(binary, args, { stdio: 'ignore' });
};

/** A port of the loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

export interface Peer {
  url: string;
  stop(): Promise<void>;
}

/** Starts a server and waits until `ready` (a path below `url`) answers 200; at most 20 s, where its author needs no more. */
export async function start(
  binary: string,
  args: string[],
  url: string,
  ready: string,
  { wanted = (r: Response): boolean => r.ok, withinMs = 20_000 } = {},
): Promise<Peer> {
  const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000);
  });
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline && child.exitCode === null) {
    const up = await fetch(url + ready).then(wanted, () => false);
    if (up) return { url, stop: () => stop(child) };
    await new Promise((go) => setTimeout(go, 50));
  }
  await stop(child);
  throw new Error(`${binary} did not become ready: ${said}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await gone;
  clearTimeout(timer);
}
