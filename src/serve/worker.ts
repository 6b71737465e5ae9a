/**
 * An investigation in a process of its own: its analysis never holds up an answer to a sender, what it leaks or breaks
 * ends with it, and its memory is given back. It is told over its standard input, whose end means that we are gone: it
 * then saves what it has and goes. Its journal is the only thing that it answers with.
 */
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { JoinedAlert } from '../core/alerts.ts';
import type { Otlp } from './otlp.ts';
import type { Ended, Job, Running } from './runs.ts';

/** What is kept of what a process says, and of that as its last words. */
const SAID = 256 * 1024;
const WORDS = 2000;
/** Young memory of a process in MiB: most of what an investigation makes is gone at once, and little memory is touched. */
const YOUNG = 8;

/** What all investigations of a server are started with. */
export interface WorkerSetup {
  flags: object;
  /** Where its trace goes. */
  otlp?: Otlp;
}

/** Begins the last line that a process says of a run with a verdict: to read its journal again would hold up answers. */
export const END = 'ended ';

/** A line on the standard input of the process. The first one is the job. */
export type WorkerLine = ({ job: Job } & WorkerSetup) | { joined: JoinedAlert };

/** Starts `inquest serve-run`; `root` is the folder of the program. */
export function startWorker(root: string, cwd: string, job: Job, setup: WorkerSetup): Running {
  const { file, execArgv } = programOf(root);
  // fork() knows the program that runs us; its channel is not used, the input does as well.
  const child = fork(file, ['serve-run'], {
    cwd,
    execArgv: [...execArgv, `--max-semi-space-size=${YOUNG}`],
    stdio: ['pipe', 'ignore', 'pipe', 'ipc'],
    // Not detached: a session of its own would have a share of the processor of its own, whatever its priority.
  });
  politely(child.pid);
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-SAID);
  });
  // A process that has gone closes its input: its end is told by its exit.
  child.stdin?.on('error', () => {});
  const say = (line: WorkerLine): void => void child.stdin?.write(`${JSON.stringify(line)}\n`);
  say({ job, ...setup });
  const ended = new Promise<Awaited<Running['ended']>>((done) => {
    child.once('error', (e) => done({ exit: null, words: e.message }));
    child.once('close', (exit) => done({ exit, ...lastOf(said) }));
  });
  return {
    ended,
    tell: (joined) => say({ joined }),
    stop: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
  };
}

/** Runs another command of the program to its end, such as `notify`. */
export function runCommand(root: string, cwd: string, args: string[]): Promise<{ exit: number | null; words: string }> {
  const { file, execArgv } = programOf(root);
  const child = fork(file, args, { cwd, execArgv, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  politely(child.pid);
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-WORDS);
  });
  return new Promise((done) => {
    child.once('error', (e) => done({ exit: null, words: e.message }));
    child.once('close', (exit) => done({ exit, words: said.trim() }));
  });
}

/** The line with which it ends, where it came to its end; else its last words. */
function lastOf(said: string): { words: string; end?: Ended } {
  const line = said.trimEnd().split('\n').at(-1) ?? '';
  if (line.startsWith(END)) return { words: '', end: JSON.parse(line.slice(END.length)) as Ended };
  return { words: said.trim().slice(-WORDS) };
}

/** Senders are answered first, whatever the investigations have to compute. */
function politely(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // A process that is gone already, or a system that does not let us.
  }
}

/** The built program, or its source under tsx. */
function programOf(root: string): { file: string; execArgv: string[] } {
  const built = join(root, 'cli.js');
  if (existsSync(built)) return { file: built, execArgv: [] };
  const tsx = createRequire(join(root, 'cli.ts')).resolve('tsx');
  return { file: join(root, 'cli.ts'), execArgv: ['--import', pathToFileURL(tsx).href] };
}
