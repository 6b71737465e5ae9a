/** Budgets of an hour, of all hooks, of one hook and of one service: what is left, and when there is more. */
import { formatDuration, HOUR } from '../core/time.ts';
import type { Ledger, Spent } from './ledger.ts';
import type { Budget, Hook, Rules } from './rules.ts';

/** Why there is no budget for another investigation, and the seconds until there is; undefined where there is some. */
export function overspent(
  ledger: Ledger,
  rules: Rules,
  hook: Hook,
  service: string | undefined,
  now: number,
): { why: string; retryAfter: number } | undefined {
  const lines: [whose: string, budget: Budget | undefined, of: (s: { hook: string; service?: string }) => boolean][] = [
    ['this hour', rules.perHour, () => true],
    [`the hook ${hook.name} this hour`, hook.perHour, (s) => s.hook === hook.name],
    [`the service ${service} this hour`, service ? rules.perService : undefined, (s) => s.service === service],
  ];
  for (const [whose, budget, of] of lines) {
    if (!budget) continue;
    const spent = ledger.spent.filter((s) => now - s.at < HOUR && of(s));
    // An investigation that waits has taken its place already.
    const waiting = [...ledger.cases.values()].filter(
      (c) => c.phase === 'waiting' && of({ hook: c.hook, ...(c.alert?.service ? { service: c.alert.service } : {}) }),
    );
    const runs = spent.length + waiting.length;
    if (budget.runs !== undefined && runs >= budget.runs) {
      return refusal(`${budget.runs} investigations are the budget of ${whose}`, spent, now);
    }
    const calls = spent.reduce((sum, s) => sum + s.calls, 0);
    if (budget.calls !== undefined && calls >= budget.calls) {
      return refusal(`${budget.calls} questions are the budget of ${whose}`, spent, now);
    }
  }
  return undefined;
}

/** Whether another investigation may use a model: the most that it may spend must fit into what is left. */
export function mayPay(
  ledger: Ledger,
  rules: Rules,
  hook: Hook | undefined,
  service: string | undefined,
  now: number,
): boolean {
  const left = (budget: Budget | undefined, of: (s: Spent) => boolean): boolean => {
    if (budget?.dollars === undefined) return true;
    const spent = ledger.spent.filter((s) => now - s.at < HOUR && of(s));
    const dollars = spent.reduce((sum, s) => sum + (running(ledger, s.run) ? rules.dollarsPerRun : s.dollars), 0);
    return dollars + rules.dollarsPerRun <= budget.dollars;
  };
  return (
    left(rules.perHour, () => true) &&
    left(hook?.perHour, (s) => s.hook === hook?.name) &&
    left(service ? rules.perService : undefined, (s) => s.service === service)
  );
}

const running = (ledger: Ledger, run: string): boolean => {
  const found = ledger.cases.get(run);
  return found?.phase === 'running' && found.model !== false;
};

function refusal(why: string, spent: Spent[], now: number): { why: string; retryAfter: number } {
  const oldest = spent.reduce((least, s) => Math.min(least, s.at), now);
  const waitMs = Math.max(1000, oldest + HOUR - now);
  return { why: `${why}; there is more in ${formatDuration(waitMs)}`, retryAfter: Math.ceil(waitMs / 1000) };
}
