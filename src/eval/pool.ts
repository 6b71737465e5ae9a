/** Worker processes: cases side by side, each worker with one at a time; one that dies costs one case. */
import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { Interrupted } from '../core/errors.ts';
import type { CaseJob, CaseResult } from './case.ts';

/** What a worker sends back for each job; `skipped`: what was asked does not apply to this case. */
export type WorkerMessage =
  | { result: CaseResult; rssMb: number }
  | { failed: string; rssMb: number }
  | { skipped: string; rssMb: number };

export type CaseEnd = WorkerMessage | { failed: string; rssMb: null };

export interface PoolOptions {
  /** The worker's program. */
  worker: { file: string; execArgv: string[] };
  /** How many side by side. */
  jobs: number;
  /** A case that takes longer (ms) has failed, and its worker is ended. */
  timeoutMs: number;
  signal: AbortSignal;
  /** A worker serves jobs of one group only, so that the peak memory of a group is its own. */
  groupOf: (index: number) => string;
  /** Told when a case has ended, in the order of ending. */
  onEnd: (index: number, end: CaseEnd) => void;
}

/** Runs all jobs; answers in the order of the jobs. Rejects only when stopped from outside. */
export async function runPool(jobs: CaseJob[], options: PoolOptions): Promise<CaseEnd[]> {
  const ends: CaseEnd[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    let worker: Worker | undefined;
    let group = '';
    try {
      while (next < jobs.length) {
        if (options.signal.aborted) throw new Interrupted('eval was stopped');
        const index = next++;
        if (!worker?.alive() || options.groupOf(index) !== group) {
          worker?.end();
          worker = startWorker(options);
          group = options.groupOf(index);
        }
        const end = await worker.ask(jobs[index] as CaseJob);
        ends[index] = end;
        options.onEnd(index, end);
      }
    } finally {
      worker?.end();
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, jobs.length) }, lane));
  return ends;
}

interface Worker {
  ask(job: CaseJob): Promise<CaseEnd>;
  alive(): boolean;
  end(): void;
}

function startWorker({ worker, timeoutMs, signal }: PoolOptions): Worker {
  const options: ForkOptions = { execArgv: worker.execArgv, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] };
  const child = fork(worker.file, [], options);
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-4000);
  });
  return {
    alive: () => child.connected,
    end: () => {
      if (child.connected) child.disconnect();
      child.kill();
    },
    ask: (job) => ask(child, job, timeoutMs, signal, () => words),
  };
}

function ask(
  child: ChildProcess,
  job: CaseJob,
  timeoutMs: number,
  signal: AbortSignal,
  words: () => string,
): Promise<CaseEnd> {
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    const onMessage = (message: WorkerMessage): void => finish(() => resolve(message));
    const onGone = (code: number | null, sent: NodeJS.Signals | null): void => {
      const how = late
        ? `took longer than ${timeoutMs / 1000} s`
        : sent
          ? `was ended by ${sent}`
          : `ended with ${code}`;
      finish(() => resolve({ failed: `its worker ${how}${lastWords(words())}`, rssMb: null }));
    };
    const onError = (e: Error): void =>
      finish(() => resolve({ failed: `its worker could not be started: ${e.message}`, rssMb: null }));
    const onAbort = (): void => {
      child.kill();
      finish(() => reject(new Interrupted('eval was stopped')));
    };
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      child.off('message', onMessage).off('close', onGone).off('error', onError);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    child.on('message', onMessage).on('close', onGone).on('error', onError);
    signal.addEventListener('abort', onAbort);
    // A channel that is closing tells it by 'close'.
    child.send(job, () => {});
  });
}

/** What a dying worker said: its error line, not its stack. */
function lastWords(text: string): string {
  const lines = text.split('\n').map((l) => l.trim());
  const line = lines.find((l) => /^\w*Error\b|^FATAL ERROR/.test(l)) ?? lines.filter((l) => l !== '').at(-1);
  return line ? `: ${line.slice(0, 300)}` : '';
}
