/** The worker thread: started when it is wanted, never holding the process, and replaced when it ends or is stuck. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
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

/** Starts the thread. In the build its program is a file of its own; from the sources TypeScript is read as it is loaded. */
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

/** Threads do not take over the loader of their process: this one loads it itself. */
function fromSources(): string {
  // The twin of this file for require() looks for its loader in the wrong folder.
  const api = createRequire(import.meta.url)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs');
  const [loader, program] = [pathToFileURL(api), new URL('./_worker.ts', import.meta.url)].map(String);
  return `import(${JSON.stringify(loader)}).then((tsx) => { tsx.register(); return import(${JSON.stringify(program)}); });`;
}
