/** Runs the built program as a person or a CI job does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '..');
export const BIN = join(ROOT, 'bin/inquest.js');
export const DEMO = join(ROOT, 'fixtures/incidents/amber-finch');

const CANARY = 'cAnAry-0f8e7d6c5b4a/of+every=test';
const CANARY_FORMS = [
  CANARY,
  encodeURIComponent(CANARY),
  Buffer.from(CANARY).toString('base64'),
  Buffer.from(CANARY).toString('hex'),
];

export interface Ran {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  home: string;
  input?: string | Uint8Array;
  env?: Record<string, string>;
  cwd?: string;
  /** Sees stdout grow; may kill the child. */
  watch?: (child: ChildProcess, stdout: string) => void;
}

/** Runs `inquest <args>` to its end with a home of its own and no key in the environment. */
export function inquest(args: string[], { home, input, env, cwd, watch }: RunOptions): Promise<Ran> {
  const clean = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    INQUEST_HOME: join(home, 'inquest'),
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    // A key that every run is configured with and none may print.
    INQUEST_PROMETHEUS_BEARER: CANARY,
  };
  mkdirSync(home, { recursive: true });
  const child = spawn(process.execPath, [BIN, ...args], { cwd: cwd ?? home, env: { ...clean, ...env } });
  return new Promise((done, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      stdout += part;
      watch?.(child, stdout);
    });
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      stderr += part;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const leaks = CANARY_FORMS.filter((form) => stdout.includes(form) || stderr.includes(form));
      if (leaks.length > 0) reject(new Error(`inquest ${args.join(' ')} printed its key as ${leaks.join(' and ')}`));
      else done({ code, signal, stdout, stderr });
    });
    // A program that answers before it has read its input closes the pipe: no error of ours.
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
  });
}

/** What may differ between two runs on the same inputs: run id, times of the clock, durations, what answers cost. */
const VOLATILE = new Set([
  'run',
  'startedAt',
  'finishedAt',
  'fetchedAt',
  'ms',
  'resumed',
  'attempts',
  'requests',
  'requestsMore',
]);

/** A report without what may differ. */
export function stable(report: string): unknown {
  return JSON.parse(report, (key, value: unknown) => (VOLATILE.has(key) ? undefined : value));
}
