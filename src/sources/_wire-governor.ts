/** The pace: how many requests at once, and how fast before a server's rate limit is spent. */
import { toIso } from '../core/time.ts';
import type { ReadKind } from '../safety/allow.ts';
import { pause, places } from '../tools/waiting.ts';
import { limitRefusal } from './_refused.ts';
import type { WireLimits, WireReply } from './_wire.ts';

/** What a reply asks for. */
export interface Pause {
  /** It was refused for its rate, not for what it asked. */
  limited: boolean;
  /** How long to wait, ms; not every server says it. */
  ms?: number;
  /** Until when, ISO. */
  until?: string;
  /** What the limit is called. */
  name?: string;
}

export interface Governor {
  /** Resolves when the request may be sent; call the result when it ended. Throws `Refused` where that is too far away. */
  enter(path: string, signal: AbortSignal): Promise<() => void>;
  /** Reads the limits that a reply tells; what it asks for, if anything. */
  learn(path: string, reply: WireReply): Pause | undefined;
}

/** One limit of the server: requests left in its window. Times are of the monotonic clock, ms. */
interface Budget {
  name: string;
  limit: number;
  remaining: number;
  resetAt: number;
}

/** Below this share of the limit requests are spread over what is left of its window. */
const RESERVE = 0.05;
/** The most that spreading costs a request where the window ends far away: then only being sparing helps. */
const FAR_MS = 1_000;
/** GitHub asks for a minute where it limits a burst and names no time. */
const BURST_MS = 60_000;
const BURST = /secondary rate limit|abuse detection/i;

/** One budget for each name that the server gives to its limits, learnt for each path of the table. */
export function openGovernor(
  kind: ReadKind,
  base: string,
  limits: Pick<WireLimits, 'concurrency' | 'maxPauseMs'>,
): Governor {
  const slots = places(limits.concurrency);
  const budgets = new Map<string, Budget>();
  const names = new Map<string, string>();
  const nameOf = (path: string): string => names.get(path) ?? (kind === 'github' ? githubName(path) : '');

  function told(path: string, headers: Record<string, string>, clock: number): Budget | undefined {
    const [remaining, reset] = [number(headers['x-ratelimit-remaining']), number(headers['x-ratelimit-reset'])];
    if (remaining === undefined || reset === undefined) return undefined;
    const name = headers['x-ratelimit-name'] ?? headers['x-ratelimit-resource'] ?? nameOf(path);
    // GitHub tells the second of the reset, Datadog how many seconds are left.
    const left = reset > 1e8 ? reset * 1000 - clock : reset * 1000;
    const resetAt = performance.now() + Math.max(0, left);
    return { name, limit: number(headers['x-ratelimit-limit']) ?? remaining, remaining, resetAt };
  }

  function keep(path: string, now: Budget): void {
    names.set(path, now.name);
    const before = budgets.get(now.name);
    // Within a window the smaller number is right: those in flight are not counted by the server yet.
    if (before !== undefined && before.resetAt > performance.now())
      now.remaining = Math.min(now.remaining, before.remaining);
    budgets.set(now.name, now);
  }

  return {
    async enter(path, signal) {
      const leave = await slots(signal);
      try {
        const budget = budgets.get(nameOf(path));
        const left = budget ? budget.resetAt - performance.now() : 0;
        if (budget && left > 0) {
          if (budget.remaining <= 0 && left > limits.maxPauseMs) {
            throw limitRefusal(base, undefined, asPause(true, left, wallClock(), budget.name));
          }
          const wait = spread(budget, left, limits);
          budget.remaining--;
          await pause(wait, signal);
        }
        return leave;
      } catch (e) {
        leave();
        throw e;
      }
    },
    learn(path, { status, headers, text }) {
      const clock = serverClock(headers);
      const budget = told(path, headers, clock);
      if (budget) keep(path, budget);
      const after = retryAfter(headers['retry-after'], clock);
      const spent = number(headers['x-ratelimit-remaining']) === 0;
      const burst = kind === 'github' && status === 403 && (after !== undefined || spent || BURST.test(text));
      const limited = status === 429 || burst;
      if (!limited) return status === 503 && after !== undefined ? asPause(false, after, clock) : undefined;
      const left = budget && Math.max(0, budget.resetAt - performance.now());
      const ms =
        after ?? (spent ? left : undefined) ?? (kind === 'github' ? BURST_MS : status === 429 ? left : undefined);
      const name = budget?.name ?? nameOf(path);
      if (ms !== undefined) budgets.set(name, { name, limit: 0, remaining: 0, resetAt: performance.now() + ms });
      return asPause(true, ms, clock, name);
    },
  };
}

/** How long one request waits so that the budget lasts. */
function spread(budget: Budget, left: number, limits: Pick<WireLimits, 'concurrency' | 'maxPauseMs'>): number {
  if (budget.remaining <= 0) return left;
  if (budget.remaining > Math.max(limits.concurrency, budget.limit * RESERVE)) return 0;
  const even = left / (budget.remaining + 1);
  return left <= 2 * limits.maxPauseMs ? even : Math.min(even, FAR_MS);
}

/** Past this a time is no time: what a server sends may be any number. */
const LAST_TIME = Date.parse('9999-01-01T00:00:00Z');

function asPause(limited: boolean, ms: number | undefined, clock: number, name = ''): Pause {
  const until = ms === undefined ? undefined : Math.ceil((clock + ms) / 1000) * 1000;
  return {
    limited,
    ...(ms !== undefined && { ms }),
    ...(until !== undefined && until < LAST_TIME && { until: toIso(until) }),
    ...(name !== '' && { name }),
  };
}

const githubName = (path: string): string =>
  path === '/graphql' ? 'graphql' : path.startsWith('/search/') ? 'search' : 'core';

const number = (text: string | undefined): number | undefined => {
  const n = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(n) && n >= 0 ? n : undefined;
};

const wallClock = (): number => performance.timeOrigin + performance.now();

/** The server's own clock where it tells it, ms since the epoch: its times are meant by that. */
function serverClock(headers: Record<string, string>): number {
  const said = Date.parse(headers.date ?? '');
  return Number.isNaN(said) ? wallClock() : said;
}

/** Ms that a Retry-After asks for, in either of its forms. */
function retryAfter(text: string | undefined, clock: number): number | undefined {
  if (text === undefined) return undefined;
  const seconds = number(text);
  if (seconds !== undefined) return seconds * 1000;
  const until = Date.parse(text);
  return Number.isNaN(until) ? undefined : Math.max(0, until - clock);
}
