/** Prism: a server that knows an API by its published description alone, and a proxy that holds answers against it. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type Peer, peerPackage } from './_peers.ts';

/** Whether Prism is there; says so once where it is not. */
export const prism = (): string | undefined => peerPackage('@stoplight/prism-cli/dist/index.js');

type Json = Record<string, unknown>;

/** A description with these paths alone and what they refer to: the whole of a large API takes half a minute to read. */
export function described(file: string, paths: string[], folder: string): string {
  const whole = JSON.parse(readFileSync(file, 'utf8')) as Json & { paths: Json };
  const absent = paths.filter((p) => !(p in whole.paths));
  if (absent.length > 0) throw new Error(`not in ${file}: ${absent.join(', ')}`);
  const { openapi, info, servers } = whole;
  const chosen = Object.fromEntries(paths.map((p) => [p, whole.paths[p]]));
  const kept = { openapi, info, servers, paths: chosen, components: {} as Json };
  const seen = new Set<string>();
  const follow = (value: unknown): void => {
    if (Array.isArray(value)) for (const v of value) follow(v);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, v] of Object.entries(value)) {
      if (key === '$ref' && typeof v === 'string' && !seen.has(v)) {
        seen.add(v);
        keep(v);
      } else follow(v);
    }
  };
  const keep = (ref: string): void => {
    const [, , kind = '', name = ''] = ref.split('/');
    const part = ((whole.components as Json)[kind] as Json)[name];
    kept.components[kind] = { ...(kept.components[kind] as Json), [name]: part };
    follow(part);
  };
  follow(kept.paths);
  const to = join(folder, 'description.json');
  writeFileSync(to, JSON.stringify(kept));
  return to;
}

/** Starts Prism; `args` without host and port. Ready when it says that it listens. */
export async function startPrism(program: string, args: string[]): Promise<Peer> {
  const port = await freePort();
  const [command = 'mock', ...rest] = args;
  const child = spawn(process.execPath, [program, command, '-h', '127.0.0.1', '-p', String(port), ...rest], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  let said = '';
  await new Promise<void>((ready, fail) => {
    const hear = (chunk: Buffer): void => {
      said = (said + chunk.toString()).slice(-4000);
      if (said.includes('Prism is listening')) ready();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', () => fail(new Error(`Prism ended: ${said}`)));
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  return { url: `http://127.0.0.1:${port}`, stop };
}
