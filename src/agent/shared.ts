/**
 * One budget for several at once. They meet before every turn; what is left is then divided equally between those who
 * still work, and each reserves its turn out of its own part. The parts together are never more than what is left, and
 * they depend on what was spent alone, not on whose answer came first: a resumed run divides alike.
 */
import type { AgentLimits } from '../core/agent.ts';
import { NOTHING_SPENT, type Spent } from './budget.ts';
import { Purse } from './purse.ts';

/** Of tokens and dollars this share is kept back for the second pass, and one turn. */
const KEPT = 0.1;

export interface Member {
  purse: Purse;
  /** Resolves when all others who still work have come here too, in the order in which they joined. */
  ready(): Promise<void>;
  /** It works no more: its part falls back to the others. */
  leave(): void;
}

export class SharedPurse {
  readonly limits: AgentLimits;
  readonly #memberMs: number;
  readonly #purses: Purse[] = [];
  readonly #active = new Set<Purse>();
  readonly #waiting = new Map<Purse, () => void>();
  readonly #dealt: (spent: Spent) => Promise<void>;

  /**
   * @param memberMs model time of each member, ms
   * @param dealt told what all have spent before anybody goes on
   */
  constructor(limits: AgentLimits, memberMs: number, dealt: (spent: Spent) => Promise<void>) {
    this.limits = limits;
    this.#memberMs = memberMs;
    this.#dealt = dealt;
  }

  join(): Member {
    const purse = new Purse({ ...this.limits, turns: 0, calls: 0, tokens: 0, dollars: 0 }, NOTHING_SPENT);
    this.#purses.push(purse);
    this.#active.add(purse);
    const ready = (): Promise<void> =>
      new Promise((resolve, reject) => {
        this.#waiting.set(purse, resolve);
        this.#meet().catch(reject);
      });
    const leave = (): void => {
      this.#active.delete(purse);
      // Whoever waits learns of a failure by its own next event.
      this.#meet().catch(() => {});
    };
    return { purse, ready, leave };
  }

  /** What all have spent. They work side by side: the time is that of whoever took longest. */
  spent(): Spent {
    return this.#purses.reduce<Spent>(
      (sum, { spent: s }) => ({
        turns: sum.turns + s.turns,
        calls: sum.calls + s.calls,
        tokens: sum.tokens + s.tokens,
        dollars: sum.dollars + s.dollars,
        timeMs: Math.max(sum.timeMs, s.timeMs),
      }),
      NOTHING_SPENT,
    );
  }

  async #meet(): Promise<void> {
    if (this.#active.size === 0 || this.#waiting.size < this.#active.size) return;
    const going = this.#purses.filter((p) => this.#active.has(p)).map((p) => this.#waiting.get(p)!);
    this.#waiting.clear();
    try {
      await this.#dealt(this.spent());
    } finally {
      this.#divide();
      for (const go of going) go();
    }
  }

  #divide(): void {
    const { limits } = this;
    const spent = this.spent();
    const among = this.#active.size;
    const part = (what: 'turns' | 'calls' | 'tokens' | 'dollars', kept: number): number =>
      Math.max(0, (limits[what] - kept - spent[what]) / among);
    for (const p of this.#active) {
      p.limits = {
        ...limits,
        turns: p.spent.turns + Math.floor(part('turns', 1)),
        calls: p.spent.calls + Math.floor(part('calls', 0)),
        tokens: p.spent.tokens + Math.floor(part('tokens', KEPT * limits.tokens)),
        dollars: p.spent.dollars + part('dollars', KEPT * limits.dollars),
        timeMs: this.#memberMs,
      };
    }
  }
}

/** What one of `among` gets of a whole budget at first. */
export const firstPart = (l: AgentLimits, among: number): AgentLimits => ({
  ...l,
  turns: Math.floor((l.turns - 1) / among),
  calls: Math.floor(l.calls / among),
  tokens: Math.floor((l.tokens * (1 - KEPT)) / among),
  dollars: (l.dollars * (1 - KEPT)) / among,
});
