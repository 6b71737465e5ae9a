/** What a case may cost, and what it has cost so far. */
import type { AgentLimits } from '../core/agent.ts';
import type { Price } from '../core/model.ts';
import { blocked, type Spent } from './budget.ts';

/** The budget of a case, and how it is spent. */
export class Purse {
  spent: Spent;
  /** What of the case is this purse's own; whoever shares it out, or a person, may change it between two turns. */
  limits: AgentLimits;
  /** How often a person has added to it. */
  raised = 0;
  constructor(limits: AgentLimits, spent: Spent) {
    this.limits = limits;
    this.spent = spent;
  }

  /** Adds to every limit but that of one reply. */
  raise(more: Omit<AgentLimits, 'replyTokens'>): void {
    const { turns, calls, tokens, dollars, timeMs, replyTokens } = this.limits;
    this.limits = {
      turns: turns + more.turns,
      calls: calls + more.calls,
      tokens: tokens + more.tokens,
      dollars: dollars + more.dollars,
      timeMs: timeMs + more.timeMs,
      replyTokens,
    };
    this.raised++;
  }

  /** Undefined where the turn may be taken. */
  blocked(prompt: number, price: Price | undefined, closing: boolean): ReturnType<typeof blocked> {
    return blocked(this.spent, this.limits, { prompt, price, closing });
  }
}
