/** What a case may cost, and what it has cost so far. */
import type { AgentLimits } from '../core/agent.ts';
import type { Price } from '../core/model.ts';
import { blocked, type Spent } from './budget.ts';

/** The budget of a case, and how it is spent. */
export class Purse {
  spent: Spent;
  /** What of the case is this purse's own; whoever shares it out may change it between two turns. */
  limits: AgentLimits;
  constructor(limits: AgentLimits, spent: Spent) {
    this.limits = limits;
    this.spent = spent;
  }

  /** Undefined where the turn may be taken. */
  blocked(prompt: number, price: Price | undefined, closing: boolean): ReturnType<typeof blocked> {
    return blocked(this.spent, this.limits, { prompt, price, closing });
  }
}
