/** Whether the workflow of today is still the one that a run was started with: recorded names and hashes are compared. */
import type { Capability } from '../core/capabilities.ts';
import { UserError } from '../core/errors.ts';
import type { Event, EventOf } from '../core/events.ts';
import { shortId } from '../core/ids.ts';
import { PROGRAM } from '../core/program.ts';
import type { Step, ToolSpec } from '../core/types.ts';
import { plan } from '../workflow/plan.ts';
import type { Playbook } from '../workflow/playbook.ts';

/** One line for each thing that is not what it was; none = the run can go on. */
export function whatChanged(
  events: Event[],
  start: EventOf<'run.started'>,
  today: { playbook: Playbook | undefined; steps: ReadonlyMap<string, Step>; tools: ToolSpec[] },
): string[] {
  const { playbook, steps, tools } = today;
  const writer = events.find((e): e is EventOf<'journal.opened'> => e.type === 'journal.opened');
  const out: string[] = [];
  if (writer && writer.program !== PROGRAM) out.push(`the program: it was ${writer.program}, this is ${PROGRAM}`);
  if (!playbook) out.push(`the playbook "${start.playbook.name}": there is none of this name now`);
  else {
    const can = (c: Capability): boolean => tools.some((t) => t.capability === c);
    const now = plan(playbook.steps, steps, can).map((p) => p.name);
    const was = start.plan.map((p) => p.name);
    const gone = was.filter((name) => !now.includes(name));
    const come = now.filter((name) => !was.includes(name));
    if (gone.length > 0 || come.length > 0) {
      out.push(`the steps: ${[...gone.map((n) => `${n} is gone`), ...come.map((n) => `${n} is new`)].join(', ')}`);
    } else if (was.join() !== now.join()) out.push('the steps: they stand in another order');
    if (playbook.hash !== start.playbook.hash) out.push(`the playbook "${playbook.name}" was edited`);
  }
  const version = new Map(tools.map((t) => [t.name, t.version]));
  for (const t of start.tools) {
    const now = version.get(t.name);
    if (now === undefined) out.push(`the tools: ${t.name} is not offered now`);
    else if (now !== t.version) out.push(`the tools: ${t.name} was version ${t.version} and has version ${now} now`);
  }
  const known = new Set(start.tools.map((t) => t.name));
  for (const t of tools) if (!known.has(t.name)) out.push(`the tools: ${t.name} is offered only now`);
  return out;
}

/** What a run cannot do after a change, and what can be done instead. */
export function cannotGoOn(run: string, changed: string[]): UserError {
  return new UserError('this run cannot be continued: not everything is as it was when it was started', {
    hints: [
      ...changed.map((c) => `  ${c}`),
      `Go on in a new run that keeps its answers:  inquest fork ${shortId(run)}`,
      `See what today's workflow makes of them:    inquest replay --verify ${shortId(run)}`,
    ],
  });
}
