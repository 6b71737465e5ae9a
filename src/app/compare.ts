/** Two runs side by side: what differs, and nothing of what differs always (run id, times, durations). */
import { byText, canonical, sha256 } from '../core/canonical.ts';
import { baseKey } from '../core/rounds.ts';
import { type EvidenceState, evidenceInOrder, type State } from '../core/run-state.ts';
import { oneLine } from '../core/text.ts';
import type { Hypothesis } from '../core/types.ts';

export interface Difference {
  part: 'setup' | 'step' | 'evidence' | 'finding' | 'hypothesis' | 'claim' | 'gate' | 'verdict' | 'cost';
  /** What it is about: `changes`, `E3.2 prometheus.metrics.range`, `confidence`. */
  what: string;
  /** How it is in the first run; absent = it is not there. */
  a?: string;
  b?: string;
}

/** The fields that may differ between two runs on the same answers. */
export const VOLATILE = ['run', 'program', 'seq', 'at', 'startedAt', 'fetchedAt', 'ms', 'attempts', 'resumed'] as const;

/** All that a run says, without what may differ: what its hash is made of. */
export function essence(s: State): unknown {
  const skip = new Set<string>([
    ...VOLATILE,
    // Recorded answers are had without requests.
    'requests',
    'requestsMore',
    'shared',
    'stale',
    'supersededBy',
    'history',
    'forked',
    'round',
    'origin',
  ]);
  const bare = (v: unknown): unknown => {
    if (Array.isArray(v)) return v.map(bare);
    if (v === null || typeof v !== 'object') return typeof v === 'string' ? unversioned(v) : v;
    return Object.fromEntries(
      Object.entries(v)
        .filter(([k]) => !skip.has(k))
        .map(([k, x]) => [k, bare(x)]),
    );
  };
  const { settings: _s, feedback: _f, joined: _j, phase: _p, stopped: _t, ...rest } = s;
  return bare({ ...rest, evidence: evidenceInOrder(s).filter((e) => !e.supersededBy) });
}

/** The hash of a report: equal where two runs say the same. */
export const reportHash = (s: State): string => sha256(canonical(essence(s)));

/** A newer version of an evidence stands for it. */
const unversioned = (text: string): string => text.replace(/\b(E\d+\.\d+)v\d+\b/g, '$1');
const alike = (a: unknown, b: unknown): boolean => unversioned(canonical(a)) === unversioned(canonical(b));

/** Everything in which two runs differ, in the order of a report. */
export function differences(a: State, b: State): Difference[] {
  return [
    ...setup(a, b),
    ...pairs('step', stepsOf(a), stepsOf(b)),
    ...pairs('evidence', answersOf(a), answersOf(b)),
    ...pairs('finding', findingsOf(a), findingsOf(b)),
    ...pairs('hypothesis', hypothesesOf(a), hypothesesOf(b)),
    ...pairs('claim', claimsOf(a), claimsOf(b)),
    ...fields('gate', gateOf(a), gateOf(b)),
    ...fields('verdict', verdictOf(a), verdictOf(b)),
    ...fields('cost', costOf(a), costOf(b)),
  ];
}

type Entry = { key: string; value: unknown; text: string };

/** Entries of both sides by key: gone, new, or with another value. */
function pairs(part: Difference['part'], first: Entry[], second: Entry[]): Difference[] {
  const [a, b] = [distinct(first), distinct(second)];
  const other = new Map(b.map((x) => [x.key, x]));
  const mine = new Set(a.map((x) => x.key));
  const gone = a.flatMap((x): Difference[] => {
    const y = other.get(x.key);
    if (!y) return [{ part, what: x.key, a: x.text }];
    return alike(x.value, y.value) ? [] : [{ part, what: x.key, a: x.text, b: y.text }];
  });
  const come = b.filter((y) => !mine.has(y.key)).map((y): Difference => ({ part, what: y.key, b: y.text }));
  return [...gone, ...come];
}

/** Equal keys get a number: the second of two findings of a kind is compared with the second of the other run. */
function distinct(all: Entry[]): Entry[] {
  const seen = new Map<string, number>();
  return all.map((x) => {
    const n = (seen.get(x.key) ?? 0) + 1;
    seen.set(x.key, n);
    return n === 1 ? x : { ...x, key: `${x.key} (${n})` };
  });
}

const fields = (part: Difference['part'], a: Record<string, unknown>, b: Record<string, unknown>): Difference[] =>
  pairs(part, entries(a), entries(b));

const entries = (o: Record<string, unknown>): Entry[] =>
  Object.entries(o).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value, text: said(value) }]));

const said = (v: unknown): string => oneLine(typeof v === 'string' ? v : canonical(v), 300);

const setup = (a: State, b: State): Difference[] => fields('setup', setupOf(a), setupOf(b)).filter((d) => d.a !== d.b);

const setupOf = (s: State): Record<string, unknown> => ({
  alert: s.alert?.fingerprint,
  window: s.window && `${s.window.from} to ${s.window.to}`,
  playbook: s.playbook && `${s.playbook.name} ${s.playbook.hash.slice(0, 8)}`,
  unavailable: s.unavailable.map((u) => u.source).join(' ') || undefined,
});

const stepsOf = (s: State): Entry[] =>
  s.steps.map(({ name, n, title, state, why }) => {
    const text = [`S${n}`, state, why].filter(Boolean).join(' ');
    return { key: name, value: { n, title, state, why }, text };
  });

/** A question is the same where it asks the same tool the same thing, whatever its number. */
function answersOf(s: State): Entry[] {
  const asked = new Map<string, number>();
  return evidenceInOrder(s)
    .filter((e) => !e.supersededBy)
    .map((e) => {
      const question = `${e.tool} ${canonical(e.input)} ${e.capability === 'note' ? e.summary : ''}`;
      const n = (asked.get(question) ?? 0) + 1;
      asked.set(question, n);
      const { status, summary, problem, sample, result } = e;
      const key = `${baseKey(e.id)} ${e.tool}`;
      return { key, value: { question, n, status, summary, problem, sample, result }, text: answerText(e) };
    });
}

const answerText = (e: EvidenceState): string => `${e.status ?? 'unanswered'}: ${oneLine(e.summary ?? '', 120)}`;

const findingsOf = (s: State): Entry[] =>
  s.findings.map(({ step, finding: f }) => ({
    key: `${step}: ${f.kind} of ${f.entity.name}${f.at ? ` at ${f.at}` : ''}`,
    value: { title: f.title, severity: f.severity, cites: f.cites },
    text: f.title,
  }));

const hypothesesOf = (s: State): Entry[] =>
  s.hypotheses.map((h) => ({ key: h.claim, value: [h.score, h.state], text: hypothesisText(h) }));

const hypothesisText = (h: Hypothesis): string => `${h.id} ${Number(h.score.toFixed(4))} ${h.state}`;

const claimsOf = (s: State): Entry[] =>
  (s.verdict?.claims ?? s.claims).map((c) => ({
    key: `${c.claim.type} ${c.cites.map(baseKey).sort(byText).join(' ')}: ${c.sentence}`,
    value: c.ok,
    text: c.ok ? 'holds' : 'dropped',
  }));

function gateOf({ gate: g }: State): Record<string, unknown> {
  if (!g) return {};
  const { decision, reason, thresholds, margin, coverage } = g;
  return { decision, reason, margin, coverage, thresholds };
}

function verdictOf({ verdict: v, exit }: State): Record<string, unknown> {
  if (!v) return {};
  const { outcome, headline, confidence, confirmed, category, entity, change, onset, notChecked } = v;
  const open = notChecked.map((n) => `${n.what}: ${n.why}`);
  const who = entity && `${entity.level} ${entity.name}`;
  return { outcome, headline, confidence, confirmed, category, entity: who, change, onset, notChecked: open, exit };
}

/** What was asked of the outside; how long it took is never the same twice and is left out. */
function costOf(s: State): Record<string, unknown> {
  const answered = s.evidence.filter((e) => e.state === 'done' && e.capability !== 'note');
  const shared = answered.filter((e) => e.shared !== undefined).length;
  return { questions: answered.length, asked: answered.length - shared, shared };
}
