/** The fixed workflow: plan, steps in parallel, findings, hypotheses, claims, gate, verdict. Pure but for its ports. */
import { type Ablation, findingsWithout, isLeftOut, rankingWithout } from '../analysis/ablation.ts';
import { rankCandidates } from '../analysis/rank.ts';
import type { Ranking } from '../analysis/ranking.ts';
import type { Capability } from '../core/capabilities.ts';
import { type ExitCode, Interrupted, UserError } from '../core/errors.ts';
import type { EventOf } from '../core/events.ts';
import type { Durable, Emit } from '../core/ports.ts';
import { compareIds } from '../core/run-state.ts';
import type { Alert, Evidence, Finding, Step, StepContext, ToolSpec, Window } from '../core/types.ts';
import type { Verdict } from '../core/verdict.ts';
import { asker } from './ask.ts';
import { type Note, withNotes } from './assume.ts';
import { conclude } from './conclude.ts';
import type { LookFurther } from './escalate.ts';
import { PROVISIONAL_CAP, type Thresholds } from './gate.ts';
import { hypothesesOf } from './hypotheses.ts';
import type { Match } from './match.ts';
import { type PlannedStep, plan } from './plan.ts';
import { stranger } from './stranger.ts';
import { gaps } from './verdict.ts';

export interface Investigation {
  alert: Alert;
  window: Window;
  /** ISO; nothing later exists. */
  now: string;
  baselines: StepContext['baselines'];
  origin: string;
  settings: Record<string, unknown>;
  playbook: Match;
  steps: ReadonlyMap<string, Step>;
  tools: ToolSpec[];
  unavailable: { source: string; why: string }[];
  thresholds: Thresholds;
  /** Wall-clock limit of the whole run, ms since the epoch. */
  deadline: number;
  durable: Durable;
  emit: Emit;
  /** Rank anew whenever a step ends, for whoever watches. */
  provisional: boolean;
  /** Parts of the analysis that are left out. */
  without?: Ablation;
  /** What humans said of this incident. */
  notes?: Note[];
  /** Looks further where the gate escalates; who does, and what it may spend, is told at the start. */
  further?: { agent: NonNullable<EventOf<'run.started'>['agent']>; look: LookFurther };
}

export interface Result {
  verdict: Verdict;
  exit: ExitCode;
  findings: Finding[];
}

/** Runs the whole investigation. Throws Interrupted when stopped; a failing source is data, never an error. */
export async function investigate(i: Investigation): Promise<Result> {
  const begun = i.durable.now();
  const without: Ablation = i.without ?? new Set();
  const tools = i.tools.filter((t) => !isLeftOut(t.capability, without));
  const can = (c: Capability): boolean => tools.some((t) => t.capability === c);
  const planned = plan(i.playbook.playbook.steps, i.steps, can);
  await i.emit({
    type: 'run.started',
    alert: i.alert,
    window: i.window,
    now: i.now,
    playbook: { name: i.playbook.playbook.name, hash: i.playbook.playbook.hash, why: i.playbook.why },
    plan: planned.map(({ n, name, title, after }) => ({ n, name, title, after })),
    tools,
    unavailable: i.unavailable,
    origin: i.origin,
    settings: i.settings,
    ...(i.further ? { agent: i.further.agent } : {}),
  });

  const evidence = new Map<string, Evidence>();
  const ended = new Map<string, Finding[]>();
  const broken: { what: string; why: string }[] = [];
  const inOrder = (): Finding[] => planned.flatMap((p) => ended.get(p.name) ?? []);
  const notes = i.notes ?? [];
  const ranked = (): Ranking => {
    const ranking = rankCandidates({
      findings: withNotes(inOrder(), notes).findings,
      alert: i.alert,
      window: i.window,
      now: i.now,
      weights: i.playbook.playbook.weights,
    });
    return rankingWithout(ranking, without);
  };

  const running = new Map<string, Promise<void>>();
  const runStep = async (p: PlannedStep): Promise<void> => {
    if (p.skipped) return i.emit({ type: 'step.skipped', step: p.name, why: p.skipped });
    await Promise.all(p.after.map((name) => running.get(name)));
    const asked: string[] = [];
    const started = i.durable.now();
    await i.emit({ type: 'step.started', step: p.name });
    const deadline = Math.min(i.deadline, started + i.playbook.playbook.budget.stepMs);
    const heard = (e: Evidence): void => {
      evidence.set(e.id, e);
      asked.push(e.id);
    };
    const ask = asker({ n: p.n, step: p.name, tools, durable: i.durable, deadline, heard });
    const findings = planned.filter((x) => p.after.includes(x.name)).flatMap((x) => ended.get(x.name) ?? []);
    const { found: all, error } = await attempt(p.step, {
      alert: i.alert,
      window: i.window,
      now: i.now,
      baselines: without.has('known-normal') ? [] : i.baselines,
      ask,
      can,
      findings,
      without,
    });
    const found = findingsWithout(all, without);
    ended.set(p.name, found);
    if (error) broken.push({ what: p.title, why: error });
    for (const [n, finding] of found.entries()) await i.emit({ type: 'finding', step: p.name, n: n + 1, finding });
    await i.emit({
      type: 'step.finished',
      step: p.name,
      findings: found.length,
      evidence: asked.sort(compareIds),
      ms: i.durable.now() - started,
      ...(error ? { error } : {}),
    });
    if (!i.provisional) return;
    const after = planned.map((x) => x.name).filter((name) => ended.has(name));
    if (after.length === planned.filter((x) => !x.skipped).length) return;
    const now = ranked();
    const hypotheses = hypothesesOf({ ...now, confidence: Math.min(now.confidence, PROVISIONAL_CAP) });
    await i.emit({ type: 'hypotheses.ranked', after, final: false, hypotheses });
  };
  // A step is started before those that wait for it, whatever the order in the playbook.
  for (const p of topological(planned)) running.set(p.name, runStep(p));
  await settle([...running.values()]);

  const asked = [...evidence.values()].sort((a, b) => compareIds(a.id, b.id));
  const skipped = planned.flatMap((p) => (p.skipped ? [{ what: p.title, why: p.skipped }] : []));
  const after = [...ended.keys()].sort();
  const concluded = await conclude({
    ranking: ranked(),
    after,
    evidence: asked,
    notChecked: [...gaps(asked, [...skipped, ...broken], i.unavailable), ...withNotes(inOrder(), notes).notChecked],
    stranger: stranger(i.alert, asked),
    thresholds: i.thresholds,
    outOfTime: i.durable.now() >= i.deadline,
    emit: i.emit,
  });
  const { alert, window, now, further } = i;
  const open = {
    ...concluded,
    alert,
    window,
    now,
    tools,
    findings: inOrder(),
    evidence: asked,
    after,
    step: planned.length + 1,
  };
  const escalated = concluded.verdict.gate.decision === 'escalate';
  const { verdict, exit, calls } = further && escalated ? await further.look(open) : { ...concluded, calls: 0 };
  await i.emit({ type: 'run.finished', verdict, exit, ms: i.durable.now() - begun, calls: asked.length + calls });
  return { verdict, exit, findings: inOrder() };
}

/** A step that breaks is a bug, but it must not cost the person on call what the other steps found. */
async function attempt(step: Step, ctx: StepContext): Promise<{ found: Finding[]; error?: string }> {
  try {
    return { found: await step.run(ctx) };
  } catch (e) {
    if (e instanceof Interrupted || e instanceof UserError) throw e;
    return { found: [], error: `a bug in this step: ${e instanceof Error ? e.message : String(e)}` };
  }
}

/** Waits for all, then throws the first failure: nothing is left running behind our back. */
async function settle(running: Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(running)).find((r) => r.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Steps such that each stands behind those it waits for; otherwise in the playbook's order. */
function topological(planned: PlannedStep[]): PlannedStep[] {
  const out: PlannedStep[] = [];
  const visit = (p: PlannedStep, path: string[]): void => {
    if (out.includes(p)) return;
    if (path.includes(p.name)) throw new Error(`steps wait for each other: ${[...path, p.name].join(', ')}`);
    for (const name of p.after) visit(planned.find((x) => x.name === name)!, [...path, p.name]);
    out.push(p);
  };
  for (const p of planned) visit(p, []);
  return out;
}
