/** The one door to the outside: permission, repeat, rate, timeout, retry, size and redaction, for every question. */
import { hashOf } from '../core/canonical.ts';
import { Interrupted } from '../core/errors.ts';
import type { Activity } from '../core/ports.ts';
import { keptRequests } from '../core/requests.ts';
import { bytes } from '../core/text.ts';
import type { ActivityResult, Answer, SentRequest, Status, ToolSpec } from '../core/types.ts';
import type { Redactor } from '../safety/redact.ts';
import { chartOf } from './chart.ts';
import type { Scope } from './scope.ts';
import { answer, type Tool } from './tool.ts';
import { pause, places } from './waiting.ts';

export interface ToolboxLimits {
  /** One call, ms. */
  timeoutMs: number;
  /** Further tries of a call that failed in a way that may pass. */
  retries: number;
  /** Further tries of all calls to one source together: a source that is down is not asked for ever. */
  retryBudget: number;
  /** Calls in flight to one source. */
  concurrency: number;
  /** Size of an answer's data as JSON, bytes. */
  answerBytes: number;
}

export const DEFAULT_LIMITS: ToolboxLimits = {
  timeoutMs: 20_000,
  retries: 2,
  retryBudget: 12,
  concurrency: 6,
  answerBytes: 256 * 1024,
};

export interface Toolbox {
  specs: ToolSpec[];
  /** The tools as named activities: what the engine runs. */
  activities: ReadonlyMap<string, Activity<unknown, ActivityResult>>;
  /** The same for a caller that is not code: a question outside of the scope is answered `denied` and never put. */
  scoped(scope: Pick<Scope, 'refusal'>): ReadonlyMap<string, Activity<unknown, ActivityResult>>;
}

/** Answers that are the same to whoever asks again. */
const KEPT: ReadonlySet<Status> = new Set(['ok', 'empty', 'partial']);

/**
 * Puts tools behind the door. Whatever a tool does, the result is an Answer: it throws only `Interrupted`, when the run
 * is stopped, and for bugs.
 */
export function toolbox(
  tools: Tool[],
  opts: { redact: Redactor; limits?: Partial<ToolboxLimits>; now: () => number; random?: () => number },
): Toolbox {
  const limits = { ...DEFAULT_LIMITS, ...opts.limits };
  const gates = new Map<string, ReturnType<typeof places>>();
  const asked = new Map<string, Promise<ActivityResult>>();
  const retried = new Map<string, number>();
  const activities = new Map<string, Activity<unknown, ActivityResult>>();

  for (const t of tools) {
    if (activities.has(t.name)) throw new Error(`two tools are named ${t.name}`);
    const gate = gates.get(t.source) ?? places(limits.concurrency);
    gates.set(t.source, gate);
    activities.set(t.name, {
      name: t.name,
      version: t.version,
      run(question, ctx) {
        const same = `${t.name} ${hashOf(question)}`;
        const known = asked.get(same);
        // Whoever asked first is told what was sent for it.
        if (known) return known.then(({ requests: _r, requestsMore: _m, ...same }) => same);
        const running = through(gate, ctx.signal, () => attempt(t, question, ctx));
        asked.set(same, running);
        // A failure is not kept: who has more time may ask again.
        const forget = (): boolean => asked.delete(same);
        running.then((r) => KEPT.has(r.answer.status) || forget(), forget);
        return running;
      },
    });
  }

  async function attempt(
    t: Tool,
    question: unknown,
    ctx: { signal: AbortSignal; deadline: number },
  ): Promise<ActivityResult> {
    const begun = opts.now();
    const told: SentRequest[] = [];
    for (let attempts = 1; ; attempts++) {
      const result = await once(t, question, ctx, told);
      const wait = 200 * 2 ** attempts * (0.5 + (opts.random ?? Math.random)() / 2);
      const spent = retried.get(t.source) ?? 0;
      // What is sent over a wire is tried again there: never here too.
      const wired = told.length > 0 || result.status === 'rate-limited';
      const may =
        !wired && attempts <= limits.retries && spent < limits.retryBudget && opts.now() + wait < ctx.deadline;
      if (!result.retryable || !may) return finish(result, attempts, opts.now() - begun, told);
      retried.set(t.source, spent + 1);
      await pause(wait, ctx.signal);
    }
  }

  async function once(
    t: Tool,
    question: unknown,
    ctx: { signal: AbortSignal; deadline: number },
    told: SentRequest[],
  ): Promise<Answer> {
    ctx.signal.throwIfAborted();
    const left = ctx.deadline - opts.now();
    const timeoutMs = Math.min(limits.timeoutMs, left);
    if (timeoutMs <= 0) return outOfTime(t, 'not asked: the time of this step was spent');
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), timeoutMs);
    // Derived signals, so that many calls do not pile up listeners on the run's own.
    const ended = AbortSignal.any([ctx.signal, limit.signal]);
    try {
      const gone = new Promise<Answer>((_, reject) => {
        ended.addEventListener('abort', () => reject(ended.reason), { once: true });
      });
      return await Promise.race([
        t.run(question as never, { signal: ended, tell: (sent) => void told.push(sent) }),
        gone,
      ]);
    } catch (e) {
      if (ctx.signal.aborted) throw new Interrupted('stopped');
      if (limit.signal.aborted) return outOfTime(t, `no answer within ${timeoutMs / 1000} s`);
      throw e;
    } finally {
      clearTimeout(timer);
    }
  }

  function finish(raw: Answer, attempts: number, ms: number, told: SentRequest[]): ActivityResult {
    // The size first: what is looked through for secrets is bounded too.
    const size = raw.data === undefined ? 0 : Buffer.byteLength(JSON.stringify(raw.data));
    const { value: kept, hits } = opts.redact.value(size > limits.answerBytes ? tooLarge(raw, size) : raw);
    const series = kept.data && 'series' in kept.data ? kept.data.series : [];
    const chart = chartOf(series);
    const redacted = (raw.redacted ?? 0) + hits;
    const cost = { attempts, ms, ...(chart ? { chart } : {}), ...keptRequests(told) };
    return { answer: redacted > 0 ? { ...kept, redacted } : kept, ...cost };
  }

  const tooLarge = (a: Answer, size: number): Answer =>
    answer.problem('failed', {
      summary: `an answer of ${bytes(size)} was refused`,
      searched: a.searched,
      problem: `the answer was larger than ${bytes(limits.answerBytes)}; ask for a shorter window`,
    });

  const scoped: Toolbox['scoped'] = (scope) =>
    new Map(
      tools.map((t) => [
        t.name,
        {
          name: t.name,
          version: t.version,
          async run(question, ctx) {
            // What is checked is what is asked: a copy that nobody else holds.
            const plain: unknown = JSON.parse(JSON.stringify(question) ?? 'null');
            const why = scope.refusal(t.capability, plain);
            return why === undefined ? activities.get(t.name)!.run(plain, ctx) : denied(t, why);
          },
        },
      ]),
    );

  const specs = tools.map(({ name, source, capability, description, version }) => ({
    name,
    source,
    capability,
    description,
    version,
  }));
  return { specs, activities, scoped };
}

const outOfTime = (t: Tool, problem: string): Answer =>
  answer.problem('timeout', {
    summary: 'no answer in time',
    searched: t.name,
    problem,
    retryable: problem.startsWith('no answer'),
  });

const denied = (t: Tool, problem: string): ActivityResult => ({
  answer: answer.problem('denied', { summary: 'not asked', searched: t.name, problem }),
  attempts: 0,
  ms: 0,
});

/** Works once there is a place. A stop of the run while waiting is `Interrupted`, as it is while asking. */
async function through<T>(gate: ReturnType<typeof places>, run: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    const leave = await gate(run);
    return await work().finally(leave);
  } catch (e) {
    throw run.aborted ? new Interrupted('stopped') : e;
  }
}
