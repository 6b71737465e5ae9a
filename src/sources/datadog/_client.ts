/** The main thread's side: questions go to the worker, its requests over our own wire, where the keys are. */
import { oneLine } from '../../core/text.ts';
import { formatDuration } from '../../core/time.ts';
import type { ToolContext } from '../../tools/tool.ts';
import { Refused } from '../_refused.ts';
import type { Wire } from '../_wire.ts';
import type { ToMain } from './_mail.ts';
import type { DatadogClient, Operation, Operations } from './_shapes.ts';
import { startThread, type Thread } from './_thread.ts';

interface Call {
  operation: Operation;
  input: unknown;
  ctx: ToolContext;
  done(out: unknown): void;
  fail(why: unknown): void;
  /** What the wire said: told instead of whatever the package makes of it. */
  refused?: unknown;
  /** Running while the worker has to make the next move. */
  watch?: NodeJS.Timeout;
}

/** A worker that makes no move for so long is stuck: loading takes a second, reading an answer less. */
const STUCK_MS = 30_000;

/** Questions over a wire. The worker starts with the first: it is ready in a tenth of a second, and a run without one pays nothing. */
export function clientOver(
  wire: Wire,
  about: Pick<DatadogClient, 'app' | 'env' | 'bearer'>,
  stuckMs = STUCK_MS,
): DatadogClient {
  const calls = new Map<number, Call>();
  let thread: Thread | undefined;
  let last = 0;
  let sent = 0;
  let closed = false;
  let date: number | undefined;
  const limits = new Map<string, { name: string; limit: number; remaining: number }>();

  function running(): Thread {
    thread ??= startThread({
      onLetter: receive,
      onGone: (why) => lose(new Refused('failed', `the Datadog client stopped: ${oneLine(why, 120)}`, true)),
    });
    return thread;
  }

  function listen(headers: Record<string, string>): void {
    const at = Date.parse(headers.date ?? '');
    if (!Number.isNaN(at)) date = at;
    const name = headers['x-ratelimit-name'];
    const [limit, remaining] = [Number(headers['x-ratelimit-limit']), Number(headers['x-ratelimit-remaining'])];
    if (name !== undefined && limit > 0 && remaining >= 0) limits.set(name, { name, limit, remaining });
  }

  /** All calls are lost with the worker; the next one gets a new worker. */
  function lose(why: Refused): void {
    thread = undefined;
    for (const call of [...calls.values()]) call.fail(why);
  }

  function watched(call: Call): void {
    clearTimeout(call.watch);
    call.watch = setTimeout(() => {
      const stuck = thread;
      lose(new Refused('failed', `the Datadog client made no move for ${formatDuration(stuckMs)}`, true));
      void stuck?.end();
    }, stuckMs);
    call.watch.unref();
  }

  function receive(letter: ToMain): void {
    if (letter.kind === 'loaded') return;
    const call = calls.get(letter.call);
    if (letter.kind === 'ask') {
      if (call === undefined) thread?.post({ kind: 'refused', call: letter.call });
      else void ask(letter, call);
      return;
    }
    if (call === undefined) return;
    if (letter.kind === 'done') call.done(letter.out);
    else if (call.refused !== undefined) call.fail(call.refused);
    else if (letter.bug) call.fail(new Error(`Datadog was not asked ${call.operation}: ${letter.message}`));
    else call.fail(unreadable(wire.base, call.operation, letter.message));
  }

  async function ask({ call: id, asked }: ToMain & { kind: 'ask' }, call: Call): Promise<void> {
    clearTimeout(call.watch);
    const to = thread;
    try {
      sent++;
      const { method, path, body } = asked;
      const { signal, tell } = call.ctx;
      const reply = await wire.send({
        method: method as 'GET' | 'POST',
        path,
        ...(body !== undefined && { body }),
        signal,
        tell,
      });
      listen(reply.headers);
      if (calls.has(id)) watched(call);
      to?.post({ kind: 'answered', call: id, status: reply.status, text: reply.text });
    } catch (e) {
      call.refused = e;
      to?.post({ kind: 'refused', call: id });
      call.fail(e);
    }
  }

  return {
    ...about,
    base: wire.base,
    sent: () => sent,
    heard: () => ({ ...(date !== undefined && { date }), limits: [...limits.values()] }),
    call<K extends Operation>(operation: K, input: Operations[K]['in'], ctx: ToolContext) {
      return new Promise<Operations[K]['out']>((done, fail) => {
        if (closed) throw new Error('the Datadog client is closed');
        ctx.signal.throwIfAborted();
        const id = ++last;
        const finish = (): void => {
          calls.delete(id);
          clearTimeout(call.watch);
          ctx.signal.removeEventListener('abort', stop);
          if (calls.size === 0) thread?.hold(false);
        };
        const call: Call = {
          operation,
          input,
          ctx,
          done(out) {
            finish();
            done(out as Operations[K]['out']);
          },
          fail(why) {
            finish();
            fail(why);
          },
        };
        const stop = (): void => call.fail(ctx.signal.reason);
        ctx.signal.addEventListener('abort', stop, { once: true });
        calls.set(id, call);
        const to = running();
        to.hold(true);
        watched(call);
        to.post({ kind: 'start', call: id, operation, input });
      });
    },
    async close() {
      closed = true;
      for (const call of [...calls.values()]) call.fail(new Refused('failed', 'the Datadog client was closed'));
      wire.close();
      const ending = thread;
      thread = undefined;
      await ending?.end();
    },
  };
}

const unreadable = (base: string, operation: Operation, why: string): Refused =>
  new Refused(
    'failed',
    `${base} answered ${operation} with what cannot be read: ${why}`,
    false,
    'Does another service answer there, or has its API changed?',
  );
