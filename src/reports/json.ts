/** The report for programs: `inquest.report/v1`. Names are stable, fields are only added, times are ISO-8601 UTC. */
import type { Report } from '../core/ports.ts';
import { requestsBySource } from '../core/requests.ts';
import { evidenceInOrder, type State } from '../core/run-state.ts';
import { timeline } from '../core/wording.ts';
import { safeJson } from '../safety/safe-json.ts';

export const REPORT_SCHEMA = 'inquest.report/v1';

export const report: Report = {
  mime: 'application/json',
  async render(state) {
    return `${safeJson(reportOf(state), 2)}\n`;
  },
};

function reportOf(state: State): Record<string, unknown> {
  const { verdict } = state;
  return {
    schema: REPORT_SCHEMA,
    run: state.run,
    program: state.program,
    startedAt: state.startedAt,
    finishedAt: state.phase === 'running' ? undefined : state.at,
    ms: state.ms,
    exit: state.exit,
    origin: state.origin,
    resumed: state.resumed,
    alert: state.alert,
    ...(state.joined.length > 0 ? { joined: state.joined } : {}),
    window: state.window,
    now: state.now,
    playbook: state.playbook,
    outcome: {
      kind: verdict?.outcome ?? (state.phase === 'interrupted' ? 'interrupted' : 'unfinished'),
      headline: verdict?.headline ?? null,
      hypothesis: verdict?.hypothesis ?? null,
      confidence: verdict?.confidence ?? null,
      confirmed: verdict?.confirmed ?? null,
      category: verdict?.category ?? null,
      entity: verdict?.entity ?? null,
      change: verdict?.change ?? null,
      onset: verdict?.onset ?? null,
      stopped: state.stopped ?? null,
    },
    gate: verdict?.gate ?? state.gate ?? null,
    ...(verdict?.agent ? { agent: { ...verdict.agent, asked: state.turns } } : {}),
    ...(state.questions.length + state.hints.length > 0
      ? { people: { questions: state.questions, hints: state.hints } }
      : {}),
    candidates: verdict?.candidates ?? [],
    changes: verdict?.changes ?? [],
    hypotheses: state.hypotheses.map(({ claims: _, ...h }) => h),
    claims: (verdict?.claims ?? state.claims).map(({ claim, ...checked }) => ({ type: claim.type, ...checked, claim })),
    next: verdict?.next ?? [],
    remedies: verdict?.remedies ?? [],
    notChecked: verdict?.notChecked ?? [],
    unavailable: state.unavailable,
    timeline: timeline(state),
    steps: state.steps,
    findings: state.findings.map(({ step, n, finding }) => ({ step, n, ...finding })),
    evidence: evidenceInOrder(state).map(({ searched, result, ...e }) => ({
      ...e,
      query: searched,
      blob: result && 'blob' in result ? result.blob : undefined,
    })),
    requests: requestsBySource(state),
    sources: state.tools.map(({ name, source, capability }) => ({ name, source, capability })),
  };
}
