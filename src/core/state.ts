/** The one fold: everything that is shown, reported or resumed is read from this. */

import { fullBudget } from './agent.ts';
import type { Event, PlanStep } from './events.ts';
import { noteEvidence, reopened, succeeded } from './rounds.ts';
import type { EvidenceState, State, StepState } from './run-state.ts';
import { isModelCall, turnFinished, turnStarted } from './turns.ts';

const toStep = (p: PlanStep): StepState => ({
  n: p.n,
  name: p.name,
  title: p.title,
  state: 'waiting',
  findings: 0,
  evidence: [],
});

/** Folds one event into the state. Pure: the state given is not changed, untouched parts are shared. */
export function reduce(state: State, e: Event): State {
  const s: State = { ...state, seq: e.seq, at: e.at };
  const step = (name: string, patch: Partial<StepState>): void => {
    s.steps = s.steps.map((x) => (x.name === name ? { ...x, ...patch } : x));
  };
  switch (e.type) {
    case 'journal.opened':
      return { ...s, run: e.run, program: e.program };
    case 'run.started':
      return {
        ...s,
        phase: 'running',
        startedAt: e.at,
        origin: e.origin,
        alert: e.alert,
        window: e.window,
        now: e.now,
        playbook: e.playbook,
        tools: e.tools,
        unavailable: e.unavailable,
        settings: e.settings,
        ...(e.agent ? { model: e.agent.model, meters: fullBudget(e.agent.limits, e.agent.price !== undefined) } : {}),
        steps: e.plan.map(toStep),
      };
    case 'run.resumed': {
      const { stopped: _, ...rest } = s;
      return { ...rest, phase: 'running', resumed: s.resumed + 1, paused: false };
    }
    case 'run.reopened':
      return reopened(s, e);
    case 'run.forked': {
      const { parent, point, shared, changed } = e;
      return { ...s, forked: { parent, ...(point ? { point } : {}), shared, changed } };
    }
    case 'note.added':
      s.evidence = [...s.evidence, noteEvidence(e.n, e.text, e.at)];
      return s;
    case 'evidence.stale': {
      const old = new Map(e.items.map((i) => [i.key, { ageMs: i.ageMs, limitMs: i.limitMs }]));
      s.evidence = s.evidence.map((x) => (old.has(x.id) ? { ...x, stale: old.get(x.id)! } : x));
      return s;
    }
    case 'feedback.given':
      return { ...s, feedback: { right: e.right, at: e.at, ...(e.cause ? { cause: e.cause } : {}) } };
    case 'alert.joined': {
      const { seq: _, type: _t, ...joined } = e;
      return { ...s, joined: [...s.joined, joined] };
    }
    case 'step.started':
      step(e.step, { state: 'running', startedAt: e.at });
      return s;
    case 'step.skipped':
      step(e.step, { state: 'skipped', why: e.why });
      return s;
    case 'step.finished':
      step(e.step, {
        state: e.error ? 'failed' : 'done',
        ms: e.ms,
        findings: e.findings,
        evidence: e.evidence,
        ...(e.error ? { why: e.error } : {}),
      });
      return s;
    case 'call.started': {
      if (isModelCall(e)) return s;
      const started: EvidenceState = {
        id: e.key,
        step: e.step,
        capability: e.capability,
        tool: e.activity,
        why: e.why,
        input: e.input,
        state: 'running',
        startedAt: e.at,
      };
      s.evidence = [...s.evidence.filter((x) => x.id !== e.key), started];
      return s;
    }
    case 'call.finished': {
      if (isModelCall(e)) return s;
      const {
        seq: _s,
        at,
        type: _t,
        key,
        step: _st,
        activity: _a,
        capability: _c,
        version: _v,
        inputHash: _h,
        ...rest
      } = e;
      const fetchedAt = e.shared?.fetchedAt ?? at;
      const answered = s.evidence.map((x) => (x.id === key ? { ...x, ...rest, state: 'done' as const, fetchedAt } : x));
      s.evidence = succeeded(answered, key);
      return s;
    }
    case 'finding':
      s.findings = inPlanOrder([...s.findings, { step: e.step, n: e.n, finding: e.finding }], s.steps);
      return s;
    case 'hypotheses.ranked':
      s.hypotheses = e.hypotheses;
      s.history = [
        ...s.history,
        { after: e.after, scores: Object.fromEntries(e.hypotheses.map((h) => [h.claim, h.score])) },
      ].slice(-20);
      return s;
    case 'gate.decided':
      return { ...s, gate: e.gate };
    case 'claim.checked':
      s.claims = [...s.claims, e.claim];
      return s;
    case 'turn.started':
      return turnStarted(s, e);
    case 'turn.finished':
      return turnFinished(s, e);
    case 'budget.changed':
      return e.meters ? { ...s, meters: e.meters } : s;
    case 'human.asked': {
      const { seq: _s, at, type: _t, ...question } = e;
      return { ...s, questions: [...s.questions, { ...question, askedAt: at }] };
    }
    case 'human.answered': {
      const { seq: _s, at: _a, type: _t, ...answer } = e;
      return { ...s, questions: s.questions.map((q) => (q.id === e.id ? { ...q, answer } : q)) };
    }
    case 'hint.queued':
      return { ...s, hints: [...s.hints, { n: e.n, text: e.text }] };
    case 'hint.used':
      return { ...s, hints: s.hints.map((h) => (h.n === e.n ? { ...h, turn: e.turn } : h)) };
    case 'pause.set':
      return { ...s, paused: e.on };
    case 'answer.shared':
      return s;
    case 'run.finished':
      return { ...s, phase: 'finished', verdict: e.verdict, exit: e.exit, ms: e.ms };
    case 'run.interrupted':
      return { ...s, phase: 'interrupted', stopped: e.why };
    default:
      // A journal of a later program of the same schema may hold types that this one does not know.
      return s;
  }
}

/** Findings in the order of the plan, whatever the order in which the steps ended. */
function inPlanOrder(findings: State['findings'], steps: StepState[]): State['findings'] {
  const place = new Map(steps.map((x) => [x.name, x.n]));
  return findings.sort((a, b) => (place.get(a.step) ?? 0) - (place.get(b.step) ?? 0) || a.n - b.n);
}
