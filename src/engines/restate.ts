/**
 * Restate: the workflow as steps, timers and promises of its journal. The run id is the key of the workflow, so one alert
 * is one run however often it is sent. The SDK is an optional package; only this file loads it.
 */
import { createServer, type Http2Server } from 'node:http2';
import { UserError } from '../core/errors.ts';
import { WORKFLOW } from './_restate-client.ts';
import type { WaveOps } from './_waves.ts';

/** One run as the engine hands it over. */
export interface Handed<P = unknown> {
  run: string;
  input: unknown;
  ops: WaveOps<P>;
  /** Keeps a value beside the run, for whoever looks at it. */
  set(name: string, value: unknown): void;
  /** Aborted when this process has nothing more to do with the run: it ended, was put to sleep, or goes on elsewhere. */
  signal: AbortSignal;
}

export interface WorkerOptions {
  port: number;
  /** Loopback unless told otherwise: whoever reaches it and is not asked for a signature can run things. */
  host: string;
  /** Public keys of the server; with them, requests without its signature are refused. */
  identityKeys: string[];
  /** Runs it to its end; gives what the run gives. */
  investigate(handed: Handed): Promise<unknown>;
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, more: Record<string, unknown>): void;
}

export interface Worker {
  port: number;
  /** Tells the balancer to send nothing more, waits until nothing is running or `ms` are over, and closes. */
  drain(ms: number): Promise<void>;
}

const DAY = 24 * 3600 * 1000;
/** How long finished runs are kept by the engine; they are exported to journals of ours before. */
const KEPT_MS = 7 * DAY;
/** A run whose process does not answer any more is tried so often, then paused: a person is to look at it. */
const ATTEMPTS = 20;
/** A question that breaks is put so often; what a source refuses is an answer and no break. */
const TRIES = 3;
/** A run that waits longer is put to sleep: it costs no memory until it goes on. */
const IDLE_MS = 60_000;
/** A question may take longer than that and is not disturbed. */
const ABORT_MS = 10 * 60_000;

/** Starts the endpoint that the engine calls. Throws UserError where the package or the port is not to be had. */
export async function startWorker(o: WorkerOptions): Promise<Worker> {
  const sdk = await loadSdk();
  let draining = false;
  const running = new Set<AbortSignal>();
  const workflow = sdk.workflow({
    name: WORKFLOW,
    options: {
      workflowRetention: KEPT_MS,
      journalRetention: KEPT_MS,
      inactivityTimeout: IDLE_MS,
      abortTimeout: ABORT_MS,
      retryPolicy: {
        maxAttempts: ATTEMPTS,
        onMaxAttempts: 'pause',
        initialInterval: 200,
        exponentiationFactor: 2,
        maxInterval: 10_000,
      },
    },
    handlers: {
      run: async (ctx: import('@restatedev/restate-sdk').WorkflowContext, input: unknown) => {
        const { attemptCompletedSignal: signal } = ctx.request();
        running.add(signal);
        signal.addEventListener('abort', () => running.delete(signal), { once: true });
        const handed: Handed<import('@restatedev/restate-sdk').RestatePromise<unknown>> = {
          run: ctx.key,
          input,
          signal,
          set: (name, value) => ctx.set(name, value),
          ops: {
            run: (name, work) => ctx.run(name, work, { maxRetryAttempts: TRIES, initialRetryInterval: 200 }),
            sleep: (name, ms) => ctx.sleep(ms, name) as import('@restatedev/restate-sdk').RestatePromise<unknown>,
            signal: (name, ms) =>
              ctx
                .promise<unknown>(name)
                .get()
                .orTimeout(ms)
                .map((value, failure) => {
                  if (failure && !(failure instanceof sdk.TimeoutError)) throw failure;
                  return failure ? null : (value ?? null);
                }),
            all: (promises) => sdk.RestatePromise.all(promises),
          },
        };
        try {
          return await o.investigate(handed as unknown as Handed);
        } catch (e) {
          // What a person has to mend is not mended by trying again.
          if (e instanceof UserError) throw new sdk.TerminalError([e.message, ...e.hints].join('. '));
          throw e;
        }
      },
      /** Sends a value to a run; the first one of its name counts. False where there was one. */
      send: async (
        ctx: import('@restatedev/restate-sdk').WorkflowSharedContext,
        { name, value }: { name: string; value: unknown },
      ) => {
        if ((await ctx.promise(name).peek()) !== undefined) return false;
        await ctx.promise(name).resolve(value);
        return true;
      },
      /** Of what is kept beside the run, the values whose names stand behind this one, in order of their names. */
      told: async (ctx: import('@restatedev/restate-sdk').WorkflowSharedContext, { after }: { after: string }) => {
        const names = (await ctx.stateKeys()).filter((name) => name.startsWith('told ') && name > after).sort();
        const parts: { name: string; part: unknown }[] = [];
        for (const name of names) parts.push({ name, part: await ctx.get(name) });
        return parts;
      },
    },
  });
  const endpoint = sdk.endpoint().bind(workflow).setLogger(loggerOf(o));
  if (o.identityKeys.length > 0) endpoint.withIdentityV1(...o.identityKeys);
  const handle = endpoint.http2Handler();
  const server = createServer((request, response) => {
    if (request.url !== '/health') return handle(request, response);
    // 404 says to a balancer: nothing new, but leave what there is (haproxy: http-check disable-on-404).
    response.writeHead(draining ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ state: draining ? 'draining' : 'ready', running: running.size }));
  });
  const sessions = new Set<{ close(): void; destroy(): void }>();
  server.on('session', (s) => {
    sessions.add(s);
    s.on('close', () => sessions.delete(s));
    // A peer that breaks off is the engine's to mend.
    s.on('error', () => {});
  });
  const port = await listen(server, o);
  return {
    port,
    async drain(ms) {
      draining = true;
      // GOAWAY: what is running on a connection ends there, the next call comes on a new one and so to another worker.
      for (const s of sessions) s.close();
      const end = performance.now() + ms;
      while (running.size > 0 && performance.now() < end) await new Promise((go) => setTimeout(go, 50));
      for (const s of sessions) s.destroy();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

function listen(server: Http2Server, { port, host }: WorkerOptions): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', (e: NodeJS.ErrnoException) =>
      fail(new UserError(`cannot listen on ${host}:${port}: ${e.code}`, { hints: ['Another port: --port 9081'] })),
    );
    server.listen(port, host, () => done((server.address() as { port: number }).port));
  });
}

type Sdk = typeof import('@restatedev/restate-sdk');

async function loadSdk(): Promise<Sdk> {
  // The SDK asks for what Node 22 has; without it every call fails for ever and nobody is told.
  if (typeof (Promise as { withResolvers?: unknown }).withResolvers !== 'function') {
    Object.defineProperty(Promise, 'withResolvers', {
      configurable: true,
      writable: true,
      value<T>(this: PromiseConstructor) {
        let resolve!: (value: T) => void;
        let reject!: (reason: unknown) => void;
        const promise = new this<T>((a, b) => {
          resolve = a as typeof resolve;
          reject = b;
        });
        return { promise, resolve, reject };
      },
    });
  }
  try {
    return await import('@restatedev/restate-sdk');
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw e;
    throw new UserError('the package of the engine is not installed: @restatedev/restate-sdk', {
      hints: ['It is optional: npm install @restatedev/restate-sdk@1.17.2'],
    });
  }
}

/** Its log lines are ours: one stream, one form, and nothing of an invocation's content. */
function loggerOf({ log }: WorkerOptions): import('@restatedev/restate-sdk').LoggerTransport {
  return ({ level, replaying, context }, message) => {
    if (replaying) return;
    // That a run is called and ends is said at every look at it.
    const known = level === 'warn' || level === 'error' ? level : 'debug';
    log(known, typeof message === 'string' ? message : message instanceof Error ? message.message : String(message), {
      ...(context?.key === undefined ? {} : { run: context.key }),
      ...(context === undefined ? {} : { invocation: context.invocationId }),
    });
  };
}
