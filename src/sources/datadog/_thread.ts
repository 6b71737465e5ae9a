/** The worker thread: started when it is wanted, never holding the process, and replaced when it ends or is stuck. */
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { ToMain, ToWorker } from './_mail.ts';

export interface Thread {
  post(letter: ToWorker): void;
  /** Whether the process may not end before it has answered. */
  hold(on: boolean): void;
  /** Ends it; `onGone` is not told. */
  end(): Promise<void>;
}

export interface ThreadEvents {
  onLetter(letter: ToMain): void;
  /** It ended by itself: an error, or out of memory. */
  onGone(why: string): void;
}

/** Memory of the worker, MB: the client with its models takes about a third; the rest is for one large answer. */
const HEAP_MB = 192;

/** Starts the thread. In the build its program is a file of its own. */
export function startThread({ onLetter, onGone }: ThreadEvents): Thread {
  const built = builtProgram();
  const worker = new Worker(built ?? fromSources(), {
    eval: built === undefined,
    // The client reads keys, a site and DEBUG from the environment where it can.
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: 16 },
    stdout: true,
    stderr: true,
    name: 'datadog',
  });
  let ended = false;
  const gone = (why: string): void => {
    if (!ended) onGone(why);
    ended = true;
  };
  worker.on('message', onLetter);
  worker.on('error', (e: Error) => gone(e.message));
  worker.on('exit', (code) => gone(`it ended with ${code}`));
  worker.unref();
  return {
    post: (letter) => worker.postMessage(letter),
    hold: (on) => (on ? worker.ref() : worker.unref()),
    async end() {
      ended = true;
      await worker.terminate();
    },
  };
}

/** Bundled code lies in dist/ or one folder below, wherever the build put it. */
const builtProgram = (): URL | undefined =>
  ['./datadog-worker.cjs', '../datadog-worker.cjs']
    .map((path) => new URL(path, import.meta.url))
    .find((url) => existsSync(url));

/** Without a build the thread makes its program itself, as the build would: a second instead of all of the client's files. */
function fromSources(): string {
  const build = JSON.stringify(new URL('../../../scripts/_datadog-worker.mjs', import.meta.url).href);
  const Module = "new (require('node:module'))('datadog-worker')";
  return `import(${build}).then(async (b) => ${Module}._compile(await b.workerCode(), 'datadog-worker.cjs'));`;
}
