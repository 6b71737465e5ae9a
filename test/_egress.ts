/** Sees everything by which this process reaches outside: connections, programs, files. Nothing is stopped, all is noted. */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { resolve } from 'node:path';

export interface Egress {
  /** `host:port` of each connection. */
  hosts: Map<string, number>;
  /** Command lines of programs that were run. */
  programs: string[];
  /** Files and folders that were opened. */
  files: Set<string>;
  /** Gives everything back. */
  stop(): void;
}

/** Watches from now on. Modules that are to be watched are loaded after this. */
export function watchEgress(): Egress {
  const hosts = new Map<string, number>();
  const programs: string[] = [];
  const files = new Set<string>();
  const undo: (() => void)[] = [];
  const around = <T extends object>(owner: T, name: keyof T & string, see: (args: unknown[]) => void): void => {
    const original = owner[name];
    if (typeof original !== 'function') return;
    const seeing = function (this: unknown, ...args: unknown[]): unknown {
      see(args);
      return original.apply(this, args);
    };
    Object.assign(seeing, original);
    owner[name] = seeing as T[typeof name];
    undo.push(() => {
      owner[name] = original;
    });
  };
  around(net.Socket.prototype, 'connect', (args) => {
    const [first] = args.flat() as [{ host?: string; port?: number; path?: string } | undefined];
    const to = typeof first === 'object' ? `${first.host ?? 'localhost'}:${first.port ?? first.path}` : String(first);
    hosts.set(to, (hosts.get(to) ?? 0) + 1);
  });
  for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'] as const)
    around(
      childProcess,
      name,
      ([file, argv]) => void programs.push([file, ...(Array.isArray(argv) ? argv : [])].join(' ')),
    );
  const opened = ([path]: unknown[]): void => {
    if (typeof path === 'string' || path instanceof URL || Buffer.isBuffer(path)) files.add(resolve(String(path)));
  };
  const readers = [
    'open',
    'openSync',
    'readFile',
    'readFileSync',
    'readdir',
    'readdirSync',
    'createReadStream',
  ] as const;
  for (const name of readers) around(fs, name, opened);
  for (const name of ['open', 'readFile', 'readdir', 'writeFile', 'appendFile'] as const)
    around(fs.promises, name, opened);
  syncBuiltinESMExports();
  return {
    hosts,
    programs,
    files,
    stop() {
      for (const back of undo) back();
      syncBuiltinESMExports();
    },
  };
}
