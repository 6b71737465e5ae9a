/** Rounds of a run: what stays when it is concluded anew, and what humans and newer answers add to it. */
import type { EventOf } from './events.ts';
import type { EvidenceState, State } from './run-state.ts';

/** What was asked and said stays; what was concluded goes, and answers that are asked again know their successor. */
export function reopened(s: State, e: EventOf<'run.reopened'>): State {
  const { gate: _g, verdict: _v, exit: _e, ms: _m, stopped: _s, ...rest } = s;
  return {
    ...rest,
    phase: 'running',
    round: e.round,
    steps: s.steps.map(({ n, name, title }) => ({ n, name, title, state: 'waiting', findings: 0, evidence: [] })),
    findings: [],
    claims: [],
    turns: [],
    meters: [],
    evidence: s.evidence.map((x) => {
      const newer = e.refresh.find((key) => baseKey(key) === baseKey(x.id));
      return newer && newer !== x.id && x.state === 'done' ? { ...x, supersededBy: newer } : x;
    }),
  };
}

/** Marks what a newer version (`E3.2v2`) has replaced. */
export function succeeded(evidence: EvidenceState[], key: string): EvidenceState[] {
  const place = baseKey(key);
  if (place === key) return evidence;
  return evidence.map((x) => (x.id !== key && baseKey(x.id) === place ? { ...x, supersededBy: key } : x));
}

/** The key without its version: `E3.2v2` → `E3.2`. */
export const baseKey = (key: string): string => key.replace(/v\d+$/, '');

/** What a human said, as evidence. Anybody could have written it, so it confirms nothing. */
export function noteEvidence(n: number, text: string, at: string): EvidenceState {
  return {
    id: `E0.${n}`,
    step: 'human',
    capability: 'note',
    tool: 'human',
    why: 'added by hand',
    input: {},
    state: 'done',
    startedAt: at,
    fetchedAt: at,
    status: 'ok',
    summary: text,
    searched: '',
    trust: 'outsider-writable',
  };
}
