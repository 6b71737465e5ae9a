/**
 * Limits that hold for all runs of one worker: questions in flight and a minute, by source, and dollars an hour. They lie
 * inside of the activities: in the workflow they would make the order of its questions depend on timing.
 */
import type { EngineLimits } from '../config/engine.ts';
import { dollarsOf, type Price, type Usage } from '../core/model.ts';
import { HOUR, MINUTE } from '../core/time.ts';
import type { ActivityResult } from '../core/types.ts';
import type { Within } from '../engines/_waves.ts';
import { places } from '../tools/waiting.ts';

interface Line {
  place: ReturnType<typeof places>;
  /** Times of the questions that still count. */
  begun: number[];
}

/**
 * Opens the limits of a worker. `wait` resolves after so many ms, or throws where the run has left this process. Whoever
 * has left stands in no line any more, and is not asked for.
 */
export function workerLimits(
  limits: EngineLimits,
  o: { now: () => number; wait: (ms: number, signal: AbortSignal) => Promise<void>; price?: Price },
): Within {
  const lines = new Map<string, Line>();
  let spent: { at: number; dollars: number }[] = [];
  const of = (what: Record<string, number>, source: string): number => what[source] ?? what['*'] ?? Infinity;

  /** Waits until one more may begin at this source in this minute. */
  async function turnIn(source: string, line: Line, signal: AbortSignal): Promise<void> {
    const share = of(limits.perMinute, source);
    if (share === Infinity) return;
    // A share of less than one a minute is one in several.
    const within = share < 1 ? MINUTE / share : MINUTE;
    const most = Math.max(1, Math.floor(share));
    for (;;) {
      const since = o.now() - within;
      line.begun = line.begun.filter((at) => at > since);
      if (line.begun.length < most) break;
      await o.wait(line.begun[0]! - since, signal);
    }
    line.begun.push(o.now());
  }

  return async ({ activity, signal }, work) => {
    const [source = '', what] = activity.split('.');
    const paid = what === 'turn' && limits.dollarsPerHour !== undefined;
    const line = lines.get(source) ?? { place: places(of(limits.concurrency, source)), begun: [] };
    lines.set(source, line);
    const leave = await line.place(signal);
    try {
      await turnIn(source, line, signal);
      // Looked at when it is asked: while it stood in line, others were paid for.
      if (paid) {
        spent = spent.filter(({ at }) => at > o.now() - HOUR);
        if (spent.reduce((sum, x) => sum + x.dollars, 0) >= limits.dollarsPerHour!) return noMoney(activity);
      }
      const result = await work();
      const usage = (result.answer.data as { usage?: Usage } | undefined)?.usage;
      if (paid && usage) spent.push({ at: o.now(), dollars: dollarsOf(usage, o.price) ?? 0 });
      return result;
    } finally {
      leave();
    }
  };
}

const noMoney = (activity: string): ActivityResult => ({
  answer: {
    status: 'rate-limited',
    summary: 'not asked: the dollars of this hour are spent',
    searched: activity,
    trust: 'clean',
    problem: 'the limit of dollars an hour that all runs of this worker share is reached',
  },
  attempts: 0,
  ms: 0,
});
