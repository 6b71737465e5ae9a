/** The plan: the playbook's steps in order, each with what it waits for and whether it can look at all. */
import { byText } from '../core/canonical.ts';
import type { Capability } from '../core/capabilities.ts';
import type { PlanStep } from '../core/events.ts';
import type { Step } from '../core/types.ts';

export interface PlannedStep extends PlanStep {
  step: Step;
  /** Why it cannot run: no source offers what it needs. */
  skipped?: string;
}

/**
 * Plans the named steps, and behind them those that join every playbook. A step waits only for steps that are in the plan
 * too.
 */
export function plan(
  names: string[],
  steps: ReadonlyMap<string, Step>,
  can: (c: Capability) => boolean,
): PlannedStep[] {
  const joining = [...steps].filter(([, s]) => s.joins && s.needs.every(can)).map(([name]) => name);
  const planned = [...names, ...joining.sort(byText)].filter(
    (name, i, all) => steps.has(name) && all.indexOf(name) === i,
  );
  return planned.map((name, i) => {
    const step = steps.get(name)!;
    const missing = step.needs.filter((c) => !can(c));
    const why = missing.length > 0 ? { skipped: 'no source offers it' } : {};
    return {
      n: i + 1,
      name,
      title: step.title,
      after: (step.after ?? []).filter((a) => planned.includes(a)),
      step,
      ...why,
    };
  });
}
