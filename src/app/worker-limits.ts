/**
 * Limits that hold for all runs of one worker: questions in flight and a minute, by source, and dollars an hour. They lie
 * inside of the activities: in the workflow they would make the order of its questions depend on timing.
 */
import type { EngineLimits } from '../config/engine.ts';
import { dollarsOf, type Price, type Usage } from '../core/model.ts';
import { HOUR, MINUTE } from '../core/time.ts';
import type { ActivityResult } from '../core/types.ts';
import type { Within } from '../engines/_waves.ts';

interface Line {
  running: number;
  /** Times of the questions of the last minute. */
  begun: number[];
  waiting: (() => void)[];
}

/** Opens the limits of a worker. `wait` resolves after so many ms. */
export function workerLimits(
  limits: EngineLimits,
  o: { now: () => number; wait: (ms: number) => Promise<void>; price?: Price },
): Within {
  const lines = new Map<string, Line>();
  let spent: { at: number; dollars: number }[] = [];
  const of = (what: Record<string, number>, source: string): number => what[source] ?? what['*'] ?? Infinity;

  /** Waits until one more may begin at this source. */
  async function enter(source: string, line: Line): Promise<void> {
    while (line.running >= of(limits.concurrency, source)) await new Promise<void>((go) => line.waiting.push(go));
    line.running++;
    for (;;) {
      const since = o.now() - MINUTE;
      line.begun = line.begun.filter((at) => at > since);
      // A share of less than one a minute lets one pass, and the next one later.
      if (line.begun.length < Math.max(1, Math.floor(of(limits.perMinute, source)))) break;
      await o.wait(line.begun[0]! - since);
    }
    line.begun.push(o.now());
  }

  return async ({ activity }, work) => {
    const [source = '', what] = activity.split('.');
    if (what === 'turn' && limits.dollarsPerHour !== undefined) {
      spent = spent.filter(({ at }) => at > o.now() - HOUR);
      if (spent.reduce((sum, x) => sum + x.dollars, 0) >= limits.dollarsPerHour) return noMoney(activity);
    }
    const line = lines.get(source) ?? { running: 0, begun: [], waiting: [] };
    lines.set(source, line);
    await enter(source, line);
    try {
      const result = await work();
      const usage = (result.answer.data as { usage?: Usage } | undefined)?.usage;
      if (what === 'turn' && usage) spent.push({ at: o.now(), dollars: dollarsOf(usage, o.price) ?? 0 });
      return result;
    } finally {
      line.running--;
      line.waiting.shift()?.();
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
