/** The worker thread: started when it is wanted, never holding the process, and replaced when it ends or is stuck. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
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

/** Starts the thread. In the build the program is a file of its own; from the sources a loader of TypeScript reads it. */
export function startThread({ onLetter, onGone }: ThreadEvents): Thread {
  const { file, execArgv } = program();
  const worker = new Worker(file, {
    execArgv,
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

function program(): { file: string; execArgv: string[] } {
  // Bundled code lies in dist/ or one folder below, wherever the build put it.
  for (const built of ['./datadog-worker.js', '../datadog-worker.js']) {
    const file = fileURLToPath(new URL(built, import.meta.url));
    if (existsSync(file)) return { file, execArgv: [] };
  }
  const tsx = createRequire(import.meta.url).resolve('tsx');
  return {
    file: fileURLToPath(new URL('./_worker.ts', import.meta.url)),
    execArgv: ['--import', pathToFileURL(tsx).href],
  };
}
